//! Members as LiteLLM's bodies name them: `member` (one or a list), `user_id` or `user_email`, roles.

use domain::permissions::Role;
use domain::policies::Policy;
use serde::Deserialize;
use serde_json::Value;

use crate::actions::members::{NewMember, Person};
use crate::error::ActionError;
use crate::fields::{Fields, Given};
use crate::litellm::policy;

/// One member in a body.
#[derive(Clone, Debug, Deserialize)]
pub struct MemberField {
    user_id: Option<String>,
    user_email: Option<String>,
    role: Option<String>,
}

/// One member or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(MemberField),
    More(Vec<MemberField>),
}

const SHAPE: &str = "{role, user_id or user_email}, or a list of them";

/// Reads what a role is called: a team's or an organization's words.
pub type Roles = fn(&str) -> Result<Role, ActionError>;

/// LiteLLM's words for roles in a team, and ours.
///
/// # Errors
/// For another word.
pub fn team_role(word: &str) -> Result<Role, ActionError> {
    match word {
        "admin" | "team_admin" => Ok(Role::TeamAdmin),
        "user" | "member" => Ok(Role::Member),
        "viewer" => Ok(Role::Viewer),
        _ => Err(ActionError::invalid(
            "role",
            "`role` has to be admin, user or viewer.",
        )),
    }
}

/// LiteLLM's words for roles in an organization, and ours.
///
/// # Errors
/// For another word.
pub fn organization_role(word: &str) -> Result<Role, ActionError> {
    match word {
        "org_admin" | "organization_admin" => Ok(Role::OrganizationAdmin),
        "internal_user" | "member" => Ok(Role::Member),
        "internal_user_viewer" | "viewer" => Ok(Role::Viewer),
        _ => Err(ActionError::invalid(
            "role",
            "`role` has to be org_admin, internal_user or internal_user_viewer.",
        )),
    }
}

/// The word for a role in a team. LiteLLM knows two.
#[must_use]
pub const fn team_word(role: Role) -> &'static str {
    match role {
        Role::TeamAdmin | Role::OrganizationAdmin => "admin",
        Role::Member | Role::Viewer => "user",
    }
}

/// The word for a role in an organization.
#[must_use]
pub const fn organization_word(role: Role) -> &'static str {
    match role {
        Role::OrganizationAdmin => "org_admin",
        Role::TeamAdmin | Role::Member => "internal_user",
        Role::Viewer => "internal_user_viewer",
    }
}

impl MemberField {
    fn read(self, roles: Roles, policy: Option<&Policy>) -> Result<NewMember, ActionError> {
        Ok(NewMember {
            role: self.role.as_deref().map(roles).transpose()?,
            person: person(self.user_id, self.user_email)?,
            policy: policy.cloned(),
        })
    }
}

/// A person by their id or their address.
///
/// # Errors
/// When neither is there.
fn person(id: Option<String>, email: Option<String>) -> Result<Person, ActionError> {
    let given = |text: &String| !text.is_empty();
    let person = Person {
        id: id.filter(given),
        email: email.filter(given),
    };
    if person == Person::default() {
        return Err(ActionError::invalid(
            "user_id",
            "Say who: `user_id` or `user_email`.",
        ));
    }
    Ok(person)
}

/// Takes `user_id` and `user_email`.
///
/// # Errors
/// When neither is there.
pub fn take_person(fields: &mut Fields) -> Result<Person, ActionError> {
    let id = fields.text("user_id")?.value();
    person(id, fields.text("user_email")?.value())
}

/// Takes `member`, with what each of them may spend.
///
/// # Errors
/// When it is missing or has another shape.
pub fn take_members(
    fields: &mut Fields,
    roles: Roles,
    policy: Option<&Policy>,
) -> Result<Vec<NewMember>, ActionError> {
    let given: Given<OneOrMore> = fields.take("member", SHAPE)?;
    let members = match given.value() {
        Some(OneOrMore::One(one)) => vec![one],
        Some(OneOrMore::More(more)) => more,
        None => Vec::new(),
    };
    if members.is_empty() {
        return Err(ActionError::invalid(
            "member",
            format!("`member` has to be {SHAPE}."),
        ));
    }
    members
        .into_iter()
        .map(|one| one.read(roles, policy))
        .collect()
}

/// Takes a list of members under another name (`members_with_roles`).
///
/// # Errors
/// When it has another shape.
pub fn take_list(
    fields: &mut Fields,
    name: &str,
    roles: Roles,
) -> Result<Vec<NewMember>, ActionError> {
    let members: Given<Vec<MemberField>> = fields.take(name, "a list of {role, user_id}")?;
    let members = members.value().unwrap_or_default().into_iter();
    members.map(|one| one.read(roles, None)).collect()
}

/// Takes what a member may spend: `max_budget_in_team` and its like. None when nothing is said;
/// what a member had is changed by it, not replaced.
///
/// # Errors
/// When a value means nothing.
pub fn take_policy(
    fields: &mut Fields,
    budget: &str,
    had: &Policy,
) -> Result<Option<Policy>, ActionError> {
    let mut own = fields.moved(&[
        (budget, "max_budget"),
        ("budget_duration", "budget_duration"),
        ("tpm_limit", "tpm_limit"),
        ("rpm_limit", "rpm_limit"),
        ("allowed_models", "models"),
    ]);
    let mut policy = had.clone();
    policy::apply(&mut own, &mut policy)?;
    Ok((policy != *had).then_some(policy))
}

/// A member's own budget, as LiteLLM shows it beside a membership.
#[must_use]
pub fn shown_budget(policy: &Policy) -> Value {
    Value::Object(policy::shown(policy))
}
