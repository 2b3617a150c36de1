//! Signs of life, and what becomes of what gives none; what is over is dropped, without walking
//! through what is not.

use std::cmp::Ordering;
use std::sync::Arc;

use domain::time::TimestampMs;

use super::State;
use super::attempt::Phase;
use super::bucket::Level;
use super::counter::Counter;
use crate::counters::operation::{Bucket, CounterName};
use crate::counters::upkeep::{KeepAlive, Swept};

/// Something to look at again, and when. The heap gives the earliest first.
#[derive(Clone)]
pub(super) struct Due {
    at: TimestampMs,
    what: What,
}

/// What may be over at some time.
#[derive(Clone)]
pub(super) enum What {
    Counter(CounterName),
    Bucket(Arc<str>),
    Slot(Arc<str>),
}

impl Due {
    pub(super) const fn new(at: TimestampMs, what: What) -> Self {
        Self { at, what }
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        other.at.cmp(&self.at)
    }
}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at
    }
}

impl Eq for Due {}

impl State {
    /// Makes the time of what goes on longer, never shorter.
    pub fn keep_alive(&mut self, ask: &KeepAlive, now: TimestampMs) {
        let until = TimestampMs(now.0.saturating_add(ask.time_to_live_ms));
        for id in &ask.attempts {
            if let Some(attempt) = self.attempts.get_mut(id)
                && attempt.phase == Phase::Active
            {
                attempt.expires_at = until.max(attempt.expires_at);
            }
        }
        for (slot, member) in &ask.places {
            if let Some(members) = self.slots.get_mut(slot) {
                members.keep(member, now, until);
            }
        }
    }

    /// Makes orphans of attempts that gave no sign of life: what they hold goes on counting until
    /// they are settled. Drops what is over.
    ///
    /// Walks through the attempts under way, and through nothing else that is not over.
    pub fn sweep(&mut self, now: TimestampMs) -> Swept {
        let mut swept = Swept::default();
        for (id, attempt) in &mut self.attempts {
            if attempt.phase == Phase::Orphaned || now < attempt.expires_at {
                continue;
            }
            attempt.phase = Phase::Orphaned;
            swept.orphaned.push((id.clone(), attempt.amount));
            for name in &attempt.counters {
                if let Some(counter) = self.counters.get_mut(name) {
                    counter.release(Phase::Active, attempt.amount);
                    counter.hold(Phase::Orphaned, attempt.amount);
                }
            }
        }
        swept.orphaned.sort();
        self.done.drop_expired(now, usize::MAX);
        self.drop_over(now);
        swept
    }

    fn drop_over(&mut self, now: TimestampMs) {
        while self.due.peek().is_some_and(|due| due.at <= now) {
            let Some(due) = self.due.pop() else { return };
            let again = match &due.what {
                What::Counter(name) => self.drop_counter(name, now),
                What::Bucket(name) => self.drop_bucket(name, now),
                What::Slot(name) => self.drop_slot(name, now),
            };
            if let Some(at) = again {
                self.due.push(Due { at, ..due });
            }
        }
    }

    /// Drops a counter that is over; else says when it will be.
    fn drop_counter(&mut self, name: &CounterName, now: TimestampMs) -> Option<TimestampMs> {
        let kept_until = self.counters.get(name)?.kept_until;
        if now < kept_until {
            return Some(kept_until);
        }
        self.forget(name);
        self.counters.remove(name);
        None
    }

    /// Drops a bucket that is full again.
    fn drop_bucket(&mut self, name: &Arc<str>, now: TimestampMs) -> Option<TimestampMs> {
        let full_at = self.buckets.get(name)?.full_at;
        if now < full_at {
            return Some(full_at);
        }
        self.buckets.remove(name);
        None
    }

    /// Drops a slot that nobody has a place in.
    fn drop_slot(&mut self, name: &Arc<str>, now: TimestampMs) -> Option<TimestampMs> {
        let members = self.slots.get_mut(name)?;
        members.drop_expired(now);
        if !members.is_empty() {
            return members.last();
        }
        self.slots.remove(name);
        None
    }

    /// Puts a counter there, and looks at it again when it is over.
    pub(super) fn put_counter(&mut self, name: &CounterName, counter: Counter) {
        // The end of all time never comes.
        if counter.kept_until.0 < u64::MAX {
            let due = Due::new(counter.kept_until, What::Counter(name.clone()));
            self.due.push(due);
        }
        self.counters.insert(name.clone(), counter);
    }

    /// Says what a bucket has, and looks at it again when it is full.
    pub(super) fn put_level(&mut self, bucket: &Bucket, level: Level) {
        if let Some(known) = self.buckets.get_mut(&bucket.name) {
            *known = level;
            return;
        }
        let due = Due::new(level.full_at, What::Bucket(bucket.name.clone()));
        self.due.push(due);
        self.buckets.insert(bucket.name.clone(), level);
    }
}
