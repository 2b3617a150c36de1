//! What this node knows of one organization's counters.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::keys::Keys;
use super::table::Table;

/// A node that has said nothing for so long is not waited for. Redis's clock.
pub(super) const SILENT_MS: u64 = 5_000;

/// A node that could not say anything for so long says that it is there before it asks for anything.
const STALE: Duration = Duration::from_secs(2);

/// An organization.
pub(super) struct Organization {
    pub(super) id: Arc<str>,
    pub(super) keys: Keys,
    pub(super) slot: u16,
    table: Mutex<Table>,
    times: Mutex<Times>,
    /// The memory that this node has said everything to that it has under way.
    epoch: watch::Sender<Option<Arc<str>>>,
    pub(super) is_joining: AtomicBool,
    /// Settles were dropped: what is there has to be made anew.
    pub(super) is_dirty: AtomicBool,
    /// How many nodes are there, this one too, as far as is known.
    pub(super) live: AtomicU64,
}

/// When what happened, by this node's clock.
struct Times {
    used: Instant,
    beaten: Option<Instant>,
    answered: Option<Instant>,
    settled: Option<Instant>,
    fence: Fence,
}

/// Up to which fence everything settled here is in the ledger.
#[derive(Clone, Copy, Debug, Default)]
struct Fence {
    passed: u64,
    /// One that was seen, and when.
    seen: Option<(u64, Instant)>,
}

impl Organization {
    pub(super) fn new(id: &Arc<str>) -> Self {
        let keys = Keys::new(id);
        Self {
            id: Arc::clone(id),
            slot: keys.cluster_slot(),
            keys,
            table: Mutex::default(),
            times: Mutex::new(Times {
                used: Instant::now(),
                beaten: None,
                answered: None,
                settled: None,
                fence: Fence::default(),
            }),
            epoch: watch::Sender::new(None),
            is_joining: AtomicBool::new(false),
            is_dirty: AtomicBool::new(false),
            live: AtomicU64::new(1),
        }
    }

    pub(super) fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The epoch, if this node has lately said that it is there.
    pub(super) fn epoch(&self) -> Option<Arc<str>> {
        let beaten = self.times().beaten;
        let is_stale = beaten.is_none_or(|beaten| beaten.elapsed() > STALE);
        if is_stale {
            return None;
        }
        self.epoch.borrow().clone()
    }

    pub(super) fn epochs(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.epoch.subscribe()
    }

    /// The node has said everything.
    pub(super) fn joined(&self, epoch: &Arc<str>) {
        self.epoch.send_replace(Some(Arc::clone(epoch)));
    }

    /// This epoch is over, or another node is to be waited for.
    pub(super) fn lose(&self) {
        self.epoch.send_replace(None);
    }

    /// Somebody asks something.
    pub(super) fn used(&self) {
        self.times().used = Instant::now();
    }

    /// Redis answered, in this epoch.
    pub(super) fn answered(&self) {
        self.times().answered = Some(Instant::now());
    }

    /// Redis knows that this node is there.
    pub(super) fn beaten(&self, live: u64) {
        let now = Instant::now();
        let mut times = self.times();
        times.beaten = Some(now);
        times.answered = Some(now);
        self.live.store(live.max(1), Ordering::Relaxed);
    }

    /// Says at the next occasion that this node is there.
    pub(super) fn hurry(&self) {
        self.times().answered = None;
    }

    /// Something has been settled, and is in the journal.
    pub(super) fn settled(&self) {
        self.times().settled = Some(Instant::now());
    }

    /// Whether it has nothing under way, and has not been asked for anything for so long.
    pub(super) fn is_idle(&self, idle: Duration, shipped: Option<Instant>) -> bool {
        let times = self.times();
        let is_unused = times.used.elapsed() > idle;
        is_unused && times.is_clean(shipped) && self.table().is_empty()
    }

    /// Whether it is time to say that this node is there: the oftener, the more it has under way.
    pub(super) fn is_due(&self, often: Duration, seldom: Duration) -> bool {
        let times = self.times();
        let since = |at: Option<Instant>| at.map_or(Duration::MAX, |at| at.elapsed());
        let is_waiting = times.fence.seen.is_some() || self.epoch.borrow().is_none();
        is_waiting || since(times.beaten) >= seldom || since(times.answered) >= often
    }

    /// The fence that everything settled here is past, if the journal is in the ledger up to then.
    pub(super) fn fence(&self, shipped: Option<Instant>) -> u64 {
        let mut times = self.times();
        if let Some((fence, at)) = times.fence.seen
            && (times.is_clean(shipped) || shipped.is_some_and(|shipped| shipped >= at))
        {
            times.fence = Fence {
                passed: fence,
                seen: None,
            };
        }
        times.fence.passed
    }

    /// A fence was seen. Says whether this node is not past it.
    pub(super) fn see_fence(&self, fence: u64) -> bool {
        let mut times = self.times();
        // After a loss of memory they begin anew.
        if fence < times.fence.passed {
            times.fence = Fence::default();
        }
        if fence > times.fence.passed && times.fence.seen.is_none() {
            times.fence.seen = Some((fence, Instant::now()));
        }
        times.fence.seen.is_some()
    }

    /// Whether everything that was settled here is in the ledger.
    pub(super) fn is_clean(&self, shipped: Option<Instant>) -> bool {
        self.times().is_clean(shipped)
    }
}

impl Times {
    fn is_clean(&self, shipped: Option<Instant>) -> bool {
        self.settled
            .is_none_or(|settled| shipped.is_some_and(|shipped| shipped >= settled))
    }
}
