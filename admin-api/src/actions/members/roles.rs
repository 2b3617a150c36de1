//! Which roles may be given where, and by whom.

use domain::ids::{OrganizationId, TeamId};
use domain::members::Member;
use domain::permissions::Role;

use super::people::Target;
use crate::acting::{Acting, Permission};
use crate::actions::narrowing;
use crate::error::ActionError;

/// How much a role may do, to compare.
const fn rank(role: Role) -> u8 {
    match role {
        Role::Viewer => 0,
        Role::Member => 1,
        Role::TeamAdmin => 2,
        Role::OrganizationAdmin => 3,
    }
}

/// Refuses a role that does not belong to the place, and one that is more than the actor's there.
pub(super) fn may_give<P: Permission>(
    acting: &Acting<P>,
    target: &Target<'_>,
    member: &Member,
) -> Result<(), ActionError> {
    may_give_role(
        acting,
        (target.organization_id, target.team_id),
        member.role,
    )
}

/// The same for a role that somebody is to get.
///
/// # Errors
/// [`ActionError::Invalid`], naming `role`.
pub fn may_give_role<P: Permission>(
    acting: &Acting<P>,
    (organization_id, team_id): (&OrganizationId, Option<&TeamId>),
    role: Role,
) -> Result<(), ActionError> {
    let wrong = match (team_id, role) {
        (Some(_), Role::OrganizationAdmin) => Some("team_admin, member or viewer"),
        (None, Role::TeamAdmin) => Some("organization_admin, member or viewer"),
        _ => None,
    };
    if let Some(may_be) = wrong {
        return Err(ActionError::invalid(
            "role",
            format!("`role` has to be {may_be} here."),
        ));
    }
    if narrowing::is_platform_admin(acting) {
        return Ok(());
    }
    let here = acting.actor.rights.grants.iter().filter(|grant| {
        grant.organization_id == *organization_id
            && (grant.team_id.is_none() || grant.team_id.as_ref() == team_id)
    });
    let own = here.map(|grant| rank(grant.role)).max();
    if own.is_none_or(|own| rank(role) > own) {
        return Err(ActionError::invalid(
            "role",
            "You can give no role that is more than your own here.",
        ));
    }
    Ok(())
}
