//! A person changes: their names, roles, limits; or is blocked.

use domain::keys::Secret;
use domain::members::Member;
use domain::users::User;
use serde_json::json;
use store::Event;

use super::create::placed;
use super::password::hashed;
use super::{Placement, email, event, keeps_an_admin, recorded, taken};
use crate::acting::{Acting, may};
use crate::actions::levels;
use crate::error::ActionError;

/// What changes beside the person's own members.
#[derive(Default)]
pub struct Changes {
    /// Where they are put; other memberships stay.
    pub placements: Vec<Placement>,
    /// A new password, which ends their sessions.
    pub password: Option<Secret>,
}

/// Changes a person by what `change` makes of them.
///
/// # Errors
/// [`ActionError::NotFound`] when there is no such person; [`ActionError::Conflict`] when the
/// address is taken, or the last platform administrator would go.
pub async fn update(
    acting: &Acting<may::WriteUsers>,
    id: &str,
    changes: Changes,
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
    let mut members = placed(acting, &user, changes.placements).await?;
    for member in &mut members {
        if let Some(known) = had.iter().find(|known| is_same_place(known, member)) {
            member.policy = known.policy.clone();
            member.stamps = known.stamps.changed(&acting.actor.id());
        }
    }
    let hash = hashed(changes.password).await?;
    let mut writing = acting.store().begin().await?;
    keeps_an_admin(acting, &mut writing, &before, Some(&user)).await?;
    writing.update_user(&user).await.map_err(taken)?;
    if let Some(hash) = &hash {
        writing
            .set_password_hash(&user.id, Some(hash.as_str()))
            .await?;
        writing.delete_sessions(&user.id).await?;
    }
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
    changed.reason = hash.map(|_| "The password was set anew.".to_owned());
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
    let changed = update(acting, id, Changes::default(), |user| {
        user.blocked = blocked;
        Ok(())
    });
    Ok(changed.await?.0)
}
