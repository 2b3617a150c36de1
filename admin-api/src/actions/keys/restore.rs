//! Keys that were deleted: found, listed, and restored as they were.

use domain::deleted_keys::DeletedKey;
use domain::permissions::{Action, authorize};
use domain::virtual_keys::VirtualKey;
use store::StoreError;
use store::deleted_keys::DeletedKeyFilter;
use store::page::{Listed, Page};
use store::{Event, Store};

use crate::acting::{Acting, Permission, may};
use crate::actions::keys::{event, find, holders, owner, place, recorded, shortened};
use crate::actions::levels::resolve_budget;
use crate::error::ActionError;

/// Finds a deleted key by its id, to which the actor might do `P` while it was there.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it, and when it can no longer be
/// restored.
pub async fn find_deleted<P: Permission>(
    acting: &Acting<P>,
    asked: &str,
) -> Result<DeletedKey, ActionError> {
    let shown = shortened(asked);
    let found = acting.store().deleted_key(asked).await?;
    let deleted = found.ok_or_else(|| ActionError::not_found("Key", shown.clone()))?;
    acting.on(&place(&deleted.key), "Key", &shown).await?;
    Ok(deleted)
}

/// Whether this is a deleted key that the actor might see.
///
/// # Errors
/// When the store does not answer.
pub async fn deleted<P: Permission>(
    acting: &Acting<P>,
    asked: &str,
) -> Result<Option<DeletedKey>, ActionError> {
    match find_deleted(acting, asked).await {
        Ok(deleted) => Ok(Some(deleted)),
        Err(ActionError::NotFound { .. } | ActionError::NotPermitted(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Lists the deleted keys that the actor might see and that may be restored, the last deleted first;
/// the filter's own scope does not count.
///
/// # Errors
/// When the store does not answer.
pub async fn list_deleted(
    acting: &Acting<may::ReadKeys>,
    mut filter: DeletedKeyFilter,
    page: &Page,
) -> Result<Listed<DeletedKey>, ActionError> {
    filter.scope = acting.scope();
    Ok(acting.store().deleted_keys(&filter, page).await?)
}

/// How many there are.
///
/// # Errors
/// When the store does not answer.
pub async fn count_deleted(acting: &Acting<may::ReadKeys>) -> Result<u64, ActionError> {
    let page = Page {
        count: true,
        ..Page::first(1)
    };
    let listed = list_deleted(acting, DeletedKeyFilter::default(), &page).await?;
    let total = listed.total.and_then(|total| u64::try_from(total).ok());
    Ok(total.unwrap_or(0))
}

/// Whether the actor stands where the key was deleted, or above.
#[must_use]
pub fn may_restore<P: Permission>(acting: &Acting<P>, deleted: &DeletedKey) -> bool {
    let (actor, action) = (&acting.actor, Action::WriteKeys);
    authorize(&actor.rights, action, &place(&deleted.key)).is_ok()
        && holders::level(actor, action, &deleted.key) >= deleted.deletion.level
}

/// What keeps a deleted key from being restored, whoever tries: what it belonged to or points to is
/// gone. (That its alias or its secret is another key's by now is found out when it is tried.)
///
/// # Errors
/// When the store does not answer.
pub async fn kept_from_restoring<P: Permission>(
    acting: &Acting<P>,
    deleted: &DeletedKey,
) -> Result<Option<ActionError>, ActionError> {
    match belongs(acting, &deleted.key).await {
        Ok(()) => Ok(None),
        Err(gone @ ActionError::Conflict { .. }) => Ok(Some(gone)),
        Err(error) => Err(error),
    }
}

/// Restores a deleted key: its secrets, its owner, its limits and its block are what they were, and
/// its spend counts on. Whoever stands where it was deleted, or above, does it.
///
/// # Errors
/// [`ActionError::NotFound`] as [`find_deleted`]; [`ActionError::NotPermitted`] below the level from
/// which it was deleted; [`ActionError::Conflict`] when it is not deleted, its alias or its secret is
/// another key's by now, or what it belongs to or points to is gone.
pub async fn restore(
    acting: &Acting<may::WriteKeys>,
    asked: &str,
) -> Result<VirtualKey, ActionError> {
    let _turn = acting.api().key_changes.lock().await;
    let found = match find_deleted(acting, asked).await {
        Err(missing @ ActionError::NotFound { .. }) => {
            return Err(match find(acting, asked).await {
                Ok(_there) => conflict("key", "This key is not deleted."),
                Err(_) => missing,
            });
        }
        found => found?,
    };
    if !may_restore(acting, &found) {
        return Err(ActionError::NotPermitted(
            "restoring a key that an administrator deleted",
        ));
    }
    belongs(acting, &found.key).await?;
    let mut writing = acting.store().begin().await?;
    // As it is by now: somebody else may have restored it.
    let now = writing.deleted_key(&found.key.id).await?;
    let mut whole = now.ok_or_else(|| ActionError::not_found("Key", shortened(asked)))?;
    whole.key.stamps = whole.key.stamps.changed(&acting.actor.id());
    let key = whole.key.clone();
    let restored = writing.restore_key(&whole).await;
    restored.map_err(refusal)?;
    let event = Event {
        after: Some(recorded(&key)),
        ..event("key.restore", &key)
    };
    writing.commit(&acting.actor, event).await?;
    Ok(key)
}

fn conflict(field: &'static str, message: &str) -> ActionError {
    ActionError::Conflict {
        field,
        message: message.to_owned(),
    }
}

fn refusal(error: StoreError) -> ActionError {
    match error {
        StoreError::Exists(what) if what.contains("alias") => conflict(
            "alias",
            "Another key of this organization has this key's alias by now. Give that one another \
             name, then restore this one.",
        ),
        StoreError::Exists(_) => conflict(
            "key",
            "Another key has this key's secret by now. Make a new key.",
        ),
        StoreError::Dangling(_) => {
            gone("What it belonged to is not there any more. Make a new key.")
        }
        other => other.into(),
    }
}

fn gone(message: &str) -> ActionError {
    conflict("owner", message)
}

/// Whether all that the key belonged to and points to is still there, and its owner belongs there.
async fn belongs<P: Permission>(acting: &Acting<P>, key: &VirtualKey) -> Result<(), ActionError> {
    if !has_organization(acting.store(), key).await? {
        return Err(gone(
            "Its organization is not there any more. Make a new key.",
        ));
    }
    let owner = owner::owner_of(acting.store(), key).await?;
    let lost = [
        (
            key.team_id.is_some() && owner.team.is_none(),
            "Its team is not there any more. Make a new key.",
        ),
        (
            key.project_id.is_some() && owner.project.is_none(),
            "Its project is not there any more. Make a new key.",
        ),
        (
            key.service_account_id.is_some() && owner.service_account.is_none(),
            "Its service account is not there any more. Make a new key.",
        ),
        (
            key.user_id.is_some() && owner.user.is_none(),
            "Its owner is not there any more. Make a new key.",
        ),
    ];
    if let Some((_lost, what)) = lost.into_iter().find(|(is_lost, _what)| *is_lost) {
        return Err(gone(what));
    }
    if let Some(person) = &owner.user {
        let team = owner.team.as_ref();
        let is_there = owner::user(acting, person.id.as_str(), &owner.organization, team).await;
        is_there.map_err(|error| match error {
            ActionError::NotFound { .. } => conflict(
                "owner",
                "Its owner is no longer a member here. Add them again, then restore the key.",
            ),
            other => other,
        })?;
    }
    let mut policy = key.policy.clone();
    let budget = resolve_budget(acting, &mut policy, Some(&key.organization_id)).await;
    budget.map_err(|error| match error {
        ActionError::NotFound { .. } => {
            gone("The shared budget that it spends from is not there any more. Make a new key.")
        }
        other => other,
    })
}

async fn has_organization(store: &Store, key: &VirtualKey) -> Result<bool, ActionError> {
    let found = store.organization(key.organization_id.as_str()).await?;
    Ok(found.is_some())
}
