//! How things stand, for pages, audits and tests.

use std::sync::Arc;

use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use super::State;
use super::attempt::Phase;
use super::bucket::Level;
use super::counter::Trust;
use crate::counters::operation::{AttemptId, Balance, Bucket, CounterName};

/// How a counter stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What is on it.
    pub balance: Balance,
    /// Whether it is trusted.
    pub is_seeded: bool,
    /// The newest limit that was heard of.
    pub limit: Option<NanoUsd>,
    /// Its version.
    pub version: Revision,
    /// The budget that it was opened for came with this revision.
    pub since: Revision,
}

/// How an attempt that is under way stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptState {
    /// Whether its node gives signs of life.
    pub phase: Phase,
    /// What it holds.
    pub amount: NanoUsd,
    /// The counters that it is on, sorted.
    pub counters: Vec<CounterName>,
    /// When it was reserved.
    pub reserved_at: TimestampMs,
    /// When the next sign of life has to have come.
    pub expires_at: TimestampMs,
}

impl State {
    /// How a counter stands, if it is there.
    #[must_use]
    pub fn standing(&self, name: &CounterName, now: TimestampMs) -> Option<Standing> {
        let counter = self.counter(name, now)?;
        Some(Standing {
            balance: counter.balance,
            is_seeded: matches!(counter.trust, Trust::Seeded),
            limit: counter.limit,
            version: counter.version,
            since: counter.since,
        })
    }

    /// The counters that are there, sorted.
    #[must_use]
    pub fn counter_names(&self, now: TimestampMs) -> Vec<CounterName> {
        let names = self.counters.keys();
        let mut names: Vec<_> = names
            .filter(|name| self.counter(name, now).is_some())
            .cloned()
            .collect();
        names.sort();
        names
    }

    /// How an attempt stands, if it is under way.
    #[must_use]
    pub fn attempt(&self, id: &AttemptId) -> Option<AttemptState> {
        let attempt = self.attempts.get(id)?;
        let mut counters = attempt.counters.clone();
        counters.sort();
        Some(AttemptState {
            phase: attempt.phase,
            amount: attempt.amount,
            counters,
            reserved_at: attempt.reserved_at,
            expires_at: attempt.expires_at,
        })
    }

    /// The attempts that are under way, sorted.
    #[must_use]
    pub fn attempts(&self) -> Vec<AttemptId> {
        let mut ids: Vec<_> = self.attempts.keys().cloned().collect();
        ids.sort();
        ids
    }

    /// Whether it is remembered that an attempt was settled.
    #[must_use]
    pub fn is_done(&self, id: &AttemptId, now: TimestampMs) -> bool {
        self.done.has(id, now)
    }

    /// What a bucket has now, whole units.
    #[must_use]
    pub fn level(&self, bucket: &Bucket, now: TimestampMs) -> i64 {
        Level::now(self.buckets.get(&bucket.name).copied(), bucket, now).units(bucket)
    }

    /// Who has a place in a slot now, sorted.
    #[must_use]
    pub fn members(&self, slot: &Arc<str>, now: TimestampMs) -> Vec<AttemptId> {
        let members = self.slots.get(slot);
        members.map(|members| members.now(now)).unwrap_or_default()
    }
}
