//! One key: by its id, by the hash of a secret, by the secret itself; and what is shown of it.

use std::collections::BTreeMap;

use domain::actors::ActorKind;
use domain::ids::KeyId;
use domain::keys::KeyHash;
use domain::time::TimestampMs;
use domain::virtual_keys::{KeySecret, VirtualKey};
use store::Store;

use crate::acting::{Acting, Permission, may};
use crate::actions::keys::place;
use crate::actions::spend::{self, Present, Spender};
use crate::error::ActionError;

/// A key with what is known of its use.
#[derive(Clone, Debug)]
pub struct Details {
    /// The key.
    pub key: VirtualKey,
    /// The secrets that work at present, the newest first.
    pub secrets: Vec<KeySecret>,
    /// What it has spent.
    pub present: Present,
}

/// How a key may be named in an answer or an error: ids and hashes as they are, all else (which may
/// be a key in the clear) by its last four characters.
#[must_use]
pub fn shortened(asked: &str) -> String {
    if is_id(asked) || KeyHash::from_hex(asked).is_ok() {
        return asked.to_owned();
    }
    let start = if asked.starts_with("sk-") { "sk-" } else { "" };
    let length = asked.chars().count();
    // Of a short text the last four would be too much of it.
    let shown = if length < 16 { 0 } else { 4 };
    let end: String = asked.chars().skip(length.saturating_sub(shown)).collect();
    format!("{start}...{end}")
}

/// `key_` and nothing that an id does not have.
fn is_id(text: &str) -> bool {
    text.starts_with("key_")
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Finds a key whoever asks.
async fn located(store: &Store, asked: &str) -> Result<Option<VirtualKey>, ActionError> {
    if is_id(asked) {
        return Ok(store.virtual_key(asked).await?);
    }
    let hash = KeyHash::from_hex(asked).unwrap_or_else(|_no_hash| KeyHash::of(asked));
    Ok(store.virtual_key_by_hash(hash).await?)
}

/// Finds a key to which the actor may do `P`.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find<P: Permission>(
    acting: &Acting<P>,
    asked: &str,
) -> Result<VirtualKey, ActionError> {
    let shown = shortened(asked);
    let found = located(acting.store(), asked).await?;
    let key = found.ok_or_else(|| ActionError::not_found("Key", shown.clone()))?;
    acting.on(&place(&key), "Key", &shown).await?;
    Ok(key)
}

/// The key with which the actor calls; for others of theirs they need to be permitted to see keys.
///
/// # Errors
/// When the actor calls with no virtual key and names none; as [`find`].
pub async fn find_own(
    acting: &Acting<may::Myself>,
    asked: Option<&str>,
) -> Result<VirtualKey, ActionError> {
    let own = match &acting.actor.kind {
        ActorKind::Key(id, _person) => Some(id),
        _ => None,
    };
    match (asked, own) {
        (None, Some(own)) => of_actor(acting.store(), own).await,
        (None, None) => Err(ActionError::invalid(
            "key",
            "Say which key: `key` is the key, its hash or its id.",
        )),
        (Some(asked), Some(own)) => match located(acting.store(), asked).await? {
            Some(key) if key.id == *own => Ok(key),
            _ => find(&acting.also::<may::ReadKeys>()?, asked).await,
        },
        (Some(asked), None) => find(&acting.also::<may::ReadKeys>()?, asked).await,
    }
}

async fn of_actor(store: &Store, own: &KeyId) -> Result<VirtualKey, ActionError> {
    let found = store.virtual_key(own.as_str()).await?;
    found.ok_or_else(|| ActionError::not_found("Key", own.as_str()))
}

/// What is known of a key's use.
///
/// # Errors
/// When the store does not answer.
pub async fn details(store: &Store, key: VirtualKey) -> Result<Details, ActionError> {
    let now = TimestampMs::now();
    let mut secrets = store.key_secrets(&key.id).await?;
    secrets.retain(|secret| secret.ends_at.is_none_or(|end| end > now));
    let present = spend::present_of(store, (&key).into()).await?;
    Ok(Details {
        key,
        secrets,
        present,
    })
}

/// What keys have spent; those that spent nothing may not be in the answer.
///
/// # Errors
/// When the store does not answer.
pub async fn spend_of<'a>(
    store: &Store,
    keys: impl IntoIterator<Item = &'a VirtualKey>,
) -> Result<BTreeMap<KeyId, Present>, ActionError> {
    let spenders: Vec<Spender<'_>> = keys.into_iter().map(Spender::from).collect();
    let spend = spend::present(store, &spenders).await?;
    Ok(spend
        .into_iter()
        .map(|(scope, present)| (KeyId::new(scope.id), present))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_the_clear_is_never_said_again() {
        assert_eq!(shortened("sk-hg-0123456789abcdefghij"), "sk-...ghij");
        assert_eq!(shortened("sk-short"), "sk-...");
        assert_eq!(shortened("a-secret-of-another-kind"), "...kind");
        assert_eq!(shortened("key_and some more text"), "...text");
    }

    #[test]
    fn ids_and_hashes_are_said_as_they_are() {
        let hash = KeyHash::of("sk-1").to_string();
        assert_eq!(shortened(&hash), hash);
        assert_eq!(shortened("key_01jd"), "key_01jd");
    }
}
