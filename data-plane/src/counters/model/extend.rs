//! Making a hold larger or smaller.

use domain::money::NanoUsd;
use domain::time::TimestampMs;

use super::State;
use crate::counters::operation::{Extend, Extended};
use crate::counters::upkeep::kept_until;

impl State {
    /// Makes an attempt's hold larger, where every limit leaves room, or smaller.
    pub fn extend(&mut self, ask: &Extend, now: TimestampMs) -> Extended {
        let Some(attempt) = self.attempts.get(&ask.attempt) else {
            return Extended::NoSuchAttempt;
        };
        let more = NanoUsd(ask.amount.0.saturating_sub(attempt.amount.0));
        if more.0 > 0
            && let Some(refused) = self.check_more(ask, more, now)
        {
            return refused;
        }
        let Some(attempt) = self.attempts.get_mut(&ask.attempt) else {
            return Extended::NoSuchAttempt;
        };
        attempt.amount = ask.amount;
        for name in &attempt.counters {
            if let Some(counter) = self.counters.get_mut(name) {
                counter.hold(attempt.phase, more);
            }
        }
        for hold in &ask.holds {
            if attempt.counters.contains(&hold.counter)
                && let Some(counter) = self.counters.get_mut(&hold.counter)
            {
                counter.hear(hold);
            }
        }
        Extended::Held
    }

    fn check_more(&self, ask: &Extend, more: NanoUsd, now: TimestampMs) -> Option<Extended> {
        // A window that is over for so long that its counter is gone limits nothing any more.
        let holds = ask.holds.iter().enumerate();
        let holds = holds.filter(|(_, hold)| now < kept_until(hold.window));
        let mut unknown = Vec::new();
        let mut over = None;
        for (index, hold) in holds {
            let counter = self.counter(&hold.counter, now);
            let Some(counter) = counter.filter(|counter| counter.is_known_since(hold.since)) else {
                unknown.push(index);
                continue;
            };
            let limit = counter.limit_in_the_way(hold, more);
            over = over.or(limit.map(|limit| Extended::OverBudget {
                hold: index,
                limit,
                standing: counter.balance,
            }));
        }
        if unknown.is_empty() {
            over
        } else {
            Some(Extended::Unknown(unknown))
        }
    }
}
