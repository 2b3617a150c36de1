//! What may happen in the world of the tests, by chance.

use domain::directory::Revision;
use domain::money::NanoUsd;
use proptest::prelude::*;

use super::world::{HOUR_MS, TTL_MS, World, attempt, organization, slot};
use crate::counters::operation::{Reserved, Settled};
use crate::counters::upkeep::KeepAlive;

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

impl World {
    pub(super) fn step(&mut self, step: Step) {
        match step {
            Step::Reserve {
                attempt,
                key,
                amount,
                knows_limits,
                opens,
            } => {
                self.reserve_step((attempt, key, amount), knows_limits, opens);
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
                self.revision = Revision(self.revision.0 + 1);
                self.limits[usize::from(scope)] = (NanoUsd(limit), self.revision);
            }
            Step::KeepAlive { attempt: number } => self.keep_alive(number),
            Step::Pass { ms } => self.now.0 += ms,
            Step::Sweep => drop(self.state.sweep(self.now)),
            Step::ForgetAll => {
                self.state.forget_all();
                // Their limits are forgotten with them: the next question tells them.
                self.heard.clear();
                self.heard.clear();
            }
            Step::Lose => self.lose(),
        }
    }

    fn keep_alive(&mut self, number: u8) {
        let id = attempt(number);
        let ask = KeepAlive {
            organization: organization(),
            time_to_live_ms: TTL_MS,
            attempts: vec![id.clone()],
            places: vec![(slot().name, id)],
        };
        self.state.keep_alive(&ask, self.now);
    }

    fn reserve_step(&mut self, asked: (u8, u8, i64), knows_limits: bool, opens: bool) {
        let (attempt, key, amount) = asked;
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
}
