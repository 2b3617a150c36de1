//! One attempt that is under way.

use std::sync::Arc;

use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::counters::operation::{CounterName, Hold, Reserve};

/// What an attempt holds, and where.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) phase: Phase,
    pub(super) amount: NanoUsd,
    pub(super) scopes: Arc<[Arc<str>]>,
    /// The counters that its amount is on, each once.
    pub(super) counters: Vec<CounterName>,
    pub(super) reserved_at: TimestampMs,
    pub(super) expires_at: TimestampMs,
}

/// Whether an attempt's node gives signs of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It does.
    Active,
    /// It has not for too long.
    Orphaned,
}

impl Attempt {
    /// An attempt that holds on these counters from this time on.
    pub(super) fn new<'a>(
        ask: &Reserve,
        on: impl Iterator<Item = &'a Hold>,
        (reserved_at, now): (TimestampMs, TimestampMs),
    ) -> Self {
        Self {
            phase: Phase::Active,
            amount: ask.amount,
            scopes: Arc::clone(&ask.scopes),
            counters: on.map(|hold| hold.counter.clone()).collect(),
            reserved_at,
            expires_at: TimestampMs(now.0.saturating_add(ask.time_to_live_ms)),
        }
    }
}
