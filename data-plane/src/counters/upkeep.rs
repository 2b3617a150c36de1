//! What keeps counters true beside requests: signs of life, sweeping, what is said again after a
//! loss, and revocations.

use std::sync::Arc;

use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use super::operation::{AttemptId, Reserve};

/// How long an engine remembers that an attempt was settled: a question that is asked again within
/// it gets the same answer. After it a lost reply may make a counter be read anew, never be wrong.
pub const DONE_MS: u64 = 15 * 60 * 1_000;

/// A counter is kept for as long as its window once more, at least this long: late settles find it,
/// and the next window's counter begins beside it.
const KEPT_AT_LEAST_MS: u64 = 15 * 60 * 1_000;

/// A counter is kept at most this long after its window.
const KEPT_AT_MOST_MS: u64 = 48 * 60 * 60 * 1_000;

/// How far the counters' clock may go back when another machine takes over. A counter that was opened
/// less than this before the end of its window does not vouch for the next window: what was spent
/// there before, by a clock that was ahead, is in the ledger.
pub const CLOCK_JUMP_MS: u64 = 10_000;

/// Until when a counter of this window is kept. From then on it is as if it were not there, whether
/// an engine has dropped it yet or not.
#[must_use]
pub const fn kept_until(window: (TimestampMs, TimestampMs)) -> TimestampMs {
    let length_ms = window.1.0.saturating_sub(window.0.0);
    let kept_ms = if length_ms < KEPT_AT_LEAST_MS {
        KEPT_AT_LEAST_MS
    } else if length_ms > KEPT_AT_MOST_MS {
        KEPT_AT_MOST_MS
    } else {
        length_ms
    };
    TimestampMs(window.1.0.saturating_add(kept_ms))
}

/// A sign of life of requests that go on: their holds and their places stay. What is gone already
/// (settled, orphaned, expired) stays gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepAlive {
    /// Whose.
    pub organization: Arc<str>,
    /// How long from now until the next sign has to come.
    pub time_to_live_ms: u64,
    /// The attempts.
    pub attempts: Vec<AttemptId>,
    /// The places in slots: the slot's name, and its member (a request's first attempt).
    pub places: Vec<(Arc<str>, AttemptId)>,
}

/// Looks for attempts that gave no sign of life, and drops what is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// Whose.
    pub organization: Arc<str>,
}

/// What a sweep found: attempts that have become orphans just now, in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Each with what it holds, which counts until it is settled.
    pub orphaned: Vec<(AttemptId, NanoUsd)>,
}

/// Says an attempt again that an engine may have lost: one whose settle is not in the journal yet.
/// It asks nothing, for it goes on already.
///
/// After a loss, every node says what it has under way before any counter is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassert {
    /// What was reserved, with the amount that is held now.
    pub reserve: Reserve,
    /// When it was, by the counters' clock.
    pub reserved_at: TimestampMs,
}

/// What became of a [`Reassert`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reasserted {
    /// It is held: it was lost.
    Held,
    /// It was not lost.
    AlreadyHeld,
    /// It has been settled.
    AlreadySettled,
    /// As [`super::operation::Reserved::Outdated`]: nothing has changed, look up the holds again.
    Outdated(Revision),
}

/// Takes away, or gives back, the right to reserve: a key, a team, a user. What an id was told with
/// the highest revision holds, in whatever order it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoke {
    /// Whose.
    pub organization: Arc<str>,
    /// Which ids, as in [`Reserve::revocable`].
    pub ids: Vec<Arc<str>>,
    /// The revision of the directory that did it.
    pub revision: Revision,
}
