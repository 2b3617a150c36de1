//! Virtual keys: made, found, changed, rotated, removed, restored.

mod bounds;
mod create;
mod delete;
mod find;
mod holders;
mod listing;
mod organization_asked;
mod owner;
mod restore;
mod rotate;
mod routes;
mod spend;
mod templates;
mod update;

pub use self::create::{NewKey, chosen, create, prepare_for};
pub use self::delete::delete;
pub(super) use self::delete::deletion;
pub use self::find::{Details, details, find, find_own, shortened, spend_of};
pub use self::listing::{aliases, list, near_limit};
pub use self::organization_asked::organization_asked;
pub use self::owner::{AskedOwner, foreseen};
pub use self::restore::{
    count_deleted, deleted, find_deleted, kept_from_restoring, list_deleted, may_restore, restore,
};
pub use self::rotate::{Rotation, rotate};
pub use self::routes::LLM_ROUTES;
pub(super) use self::routes::covers;
pub use self::spend::{Increase, SpendReset, checked_reason, increase_budget, reset_spend};
pub use self::update::{BulkUpdate, KeyChange, block, set_blocked, update, update_many};

use domain::keys::PlainKey;
use domain::permissions::Place;
use domain::virtual_keys::VirtualKey;
use serde_json::Value;
use store::{Event, StoreError, Transaction};

use crate::error::ActionError;

/// A key with its secret, which is shown this once.
pub struct MadeKey {
    /// What is kept.
    pub key: VirtualKey,
    /// What callers send.
    pub plain: PlainKey,
}

/// What an audit entry says of a key: hashes, never the key itself.
pub(super) fn recorded(key: &VirtualKey) -> Value {
    serde_json::to_value(key).unwrap_or_default()
}

fn event(action: &'static str, key: &VirtualKey) -> Event {
    Event {
        action,
        object_kind: "key",
        object_id: key.id.to_string(),
        organization_id: Some(key.organization_id.to_string()),
        team_id: key.team_id.as_ref().map(ToString::to_string),
        ..Event::default()
    }
}

/// One event for several keys, which it all names; their organization when it is the same.
fn event_of_many(action: &'static str, keys: &[&VirtualKey]) -> Event {
    let ids: Vec<&str> = keys.iter().map(|key| key.id.as_str()).collect();
    let same = |text: fn(&VirtualKey) -> Option<String>| {
        let first = keys.first().and_then(|key| text(key))?;
        keys.iter()
            .all(|key| text(key).as_ref() == Some(&first))
            .then_some(first)
    };
    Event {
        action,
        object_kind: "key",
        object_id: ids.join(","),
        also_about: ids.into_iter().map(str::to_owned).collect(),
        organization_id: same(|key| Some(key.organization_id.to_string())),
        team_id: same(|key| key.team_id.as_ref().map(ToString::to_string)),
        ..Event::default()
    }
}

/// Refuses a change that was made of a key that somebody else has changed meanwhile.
async fn unchanged(writing: &mut Transaction<'_>, before: &VirtualKey) -> Result<(), ActionError> {
    match writing.virtual_key(&before.id).await? {
        Some(now) if now == *before => Ok(()),
        Some(_) => Err(ActionError::Conflict {
            field: "key",
            message: "Somebody else has changed this key just now. Look at it and try again."
                .to_owned(),
        }),
        None => Err(ActionError::not_found("Key", before.id.as_str())),
    }
}

fn place(key: &VirtualKey) -> Place {
    Place {
        organization_id: Some(key.organization_id.clone()),
        team_id: key.team_id.clone(),
        owner_id: key.user_id.clone(),
    }
}

/// What the store says when a key cannot be written, in words that its maker can act on.
pub(super) fn refusal(error: StoreError) -> ActionError {
    let taken = |field, message: &str| ActionError::Conflict {
        field,
        message: message.to_owned(),
    };
    match &error {
        StoreError::Exists(what) if what.contains("alias") => taken(
            "alias",
            "Another key of this organization has this alias. Choose another.",
        ),
        StoreError::Exists(_) => taken("key", "This key is in use already. Choose another."),
        _ => error.into(),
    }
}
