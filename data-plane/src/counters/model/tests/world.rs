//! A world around the model for its tests: keys in teams in an organization, a ledger that has what
//! is settled, nodes that know limits late, and an engine that may lose everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use proptest::prelude::*;

use super::super::Phase;
use super::super::State;
use crate::counters::operation::{
    Admitted, AttemptId, Balance, Correct, CounterName, Extend, Extended, GivesBack, Hold, Open,
    Opened, Reserve, Reserved, Seed, Seeded, Settle, Settled, Slot,
};
use crate::counters::upkeep::{KeepAlive, Reassert, Reasserted};

pub(super) const HOUR_MS: u64 = 3_600_000;
pub(super) const TTL_MS: u64 = 60_000;

/// What may happen. Numbers choose attempts (of 24), keys (of 3) and scopes (of 6).
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Reserve {
        attempt: u8,
        key: u8,
        amount: i64,
        knows_limits: bool,
        opens: bool,
    },
    Extend {
        attempt: u8,
        amount: i64,
    },
    Settle {
        attempt: u8,
        percent: i64,
    },
    Open {
        scope: u8,
    },
    ReadSum {
        scope: u8,
    },
    Seed {
        opening: u8,
    },
    Correct {
        scope: u8,
        amount: i64,
        delivered: bool,
    },
    Deliver,
    Limit {
        scope: u8,
        limit: i64,
    },
    KeepAlive {
        attempt: u8,
    },
    Pass {
        ms: u64,
    },
    Sweep,
    ForgetAll,
    Lose,
}

pub(super) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let attempt = || 0_u8..24;
    let scope = || 0_u8..6;
    let step = prop_oneof![
        12 => (attempt(), 0_u8..3, 0_i64..400, prop::bool::weighted(0.8), prop::bool::weighted(0.7))
            .prop_map(|(attempt, key, amount, knows_limits, opens)| {
                Step::Reserve { attempt, key, amount, knows_limits, opens }
            }),
        3 => (attempt(), 0_i64..500).prop_map(|(attempt, amount)| Step::Extend { attempt, amount }),
        10 => (attempt(), 0_i64..101).prop_map(|(attempt, percent)| Step::Settle { attempt, percent }),
        2 => scope().prop_map(|scope| Step::Open { scope }),
        2 => scope().prop_map(|scope| Step::ReadSum { scope }),
        2 => (0_u8..6).prop_map(|opening| Step::Seed { opening }),
        1 => (scope(), 1_i64..200, any::<bool>())
            .prop_map(|(scope, amount, delivered)| Step::Correct { scope, amount, delivered }),
        1 => Just(Step::Deliver),
        2 => (scope(), 200_i64..2_000).prop_map(|(scope, limit)| Step::Limit { scope, limit }),
        2 => attempt().prop_map(|attempt| Step::KeepAlive { attempt }),
        4 => prop_oneof![0_u64..2_000, 20_000_u64..90_000, Just(HOUR_MS / 2)]
            .prop_map(|ms| Step::Pass { ms }),
        2 => Just(Step::Sweep),
        1 => Just(Step::ForgetAll),
        1 => Just(Step::Lose),
    ];
    prop::collection::vec(step, 1..160)
}

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
    openings: u64,
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

    fn reserve(&mut self, ask: &Reserve, key: u8, opens: bool) -> Reserved {
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

    fn extend(&mut self, number: u8, amount: i64) {
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

    fn correct(&mut self, scope: usize, amount: i64) {
        self.revision.0 += 1;
        self.corrections.push(Correct {
            counter: counter(scope, self.now),
            organization: organization(),
            window: window(self.now),
            amount: NanoUsd(amount),
            revision: self.revision,
        });
    }

    fn deliver(&mut self) {
        for correct in self.corrections.iter().skip(self.delivered) {
            self.state.correct(correct, self.now);
            // Told twice, it counts once.
            self.state.correct(correct, self.now);
        }
        self.delivered = self.corrections.len();
    }

    /// Everything is lost; what is under way is said again.
    fn lose(&mut self) {
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

    pub(super) fn step(&mut self, step: Step) {
        match step {
            Step::Reserve {
                attempt,
                key,
                amount,
                knows_limits,
                opens,
            } => {
                let mut ask = self.ask(attempt, key, amount, knows_limits);
                if let Some(begun) = self.begun.get(&ask.attempt) {
                    // A question is asked again as it was, and while its answer may be on its way.
                    let is_over = begun.charge.is_some();
                    if is_over && !self.state.is_done(&ask.attempt, self.now) {
                        return;
                    }
                    ask = begun.reserve.clone();
                }
                let reserved = self.reserve(&ask, key, opens);
                self.answers.insert(match reserved {
                    Reserved::Admitted(_) => "admitted",
                    Reserved::OverBudget { .. } => "over budget",
                    Reserved::OverParallel { .. } => "over parallel",
                    Reserved::Unknown(_) => "unknown",
                    _ => "not new",
                });
            }
            Step::Extend { attempt, amount } => self.extend(attempt, amount),
            Step::Settle {
                attempt: number,
                percent,
            } => {
                let settled = self.settle(&attempt(number), percent);
                self.answers.insert(match settled {
                    Settled::Done => "settled",
                    Settled::AlreadySettled => "settled before",
                    Settled::WasLost => "lost",
                });
            }
            Step::Open { scope } => drop(self.open(usize::from(scope))),
            Step::ReadSum { scope } => {
                let seed = self.open(usize::from(scope));
                self.sums.extend(seed);
            }
            Step::Seed { opening } => {
                if let Some(seed) = self.sums.get(usize::from(opening)) {
                    self.state.seed(seed, self.now);
                }
            }
            Step::Correct {
                scope,
                amount,
                delivered,
            } => {
                self.correct(usize::from(scope), amount);
                if delivered {
                    self.deliver();
                }
            }
            Step::Deliver => self.deliver(),
            Step::Limit { scope, limit } => {
                self.revision.0 += 1;
                self.limits[usize::from(scope)] = (NanoUsd(limit), self.revision);
            }
            Step::KeepAlive { attempt: number } => {
                let id = attempt(number);
                let places = vec![(slot().name, id.clone())];
                let ask = KeepAlive {
                    organization: organization(),
                    time_to_live_ms: TTL_MS,
                    attempts: vec![id],
                    places,
                };
                self.state.keep_alive(&ask, self.now);
            }
            Step::Pass { ms } => self.now.0 += ms,
            Step::Sweep => drop(self.state.sweep(self.now)),
            Step::ForgetAll => {
                self.state.forget_all();
                self.heard.clear();
            }
            Step::Lose => self.lose(),
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
