//! Who changed what, and when? Audit entries, and the keyed chain that shows every change of them.
//!
//! | module | words |
//! |---|---|
//! | `chain` | an entry as it is kept, its MAC, anchors |
//! | `verifier` | what is wrong with a log |
//! | `digests` | secrets in `before` and `after`, as digests |

use serde::{Deserialize, Serialize};

pub use self::chain::{Anchor, ChainedEntry, Mac, NotAMac};
pub use self::verifier::{Fault, Verification, Verifier};
use crate::macs::hmac_sha256;
use crate::time::TimestampMs;

mod chain;
mod digests;
mod verifier;

/// One change, one sign-in or one denial, column by column as it lies in the database. The chain is
/// made of these very texts, so that JSON that is read and written again cannot break it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: TimestampMs,
    /// In which organization; none for what concerns the whole platform.
    pub organization_id: Option<String>,
    /// In which team; none for what concerns the whole organization.
    pub team_id: Option<String>,
    /// What acted: `session`, `key`, `master_key`, `command_line` …
    pub actor_kind: String,
    /// Which of them, by its id.
    pub actor_id: String,
    /// From which address.
    pub address: Option<String>,
    /// In which session of the console.
    pub session_id: Option<String>,
    /// For whom a program did it, by what it says itself.
    pub on_behalf_of: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// What was done, such as `key.create`.
    pub action: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// To which, by its id.
    pub object_id: String,
    /// The thing before, as JSON; secrets as digests ([`AuditKey::digest_secrets`]).
    pub before: Option<String>,
    /// The thing after; likewise.
    pub after: Option<String>,
    /// Why, if whoever did it said so.
    pub reason: Option<String>,
}

/// The key of the chain. It lies outside the database and cannot be printed.
#[derive(Clone)]
pub struct AuditKey {
    chain: [u8; 32],
    anchors: [u8; 32],
    digests: [u8; 32],
}

impl AuditKey {
    /// Takes 32 secret bytes, such as `EncryptionKey::derive("audit")`.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self {
            chain: hmac_sha256(&bytes, &[b"headgate audit v1: chain"]),
            anchors: hmac_sha256(&bytes, &[b"headgate audit v1: anchors"]),
            digests: hmac_sha256(&bytes, &[b"headgate audit v1: digests"]),
        }
    }
}

#[cfg(test)]
mod tests;
