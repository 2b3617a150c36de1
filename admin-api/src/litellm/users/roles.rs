//! LiteLLM's one role of a person, to roles on the platform, in organizations and teams; and back.

use domain::ids::DEFAULT_ORGANIZATION;
use domain::members::Member;
use domain::permissions::{PlatformRole, Role};
use domain::policies::Policy;
use domain::users::User;
use serde_json::value::RawValue;

use crate::actions::users::{Placement, Within};
use crate::error::ActionError;
use crate::fields::{Fields, Given};
use crate::litellm::member_fields::{take_policy, team_role};

/// What `user_role` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The role over the platform.
    pub platform: Option<PlatformRole>,
    /// The role in organizations.
    organization: Role,
    /// The role in teams of which no other is said.
    team: Role,
    /// Whether the person is in the default organization when no place is named.
    by_default: bool,
}

/// Reads `user_role`. A person without a word is what LiteLLM calls an internal user.
///
/// # Errors
/// For another word.
pub fn read(word: Option<&str>) -> Result<Asked, ActionError> {
    let platform = |role| Asked {
        platform: Some(role),
        organization: Role::Member,
        team: Role::Member,
        by_default: false,
    };
    let placed = |organization, team| Asked {
        platform: None,
        organization,
        team,
        by_default: true,
    };
    Ok(match word {
        Some("proxy_admin") => platform(PlatformRole::PlatformAdmin),
        Some("proxy_admin_viewer") => platform(PlatformRole::PlatformAuditor),
        Some("org_admin") => placed(Role::OrganizationAdmin, Role::Member),
        None | Some("internal_user") => placed(Role::Member, Role::Member),
        Some("internal_user_viewer") => placed(Role::Viewer, Role::Viewer),
        Some(_) => {
            return Err(ActionError::invalid(
                "user_role",
                "`user_role` has to be proxy_admin, proxy_admin_viewer, org_admin, internal_user \
                 or internal_user_viewer.",
            ));
        }
    })
}

/// Takes `organizations` and `teams`: where the person shall be; in the default organization when
/// none is named.
///
/// # Errors
/// When they have another shape.
pub fn placements(fields: &mut Fields, asked: Asked) -> Result<Vec<Placement>, ActionError> {
    let mut all = named_placements(fields, asked)?;
    // An administrator of organizations is one of some, also when teams are named.
    let is_somewhere = all.iter().any(|one| {
        asked.organization != Role::OrganizationAdmin
            || matches!(one.within, Within::Organization(_))
    });
    if asked.by_default && !is_somewhere {
        all.push(Placement {
            within: Within::Organization(DEFAULT_ORGANIZATION.to_owned()),
            role: asked.organization,
            policy: Policy::default(),
        });
    }
    Ok(all)
}

/// Takes `organizations` and `teams`, and adds nothing.
///
/// # Errors
/// As [`placements`].
pub fn named_placements(fields: &mut Fields, asked: Asked) -> Result<Vec<Placement>, ActionError> {
    let organizations = fields.texts("organizations")?.value().unwrap_or_default();
    let teams: Given<Vec<Box<RawValue>>> = fields.take("teams", TEAMS)?;
    let place = |id: String| Placement {
        within: Within::Organization(id),
        role: asked.organization,
        policy: Policy::default(),
    };
    let mut all: Vec<Placement> = organizations.into_iter().map(place).collect();
    for team in teams.value().unwrap_or_default() {
        all.push(in_team(&team, asked.team)?);
    }
    Ok(all)
}

/// What `teams` has to be.
const TEAMS: &str = "a list of ids, or of {team_id, user_role, max_budget_in_team}";

/// A team in `teams`: its id, or an object that says more.
fn in_team(raw: &RawValue, role: Role) -> Result<Placement, ActionError> {
    if let Ok(id) = serde_json::from_str::<String>(raw.get()) {
        return Ok(Placement {
            within: Within::Team(id),
            role,
            policy: Policy::default(),
        });
    }
    let mut fields = Fields::read(raw.get().as_bytes()).map_err(|_no_object| {
        ActionError::invalid("teams", format!("`teams` has to be {TEAMS}."))
    })?;
    let said = fields.text("user_role")?.value();
    let id = fields.required("team_id")?;
    let own = take_policy(&mut fields, "max_budget_in_team", &Policy::default())?;
    Ok(Placement {
        within: Within::Team(id),
        role: said.as_deref().map_or(Ok(role), team_role)?,
        policy: own.unwrap_or_default(),
    })
}

/// The word for what a person is, by their memberships.
#[must_use]
pub fn word(user: &User, memberships: &[&Member]) -> &'static str {
    match user.platform_role {
        Some(PlatformRole::PlatformAdmin) => return "proxy_admin",
        Some(PlatformRole::PlatformAuditor) => return "proxy_admin_viewer",
        None => {}
    }
    let is = |role: Role| memberships.iter().any(|member| member.role == role);
    if is(Role::OrganizationAdmin) {
        "org_admin"
    } else if is(Role::TeamAdmin) || is(Role::Member) || !is(Role::Viewer) {
        "internal_user"
    } else {
        "internal_user_viewer"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(body: &str, role: Option<&str>) -> Vec<(Within, Role)> {
        let mut fields = Fields::read(body.as_bytes()).unwrap();
        let all = placements(&mut fields, read(role).unwrap()).unwrap();
        all.into_iter().map(|one| (one.within, one.role)).collect()
    }

    fn organization(id: &str) -> Within {
        Within::Organization(id.to_owned())
    }

    #[test]
    fn a_person_without_a_place_is_in_the_default_organization() {
        assert_eq!(
            places("{}", None),
            [(organization("default"), Role::Member)]
        );
        assert_eq!(
            places("{}", Some("internal_user_viewer")),
            [(organization("default"), Role::Viewer)]
        );
        assert_eq!(places("{}", Some("proxy_admin")), []);
    }

    #[test]
    fn an_administrator_of_organizations_is_one_of_those_named_only() {
        let asked = Some("org_admin");
        assert_eq!(
            places(r#"{"organizations":["acme"],"teams":["t"]}"#, asked),
            [
                (organization("acme"), Role::OrganizationAdmin),
                (Within::Team("t".to_owned()), Role::Member)
            ]
        );
        assert_eq!(
            places(r#"{"teams":[{"team_id":"t","user_role":"admin"}]}"#, asked),
            [
                (Within::Team("t".to_owned()), Role::TeamAdmin),
                (organization("default"), Role::OrganizationAdmin)
            ]
        );
    }

    #[test]
    fn another_word_is_no_role() {
        assert!(read(Some("root")).is_err());
        assert!(read(Some("")).is_err());
    }
}
