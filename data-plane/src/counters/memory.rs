//! The engine in this process: the model itself, each organization behind a short lock.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::time::TimestampMs;

use super::model::State;
use super::operation::{
    Correct, Extend, Extended, Open, Opened, Reserve, Reserved, Seed, Seeded, Settle, Settled,
};
use super::upkeep::{KeepAlive, Reassert, Reasserted, Revoke, Sweep, Swept};

/// How many locks there are. More than threads by far, so that two organizations seldom meet at one.
const SHARDS: usize = 64;

/// How long it is remembered that an attempt was settled. No reply is lost within a process, so that
/// nothing is asked again; a short time is enough, and costs less memory.
const DONE_MS: u64 = 60 * 1_000;

type Shard = HashMap<Arc<str>, State>;

/// Counters in memory. A restart begins with none of them: the ledger has what they had.
pub struct Memory {
    shards: Box<[Mutex<Shard>]>,
    hasher: RandomState,
    clock: Clock,
}

/// What time it is.
#[derive(Clone)]
pub enum Clock {
    /// By the system.
    System,
    /// By whoever sets it: milliseconds since 1970.
    Set(Arc<AtomicU64>),
}

impl Clock {
    fn now(&self) -> TimestampMs {
        match self {
            Self::System => TimestampMs::now(),
            Self::Set(ms) => TimestampMs(ms.load(Ordering::Relaxed)),
        }
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(Clock::System)
    }
}

impl Memory {
    /// An engine without any counter.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            clock,
        }
    }

    /// What time it is by the counters' clock.
    #[must_use]
    pub fn now(&self) -> TimestampMs {
        self.clock.now()
    }

    fn shard(&self, organization: &Arc<str>) -> Option<MutexGuard<'_, Shard>> {
        let shards = u64::try_from(self.shards.len()).unwrap_or(u64::MAX);
        let hash = self.hasher.hash_one(organization);
        let index = usize::try_from(hash.checked_rem(shards)?).ok()?;
        // The model does not stop in the middle of a change; a lock that is marked by a panic of its
        // caller guards what is whole.
        let shard = self.shards.get(index)?.lock();
        Some(shard.unwrap_or_else(PoisonError::into_inner))
    }

    fn with<R>(&self, organization: &Arc<str>, then: impl Fn(&mut State) -> R) -> R {
        let Some(mut shard) = self.shard(organization) else {
            // There is a shard for every organization.
            return then(&mut State::default());
        };
        if let Some(state) = shard.get_mut(organization) {
            return then(state);
        }
        let state = shard.entry(organization.clone());
        then(state.or_insert_with(|| State::remembering(DONE_MS)))
    }

    /// Holds what an attempt asks for: all of it, or nothing.
    pub fn reserve(&self, ask: &Reserve) -> Reserved {
        self.with(&ask.organization, |state| state.reserve(ask, self.now()))
    }

    /// Makes an attempt's hold larger or smaller.
    pub fn extend(&self, ask: &Extend) -> Extended {
        self.with(&ask.organization, |state| state.extend(ask, self.now()))
    }

    /// Puts an attempt's charge in the place of its hold.
    pub fn settle(&self, ask: &Settle) -> Settled {
        self.with(&ask.organization, |state| state.settle(ask, self.now()))
    }

    /// Begins a counter.
    pub fn open(&self, ask: &Open) -> Opened {
        self.with(&ask.organization, |state| state.open(ask, self.now()))
    }

    /// Gives an opened counter what the ledger has.
    pub fn seed(&self, ask: &Seed) -> Seeded {
        self.with(&ask.organization, |state| state.seed(ask, self.now()))
    }

    /// Corrects a counter.
    pub fn correct(&self, ask: &Correct) {
        self.with(&ask.organization, |state| state.correct(ask, self.now()));
    }

    /// Says that requests go on.
    pub fn keep_alive(&self, ask: &KeepAlive) {
        self.with(&ask.organization, |state| state.keep_alive(ask, self.now()));
    }

    /// Says an attempt again that may have been lost.
    pub fn reassert(&self, ask: &Reassert) -> Reasserted {
        let organization = &ask.reserve.organization;
        self.with(organization, |state| state.reassert(ask, self.now()))
    }

    /// Looks for attempts that gave no sign of life.
    pub fn sweep(&self, ask: &Sweep) -> Swept {
        self.with(&ask.organization, |state| state.sweep(self.now()))
    }

    /// Makes every counter of an organization unknown.
    pub fn forget_all(&self, organization: &Arc<str>) {
        self.with(organization, State::forget_all);
    }

    /// Takes away the right to reserve.
    pub fn revoke(&self, ask: &Revoke) {
        self.with(&ask.organization, |state| state.revoke(ask));
    }

    /// Gives it back.
    pub fn restore(&self, ask: &Revoke) {
        self.with(&ask.organization, |state| state.restore(ask));
    }

    /// Looks at an organization's counters; they wait meanwhile.
    pub fn look<R>(&self, organization: &Arc<str>, at: impl Fn(&State, TimestampMs) -> R) -> R {
        self.with(organization, |state| at(state, self.now()))
    }

    /// The organizations that have counters, sorted.
    #[must_use]
    pub fn organizations(&self) -> Vec<Arc<str>> {
        let mut organizations = Vec::new();
        for shard in &self.shards {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            organizations.extend(shard.keys().cloned());
        }
        organizations.sort();
        organizations
    }
}
