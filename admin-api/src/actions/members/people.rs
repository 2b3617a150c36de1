//! People who shall become members: found or made, each within what the actor may give.

use domain::ids::{OrganizationId, TeamId, UserId};
use domain::members::Member;
use domain::permissions::Role;
use domain::policies::Policy;
use domain::stamps::Stamps;
use domain::teams::Team;
use domain::users::User;
use serde_json::{Value, json};
use store::Transaction;

use super::roles::may_give;
use crate::acting::{Acting, Permission, may};
use crate::actions::{grants, levels, narrowing, teams, users};
use crate::error::ActionError;

/// A person, as a caller names them: by an id, ours or the one that their maker chose; else by
/// their email address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: Option<String>,
    /// Their address: names them when no id does, and is given to somebody who is made.
    pub email: Option<String>,
}

/// Who shall be a member, and as what.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// Who.
    pub person: Person,
    /// As what; none keeps what they are, and is `member` for somebody new.
    pub role: Option<Role>,
    /// What they may spend here; none keeps what they may.
    pub policy: Option<Policy>,
}

impl Person {
    /// By their id.
    #[must_use]
    pub fn by_id(id: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            email: None,
        }
    }

    /// By an address, when there is an `@` in it; else by an id.
    #[must_use]
    pub fn named(text: &str) -> Self {
        if text.contains('@') {
            Self {
                id: None,
                email: Some(text.to_owned()),
            }
        } else {
            Self::by_id(text)
        }
    }

    /// Whether this names the person by our id.
    #[must_use]
    pub fn is(&self, id: &UserId) -> bool {
        self.id.as_deref() == Some(id.as_str())
    }

    /// As the caller wrote it.
    #[must_use]
    pub fn text(&self) -> &str {
        let named = self.id.as_deref().or(self.email.as_deref());
        named.unwrap_or_default()
    }

    /// Finds a person who exists, whoever asks. What looks like an address may be an id that the
    /// person's maker chose.
    pub(super) async fn located<P: Permission>(
        &self,
        acting: &Acting<P>,
    ) -> Result<Option<User>, ActionError> {
        let store = acting.store();
        if let Some(id) = &self.id {
            return Ok(store.user(id).await?);
        }
        match store.user_by_email(self.text().trim()).await? {
            Some(user) => Ok(Some(user)),
            None => Ok(store.user(self.text()).await?),
        }
    }
}

impl NewMember {
    /// A member by their id, with nothing of their own.
    #[must_use]
    pub fn by_id(id: &str, role: Role) -> Self {
        Self {
            person: Person::by_id(id),
            role: Some(role),
            policy: None,
        }
    }
}

/// Members to be written, and the people who are made for it.
pub struct People {
    made: Vec<User>,
    before: Vec<Member>,
    members: Vec<(User, Member)>,
}

/// Where people shall be members, and the policies that hold there.
pub(super) struct Target<'t> {
    pub organization_id: &'t OrganizationId,
    pub team_id: Option<&'t TeamId>,
    /// From the top down.
    pub above: Vec<(&'static str, &'t Policy)>,
    /// Whether the actor stands above the place, and not in it.
    pub stands_above: bool,
}

impl People {
    /// Those who shall be in a team.
    ///
    /// # Errors
    /// [`ActionError::NotFound`] for somebody who does not exist or whom the actor may not see;
    /// roles and policies that the actor may not give.
    pub async fn for_team(
        acting: &Acting<may::WriteTeamMembers>,
        team: &Team,
        asked: Vec<NewMember>,
    ) -> Result<Self, ActionError> {
        let organization = levels::policy_of_organization(acting, &team.organization_id).await?;
        let target = Target {
            organization_id: &team.organization_id,
            team_id: Some(&team.id),
            above: vec![("organization", &organization), ("team", &team.policy)],
            stands_above: teams::stands_above(acting, team),
        };
        Self::resolve(acting, &target, asked).await
    }

    pub(super) async fn resolve<P: Permission>(
        acting: &Acting<P>,
        target: &Target<'_>,
        asked: Vec<NewMember>,
    ) -> Result<Self, ActionError> {
        let mut people = Self {
            made: Vec::new(),
            before: Vec::new(),
            members: Vec::new(),
        };
        for member in asked {
            people.add(acting, target, member).await?;
        }
        Ok(people)
    }

    async fn add<P: Permission>(
        &mut self,
        acting: &Acting<P>,
        target: &Target<'_>,
        asked: NewMember,
    ) -> Result<(), ActionError> {
        let (user, is_new) = self.person(acting, &asked.person).await?;
        let store = acting.store();
        let before = match is_new {
            true => None,
            false => {
                store
                    .member(target.organization_id, target.team_id, &user.id)
                    .await?
            }
        };
        let role = asked.role.or(before.as_ref().map(|member| member.role));
        let own = Policy::default();
        let had = before.as_ref().map_or(&own, |member| &member.policy);
        let mut member = Member {
            organization_id: target.organization_id.clone(),
            team_id: target.team_id.cloned(),
            user_id: user.id.clone(),
            role: role.unwrap_or(Role::Member),
            policy: asked.policy.unwrap_or_else(|| had.clone()),
            stamps: match &before {
                Some(before) => before.stamps.changed(&acting.actor.id()),
                None => Stamps::now(&acting.actor.id()),
            },
        };
        may_give(acting, target, &member)?;
        let organization = Some(target.organization_id);
        levels::resolve_budget(acting, &mut member.policy, organization).await?;
        for (level, above) in &target.above {
            grants::within(acting, &member.policy, above, level)?;
        }
        let is_self = acting.actor.rights.user_id.as_ref() == Some(&user.id);
        if is_self && !target.stands_above && !narrowing::is_platform_admin(acting) {
            narrowing::not_wider(&member.policy, had, "membership of your own")?;
        }
        if is_new {
            self.made.push(user.clone());
        }
        self.before.extend(before);
        self.members.retain(|(known, _)| known.id != user.id);
        self.members.push((user, member));
        Ok(())
    }

    /// Finds a person, or makes one: by any id for the platform's administrators; by an address
    /// for everybody who may give roles, since an invitation names nothing that they do not know.
    async fn person<P: Permission>(
        &self,
        acting: &Acting<P>,
        person: &Person,
    ) -> Result<(User, bool), ActionError> {
        if let Some(made) = self.made.iter().find(|made| is_named(made, person)) {
            return Ok((made.clone(), false));
        }
        let found = person.located(acting).await?;
        let is_free = narrowing::is_platform_admin(acting);
        let is_invited = person.id.is_none();
        match found {
            Some(user) if is_invited && has_address(&user, person) => Ok((user, false)),
            Some(user) if is_free || users::is_visible(acting, &user).await? => Ok((user, false)),
            None if is_free || is_invited => {
                let (id, email) = (person.id.as_deref(), person.email.as_deref());
                Ok((users::bare(acting, id, email)?, true))
            }
            _ => Err(ActionError::not_found("User", person.text())),
        }
    }

    /// Writes those who are made, and all memberships.
    pub(in crate::actions) async fn write(
        &self,
        change: &mut Transaction<'_>,
    ) -> Result<(), ActionError> {
        for user in &self.made {
            change.insert_user(user).await.map_err(users::taken)?;
        }
        for (_, member) in &self.members {
            change.put_member(member).await?;
        }
        Ok(())
    }

    /// What an audit entry says of the members as they will be.
    pub(in crate::actions) fn recorded(&self) -> Value {
        let members: Vec<&Member> = self.members.iter().map(|(_, member)| member).collect();
        json!(members)
    }

    /// What an audit entry says of the people who are made.
    pub(super) fn recorded_made(&self) -> Value {
        json!(self.made)
    }

    /// What an audit entry says of the members as they were.
    pub(super) fn recorded_before(&self) -> Value {
        json!(self.before)
    }

    /// The members, once they are written.
    pub(in crate::actions) fn into_members(self) -> Vec<Member> {
        self.members.into_iter().map(|(_, member)| member).collect()
    }

    /// The people and their memberships, once they are written.
    pub(super) fn into_pairs(self) -> Vec<(User, Member)> {
        self.members
    }
}

fn is_named(user: &User, person: &Person) -> bool {
    match &person.id {
        Some(id) => user.id.as_str() == id || user.external_id.as_ref() == Some(id),
        None => has_address(user, person),
    }
}

fn has_address(user: &User, person: &Person) -> bool {
    let asked = person
        .email
        .as_deref()
        .map(|email| email.trim().to_lowercase());
    asked.is_some() && user.email == asked
}
