//! A world around the model for its tests: keys in teams in an organization, a ledger that has what
//! is settled, nodes that know limits late, and an engine that may lose everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use super::super::Phase;
use super::super::State;
use crate::counters::operation::{
    Admitted, AttemptId, Balance, Correct, CounterName, Extend, Extended, GivesBack, Hold, Open,
    Opened, Reserve, Reserved, Seed, Seeded, Settle, Settled, Slot,
};
use crate::counters::upkeep::{Reassert, Reasserted};

pub(super) const HOUR_MS: u64 = 3_600_000;
pub(super) const TTL_MS: u64 = 60_000;

/// An attempt that was begun.
#[derive(Clone)]
pub(super) struct Begun {
    pub(super) reserve: Reserve,
    pub(super) reserved_at: TimestampMs,
    pub(super) charge: Option<NanoUsd>,
}

pub(super) struct World {
    pub(super) state: State,
    pub(super) now: TimestampMs,
    pub(super) revision: Revision,
    pub(super) limits: [(NanoUsd, Revision); 6],
    pub(super) begun: BTreeMap<AttemptId, Begun>,
    /// What the ledger was corrected by: scope, window, amount, revision.
    pub(super) corrections: Vec<Correct>,
    /// How many of them the engine was told.
    pub(super) delivered: usize,
    pub(super) sums: Vec<Seed>,
    pub(super) openings: u64,
    pub(super) heard: BTreeMap<CounterName, (Revision, NanoUsd)>,
    /// How often each answer was given: a history that never gets anywhere tests nothing.
    pub(super) answers: BTreeSet<&'static str>,
}

pub(super) fn scopes_of(key: u8) -> [usize; 3] {
    [usize::from(key), if key < 2 { 3 } else { 4 }, 5]
}

const SCOPES: [&str; 6] = ["key:a", "key:b", "key:c", "team:one", "team:two", "org:o"];

pub(super) fn counter(scope: usize, at: TimestampMs) -> CounterName {
    CounterName(format!("{}/1h@{}", SCOPES[scope], at.0 / HOUR_MS).into())
}

pub(super) fn window(at: TimestampMs) -> (TimestampMs, TimestampMs) {
    let from = at.0 / HOUR_MS * HOUR_MS;
    (TimestampMs(from), TimestampMs(from + HOUR_MS))
}

pub(super) fn attempt(number: u8) -> AttemptId {
    AttemptId(format!("req_{number:02}.1").into())
}

pub(super) fn organization() -> Arc<str> {
    "org_o".into()
}

pub(super) fn slot() -> Slot {
    Slot {
        name: "org:o/parallel".into(),
        limit: 8,
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            state: State::default(),
            now: TimestampMs(1_000 * HOUR_MS + HOUR_MS / 2),
            revision: Revision(1),
            limits: [(NanoUsd(1_000), Revision(1)); 6],
            begun: BTreeMap::new(),
            corrections: Vec::new(),
            delivered: 0,
            sums: Vec::new(),
            openings: 0,
            heard: BTreeMap::new(),
            answers: BTreeSet::new(),
        }
    }

    pub(super) fn holds(&self, key: u8, knows_limits: bool) -> Vec<Hold> {
        let hold = |scope: usize| {
            let (limit, version) = self.limits[scope];
            let old = (NanoUsd(5_000), Revision(0));
            let (limit, version) = if knows_limits { (limit, version) } else { old };
            let before = TimestampMs(self.now.0 - HOUR_MS);
            Hold {
                counter: counter(scope, self.now),
                limit: Some(limit),
                version,
                since: Revision(0),
                window: window(self.now),
                previous: Some(counter(scope, before)),
            }
        };
        scopes_of(key).map(hold).to_vec()
    }

    pub(super) fn ask(&self, number: u8, key: u8, amount: i64, knows_limits: bool) -> Reserve {
        Reserve {
            attempt: attempt(number),
            organization: organization(),
            amount: NanoUsd(amount),
            time_to_live_ms: TTL_MS,
            scopes: scopes_of(key)
                .map(|scope| SCOPES[scope].into())
                .to_vec()
                .into(),
            holds: self.holds(key, knows_limits),
            buckets: Vec::new(),
            slots: vec![slot()],
            revocable: Vec::new().into(),
            as_of: self.revision,
        }
    }

    /// What the ledger has for a counter, without these attempts.
    pub(super) fn ledger_sum(&self, name: &CounterName, except: &[AttemptId]) -> NanoUsd {
        let is_on = |begun: &Begun| begun.reserve.holds.iter().any(|hold| hold.counter == *name);
        let settled = self
            .begun
            .iter()
            .filter(|(id, begun)| is_on(begun) && !except.contains(id));
        let charges = settled.filter_map(|(_, begun)| begun.charge);
        let corrections = self
            .corrections
            .iter()
            .filter(|correct| correct.counter == *name);
        NanoUsd(
            charges
                .chain(corrections.map(|correct| correct.amount))
                .map(|n| n.0)
                .sum(),
        )
    }

    pub(super) fn open(&mut self, scope: usize) -> Option<Seed> {
        self.openings += 1;
        let ask = Open {
            counter: counter(scope, self.now),
            organization: organization(),
            scope: SCOPES[scope].into(),
            window: window(self.now),
            since: Revision(0),
            opening: self.openings,
        };
        match self.state.open(&ask, self.now) {
            Opened::Ready => None,
            Opened::Waits { attempts, opening } => Some(Seed {
                settled: self.ledger_sum(&ask.counter, &attempts),
                counter: ask.counter,
                organization: ask.organization,
                revision: self.revision,
                opening,
            }),
        }
    }

    pub(super) fn reserve(&mut self, ask: &Reserve, key: u8, opens: bool) -> Reserved {
        let mut reserved = self.state.reserve(ask, self.now);
        if let Reserved::Unknown(unknown) = &reserved
            && opens
        {
            for index in unknown {
                let seed = self.open(scopes_of(key)[*index]);
                for seed in seed.iter().chain(&seed) {
                    assert_eq!(self.state.seed(seed, self.now), Seeded::Ready);
                }
            }
            reserved = self.state.reserve(ask, self.now);
        }
        if let Reserved::Admitted(admitted) = &reserved {
            self.admit(ask, admitted);
        }
        reserved
    }

    fn admit(&mut self, ask: &Reserve, admitted: &Admitted) {
        for (hold, balance) in ask.holds.iter().zip(&admitted.balances) {
            self.fits(hold, *balance);
        }
        let begun = Begun {
            reserve: ask.clone(),
            reserved_at: admitted.at,
            charge: None,
        };
        let before = self.begun.insert(ask.attempt.clone(), begun);
        assert!(
            before.is_none_or(|before| before.charge.is_none()),
            "admitted after its end"
        );
    }

    /// What was given is within the newest limit that the counter was told.
    fn fits(&mut self, hold: &Hold, balance: Balance) {
        let told = (hold.version, hold.limit.unwrap());
        let heard = self.heard.entry(hold.counter.clone()).or_insert(told);
        *heard = (*heard).max(if told.0 >= heard.0 { told } else { *heard });
        if told.0 >= heard.0 {
            *heard = told;
        }
        assert!(
            balance.used() <= heard.1,
            "{:?} has {balance:?} of {heard:?}",
            hold.counter
        );
    }

    pub(super) fn settle(&mut self, id: &AttemptId, percent: i64) -> Settled {
        let Some(begun) = self.begun.get_mut(id) else {
            return Settled::WasLost;
        };
        let charge = NanoUsd(begun.reserve.amount.0 * percent / 100);
        // The ledger first; a charge that it has stays as it is.
        let charge = *begun.charge.get_or_insert(charge);
        let reserve = &begun.reserve;
        let ask = Settle {
            attempt: id.clone(),
            organization: organization(),
            charge,
            reserved_at: begun.reserved_at,
            counters: reserve
                .holds
                .iter()
                .map(|hold| hold.counter.clone())
                .collect(),
            gives_back: GivesBack {
                buckets: Vec::new(),
                slots: reserve.slots.clone(),
                first_attempt: Some(id.clone()),
            },
        };
        self.state.settle(&ask, self.now)
    }

    pub(super) fn extend(&mut self, number: u8, amount: i64) {
        let Some(begun) = self.begun.get_mut(&attempt(number)) else {
            return;
        };
        let ask = Extend {
            attempt: attempt(number),
            organization: organization(),
            amount: NanoUsd(amount),
            holds: begun.reserve.holds.clone(),
        };
        let grows = begun.reserve.amount < ask.amount;
        match self.state.extend(&ask, self.now) {
            Extended::Held => {
                assert!(begun.charge.is_none(), "extended after its end");
                begun.reserve.amount = ask.amount;
                self.answers.insert("extended");
                for hold in ask.holds.iter().filter(|_| grows) {
                    // Past its time there is no counter any more.
                    if let Some(standing) = self.state.standing(&hold.counter, self.now) {
                        self.fits(hold, standing.balance);
                    }
                }
            }
            Extended::OverBudget { .. } => drop(self.answers.insert("not extended")),
            Extended::Unknown(_) | Extended::NoSuchAttempt => {}
        }
    }

    pub(super) fn correct(&mut self, scope: usize, amount: i64) {
        self.revision.0 += 1;
        self.corrections.push(Correct {
            counter: counter(scope, self.now),
            organization: organization(),
            window: window(self.now),
            amount: NanoUsd(amount),
            revision: self.revision,
        });
    }

    pub(super) fn deliver(&mut self) {
        for correct in self.corrections.iter().skip(self.delivered) {
            self.state.correct(correct, self.now);
            // Told twice, it counts once.
            self.state.correct(correct, self.now);
        }
        self.delivered = self.corrections.len();
    }

    /// Everything is lost; what is under way is said again.
    pub(super) fn lose(&mut self) {
        self.state = State::default();
        self.heard.clear();
        for begun in self.begun.values().filter(|begun| begun.charge.is_none()) {
            let reserve = begun.reserve.clone();
            let ask = Reassert {
                reserve,
                reserved_at: begun.reserved_at,
            };
            assert_eq!(self.state.reassert(&ask, self.now), Reasserted::Held);
            assert_eq!(self.state.reassert(&ask, self.now), Reasserted::AlreadyHeld);
        }
    }

    /// What is held on a counter by the attempts under way, in this phase.
    pub(super) fn held(&self, name: &CounterName, phase: Phase) -> NanoUsd {
        let attempts = self.state.attempts();
        let attempts = attempts.iter().filter_map(|id| self.state.attempt(id));
        let on =
            attempts.filter(|attempt| attempt.phase == phase && attempt.counters.contains(name));
        NanoUsd(on.map(|attempt| attempt.amount.0).sum())
    }
}
