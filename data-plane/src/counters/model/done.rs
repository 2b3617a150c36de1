//! Which attempts have been settled, for some time.

use std::collections::VecDeque;

use domain::time::TimestampMs;

use crate::counters::operation::AttemptId;
use crate::counters::quick_map::QuickMap;

/// Attempts that were settled a short time ago.
#[derive(Clone)]
pub(super) struct Done {
    kept_ms: u64,
    until: QuickMap<AttemptId, TimestampMs>,
    order: VecDeque<(TimestampMs, AttemptId)>,
}

impl Done {
    /// Attempts are remembered for so long.
    pub(super) fn remembering(kept_ms: u64) -> Self {
        Self {
            kept_ms,
            until: QuickMap::default(),
            order: VecDeque::new(),
        }
    }

    /// Whether an attempt has been settled.
    pub(super) fn has(&self, attempt: &AttemptId, now: TimestampMs) -> bool {
        self.until.get(attempt).is_some_and(|until| now < *until)
    }

    /// Remembers one, and forgets some that are too old: at most two for each that comes, so that
    /// no single one waits for many.
    pub(super) fn put(&mut self, attempt: &AttemptId, now: TimestampMs) {
        let until = TimestampMs(now.0.saturating_add(self.kept_ms));
        self.until.insert(attempt.clone(), until);
        self.order.push_back((until, attempt.clone()));
        self.drop_expired(now, 2);
    }

    /// Forgets those that are too old, at most so many.
    pub(super) fn drop_expired(&mut self, now: TimestampMs, at_most: usize) {
        for _ in 0..at_most {
            let is_over = self.order.front().is_some_and(|(until, _)| *until <= now);
            if !is_over {
                return;
            }
            let Some((_, attempt)) = self.order.pop_front() else {
                return;
            };
            // It may have been settled again since: then a later entry is its own.
            if !self.has(&attempt, now) {
                self.until.remove(&attempt);
            }
        }
    }
}
