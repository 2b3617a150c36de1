//! Reserving: everything is checked before anything is written.

use domain::time::TimestampMs;

use super::State;
use super::attempt::{Attempt, Phase};
use super::bucket::Level;
use super::counter::{Counter, Trust};
use super::sweep::{Due, What};
use crate::counters::operation::{Admitted, Hold, Reserve, Reserved};
use crate::counters::upkeep::{Reassert, Reasserted};

impl State {
    /// Holds what an attempt asks for: all of it, or nothing.
    pub fn reserve(&mut self, ask: &Reserve, now: TimestampMs) -> Reserved {
        match self.check(ask, now) {
            Ok(levels) => Reserved::Admitted(self.hold(ask, &levels, now)),
            Err(refused) => refused,
        }
    }

    /// Phase 1: what is in the way, in a fixed order; else how the buckets stand.
    fn check(&mut self, ask: &Reserve, now: TimestampMs) -> Result<Vec<Level>, Reserved> {
        if self.done.has(&ask.attempt, now) {
            return Err(Reserved::AlreadySettled);
        }
        if let Some(attempt) = self.attempts.get(&ask.attempt) {
            let at = attempt.reserved_at;
            return Err(Reserved::AlreadyHeld { at });
        }
        if ask.as_of < self.newest_budget {
            return Err(Reserved::Outdated(self.newest_budget));
        }
        if let Some(index) = self.first_revoked(&ask.revocable) {
            return Err(Reserved::Revoked(index));
        }
        self.check_holds(ask, now)?;
        let levels = self.check_buckets(ask, now)?;
        self.check_slots(ask, now)?;
        Ok(levels)
    }

    fn check_holds(&self, ask: &Reserve, now: TimestampMs) -> Result<(), Reserved> {
        let is_wrong = |hold: &Hold| now < hold.window.0 || now >= hold.window.1;
        if let Some(hold) = ask.holds.iter().position(is_wrong) {
            return Err(Reserved::WrongWindow { hold, now });
        }
        let holds = ask.holds.iter().enumerate();
        let unknown = holds.filter(|(_, hold)| !self.is_known(hold, now));
        let unknown: Vec<usize> = unknown.map(|(index, _)| index).collect();
        if !unknown.is_empty() {
            return Err(Reserved::Unknown(unknown));
        }
        for (index, hold) in ask.holds.iter().enumerate() {
            let begun;
            let counter = if let Some(counter) = self.counters.get(&hold.counter) {
                counter
            } else {
                begun = Counter::begun(hold, now);
                &begun
            };
            if let Some(limit) = counter.limit_in_the_way(hold, ask.amount) {
                return Err(Reserved::OverBudget {
                    hold: index,
                    limit,
                    standing: counter.balance,
                });
            }
        }
        Ok(())
    }

    /// Whether a counter says what has been used, or begins at 0: everybody who spends in its
    /// window names it, and the window before is known, so nobody has.
    fn is_known(&self, hold: &Hold, now: TimestampMs) -> bool {
        if let Some(counter) = self.counter(&hold.counter, now) {
            return counter.is_known_since(hold.since);
        }
        let previous = hold.previous.as_ref();
        let previous = previous.and_then(|previous| self.counter(previous, now));
        previous.is_some_and(|previous| previous.vouches_for(hold))
    }

    fn check_buckets(&self, ask: &Reserve, now: TimestampMs) -> Result<Vec<Level>, Reserved> {
        let mut levels = Vec::with_capacity(ask.buckets.len());
        for (index, bucket) in ask.buckets.iter().enumerate() {
            let level = Level::now(self.buckets.get(&bucket.name).copied(), bucket, now);
            if let Err(retry_after_ms) = level.takes(bucket, now) {
                return Err(Reserved::OverRate {
                    bucket: index,
                    retry_after_ms,
                    level: level.units(bucket),
                });
            }
            levels.push(level);
        }
        Ok(levels)
    }

    fn check_slots(&mut self, ask: &Reserve, now: TimestampMs) -> Result<(), Reserved> {
        for (index, slot) in ask.slots.iter().enumerate() {
            let is_full = match self.slots.get_mut(&slot.name) {
                Some(members) => members.are(slot.limit, now),
                None => slot.limit == 0,
            };
            if is_full {
                return Err(Reserved::OverParallel { slot: index });
            }
        }
        Ok(())
    }

    /// Phase 2: writes everything.
    fn hold(&mut self, ask: &Reserve, levels: &[Level], now: TimestampMs) -> Admitted {
        let mut admitted = Admitted {
            at: now,
            balances: Vec::with_capacity(ask.holds.len()),
            levels: Vec::with_capacity(levels.len()),
        };
        for hold in &ask.holds {
            if !self.counters.contains_key(&hold.counter) {
                let previous = hold.previous.as_ref();
                let previous = previous.and_then(|previous| self.counters.get(previous));
                let opened_at = previous.map_or(now, |previous| previous.opened_at);
                self.put_counter(&hold.counter, Counter::begun(hold, opened_at));
            }
            let Some(counter) = self.counters.get_mut(&hold.counter) else {
                continue;
            };
            counter.hear(hold);
            counter.hold(Phase::Active, ask.amount);
            admitted.balances.push(counter.balance);
        }
        for (bucket, level) in ask.buckets.iter().zip(levels) {
            let cost = i64::try_from(bucket.cost).unwrap_or(i64::MAX);
            let level = level.with(bucket, cost.saturating_neg());
            admitted.levels.push(level.units(bucket));
            self.put_level(bucket, level);
        }
        let attempt = Attempt::new(ask, ask.holds.iter(), (now, now));
        self.put_attempt(ask, attempt);
        admitted
    }

    /// Says an attempt again that may have been lost. Nothing is checked: it goes on already.
    pub fn reassert(&mut self, ask: &Reassert, now: TimestampMs) -> Reasserted {
        let reserve = &ask.reserve;
        if self.done.has(&reserve.attempt, now) {
            return Reasserted::AlreadySettled;
        }
        if self.attempts.contains_key(&reserve.attempt) {
            return Reasserted::AlreadyHeld;
        }
        if reserve.as_of < self.newest_budget {
            return Reasserted::Outdated(self.newest_budget);
        }
        let is_seeded = |hold: &&Hold| {
            let counter = self.counter(&hold.counter, now);
            counter.is_some_and(|counter| matches!(counter.trust, Trust::Seeded))
        };
        let seeded: Vec<Hold> = reserve.holds.iter().filter(is_seeded).cloned().collect();
        for hold in &reserve.holds {
            // The ledger did not have it when a counter was seeded, so it is to be added. While one
            // waits to be seeded nobody can say whether the sum will have it.
            if seeded.iter().all(|other| other.counter != hold.counter) {
                self.must_be_opened(&hold.counter, hold.window);
            } else if let Some(counter) = self.counters.get_mut(&hold.counter) {
                counter.hear(hold);
                counter.hold(Phase::Active, reserve.amount);
            }
        }
        let attempt = Attempt::new(reserve, seeded.iter(), (ask.reserved_at, now));
        self.put_attempt(reserve, attempt);
        Reasserted::Held
    }

    fn put_attempt(&mut self, ask: &Reserve, attempt: Attempt) {
        for slot in &ask.slots {
            if !self.slots.contains_key(&slot.name) {
                let due = Due::new(attempt.expires_at, What::Slot(slot.name.clone()));
                self.due.push(due);
            }
            let members = self.slots.entry(slot.name.clone()).or_default();
            members.put(&ask.attempt, attempt.expires_at);
        }
        self.attempts.insert(ask.attempt.clone(), attempt);
    }
}
