//! How a counter comes to be trusted: opened, then seeded with what the ledger has; corrected; and
//! forgotten when it may be wrong.

use domain::time::TimestampMs;

use super::State;
use super::counter::{Counter, Trust};
use crate::counters::operation::{Correct, CounterName, Open, Opened, Seed, Seeded};
use crate::counters::upkeep::kept_until;

impl State {
    /// Begins a counter, unless somebody has: from now on every attempt under way that belongs to it
    /// is on it.
    ///
    /// The ledger's sum that is read from here on has what was settled before (its journal was
    /// shipped in between), and leaves out the attempts that are on the counter; every attempt is in
    /// one of the two, and in one only.
    pub fn open(&mut self, ask: &Open, now: TimestampMs) -> Opened {
        let found = self.counter(&ask.counter, now);
        match found.filter(|counter| counter.since >= ask.since) {
            Some(counter) => match &counter.trust {
                Trust::Seeded => return Opened::Ready,
                Trust::Opened { opening, attempts } => {
                    return Opened::Waits {
                        attempts: attempts.clone(),
                        opening: *opening,
                    };
                }
                Trust::Forgotten => {}
            },
            None => self.forget(&ask.counter),
        }
        self.begin(ask, now)
    }

    fn begin(&mut self, ask: &Open, now: TimestampMs) -> Opened {
        if !self.counters.contains_key(&ask.counter) {
            self.put_counter(&ask.counter, Counter::forgotten(ask.window));
        }
        let mut counter = Counter::forgotten(ask.window);
        let mut attempts = Vec::new();
        for (id, attempt) in &mut self.attempts {
            let at = attempt.reserved_at;
            let is_in_window = ask.window.0 <= at && at < ask.window.1;
            if !is_in_window || !attempt.scopes.contains(&ask.scope) {
                continue;
            }
            counter.hold(attempt.phase, attempt.amount);
            attempt.counters.push(ask.counter.clone());
            attempts.push(id.clone());
        }
        attempts.sort();
        if let Some(known) = self.counters.get_mut(&ask.counter) {
            known.balance = counter.balance;
            known.since = known.since.max(ask.since);
            known.opened_at = now;
            known.trust = Trust::Opened {
                opening: ask.opening,
                attempts: attempts.clone(),
            };
        }
        self.newest_budget = self.newest_budget.max(ask.since);
        Opened::Waits {
            attempts,
            opening: ask.opening,
        }
    }

    /// Gives an opened counter what the ledger has; from then on it is trusted.
    pub fn seed(&mut self, ask: &Seed, now: TimestampMs) -> Seeded {
        if self.counter(&ask.counter, now).is_none() {
            return Seeded::Void;
        }
        let Some(counter) = self.counters.get_mut(&ask.counter) else {
            return Seeded::Void;
        };
        match &counter.trust {
            Trust::Seeded => Seeded::Ready,
            Trust::Opened { opening, .. } if *opening == ask.opening => {
                counter.charge(ask.settled);
                counter.corrected_to = ask.revision;
                counter.trust = Trust::Seeded;
                Seeded::Ready
            }
            Trust::Opened { .. } | Trust::Forgotten => Seeded::Void,
        }
    }

    /// Corrects a counter by what its ledger was corrected by. One that is not trusted yet is to be
    /// opened (again): its sum may have been read before, and it must not begin at 0.
    pub fn correct(&mut self, ask: &Correct, now: TimestampMs) {
        if now >= kept_until(ask.window) {
            return;
        }
        match self.counters.get_mut(&ask.counter) {
            Some(counter) if matches!(counter.trust, Trust::Seeded) => {
                if ask.revision > counter.corrected_to {
                    counter.charge(ask.amount);
                    counter.corrected_to = ask.revision;
                }
            }
            _ => self.must_be_opened(&ask.counter, ask.window),
        }
    }

    /// Makes every counter unknown; what is under way stays, and is found when they are opened.
    pub fn forget_all(&mut self) {
        self.counters.clear();
        for attempt in self.attempts.values_mut() {
            attempt.counters.clear();
        }
    }

    /// Makes one counter unknown, also one that is not there: it must not begin at 0.
    pub(super) fn must_be_opened(
        &mut self,
        name: &CounterName,
        window: (TimestampMs, TimestampMs),
    ) {
        if self.counters.contains_key(name) {
            self.forget(name);
        } else {
            self.put_counter(name, Counter::forgotten(window));
        }
    }

    /// Makes one counter unknown: it stays, so that it does not begin at 0, and nothing is on it.
    pub(super) fn forget(&mut self, name: &CounterName) {
        let Some(counter) = self.counters.get_mut(name) else {
            return;
        };
        if matches!(counter.trust, Trust::Forgotten) {
            return;
        }
        counter.forget();
        for attempt in self.attempts.values_mut() {
            attempt.counters.retain(|other| other != name);
        }
    }
}
