//! The engine in this process: the model itself, each organization behind a short lock.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::time::TimestampMs;
use foldhash::fast::RandomState;

use super::model::State;
use super::operation::{
    Correct, Extend, Extended, Open, Opened, Reserve, Reserved, Seed, Seeded, Settle, Settled,
};
use super::quick_map::QuickMap;
use super::upkeep::{KeepAlive, Reassert, Reasserted, Revoke, Sweep, Swept};

/// How many locks there are. More than threads by far, so that two organizations seldom meet at one.
const SHARDS: usize = 64;

/// How long it is remembered that an attempt was settled. No reply is lost within a process, so that
/// nothing is asked again; a short time is enough, and costs less memory.
const DONE_MS: u64 = 60 * 1_000;

type Shard = QuickMap<Arc<str>, State>;

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
            hasher: RandomState::default(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counters::Counters;
    use crate::counters::operation::{AttemptId, CounterName, Hold};
    use domain::directory::Revision;
    use domain::money::NanoUsd;

    fn ask(organization: &str, number: usize) -> Reserve {
        let hold = Hold {
            counter: CounterName("org:o/life".into()),
            limit: Some(NanoUsd(1_000)),
            version: Revision(1),
            since: Revision(0),
            window: (TimestampMs(0), TimestampMs(u64::MAX)),
            previous: None,
        };
        Reserve {
            attempt: AttemptId(format!("req_{number}.1").into()),
            organization: organization.into(),
            amount: NanoUsd(10),
            time_to_live_ms: 60_000,
            scopes: vec!["org:o".into()].into(),
            holds: vec![hold],
            buckets: Vec::new(),
            slots: Vec::new(),
            revocable: Vec::new().into(),
            as_of: Revision(1),
        }
    }

    fn open(memory: &Memory, organization: &str) {
        let ask = ask(organization, 0);
        let opened = memory.open(&Open {
            counter: ask.holds[0].counter.clone(),
            organization: organization.into(),
            scope: "org:o".into(),
            window: ask.holds[0].window,
            since: Revision(0),
            opening: 7,
        });
        let waits = Opened::Waits {
            attempts: Vec::new(),
            opening: 7,
        };
        assert_eq!(opened, waits);
        let seed = Seed {
            counter: ask.holds[0].counter.clone(),
            organization: organization.into(),
            settled: NanoUsd(0),
            revision: Revision(0),
            opening: 7,
        };
        assert_eq!(memory.seed(&seed), Seeded::Ready);
    }

    #[test]
    fn of_a_thousand_at_once_as_many_are_admitted_as_the_limit_pays_for() {
        let memory = Memory::default();
        open(&memory, "org_o");
        let admitted = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (memory, admitted) = (&memory, &admitted);
                scope.spawn(move || {
                    for number in 0..125 {
                        let reserved = memory.reserve(&ask("org_o", thread * 125 + number));
                        if matches!(reserved, Reserved::Admitted(_)) {
                            admitted.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(admitted.load(Ordering::Relaxed), 100);
    }

    #[test]
    fn what_one_organization_spends_is_not_anothers() {
        let memory = Memory::default();
        open(&memory, "org_one");
        let other = memory.reserve(&ask("org_other", 1));
        assert_eq!(other, Reserved::Unknown(vec![0]));
        let one = memory.reserve(&ask("org_one", 1));
        assert!(matches!(one, Reserved::Admitted(_)));
        let both: [Arc<str>; 2] = ["org_one".into(), "org_other".into()];
        assert_eq!(memory.organizations(), both);
    }

    /// I13, for this engine.
    #[test]
    fn the_engine_answers_as_the_model_does_at_the_time_that_is_set() {
        let ms = Arc::new(AtomicU64::new(0));
        let memory = Memory::new(Clock::Set(Arc::clone(&ms)));
        open(&memory, "org_o");
        let counters = Counters::Memory(memory);
        let memory = counters.as_memory().unwrap();
        let mut model = memory.look(&"org_o".into(), |state, _| state.clone());
        for number in 0..200 {
            let now = ms.fetch_add(1_000, Ordering::Relaxed) + 1_000;
            let ask = ask("org_o", number % 150);
            assert_eq!(memory.reserve(&ask), model.reserve(&ask, TimestampMs(now)));
            let sweep = Sweep {
                organization: "org_o".into(),
            };
            assert_eq!(memory.sweep(&sweep), model.sweep(TimestampMs(now)));
        }
    }
}
