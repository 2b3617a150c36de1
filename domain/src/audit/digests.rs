//! Secrets in what is noted: seen to change, never seen.

use serde_json::Value;

use super::AuditKey;
use crate::hex;
use crate::macs::hmac_sha256;

/// Members that hold a secret, in lower case with `_` between words.
const NAMES: &[&str] = &[
    "apikey",
    "authorization",
    "aws_access_key_id",
    "azure_ad_token",
    "client_secret",
    "connection_string",
    "cookie",
    "credential_values",
    "credentials",
    "database_url",
    "key",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "password_hash",
    "proxy_authorization",
    "redis_url",
    "secret",
    "set_cookie",
    "token",
    "vertex_credentials",
    "webhook_url",
];

/// Ends of names that hold a secret.
const ENDS: &[&str] = &[
    "_credentials",
    "_key",
    "_password",
    "_secret",
    "_token",
    "_apikey",
];

/// The shortest text that is taken for a key wherever it stands: LiteLLM's bound for keys.
const SHORTEST_KEY: usize = 16;

impl AuditKey {
    /// `hmac:` and 16 hexadecimal digits. The same secret has the same digest everywhere, so that
    /// a change shows; without the key nothing can be tried against it.
    #[must_use]
    pub fn digest(&self, secret: &str) -> String {
        let digest = hex::encode(&hmac_sha256(&self.digests, &[secret.as_bytes()]));
        let digits: String = digest.chars().take(16).collect();
        format!("hmac:{digits}")
    }

    /// Replaces, at every depth, what lies in members named like secrets (`api_key`, `password`,
    /// `*_token`, `aws_*secret*`, `vertex_credentials`, `Authorization` …), and every text that
    /// looks like a key (`sk-…`, `Bearer …`), by its digest. Whole objects and lists in such a
    /// member become one digest. `null`, `true`, `false` and what is empty stay, so that one sees
    /// whether there was a secret.
    pub fn digest_secrets(&self, value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members.iter_mut() {
                    if is_secret_name(name) {
                        self.digest_whole(member);
                    } else {
                        self.digest_secrets(member);
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.digest_secrets(item)),
            Value::String(text) if looks_like_a_key(text) => *text = self.digest(text),
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn digest_whole(&self, value: &mut Value) {
        let digest = match &*value {
            Value::Null | Value::Bool(_) => return,
            Value::String(text) if text.is_empty() => return,
            Value::Array(items) if items.is_empty() => return,
            Value::Object(members) if members.is_empty() => return,
            Value::String(text) => self.digest(text),
            other => self.digest(&other.to_string()),
        };
        *value = Value::String(digest);
    }
}

fn is_secret_name(name: &str) -> bool {
    let name = in_words(name);
    NAMES.contains(&name.as_str())
        || ENDS.iter().any(|end| name.ends_with(end))
        || name.starts_with("sealed_")
        || (name.starts_with("aws_") && name.contains("secret"))
}

/// `x-api-key`, `clientSecret` and `API Key` as `x_api_key`, `client_secret` and `api_key`.
fn in_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut after_small = false;
    for character in name.chars() {
        if character.is_ascii_uppercase() && after_small {
            words.push('_');
        }
        after_small = character.is_ascii_lowercase() || character.is_ascii_digit();
        let plain = matches!(character, '-' | '.' | ' ' | '/');
        words.push(if plain {
            '_'
        } else {
            character.to_ascii_lowercase()
        });
    }
    words
}

fn looks_like_a_key(text: &str) -> bool {
    let text = text.trim();
    let bearer = text
        .get(..7)
        .is_some_and(|start| start.eq_ignore_ascii_case("bearer "));
    bearer || (text.starts_with("sk-") && text.len() >= SHORTEST_KEY && !text.contains(' '))
}
