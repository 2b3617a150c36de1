//! Questions by chance, over few names, so that they meet.

use std::sync::Arc;

use data_plane::counters::operation::{
    AttemptId, Bucket, Correct, CounterName, Extend, GivesBack, Hold, Open, Reserve, Seed, Settle,
    Slot,
};
use data_plane::counters::upkeep::{KeepAlive, Reassert, Revoke, Sweep};
use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::chance::Chance;

/// Names with everything that a caller may put into them.
pub const SCOPES: &[&str] = &[
    "key:k0",
    "key:k1",
    "team:t0",
    "end_user:o/a\nb{x}%0A",
    "tag:o/}{ ü",
    "org:o",
];
/// Lengths of windows; 0 is all time.
const LENGTHS_MS: &[u64] = &[0, 3_000, 60_000];
const IDS: &[&str] = &["k0", "k1", "t0", "o{}\n"];

/// One question.
#[derive(Clone, Debug)]
pub enum Ask {
    Reserve(Reserve),
    Extend(Extend),
    Settle(Settle),
    Open(Open),
    Seed(Seed),
    Correct(Correct),
    KeepAlive(KeepAlive),
    Reassert(Reassert),
    Sweep(Sweep),
    ForgetAll,
    Revoke(Revoke),
    Restore(Revoke),
}

/// Asks, and remembers what it needs of the answers.
pub struct Asker {
    pub chance: Chance,
    organization: Arc<str>,
    /// What was opened, and under which number.
    pub openings: Vec<(CounterName, u64)>,
    /// What was reserved at some time.
    reserves: Vec<(Reserve, TimestampMs)>,
    next_attempt: u64,
}

impl Asker {
    pub fn new(seed: u64, organization: &Arc<str>) -> Self {
        Self {
            chance: Chance::new(seed),
            organization: Arc::clone(organization),
            openings: Vec::new(),
            reserves: Vec::new(),
            next_attempt: 0,
        }
    }

    /// Something new, or mostly something that was asked before.
    pub fn next(&mut self, now: TimestampMs) -> Ask {
        match self.chance.below(100) {
            0..35 => Ask::Reserve(self.reserve(now)),
            35..60 => Ask::Settle(self.settle()),
            60..68 => Ask::Open(self.open(now)),
            68..78 => Ask::Seed(self.seed()),
            78..84 => Ask::Extend(self.extend(now)),
            84..87 => Ask::Correct(self.correct(now)),
            87..90 => Ask::KeepAlive(self.keep_alive()),
            90..93 => Ask::Reassert(self.reassert(now)),
            93..96 => Ask::Sweep(Sweep {
                organization: Arc::clone(&self.organization),
            }),
            96 if self.chance.percent(30) => Ask::ForgetAll,
            97 => Ask::Revoke(self.revoke()),
            _ => Ask::Restore(self.revoke()),
        }
    }

    pub fn amount(&mut self) -> NanoUsd {
        let amount = match self.chance.below(20) {
            0..3 => 0,
            3 => 100_000_000_000_000 + self.chance.below(100_000_000_000_000),
            _ => self.chance.below(400),
        };
        NanoUsd(amount.cast_signed())
    }

    fn attempt(&mut self) -> AttemptId {
        if self.next_attempt == 0 || self.chance.percent(75) {
            self.next_attempt += 1;
            return AttemptId(format!("req_{}.1{{\n%}}", self.next_attempt).into());
        }
        let back = self.chance.below(12);
        let number = self.next_attempt.saturating_sub(back).max(1);
        AttemptId(format!("req_{number}.1{{\n%}}").into())
    }

    fn window(now: TimestampMs, length_ms: u64, back: u64) -> (String, (TimestampMs, TimestampMs)) {
        if length_ms == 0 {
            let all = (TimestampMs(0), TimestampMs(u64::MAX));
            return ("life".to_owned(), all);
        }
        let number = now.0 / length_ms - back;
        let window = (number * length_ms, (number + 1) * length_ms);
        let name = format!("{length_ms}@{number}");
        (name, (TimestampMs(window.0), TimestampMs(window.1)))
    }

    fn counter(&mut self, now: TimestampMs) -> (String, CounterName, (TimestampMs, TimestampMs)) {
        let scope = (*self.chance.of(SCOPES)).to_owned();
        let length_ms = *self.chance.of(LENGTHS_MS);
        let back = u64::from(self.chance.percent(10));
        let (name, window) = Self::window(now, length_ms, back);
        let name = CounterName(format!("{scope}/{name}").into());
        (scope, name, window)
    }

    fn holds(&mut self, now: TimestampMs) -> Vec<Hold> {
        let mut holds: Vec<Hold> = Vec::new();
        let is_wrong = self.chance.percent(2);
        for scope in SCOPES {
            if self.chance.percent(55) {
                continue;
            }
            let length_ms = *self.chance.of(LENGTHS_MS);
            let (name, window) = Self::window(now, length_ms, u64::from(is_wrong));
            let (before, _) = Self::window(now, length_ms, 1);
            let has_previous = length_ms > 0 && self.chance.percent(80);
            let limits = [0, 300, 900, 2_000, 1_000_000, 150_000_000_000_000];
            let limit = *self.chance.of(&limits);
            holds.push(Hold {
                counter: CounterName(format!("{scope}/{name}").into()),
                limit: (!self.chance.percent(10)).then_some(NanoUsd(limit)),
                version: self.revision(4),
                since: self.since(),
                window,
                previous: has_previous.then(|| CounterName(format!("{scope}/{before}").into())),
            });
        }
        holds
    }

    fn revision(&mut self, below: u64) -> Revision {
        Revision(self.chance.below(below).cast_signed())
    }

    fn since(&mut self) -> Revision {
        if self.chance.percent(90) {
            return Revision(0);
        }
        self.revision(4)
    }

    fn buckets(&mut self) -> Vec<Bucket> {
        // Whether a full bucket has been dropped is not to be seen as long as its size stays.
        let sizes = [
            ("rpm", 10, 1_000, 60),
            ("tpm", 5_000, 100, 600),
            ("none", 0, 1_000, 1),
            ("tpd", Bucket::LARGEST, 1_000, 86_400),
        ];
        let mut buckets = Vec::new();
        for (name, capacity, tick_ms, ticks) in sizes {
            let percent = if capacity == 0 { 1 } else { 30 };
            if self.chance.percent(percent) {
                buckets.push(Bucket {
                    name: format!("key:k{{}}/{name}").into(),
                    cost: self.chance.below(capacity / 3 + 2),
                    capacity,
                    tick_ms,
                    ticks,
                });
            }
        }
        buckets
    }

    fn slots(&mut self) -> Vec<Slot> {
        let names = ["key:k0/parallel", "team:\n/parallel"];
        let mut slots = Vec::new();
        for name in names {
            if self.chance.percent(30) {
                slots.push(Slot {
                    name: name.into(),
                    limit: self.chance.below(5),
                });
            }
        }
        slots
    }

    fn reserve(&mut self, now: TimestampMs) -> Reserve {
        let scopes: Vec<Arc<str>> = SCOPES
            .iter()
            .filter(|_| self.chance.percent(60))
            .map(|scope| Arc::from(*scope))
            .collect();
        let mut revocable = Vec::new();
        for id in IDS {
            if self.chance.percent(40) {
                revocable.push(Arc::from(*id));
            }
        }
        let ask = Reserve {
            attempt: self.attempt(),
            organization: Arc::clone(&self.organization),
            amount: self.amount(),
            time_to_live_ms: 200 + self.chance.below(3_000),
            scopes: scopes.into(),
            holds: self.holds(now),
            buckets: self.buckets(),
            slots: self.slots(),
            revocable: revocable.into(),
            as_of: if self.chance.percent(90) {
                Revision(4)
            } else {
                self.revision(4)
            },
        };
        self.reserves.push((ask.clone(), now));
        ask
    }

    /// One that was asked for lately, or any.
    fn reserved(&mut self) -> Option<(Reserve, TimestampMs)> {
        let from = self
            .reserves
            .len()
            .saturating_sub(if self.chance.percent(80) { 8 } else { 60 });
        let lately = &self.reserves[from..];
        if lately.is_empty() {
            return None;
        }
        Some(self.chance.of(lately).clone())
    }

    fn settle(&mut self) -> Settle {
        let known = self.reserved();
        let (attempt, counters, slots, at) = match known {
            Some((ask, at)) if self.chance.percent(97) => {
                let counters = ask.holds.into_iter().map(|hold| hold.counter).collect();
                (ask.attempt, counters, ask.slots, at)
            }
            _ => (self.attempt(), Vec::new(), self.slots(), TimestampMs(0)),
        };
        let mut buckets = Vec::new();
        // One of no size that got below zero stays there for ever; how long that is nobody can say.
        let sized = self.buckets().into_iter();
        for bucket in sized.filter(|bucket| bucket.capacity > 0) {
            let units = self.chance.below(200).cast_signed() - 100;
            buckets.push((bucket, units));
        }
        let gives_back = GivesBack {
            buckets,
            slots,
            first_attempt: self.chance.percent(70).then(|| attempt.clone()),
        };
        Settle {
            attempt,
            organization: Arc::clone(&self.organization),
            charge: self.amount(),
            reserved_at: at,
            counters,
            gives_back,
        }
    }

    fn extend(&mut self, now: TimestampMs) -> Extend {
        let known = self.reserved();
        let (attempt, holds) = match known {
            Some((ask, _)) if self.chance.percent(80) => (ask.attempt, ask.holds),
            Some((ask, _)) => (ask.attempt, self.holds(now)),
            None => (self.attempt(), Vec::new()),
        };
        Extend {
            attempt,
            organization: Arc::clone(&self.organization),
            amount: self.amount(),
            holds,
        }
    }

    fn open(&mut self, now: TimestampMs) -> Open {
        let (scope, counter, window) = self.counter(now);
        Open {
            counter,
            organization: Arc::clone(&self.organization),
            scope: scope.into(),
            window,
            since: self.since(),
            opening: self.chance.bits(),
        }
    }

    fn seed(&mut self) -> Seed {
        let opened = self.openings.len().saturating_sub(6);
        let lately = &self.openings[opened..];
        let (counter, opening) = if lately.is_empty() {
            (CounterName("key:k0/life".into()), 1)
        } else {
            self.chance.of(lately).clone()
        };
        Seed {
            counter,
            organization: Arc::clone(&self.organization),
            settled: self.amount(),
            revision: self.revision(6),
            opening,
        }
    }

    fn correct(&mut self, now: TimestampMs) -> Correct {
        let (_, counter, window) = self.counter(now);
        Correct {
            counter,
            organization: Arc::clone(&self.organization),
            window,
            amount: NanoUsd(self.chance.below(400).cast_signed() - 200),
            revision: self.revision(8),
        }
    }

    fn keep_alive(&mut self) -> KeepAlive {
        let mut attempts = Vec::new();
        let mut places = Vec::new();
        for _ in 0..self.chance.below(4) {
            let Some((ask, _)) = self.reserved() else {
                continue;
            };
            for slot in &ask.slots {
                places.push((Arc::clone(&slot.name), ask.attempt.clone()));
            }
            attempts.push(ask.attempt);
        }
        KeepAlive {
            organization: Arc::clone(&self.organization),
            time_to_live_ms: 200 + self.chance.below(3_000),
            attempts,
            places,
        }
    }

    fn reassert(&mut self, now: TimestampMs) -> Reassert {
        let known = self.reserved();
        let (reserve, reserved_at) = match known {
            Some(known) if self.chance.percent(70) => known,
            _ => (self.reserve(now), now),
        };
        Reassert {
            reserve,
            reserved_at,
        }
    }

    fn revoke(&mut self) -> Revoke {
        let id = Arc::from(*self.chance.of(IDS));
        Revoke {
            organization: Arc::clone(&self.organization),
            ids: vec![id],
            revision: self.revision(50),
        }
    }
}
