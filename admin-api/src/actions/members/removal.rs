//! Somebody leaves a team or an organization, and their keys of it end.

use domain::members::Member;
use domain::organizations::Organization;
use domain::teams::Team;
use domain::users::User;
use domain::virtual_keys::VirtualKey;
use serde_json::json;
use store::Event;
use store::virtual_keys::KeyFilter;

use super::{Person, organization, put};
use crate::acting::{Acting, Permission, may};
use crate::actions::keys::deletion;
use crate::actions::{levels, teams};
use crate::error::ActionError;

/// Somebody who has left.
pub struct Left {
    /// Who.
    pub user: User,
    /// What they were.
    pub members: Vec<Member>,
    /// Their keys of the place, which ended with it.
    pub keys: Vec<VirtualKey>,
}

/// Somebody who is in a team, to change them there.
///
/// # Errors
/// [`ActionError::NotFound`] when the team is not the actor's, or the person is not in it.
pub async fn in_team(
    acting: &Acting<may::WriteTeamMembers>,
    id: &str,
    person: &Person,
) -> Result<(Team, User, Member), ActionError> {
    let team = teams::find(acting, id).await?;
    let user = located(acting, person).await?;
    let found = acting
        .store()
        .member(&team.organization_id, Some(&team.id), &user.id)
        .await?;
    let member = found.ok_or_else(|| missing(person))?;
    Ok((team, user, member))
}

/// Somebody who is in an organization itself, to change them there.
///
/// # Errors
/// As [`in_team`].
pub async fn in_organization(
    acting: &Acting<may::WriteOrganizationMembers>,
    id: &str,
    person: &Person,
) -> Result<(Organization, User, Member), ActionError> {
    let organization = organization(acting, id).await?;
    let user = located(acting, person).await?;
    let found = acting
        .store()
        .member(&organization.id, None, &user.id)
        .await?;
    let member = found.ok_or_else(|| missing(person))?;
    Ok((organization, user, member))
}

/// Takes somebody out of a team; their own keys of the team end, those of service accounts stay.
///
/// # Errors
/// [`ActionError::NotFound`] when the team is not the actor's, or the person is not in it.
pub async fn remove_from_team(
    acting: &Acting<may::WriteTeamMembers>,
    id: &str,
    person: &Person,
) -> Result<(Team, Left), ActionError> {
    let (team, user, member) = in_team(acting, id, person).await?;
    let keys = KeyFilter {
        team_id: Some(team.id.clone()),
        user_id: Some(user.id.clone()),
        ..KeyFilter::default()
    };
    let left = Left {
        keys: levels::all_keys(acting, keys).await?,
        members: vec![member],
        user,
    };
    removed(acting, &left, teams::event("team.members.remove", &team)).await?;
    Ok((team, left))
}

/// Takes somebody out of an organization, its teams too; their own keys of it end.
///
/// # Errors
/// As [`remove_from_team`].
pub async fn remove_from_organization(
    acting: &Acting<may::WriteOrganizationMembers>,
    id: &str,
    person: &Person,
) -> Result<(Organization, Left), ActionError> {
    let organization = organization(acting, id).await?;
    let user = located(acting, person).await?;
    let mut members = acting.store().memberships(&user.id).await?;
    members.retain(|member| member.organization_id == organization.id);
    if members.is_empty() {
        return Err(missing(person));
    }
    let keys = KeyFilter {
        organization_id: Some(organization.id.clone()),
        user_id: Some(user.id.clone()),
        ..KeyFilter::default()
    };
    let left = Left {
        keys: levels::all_keys(acting, keys).await?,
        members,
        user,
    };
    let event = put::event("organization.members.remove", &organization);
    removed(acting, &left, event).await?;
    Ok((organization, left))
}

fn missing(person: &Person) -> ActionError {
    ActionError::not_found("Member", person.text())
}

async fn located<P: Permission>(acting: &Acting<P>, person: &Person) -> Result<User, ActionError> {
    person.located(acting).await?.ok_or_else(|| missing(person))
}

async fn removed<P: Permission>(
    acting: &Acting<P>,
    left: &Left,
    event: Event,
) -> Result<(), ActionError> {
    let mut change = acting.store().begin().await?;
    for key in &left.keys {
        change.delete_key(&key.id, &deletion(acting, key)).await?;
    }
    for member in &left.members {
        change
            .delete_member(
                &member.organization_id,
                member.team_id.as_ref(),
                &member.user_id,
            )
            .await?;
    }
    let event = Event {
        before: Some(json!({"members": left.members, "keys": left.keys})),
        ..event
    };
    change.commit(&acting.actor, event).await?;
    Ok(())
}
