//! A trail: what lies on disk of one strand, from its oldest segment to its newest.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ledger::Position;
use domain::time::TimestampMs;

use crate::journal::segment::Segment;
use crate::random;

/// What lies on disk of one strand.
pub struct Trail {
    /// The strand's id: never used twice, and known to nobody outside.
    pub strand: String,
    /// Whether this run writes it; others are read to their end, and then go.
    pub is_live: bool,
    segments: Mutex<VecDeque<Arc<Segment>>>,
}

impl Trail {
    /// The trail of a new strand.
    #[must_use]
    pub fn new(is_live: bool) -> Self {
        let now = TimestampMs::now();
        let (high, low) = (random::bits() & 0xffff, random::bits());
        Self {
            strand: format!("{:012x}{high:04x}{low:016x}", now.0),
            is_live,
            segments: Mutex::default(),
        }
    }

    /// The trail that an earlier run left.
    #[must_use]
    pub fn found(strand: String, segments: Vec<Arc<Segment>>) -> Self {
        Self {
            strand,
            is_live: false,
            segments: Mutex::new(segments.into()),
        }
    }

    fn list(&self) -> MutexGuard<'_, VecDeque<Arc<Segment>>> {
        self.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its segments, oldest first.
    #[must_use]
    pub fn segments(&self) -> Vec<Arc<Segment>> {
        self.list().iter().cloned().collect()
    }

    /// The segment that holds this position, or the first one behind it.
    #[must_use]
    pub fn segment_at(&self, position: Position) -> Option<Arc<Segment>> {
        let list = self.list();
        list.iter()
            .find(|segment| segment.number >= position.segment)
            .cloned()
    }

    /// The number of the oldest segment.
    #[must_use]
    pub fn first_number(&self) -> Option<u64> {
        self.list().front().map(|segment| segment.number)
    }

    /// Adds a segment at the end.
    pub fn push(&self, segment: Arc<Segment>) {
        self.list().push_back(segment);
    }

    /// Takes the oldest segment away, when it is this one.
    pub fn remove_first(&self, number: u64) {
        let mut list = self.list();
        if list.front().is_some_and(|first| first.number == number) {
            list.pop_front();
        }
    }

    /// Where it ends at present. A segment that is finished ends where the next one begins.
    #[must_use]
    pub fn end(&self) -> Position {
        let list = self.list();
        let Some(last) = list.back() else {
            return Position::default();
        };
        // Finished first: what is written before that is then seen.
        let is_finished = last.is_finished();
        if is_finished && !self.is_live {
            return Position {
                segment: last.number + 1,
                offset_bytes: 0,
            };
        }
        Position {
            segment: last.number,
            offset_bytes: last.written_bytes(),
        }
    }

    /// The bytes behind this position.
    #[must_use]
    pub fn bytes_after(&self, position: Position) -> u64 {
        let list = self.list();
        let after = |segment: &Arc<Segment>| match segment.number.cmp(&position.segment) {
            Ordering::Less => 0,
            Ordering::Equal => segment
                .written_bytes()
                .saturating_sub(position.offset_bytes),
            Ordering::Greater => segment.written_bytes(),
        };
        list.iter().map(after).sum()
    }

    /// The bytes of all its segments.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let list = self.list();
        list.iter().map(|segment| segment.written_bytes()).sum()
    }
}
