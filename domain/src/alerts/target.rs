//! Where alerts go.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::hex;
use crate::ids::{AlertTargetId, OrganizationId};
use crate::keys::Secret;
use crate::sealed::{Place, Sealed};
use crate::stamps::Stamps;

/// The form in which a target takes alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// JSON, posted to an address.
    Webhook,
    /// Slack's incoming webhooks, and what speaks as they do (Mattermost; Discord under `/slack`).
    Slack,
    /// E-mail.
    Email,
}

impl TargetKind {
    /// The word in the store, in files and in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Email => "email",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let all = [Self::Webhook, Self::Slack, Self::Email];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where alerts go, as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertTarget {
    /// Ours.
    pub id: AlertTargetId,
    /// Whose alerts; none for those of everybody.
    pub organization_id: Option<OrganizationId>,
    /// For people.
    pub name: String,
    /// In which form.
    pub kind: TargetKind,
    /// Whether it hears what each month came to as well.
    pub monthly: bool,
    /// Whether a platform administrator wrote it: its address may then be a private one.
    pub of_platform: bool,
    /// What may be seen: `host` of the address, `recipients` of e-mail.
    pub info: Map<String, Value>,
    /// A JSON object of secrets (`url`, `secret`), encrypted: whoever knows the address of an
    /// incoming webhook may post to it.
    pub sealed_settings: Sealed,
    /// When and by whom.
    pub stamps: Stamps,
}

impl AlertTarget {
    /// Where the secrets of the target with this id are kept.
    #[must_use]
    pub const fn sealed_at(id: &str) -> Place<'_> {
        Place {
            table: "alert_targets",
            row: id,
            column: "sealed_settings",
        }
    }
}

/// Which target a delivery goes to: `altg_…` of the store's, `file:name` of the configuration's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TargetName(String);

impl TargetName {
    /// A target of the store.
    #[must_use]
    pub fn stored(id: &AlertTargetId) -> Self {
        Self(id.to_string())
    }

    /// A target of the configuration file.
    #[must_use]
    pub fn of_file(name: &str) -> Self {
        Self(format!("file:{name}"))
    }

    /// Takes what was kept.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to keep.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in the configuration file, when it is there.
    #[must_use]
    pub fn in_file(&self) -> Option<&str> {
        self.0.strip_prefix("file:")
    }
}

impl fmt::Display for TargetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The signature of a body: HMAC-SHA-256 of `<seconds since 1970>.<body>` under the target's
/// secret, as hexadecimal digits. The time is in it so that a copy cannot be sent again later.
#[must_use]
pub fn signature(secret: &Secret, at_s: u64, body: &[u8]) -> String {
    // HMAC takes keys of every length (RFC 2104); the library's refusal has no way to come.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{at_s}.").as_bytes());
    mac.update(body);
    hex::encode(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_of_the_time_and_the_body() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
        let signed = signature(&Secret::new("secret"), 1_700_000_000, b"{}");
        let by_openssl = "b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163";
        assert_eq!(signed, by_openssl);
        assert_ne!(
            signed,
            signature(&Secret::new("other"), 1_700_000_000, b"{}")
        );
        assert_ne!(
            signed,
            signature(&Secret::new("secret"), 1_700_000_001, b"{}")
        );
        assert_ne!(
            signed,
            signature(&Secret::new("secret"), 1_700_000_000, b"{ }")
        );
    }
}
