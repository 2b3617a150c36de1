//! Secrets of providers on their way into the store: split out, sealed, opened, never shown.

use domain::keys::Secret;
use domain::sealed::{KeyRing, Place, Sealed};
use serde_json::{Map, Value};

use crate::error::ActionError;

/// Words of a member's name that say that its value is a secret.
const SECRET_WORDS: [&str; 9] = [
    "key",
    "secret",
    "password",
    "passphrase",
    "token",
    "credentials",
    "authorization",
    "cookie",
    "jwt",
];

/// Members whose values are secret although their names do not say so: headers hold credentials.
const SECRET_MEMBERS: [&str; 2] = ["extra_headers", "headers"];

/// What stands where a secret is, in answers; sent back, it changes nothing.
pub const MASK: &str = "********";

/// Whether a member of `litellm_params` is kept encrypted: by its name, by a name inside it, or
/// because it looks like a key.
#[must_use]
pub fn is_secret(name: &str, value: &Value) -> bool {
    let lower = name.to_lowercase();
    // `input_cost_per_token` is a price.
    let is_price = lower.contains("cost");
    let mut words = lower.split(['_', '-', '.', ' ']);
    if SECRET_MEMBERS.contains(&lower.as_str())
        || (!is_price && words.any(|word| SECRET_WORDS.contains(&word)))
    {
        return true;
    }
    match value {
        Value::Object(members) => members.iter().any(|(name, inner)| is_secret(name, inner)),
        Value::Array(items) => items.iter().any(|item| is_secret("", item)),
        Value::String(text) => text.starts_with("sk-") || text.starts_with("Bearer "),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Members that may be seen, and those that may not.
#[must_use]
pub fn split(members: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let (secret, open) = members
        .into_iter()
        .partition(|(name, value)| is_secret(name, value));
    (open, secret)
}

/// Encrypts members for the place where they are kept.
///
/// # Errors
/// When the system gives no randomness.
pub fn seal(
    keys: &KeyRing,
    members: &Map<String, Value>,
    place: Place<'_>,
) -> Result<Sealed, ActionError> {
    let text = Value::Object(members.clone()).to_string();
    keys.seal(&Secret::new(text), place)
        .map_err(|fault| ActionError::Internal(fault.to_string()))
}

/// Decrypts members where they are kept.
///
/// # Errors
/// When the encryption key is another one now, or the row was changed by hand.
pub fn open(
    keys: &KeyRing,
    sealed: &Sealed,
    place: Place<'_>,
) -> Result<Map<String, Value>, ActionError> {
    let unreadable = |cause: String| {
        ActionError::Internal(format!("secrets of {} cannot be read: {cause}", place.row))
    };
    let text = keys
        .open(sealed, place)
        .map_err(|refused| unreadable(refused.to_string()))?;
    serde_json::from_str(text.expose()).map_err(|malformed| unreadable(malformed.to_string()))
}

/// Puts changes over members: null removes one, a mask leaves it as it is.
pub fn overlay(members: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (name, change) in changes {
        match change {
            Value::Null => {
                members.remove(&name);
            }
            Value::String(text) if is_mask(&text) => {}
            change => {
                members.insert(name, change);
            }
        }
    }
}

/// Whether a text is what an answer shows for a secret.
fn is_mask(text: &str) -> bool {
    text.len() >= 4 && text.bytes().all(|byte| byte == b'*')
}

/// The same members in the order of their names, so that equal ones have equal digests.
#[must_use]
pub fn sorted(members: &Map<String, Value>) -> Value {
    let mut value = Value::Object(members.clone());
    value.sort_all_objects();
    value
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_secret_is_kept_apart_and_prices_are_not_secret() {
        let params = json!({
            "model": "openai/gpt-4o",
            "api_base": "https://example.com/v1",
            "api_key": "anything",
            "aws_secret_access_key": "x",
            "aws_region_name": "eu-west-1",
            "azure_ad_token": "x",
            "vertex_credentials": {"type": "service_account"},
            "client_secret": "x",
            "extra_headers": {"Authorization": "Bearer x"},
            "extra_body": {"nested": {"api-key": "x"}},
            "custom": "sk-looks-like-a-key",
            "input_cost_per_token": 0.000_001,
            "max_tokens": 5,
            "litellm_credential_name": "team-a",
        });
        let Value::Object(params) = params else {
            unreachable!()
        };
        let (open, secret) = split(params);
        let open: Vec<&str> = open.keys().map(String::as_str).collect();
        assert_eq!(
            open,
            [
                "model",
                "api_base",
                "aws_region_name",
                "input_cost_per_token",
                "max_tokens",
                "litellm_credential_name",
            ]
        );
        assert_eq!(secret.len(), 8);
    }

    #[test]
    fn a_mask_that_is_sent_back_changes_no_secret() {
        let mut members = Map::from_iter([
            ("api_key".to_owned(), json!("real")),
            ("gone".to_owned(), json!("x")),
        ]);
        let changes = json!({"api_key": MASK, "gone": null, "new": "y"});
        if let Value::Object(changes) = changes {
            overlay(&mut members, changes);
        }
        assert_eq!(
            Value::Object(members),
            json!({"api_key": "real", "new": "y"})
        );
    }
}
