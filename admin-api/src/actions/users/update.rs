//! A person changes: their names, roles, limits; or is blocked.

use domain::members::Member;
use domain::users::User;
use serde_json::json;
use store::Event;

use super::create::placed;
use super::{Placement, email, event, keeps_an_admin, recorded, taken};
use crate::acting::{Acting, may};
use crate::actions::levels;
use crate::error::ActionError;

/// Changes a person by what `change` makes of them, and puts them where `placements` says; other
/// memberships stay.
///
/// # Errors
/// [`ActionError::NotFound`] when there is no such person; [`ActionError::Conflict`] when the
/// address is taken, or the last platform administrator would go.
pub async fn update(
    acting: &Acting<may::WriteUsers>,
    id: &str,
    placements: Vec<Placement>,
    change: impl FnOnce(&mut User) -> Result<(), ActionError>,
) -> Result<(User, Vec<Member>), ActionError> {
    let found = acting.store().user(id).await?;
    let before = found.ok_or_else(|| ActionError::not_found("User", id))?;
    let mut user = before.clone();
    change(&mut user)?;
    user.email = user.email.as_deref().map(email).transpose()?;
    user.stamps = before.stamps.changed(&acting.actor.id());
    levels::resolve_budget(acting, &mut user.policy, None).await?;
    let had = acting.store().memberships(&user.id).await?;
    let mut members = placed(acting, &user, placements).await?;
    for member in &mut members {
        if let Some(known) = had.iter().find(|known| is_same_place(known, member)) {
            member.policy = known.policy.clone();
            member.stamps = known.stamps.changed(&acting.actor.id());
        }
    }
    let mut writing = acting.store().begin().await?;
    keeps_an_admin(acting, &mut writing, &before, Some(&user)).await?;
    writing.update_user(&user).await.map_err(taken)?;
    for member in &members {
        writing.put_member(member).await?;
    }
    let action = match (before.blocked, user.blocked) {
        (false, true) => "user.block",
        (true, false) => "user.unblock",
        _ => "user.update",
    };
    let mut changed = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&user)),
        ..event(action, &user)
    };
    if !members.is_empty() {
        changed.before = Some(json!({"user": before, "members": had}));
        changed.after = Some(json!({"user": user, "members": members}));
    }
    writing.commit(&acting.actor, changed).await?;
    Ok((user, members))
}

fn is_same_place(one: &Member, other: &Member) -> bool {
    one.organization_id == other.organization_id && one.team_id == other.team_id
}

/// Blocks a person or takes the block away.
///
/// # Errors
/// As [`update`].
pub async fn set_blocked(
    acting: &Acting<may::WriteUsers>,
    id: &str,
    blocked: bool,
) -> Result<User, ActionError> {
    let changed = update(acting, id, Vec::new(), |user| {
        user.blocked = blocked;
        Ok(())
    });
    Ok(changed.await?.0)
}
