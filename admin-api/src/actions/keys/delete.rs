//! Keys removed: they stop at once, and may be restored for 30 days.

use domain::deleted_keys::Deletion;
use domain::permissions::Scope;
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use serde_json::Value;
use store::Event;
use store::page::Page;
use store::virtual_keys::KeyFilter;

use crate::acting::{Acting, Permission, may};
use crate::actions::keys::{event_of_many, find, holders, recorded};
use crate::error::ActionError;

/// Removes keys, by id, hash, key or alias, all together with one audit entry. What is not there is
/// passed over.
///
/// # Errors
/// [`ActionError::NotFound`] when none of them is there.
pub async fn delete(
    acting: &Acting<may::WriteKeys>,
    asked: &[String],
    aliases: &[String],
) -> Result<Vec<VirtualKey>, ActionError> {
    let mut keys: Vec<VirtualKey> = Vec::new();
    let mut missing = None;
    for one in asked {
        match find(acting, one).await {
            Ok(key) => add(&mut keys, key),
            Err(ActionError::NotFound { id, .. }) => missing = Some(id),
            Err(error) => return Err(error),
        }
    }
    for alias in aliases {
        let of_alias = with_alias(acting, alias).await?;
        if of_alias.is_empty() {
            missing = Some(alias.clone());
        }
        of_alias.into_iter().for_each(|key| add(&mut keys, key));
    }
    if keys.is_empty() {
        return Err(match missing {
            Some(id) => ActionError::not_found("Key", id),
            None => ActionError::invalid("keys", "Say which keys: `keys` or `key_aliases`."),
        });
    }
    let mut writing = acting.store().begin().await?;
    for key in &keys {
        writing.delete_key(&key.id, &deletion(acting, key)).await?;
    }
    let named: Vec<&VirtualKey> = keys.iter().collect();
    let before = match named.as_slice() {
        [only] => recorded(only),
        all => Value::Array(all.iter().map(|key| recorded(key)).collect()),
    };
    let gone = Event {
        before: Some(before),
        ..event_of_many("key.delete", &named)
    };
    writing.commit(&acting.actor, gone).await?;
    Ok(keys)
}

/// How the actor deletes a key: from where, so that who stands below does not restore it. Whoever
/// merely owns or holds a key deletes it as its owner.
pub(in crate::actions) fn deletion<P: Permission>(
    acting: &Acting<P>,
    key: &VirtualKey,
) -> Deletion {
    Deletion {
        at: TimestampMs::now(),
        by: acting.actor.id(),
        level: holders::level(&acting.actor, P::ACTION, key),
    }
}

fn add(keys: &mut Vec<VirtualKey>, key: VirtualKey) {
    if keys.iter().all(|known| known.id != key.id) {
        keys.push(key);
    }
}

/// The keys of this alias that the actor may remove; an alias is unique in its organization only.
async fn with_alias(
    acting: &Acting<may::WriteKeys>,
    alias: &str,
) -> Result<Vec<VirtualKey>, ActionError> {
    let scope: Scope = acting.scope();
    let filter = KeyFilter {
        scope,
        alias: Some(alias.to_owned()),
        ..KeyFilter::default()
    };
    let listed = acting
        .store()
        .virtual_keys(&filter, &Page::first(2))
        .await?;
    if listed.items.len() > 1 {
        return Err(ActionError::invalid(
            "key_aliases",
            format!("Several organizations have a key `{alias}`. Name it by its id or hash."),
        ));
    }
    Ok(listed.items)
}
