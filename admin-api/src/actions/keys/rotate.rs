//! A key gets a new secret; the old one may work on for a time.

use domain::keys::PlainKey;
use domain::spans::{NotASpan, Span};
use domain::time::TimestampMs;
use domain::virtual_keys::{KeySecret, VirtualKey};
use serde_json::{Value, json};
use store::Event;

use crate::acting::{Acting, may};
use crate::actions::keys::create::{generated, secret_of};
use crate::actions::keys::update::{KeyChange, Prepared, prepared};
use crate::actions::keys::{MadeKey, event, recorded, refusal, routes, spend, unchanged};
use crate::error::ActionError;

/// No old secret works on for longer: 30 days.
const LONGEST_GRACE_MS: u64 = 30 * 24 * 60 * 60 * 1_000;

/// How a key is rotated.
#[derive(Default)]
pub struct Rotation {
    /// How long the old secret works on (`24h`, at most `30d`); none ends it at once.
    pub grace: Option<String>,
    /// The new key itself, when somebody chose it.
    pub chosen: Option<PlainKey>,
}

/// Gives a key a new secret. Its id, its owner, its budget and its spend stay; `change` may change
/// other things with it. Of several old secrets only the last works on.
///
/// # Errors
/// As [`crate::actions::keys::update`]; a grace that is no span or too long;
/// [`ActionError::Conflict`] when the chosen key is in use.
pub async fn rotate(
    acting: &Acting<may::WriteKeys>,
    asked: &str,
    rotation: Rotation,
    change: impl FnOnce(&mut KeyChange) -> Result<(), ActionError>,
) -> Result<MadeKey, ActionError> {
    let grace_ms = grace_ms(rotation.grace.as_deref())?;
    let Prepared {
        before,
        mut after,
        spend,
    } = prepared(acting, asked, change).await?;
    // Whoever rotates a key holds it.
    routes::within_the_makers(acting, &after).await?;
    let plain = match rotation.chosen {
        Some(plain) => plain,
        None => generated()?,
    };
    after.hash = plain.hash();
    after.last_four = plain.last_four();
    let now = after.stamps.updated_at;
    let until = TimestampMs(now.0.saturating_add(grace_ms));
    let mut writing = acting.store().begin().await?;
    unchanged(&mut writing, &before).await?;
    for secret in &writing.key_secrets(&before.id).await? {
        match fate(secret, &before, now, until) {
            Fate::Gone => writing.delete_secret(secret.hash).await?,
            Fate::Ends(at) => writing.end_secret(secret.hash, at).await?,
        }
    }
    // The new secret first: a key's hash names one of its secrets.
    writing
        .add_secret(&secret_of(&after, now))
        .await
        .map_err(refusal)?;
    writing.update_key(&after).await.map_err(refusal)?;
    spend::set(acting, &mut writing, &after, spend).await?;
    let rotated = Event {
        before: Some(recorded(&before)),
        after: Some(with_grace(&after, until)),
        ..event("key.rotate", &after)
    };
    writing.commit(&acting.actor, rotated).await?;
    Ok(MadeKey { key: after, plain })
}

fn with_grace(key: &VirtualKey, until: TimestampMs) -> Value {
    let mut after = recorded(key);
    if let Value::Object(members) = &mut after {
        members.insert("old_secret_ends_at".to_owned(), json!(until.to_rfc3339()));
    }
    after
}

/// What becomes of an old secret.
enum Fate {
    /// It has ended before: it is forgotten.
    Gone,
    /// It ends then.
    Ends(TimestampMs),
}

fn fate(secret: &KeySecret, key: &VirtualKey, now: TimestampMs, until: TimestampMs) -> Fate {
    match secret.ends_at {
        Some(end) if end <= now => Fate::Gone,
        _ if secret.hash == key.hash => Fate::Ends(until),
        _ => Fate::Ends(now),
    }
}

/// How long the old secret works on.
///
/// # Errors
/// [`ActionError::Invalid`] for what is no span, and for more than 30 days.
fn grace_ms(text: Option<&str>) -> Result<u64, ActionError> {
    let Some(text) = text.map(str::trim) else {
        return Ok(0);
    };
    let millis = match text.parse::<Span>() {
        Ok(span) => span.millis(),
        Err(NotASpan::Zero) => Some(0),
        Err(NotASpan::Form) if matches!(text, "" | "0") => Some(0),
        Err(NotASpan::Form | NotASpan::TooLong) => None,
    };
    match millis {
        Some(millis) if millis <= LONGEST_GRACE_MS => Ok(millis),
        _ => Err(ActionError::invalid(
            "grace_period",
            "Say how long the old key works on: `30m`, `24h`, `7d`, at most `30d`; `0s` ends it at \
             once.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grace_is_a_span_of_at_most_thirty_days() {
        assert_eq!(grace_ms(None).unwrap(), 0);
        assert_eq!(grace_ms(Some("0s")).unwrap(), 0);
        assert_eq!(grace_ms(Some("24h")).unwrap(), 86_400_000);
        assert_eq!(grace_ms(Some("30d")).unwrap(), LONGEST_GRACE_MS);
        for text in ["31d", "1mo", "soon", "-1h"] {
            assert!(grace_ms(Some(text)).is_err(), "{text}");
        }
    }
}
