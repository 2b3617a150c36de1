//! What holds a key's owner: they may make their key narrower, and not lift what was put on it.

use domain::actors::{Actor, ActorKind};
use domain::blocks::BlockLevel;
use domain::permissions::{Action, Place};
use domain::virtual_keys::VirtualKey;

use crate::acting::{Acting, may};
use crate::actions::blocks::Blocking;
use crate::actions::keys::place;
use crate::actions::narrowing;
use crate::error::ActionError;

/// From where an actor acts on a key that is or was there: whoever merely owns or holds it, as its
/// owner.
pub(super) fn level(actor: &Actor, action: Action, key: &VirtualKey) -> BlockLevel {
    if matches!(&actor.kind, ActorKind::Key(own, _) if *own == key.id) {
        return BlockLevel::Owner;
    }
    let administered = Place {
        owner_id: None,
        ..place(key)
    };
    BlockLevel::of(&actor.rights, action, &administered)
}

/// Whether the actor administers the key, and does not merely own it or hold it.
pub(super) fn stands_above(acting: &Acting<may::WriteKeys>, key: &VirtualKey) -> bool {
    level(&acting.actor, Action::WriteKeys, key) > BlockLevel::Owner
}

/// Whether a key becomes blocked, or is no longer; whoever merely owns or holds it acts as its owner.
pub(super) fn blocking<'k>(
    acting: &Acting<may::WriteKeys>,
    before: Option<&VirtualKey>,
    after: &'k VirtualKey,
) -> Blocking<'k> {
    Blocking {
        id: after.id.as_str(),
        before: before.is_some_and(|key| key.blocked),
        after: after.blocked,
        by: level(&acting.actor, Action::WriteKeys, before.unwrap_or(after)),
        unknown: BlockLevel::Team,
    }
}

/// Refuses a change by which a key's owner lifts what was put on it: its limits, its end, its team,
/// its environment (whose template caps it), its block.
pub(super) fn kept(
    acting: &Acting<may::WriteKeys>,
    before: &VirtualKey,
    after: &VirtualKey,
) -> Result<(), ActionError> {
    if stands_above(acting, before) {
        return Ok(());
    }
    let refused = |field: &str| {
        let message = format!("`{field}` of your own key is changed by an administrator only.");
        Err(ActionError::invalid(field, message))
    };
    if before.team_id != after.team_id || before.project_id != after.project_id {
        return refused("team_id");
    }
    if before.organization_id != after.organization_id {
        return refused("organization_id");
    }
    if before.environment.is_some() && before.environment != after.environment {
        return refused("environment");
    }
    let ends_later = |end| after.expires_at.is_none_or(|now| now > end);
    if before.expires_at.is_some_and(ends_later) {
        return refused("duration");
    }
    narrowing::not_wider(&after.policy, &before.policy, "key")
}

/// Refuses a new key that allows more than the key with which the actor calls.
pub(super) fn within_own(own: &VirtualKey, made: &VirtualKey) -> Result<(), ActionError> {
    let ends_later = |end| made.expires_at.is_none_or(|at| at > end);
    if own.expires_at.is_some_and(ends_later) {
        let message = "A key that your key makes ends when it ends, or before.";
        return Err(ActionError::invalid("duration", message));
    }
    // Which routes, is compared elsewhere: other routes are not more of the same.
    let mut most = own.policy.clone();
    most.allowed_routes.clear();
    narrowing::not_wider(&made.policy, &most, "key")
}
