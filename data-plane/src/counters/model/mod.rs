//! What counters mean: the state of one organization, and what every operation makes of it.
//!
//! Pure: no clock, no randomness, no I/O. Time is an argument, and may go backwards; no answer
//! depends on the order in which a map is walked. The engine in memory runs this very code, and the
//! one in Redis is compared with it, so a change here is a change there.
//!
//! What must hold after every operation is written down, and tested, in `tests`.

use std::collections::BinaryHeap;
use std::sync::Arc;

use domain::directory::Revision;
use domain::time::TimestampMs;

use super::operation::{AttemptId, CounterName};
use super::quick_map::QuickMap;
use super::upkeep::DONE_MS;
use attempt::Attempt;
use bucket::Level;
use counter::Counter;
use done::Done;
use slot::Members;
use sweep::Due;

mod attempt;
mod bucket;
mod counter;
mod done;
mod extend;
mod inspect;
mod opening;
mod reserve;
mod revocation;
mod settle;
mod slot;
mod sweep;
#[cfg(test)]
mod tests;

pub use attempt::Phase;
pub use inspect::{AttemptState, Standing};
use revocation::Told;

/// The counters of one organization.
#[derive(Clone)]
pub struct State {
    counters: QuickMap<CounterName, Counter>,
    attempts: QuickMap<AttemptId, Attempt>,
    done: Done,
    buckets: QuickMap<Arc<str>, Level>,
    slots: QuickMap<Arc<str>, Members>,
    /// What each id was told last.
    revocations: QuickMap<Arc<str>, Told>,
    /// The newest budget that a counter was opened for.
    newest_budget: Revision,
    /// When what is to be looked at again, the next first.
    due: BinaryHeap<Due>,
}

impl Default for State {
    fn default() -> Self {
        Self::remembering(DONE_MS)
    }
}

impl State {
    /// Counters that remember for so long that an attempt was settled.
    #[must_use]
    pub fn remembering(done_ms: u64) -> Self {
        Self {
            counters: QuickMap::default(),
            attempts: QuickMap::default(),
            done: Done::remembering(done_ms),
            buckets: QuickMap::default(),
            slots: QuickMap::default(),
            revocations: QuickMap::default(),
            newest_budget: Revision::default(),
            due: BinaryHeap::new(),
        }
    }

    /// A counter that is there, by this time.
    fn counter(&self, name: &CounterName, now: TimestampMs) -> Option<&Counter> {
        let counter = self.counters.get(name)?;
        (now < counter.kept_until).then_some(counter)
    }
}
