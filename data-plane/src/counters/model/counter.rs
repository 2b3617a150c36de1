//! One counter of money.

use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use super::attempt::Phase;
use crate::counters::operation::{AttemptId, Balance, Hold};
use crate::counters::upkeep::{CLOCK_JUMP_MS, kept_until};

/// A counter, trusted or not yet.
#[derive(Clone, Debug)]
pub(super) struct Counter {
    pub(super) balance: Balance,
    pub(super) trust: Trust,
    /// Corrections up to here are in it.
    pub(super) corrected_to: Revision,
    /// The newest limit that was heard of, and its version.
    pub(super) limit: Option<NanoUsd>,
    pub(super) version: Revision,
    /// As [`Hold::since`].
    pub(super) since: Revision,
    /// When it was opened; of one that began at 0, when the first of its line was.
    pub(super) opened_at: TimestampMs,
    pub(super) kept_until: TimestampMs,
}

/// How far a counter has come.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// It is to be opened: nothing is on it.
    Forgotten,
    /// It waits to be seeded: what is settled is what was settled since.
    Opened {
        /// The number of the opening.
        opening: u64,
        /// Every attempt that was on it since, sorted.
        attempts: Vec<AttemptId>,
    },
    /// It says what has been used.
    Seeded,
}

impl Counter {
    /// A counter that nobody has opened.
    pub(super) fn forgotten(window: (TimestampMs, TimestampMs)) -> Self {
        Self {
            balance: Balance::default(),
            trust: Trust::Forgotten,
            corrected_to: Revision::default(),
            limit: None,
            version: Revision::default(),
            since: Revision::default(),
            opened_at: TimestampMs::default(),
            kept_until: kept_until(window),
        }
    }

    /// A counter whose window nobody has spent in, after one that was opened then.
    pub(super) fn begun(hold: &Hold, opened_at: TimestampMs) -> Self {
        Self {
            trust: Trust::Seeded,
            since: hold.since,
            opened_at,
            ..Self::forgotten(hold.window)
        }
    }

    /// Whether it says what has been used, for a budget that came then.
    pub(super) fn is_known_since(&self, since: Revision) -> bool {
        matches!(self.trust, Trust::Seeded) && self.since >= since
    }

    /// Whether the counter of the next window, which begins then, begins at 0.
    pub(super) fn vouches_for(&self, next: &Hold) -> bool {
        let sure_from = self.opened_at.0.saturating_add(CLOCK_JUMP_MS);
        self.is_known_since(next.since) && sure_from <= next.window.0.0
    }

    /// The limit that holds, of the one that a hold brings and the one heard of before.
    pub(super) fn newest_limit(&self, hold: &Hold) -> Option<NanoUsd> {
        if self.version > hold.version {
            self.limit
        } else {
            hold.limit
        }
    }

    /// The limit in the way of so much more.
    pub(super) fn limit_in_the_way(&self, hold: &Hold, more: NanoUsd) -> Option<NanoUsd> {
        let limit = self.newest_limit(hold)?;
        let would_be = self.balance.used().0.saturating_add(more.0);
        (would_be > limit.0).then_some(limit)
    }

    /// Hears of a limit.
    pub(super) fn hear(&mut self, hold: &Hold) {
        self.limit = self.newest_limit(hold);
        self.version = self.version.max(hold.version);
    }

    /// Holds so much more (or, below zero, less) of an attempt in this phase.
    pub(super) const fn hold(&mut self, phase: Phase, more: NanoUsd) {
        let held = match phase {
            Phase::Active => &mut self.balance.reserved,
            Phase::Orphaned => &mut self.balance.orphaned,
        };
        held.0 = held.0.saturating_add(more.0);
    }

    /// Holds so much less.
    pub(super) const fn release(&mut self, phase: Phase, amount: NanoUsd) {
        self.hold(phase, NanoUsd(amount.0.saturating_neg()));
    }

    /// Charges so much.
    pub(super) const fn charge(&mut self, amount: NanoUsd) {
        self.balance.settled.0 = self.balance.settled.0.saturating_add(amount.0);
    }

    /// Is to be opened again. What it heard of limits stays.
    pub(super) fn forget(&mut self) {
        self.balance = Balance::default();
        self.trust = Trust::Forgotten;
        self.corrected_to = Revision::default();
    }
}
