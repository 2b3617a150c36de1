//! Token buckets in whole numbers.
//!
//! A level is kept in `1/ticks` of a unit: what comes in with a tick is then the capacity, and
//! nothing is rounded. Time counts in whole ticks; what is left of one counts later. A bucket that is
//! full is as one that was never seen, so that it may be dropped.

use domain::time::TimestampMs;

use crate::counters::operation::Bucket;

/// What a bucket had, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// In `1/ticks` of a unit; below zero after a correction.
    pub(super) scaled: i64,
    pub(super) at: TimestampMs,
    /// From when on it is full, by what was last known of its size.
    pub(super) full_at: TimestampMs,
}

/// As a level is counted; what does not fit is so much that it makes no difference.
fn scaled(units: u64, ticks: u64) -> i64 {
    i64::try_from(units.saturating_mul(ticks)).unwrap_or(i64::MAX)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Level {
    /// What is in the bucket now.
    pub(super) fn now(before: Option<Self>, bucket: &Bucket, now: TimestampMs) -> Self {
        let full = scaled(bucket.capacity, bucket.ticks);
        let is_full = Self {
            scaled: full,
            at: now,
            full_at: now,
        };
        let Some(before) = before.filter(|before| now < before.full_at) else {
            return is_full;
        };
        let elapsed_ms = now.0.saturating_sub(before.at.0);
        let ticks = elapsed_ms.checked_div(bucket.tick_ms).unwrap_or(0);
        let comes_in = signed(bucket.capacity).saturating_mul(signed(ticks));
        let level = before.scaled.saturating_add(comes_in);
        if level >= full {
            return is_full;
        }
        let counted_ms = ticks.saturating_mul(bucket.tick_ms);
        let at = TimestampMs(before.at.0.saturating_add(counted_ms));
        Self {
            scaled: level,
            at,
            ..before
        }
    }

    /// The same with so many units more (or, below zero, less), full at most.
    pub(super) fn with(self, bucket: &Bucket, units: i64) -> Self {
        let full = scaled(bucket.capacity, bucket.ticks);
        let more = units.saturating_mul(signed(bucket.ticks));
        let level = self.scaled.saturating_add(more).min(full);
        let ticks = ticks_until(level, full, bucket);
        let full_in_ms = ticks.saturating_mul(bucket.tick_ms);
        Self {
            scaled: level,
            at: self.at,
            full_at: TimestampMs(self.at.0.saturating_add(full_in_ms)),
        }
    }

    /// Whole units, rounded down.
    pub(super) fn units(self, bucket: &Bucket) -> i64 {
        self.scaled
            .checked_div_euclid(signed(bucket.ticks))
            .unwrap_or(0)
    }

    /// Whether the bucket's cost can be taken; else when it can. One that is too small for its cost
    /// says the time in which it fills.
    pub(super) fn takes(self, bucket: &Bucket, now: TimestampMs) -> Result<(), u64> {
        let cost = scaled(bucket.cost, bucket.ticks);
        if self.scaled >= cost {
            return Ok(());
        }
        let fills_in_ms = bucket.ticks.saturating_mul(bucket.tick_ms);
        if bucket.cost > bucket.capacity {
            return Err(fills_in_ms);
        }
        let wait_ms = ticks_until(self.scaled, cost, bucket).saturating_mul(bucket.tick_ms);
        let waited_ms = now.0.saturating_sub(self.at.0);
        Err(wait_ms.saturating_sub(waited_ms))
    }
}

/// How many ticks bring a bucket from one level to another.
fn ticks_until(from: i64, to: i64, bucket: &Bucket) -> u64 {
    let missing = u64::try_from(to.saturating_sub(from)).unwrap_or(0);
    if missing == 0 {
        return 0;
    }
    // One of no size is full, or never.
    if bucket.capacity == 0 {
        return u64::MAX;
    }
    missing.div_ceil(bucket.capacity)
}
