//! Who is in an organization or a team, and as what: given, changed, taken.

mod people;
mod put;
mod removal;
mod roles;

pub use self::people::{NewMember, People, Person};
pub use self::put::{put_in_organization, put_in_team};
pub use self::removal::{
    Left, in_organization, in_team, remove_from_organization, remove_from_team,
};
pub use self::roles::may_give_role;

use domain::members::Member;
use domain::organizations::Organization;
use domain::permissions::Place;
use domain::teams::Team;

use crate::acting::{Acting, Permission, may};
use crate::actions::teams;
use crate::error::ActionError;

/// Who is in a team.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see the team.
pub async fn of_team(
    acting: &Acting<may::ReadMembers>,
    id: &str,
) -> Result<(Team, Vec<Member>), ActionError> {
    let team = teams::find(acting, id).await?;
    let members = acting.store().team_members(&team.id).await?;
    Ok((team, members))
}

/// Who is in an organization itself.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see who is in it.
pub async fn of_organization(
    acting: &Acting<may::ReadMembers>,
    id: &str,
) -> Result<(Organization, Vec<Member>), ActionError> {
    let organization = organization(acting, id).await?;
    let members = acting
        .store()
        .organization_members(&organization.id)
        .await?;
    Ok((organization, members))
}

/// Finds an organization by either of its ids, to do `P` in it.
async fn organization<P: Permission>(
    acting: &Acting<P>,
    id: &str,
) -> Result<Organization, ActionError> {
    let found = acting.store().organization(id).await?;
    let organization = found.ok_or_else(|| ActionError::not_found("Organization", id))?;
    let place = Place {
        organization_id: Some(organization.id.clone()),
        ..Place::default()
    };
    acting.on(&place, "Organization", id).await?;
    Ok(organization)
}
