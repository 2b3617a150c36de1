//! The chain: an entry as it is kept, its MAC over all before it, and anchors outside the database.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq as _;
use thiserror::Error;

use super::{AuditEntry, AuditKey};
use crate::hex;
use crate::macs::hmac_sha256;
use crate::time::TimestampMs;

/// An entry's link in the chain: HMAC-SHA-256 of the entry and of the link before it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mac([u8; 32]);

impl Mac {
    /// What stands before the first entry.
    pub const GENESIS: Self = Self([0; 32]);

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// For every other text.
    pub fn from_hex(text: &str) -> Result<Self, NotAMac> {
        hex::decode_32(text).map(Self).ok_or(NotAMac)
    }

    pub(super) fn is(self, other: Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// A text that is not a link of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a link of the audit chain has 64 hexadecimal digits")]
pub struct NotAMac;

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mac({self})")
    }
}

impl Serialize for Mac {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mac {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).map_err(serde::de::Error::custom)
    }
}

impl AuditEntry {
    /// Every column but the time, in the order that the chain has them. The destructuring is
    /// whole, so that a new column cannot be forgotten here.
    fn texts(&self) -> (TimestampMs, [Option<&str>; 14]) {
        let Self {
            at,
            organization_id,
            team_id,
            actor_kind,
            actor_id,
            address,
            session_id,
            on_behalf_of,
            request_id,
            action,
            object_kind,
            object_id,
            before,
            after,
            reason,
        } = self;
        let texts = [
            organization_id.as_deref(),
            team_id.as_deref(),
            Some(actor_kind),
            Some(actor_id),
            address.as_deref(),
            session_id.as_deref(),
            on_behalf_of.as_deref(),
            request_id.as_deref(),
            Some(action),
            Some(object_kind),
            Some(object_id),
            before.as_deref(),
            after.as_deref(),
            reason.as_deref(),
        ];
        (*at, texts)
    }
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainedEntry {
    /// 1 for the first, then one more for each.
    pub sequence: i64,
    /// Its columns.
    #[serde(flatten)]
    pub entry: AuditEntry,
    /// Its link.
    pub mac: Mac,
}

/// The head of the chain at some time, to be kept outside the database: one JSON object per line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// The last entry's number; 0 for an empty log.
    pub sequence: i64,
    /// The last entry's link.
    pub mac: Mac,
    /// When this was noted.
    pub at: TimestampMs,
    /// HMAC-SHA-256 of the three, so that the anchor cannot be edited either.
    pub seal: Mac,
}

impl AuditKey {
    /// The link of an entry after `previous` ([`Mac::GENESIS`] before the first).
    #[must_use]
    pub fn chain(&self, previous: Mac, sequence: i64, entry: &AuditEntry) -> Mac {
        let (at, texts) = entry.texts();
        let mut bytes = Vec::with_capacity(512);
        bytes.extend_from_slice(&previous.0);
        bytes.extend_from_slice(&sequence.to_be_bytes());
        bytes.extend_from_slice(&at.0.to_be_bytes());
        // Of fixed number, each said to be there or not and with its length before it: no two
        // entries have the same bytes.
        for text in texts {
            match text {
                None => bytes.push(0),
                Some(text) => {
                    bytes.push(1);
                    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
                    bytes.extend_from_slice(&length.to_be_bytes());
                    bytes.extend_from_slice(text.as_bytes());
                }
            }
        }
        Mac(hmac_sha256(&self.chain, &[&bytes]))
    }

    /// The next row of a log whose last row has this number and link (0 and [`Mac::GENESIS`] for
    /// an empty one).
    #[must_use]
    pub fn append(&self, last: (i64, Mac), entry: AuditEntry) -> ChainedEntry {
        let (last_sequence, last_mac) = last;
        let sequence = last_sequence.saturating_add(1);
        let mac = self.chain(last_mac, sequence, &entry);
        ChainedEntry {
            sequence,
            entry,
            mac,
        }
    }

    /// Notes the head of the chain.
    #[must_use]
    pub fn anchor(&self, sequence: i64, mac: Mac, at: TimestampMs) -> Anchor {
        Anchor {
            sequence,
            mac,
            at,
            seal: self.seal(sequence, mac, at),
        }
    }

    /// Whether an anchor is as it was noted.
    #[must_use]
    pub fn is_ours(&self, anchor: &Anchor) -> bool {
        let Anchor {
            sequence,
            mac,
            at,
            seal,
        } = *anchor;
        self.seal(sequence, mac, at).is(seal)
    }

    fn seal(&self, sequence: i64, mac: Mac, at: TimestampMs) -> Mac {
        let parts: [&[u8]; 3] = [&sequence.to_be_bytes(), &mac.0, &at.0.to_be_bytes()];
        Mac(hmac_sha256(&self.anchors, &parts))
    }
}
