//! Syncs what was written, every 50 ms or 1 MiB, on a thread of its own; and tries a disk that
//! refused again.

use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::journal::place::{probe, sync_directory};
use crate::journal::strand::Strand;
use crate::journal::{Inner, as_gauge};

/// What was written is synced after this long.
const SYNC_INTERVAL: Duration = Duration::from_millis(50);

/// A disk that refused is tried again this often; a full journal is measured again.
const HEAL_INTERVAL: Duration = Duration::from_secs(1);

/// Starts the thread; it ends when the journal does, or is closed.
pub(crate) fn start(inner: &Arc<Inner>) -> JoinHandle<()> {
    let weak = Arc::downgrade(inner);
    let syncer = thread::spawn(move || run(&weak));
    inner.place.standing.attach(syncer.thread().clone());
    syncer
}

fn run(weak: &Weak<Inner>) {
    let mut healed = Instant::now();
    // The journal is not held while waiting.
    while let Some(inner) = weak.upgrade() {
        let standing = &inner.place.standing;
        let is_closing = standing.is_closing();
        let is_well = standing.check().is_ok();
        if standing.take_dirty() || !is_well {
            inner.sync();
        }
        if standing.has_failed() && healed.elapsed() >= HEAL_INTERVAL {
            healed = Instant::now();
            inner.heal();
        }
        inner.measure();
        let is_well = standing.check().is_ok();
        let is_dirty = standing.is_dirty();
        drop(inner);
        if is_closing {
            return;
        }
        if is_well && !is_dirty {
            // A record wakes us.
            thread::park_timeout(HEAL_INTERVAL);
        }
        gather(weak);
    }
}

/// Lets records gather for the rest of the interval, unless there are many.
fn gather(weak: &Weak<Inner>) {
    let until = Instant::now() + SYNC_INTERVAL;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let is_urgent = weak
            .upgrade()
            .is_none_or(|inner| inner.place.standing.is_urgent());
        if left.is_zero() || is_urgent {
            return;
        }
        thread::park_timeout(left);
    }
}

impl Inner {
    /// Syncs every segment that was written to.
    pub(crate) fn sync(&self) {
        if self.place.standing.take_new_files()
            && let Err(cause) = sync_directory(&self.place.directory)
        {
            tracing::error!("the journal's directory cannot be synced: {cause}");
            self.place.standing.note_new_file();
        }
        for strand in &self.strands {
            sync_strand(strand);
        }
    }

    /// Tries a disk that refused.
    fn heal(&self) {
        if let Err(cause) = probe(&self.place.directory) {
            tracing::warn!("the journal cannot be written yet: {cause}");
            return;
        }
        let healed = self.strands.iter().filter(|strand| strand.heal()).count();
        if healed == self.strands.len() {
            tracing::info!("the journal can be written again");
        }
    }

    /// Measures what lies on disk, and says whether that is too much.
    pub(crate) fn measure(&self) -> u64 {
        let trails = self.trails();
        let bytes: u64 = trails.iter().map(|trail| trail.bytes()).sum();
        let place = &self.place;
        place.standing.set_full(bytes >= place.settings.max_bytes);
        place.metrics.bytes.set(as_gauge(bytes));
        let is_writable = place.standing.check().is_ok();
        place.metrics.writable.set(i64::from(is_writable));
        bytes
    }
}

fn sync_strand(strand: &Strand) {
    for segment in strand.trail().segments() {
        if let Err(cause) = segment.sync() {
            strand.fail_sync(&segment, &cause);
        }
    }
}
