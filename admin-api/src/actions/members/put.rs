//! Somebody becomes a member, or another kind of member.

use domain::members::Member;
use domain::organizations::Organization;
use domain::teams::Team;
use domain::users::User;
use serde_json::json;
use store::Event;

use super::people::Target;
use super::{NewMember, People, organization};
use crate::acting::{Acting, may};
use crate::actions::teams;
use crate::error::ActionError;

/// Makes people members of a team, or changes what they are there; all of them or none.
///
/// # Errors
/// As [`People::for_team`]; [`ActionError::NotFound`] when the team is not the actor's.
pub async fn put_in_team(
    acting: &Acting<may::WriteTeamMembers>,
    id: &str,
    asked: Vec<NewMember>,
) -> Result<(Team, Vec<(User, Member)>), ActionError> {
    let team = teams::find(acting, id).await?;
    let people = People::for_team(acting, &team, asked).await?;
    let event = teams::event("team.members.put", &team);
    Ok((team, written(acting, people, event).await?))
}

/// Makes people members of an organization itself, or changes what they are there.
///
/// # Errors
/// As [`put_in_team`].
pub async fn put_in_organization(
    acting: &Acting<may::WriteOrganizationMembers>,
    id: &str,
    asked: Vec<NewMember>,
) -> Result<(Organization, Vec<(User, Member)>), ActionError> {
    let organization = organization(acting, id).await?;
    let target = Target {
        organization_id: &organization.id,
        team_id: None,
        above: vec![("organization", &organization.policy)],
        stands_above: false,
    };
    let people = People::resolve(acting, &target, asked).await?;
    let event = event("organization.members.put", &organization);
    Ok((organization, written(acting, people, event).await?))
}

pub(super) fn event(action: &'static str, organization: &Organization) -> Event {
    Event {
        action,
        object_kind: "organization",
        object_id: organization.id.to_string(),
        organization_id: Some(organization.id.to_string()),
        ..Event::default()
    }
}

async fn written<P: crate::acting::Permission>(
    acting: &Acting<P>,
    people: People,
    event: Event,
) -> Result<Vec<(User, Member)>, ActionError> {
    let mut change = acting.store().begin().await?;
    people.write(&mut change).await?;
    let event = Event {
        before: Some(json!({"members": people.recorded_before()})),
        after: Some(json!({"members": people.recorded(), "made": people.recorded_made()})),
        ..event
    };
    change.commit(&acting.actor, event).await?;
    Ok(people.into_pairs())
}
