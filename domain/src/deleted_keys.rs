//! A virtual key that was deleted and may still be restored.

use crate::blocks::{Block, BlockLevel};
use crate::time::TimestampMs;
use crate::virtual_keys::{KeySecret, VirtualKey};

/// For how long a deleted key may be restored.
pub const RESTORABLE_MS: u64 = 30 * 86_400_000;

/// How a key was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// When.
    pub at: TimestampMs,
    /// By whom, as audit entries name them.
    pub by: String,
    /// From where: who stands below does not restore it.
    pub level: BlockLevel,
}

impl Deletion {
    /// Until when the key may be restored.
    #[must_use]
    pub const fn restorable_until(&self) -> TimestampMs {
        TimestampMs(self.at.0.saturating_add(RESTORABLE_MS))
    }
}

/// A deleted key, whole: restored, it is what it was.
#[derive(Clone, Debug, PartialEq)]
pub struct DeletedKey {
    /// The key.
    pub key: VirtualKey,
    /// Its secrets.
    pub secrets: Vec<KeySecret>,
    /// Its block, when it was blocked.
    pub block: Option<Block>,
    /// How it was deleted.
    pub deletion: Deletion,
}
