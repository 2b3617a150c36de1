//! What is dispatched and settled, on the node's own disk: killing the process loses nothing, and a
//! shipper moves it into the ledger exactly once.
//!
//! | module | purpose |
//! |---|---|
//! | [`settings`], [`place`], [`standing`], [`metrics`] | where it lies, what it may take, how it stands |
//! | [`record`], [`reader`] | the bytes |
//! | [`segment`], [`trail`], [`strand`] | one file; the files of one thread; where a thread writes |
//! | [`syncer`] | what was written outlives a fall of the machine, 50 ms later |
//! | [`recovery`], [`scan`] | what an earlier run left |
//! | [`shipper`], [`batches`], [`flush`] | into the ledger |
//! | [`keeping`], [`folding`], [`sums`] | what is deleted, and what is summed up when the disk's bound is near |
//! | [`mod@inspect`], [`mod@adopt`] | what lies there, for people; the journal of a node that is gone |
//!
//! A *dispatch* is written before the first byte goes to a provider, a *settle* before the last byte
//! goes to the caller. A dispatch without a settle, found at the next start, is an *orphan*: the
//! attempt is settled at what was held for it. An orphan's settle, like every record of an earlier
//! run, is shipped only after the ledger was asked whether it has the request already.

pub mod adopt;
pub mod batches;
pub mod flush;
pub mod folding;
pub mod inspect;
pub mod keeping;
pub mod metrics;
pub mod place;
pub mod reader;
pub mod record;
pub mod recovery;
pub mod scan;
pub mod segment;
pub mod settings;
pub mod shipper;
pub mod standing;
pub mod strand;
pub mod sums;
pub mod syncer;
pub mod trail;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

pub use self::flush::Flush;
pub use self::metrics::JournalMetrics;
pub use self::place::JournalFault;
pub use self::recovery::Recovered;
pub use self::settings::JournalSettings;
pub use self::shipper::Shipper;
pub use self::strand::{Dispatched, Strand, Unwritable};

use self::place::Place;
use self::trail::Trail;

/// The journal of one node. Clones are the same journal; its directory is locked while one lives.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) place: Arc<Place>,
    /// There is at least one.
    pub(crate) first: Arc<Strand>,
    /// All of them.
    pub(crate) strands: Vec<Arc<Strand>>,
    /// Those of this run and those that earlier runs left, oldest first.
    trails: Mutex<Vec<Arc<Trail>>>,
    syncer: Mutex<Option<JoinHandle<()>>>,
}

impl Journal {
    /// Opens the journal in this directory, and makes it when there is none: locks it, reads what
    /// earlier runs left, settles their orphans, and begins so many fresh strands (one for each
    /// worker thread).
    ///
    /// # Errors
    /// When the directory cannot be written to, or another process has it: exit code 78.
    pub fn open(
        directory: &Path,
        strands: usize,
        settings: JournalSettings,
        metrics: JournalMetrics,
    ) -> Result<(Self, Recovered), JournalFault> {
        let place = Arc::new(Place::open(directory, settings, metrics)?);
        let unwritable = |cause| JournalFault::Unwritable {
            directory: directory.to_owned(),
            cause,
        };
        let (mut trails, recovered) = recovery::recover(&place)?;
        let mut begin = || {
            let trail = Arc::new(Trail::new(true));
            trails.push(Arc::clone(&trail));
            let strand = Strand::create(Arc::clone(&place), trail);
            strand.map(Arc::new).map_err(unwritable)
        };
        let first = begin()?;
        let mut live = vec![Arc::clone(&first)];
        for _thread in 1..strands {
            live.push(begin()?);
        }
        let inner = Arc::new(Inner {
            place,
            first,
            strands: live,
            trails: Mutex::new(trails),
            syncer: Mutex::new(None),
        });
        inner.measure();
        let syncer = syncer::start(&inner);
        *inner.syncer.lock().unwrap_or_else(PoisonError::into_inner) = Some(syncer);
        Ok((Self { inner }, recovered))
    }

    /// The strand of a worker thread. A request is settled on the strand that it was dispatched on.
    #[must_use]
    pub fn strand(&self, index: usize) -> Arc<Strand> {
        let strands = &self.inner.strands;
        let strand = index
            .checked_rem(strands.len())
            .and_then(|index| strands.get(index));
        Arc::clone(strand.unwrap_or(&self.inner.first))
    }

    /// Whether a dispatch may be written; false while the disk refuses and while the journal is
    /// full. Two loads: to be asked for every request that has to be in the journal.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.inner.place.standing.check().is_ok()
    }

    /// Why a dispatch may not be written, when it may not.
    ///
    /// # Errors
    /// That.
    pub fn check(&self) -> Result<(), Unwritable> {
        self.inner.place.standing.check()
    }

    /// Syncs everything that was written, and ends the syncing thread: at the end of a process, when
    /// the shipper has ended. The directory stays locked until every clone and strand is gone.
    pub fn close(&self) {
        self.inner.place.standing.close();
        let syncer = self.inner.syncer.lock();
        let syncer = syncer.unwrap_or_else(PoisonError::into_inner).take();
        if syncer.is_some_and(|syncer| syncer.join().is_err()) {
            tracing::error!("the journal's syncing thread panicked");
        }
        self.inner.sync();
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }
}

impl Inner {
    /// Everything that lies on disk, oldest first.
    pub(crate) fn trails(&self) -> Vec<Arc<Trail>> {
        let trails = self.trails.lock().unwrap_or_else(PoisonError::into_inner);
        trails.clone()
    }

    /// Nothing lies on disk of this strand any more.
    pub(crate) fn forget(&self, strand: &str) {
        let mut trails = self.trails.lock().unwrap_or_else(PoisonError::into_inner);
        trails.retain(|trail| trail.strand != strand);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.sync();
        for strand in &self.strands {
            strand.close();
        }
        self.place.standing.wake();
    }
}

pub(crate) fn as_gauge(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}
