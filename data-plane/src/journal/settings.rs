//! What a journal may take of the disk, and for how long.

/// What a journal may take of the disk, and for how long.
#[derive(Clone, Debug)]
pub struct JournalSettings {
    /// The journal is full at this many bytes; past 95 % of it detail is folded.
    pub max_bytes: u64,
    /// A segment is finished at this many bytes.
    pub segment_bytes: u64,
    /// What the ledger has taken is kept for so long, in case the ledger is restored from a backup,
    /// while it is no more than a sixteenth of `max_bytes`.
    pub keep_shipped_ms: u64,
}

/// 8 GiB: about an hour at ten thousand requests a second.
pub const DEFAULT_MAX_BYTES: u64 = 8 << 30;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

impl JournalSettings {
    /// The usual ones for this bound and this many strands: the segments that are being written are
    /// a small part of it, for they cannot be folded.
    #[must_use]
    pub fn within(max_bytes: u64, strands: usize) -> Self {
        let strands = u64::try_from(strands).unwrap_or(u64::MAX).max(1);
        let share = max_bytes / 64 / strands;
        Self {
            max_bytes,
            segment_bytes: share.clamp(1 << 20, 64 << 20),
            keep_shipped_ms: DAY_MS,
        }
    }

    /// Past this many bytes detail is folded.
    #[must_use]
    pub const fn fold_at_bytes(&self) -> u64 {
        self.max_bytes - self.max_bytes / 20
    }

    /// So much of what the ledger has taken may be kept.
    #[must_use]
    pub const fn most_kept_bytes(&self) -> u64 {
        self.max_bytes / 16
    }
}

impl Default for JournalSettings {
    fn default() -> Self {
        Self::within(DEFAULT_MAX_BYTES, 1)
    }
}
