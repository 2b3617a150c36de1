//! Settling: a charge takes the place of a hold, once.

use domain::time::TimestampMs;

use super::State;
use super::bucket::Level;
use crate::counters::operation::{GivesBack, Settle, Settled};

impl State {
    /// Puts an attempt's charge in the place of its hold, in the window of its reserve, and gives
    /// back what its request took too much.
    pub fn settle(&mut self, ask: &Settle, now: TimestampMs) -> Settled {
        if self.done.has(&ask.attempt, now) {
            return Settled::AlreadySettled;
        }
        let settled = if let Some(attempt) = self.attempts.remove(&ask.attempt) {
            for name in &attempt.counters {
                if let Some(counter) = self.counters.get_mut(name) {
                    counter.release(attempt.phase, attempt.amount);
                    counter.charge(ask.charge);
                }
            }
            Settled::Done
        } else {
            for name in &ask.counters {
                self.forget(name);
            }
            Settled::WasLost
        };
        self.give_back(&ask.gives_back, now);
        self.done.put(&ask.attempt, now);
        settled
    }

    fn give_back(&mut self, back: &GivesBack, now: TimestampMs) {
        for (bucket, units) in &back.buckets {
            let level = Level::now(self.buckets.get(&bucket.name).copied(), bucket, now);
            self.put_level(bucket, level.with(bucket, *units));
        }
        let Some(first_attempt) = &back.first_attempt else {
            return;
        };
        for slot in &back.slots {
            if let Some(members) = self.slots.get_mut(&slot.name) {
                members.remove(first_attempt);
            }
        }
    }
}
