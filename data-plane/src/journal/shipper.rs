//! Moves the journal into the ledger, exactly once: a batch says where the ledger has to stand, and
//! a ledger that stands elsewhere says where; from there it goes on.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use domain::directory::{Asked as AskedOf, Unavailable};
use domain::ledger::{Appended, Batch, Ledger, Position, RequestEntry};
use domain::time::TimestampMs;
use tokio::sync::{mpsc, watch};

use crate::journal::batches::{Gathered, gather};
use crate::journal::flush::{Asked, Ends, Flush};
use crate::journal::trail::Trail;
use crate::journal::{Inner, Journal, as_gauge, folding, keeping};

/// What is settled is shipped after this long.
const INTERVAL: Duration = Duration::from_millis(250);

/// A ledger that does not answer is tried again after at most this long.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The ledger has this long for one answer. Later ones count as lost.
const PATIENCE: Duration = Duration::from_secs(15);

/// At the end, shipping has this long; the rest stays on disk for the next start.
const LAST_PATIENCE: Duration = Duration::from_secs(5);

/// How far a strand has been shipped.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor {
    /// Whether the ledger was asked where it stands, and nothing has put that in doubt.
    pub is_known: bool,
    /// Where the ledger stands.
    pub taken: Position,
    /// Everything settled before this is in the ledger.
    pub done: Position,
    /// The furthest that a batch of this run went, whatever became of it.
    pub attempted: Option<Position>,
}

/// Why a strand was not shipped to its end.
enum Stopped {
    /// The ledger does not answer.
    Ledger(Unavailable),
    /// The disk does not.
    Disk(std::io::Error),
}

/// Moves one journal into the ledger.
pub struct Shipper {
    inner: Arc<Inner>,
    ledger: Arc<dyn Ledger>,
    cursors: HashMap<String, Cursor>,
    asked: mpsc::UnboundedReceiver<Asked>,
    asker: mpsc::UnboundedSender<Asked>,
    waiting: Vec<Asked>,
    shipped_until: watch::Sender<TimestampMs>,
    of_earlier_runs: watch::Sender<BTreeSet<String>>,
    began: TimestampMs,
    pause: Duration,
    is_away: bool,
}

impl Shipper {
    /// Ships this journal to this ledger.
    #[must_use]
    pub fn new(journal: &Journal, ledger: Arc<dyn Ledger>) -> Self {
        let (asker, asked) = mpsc::unbounded_channel();
        Self {
            inner: Arc::clone(journal.inner()),
            ledger,
            cursors: HashMap::new(),
            asked,
            asker,
            waiting: Vec::new(),
            shipped_until: watch::channel(TimestampMs(0)).0,
            of_earlier_runs: watch::Sender::default(),
            began: TimestampMs::now(),
            pause: INTERVAL,
            is_away: false,
        }
    }

    /// By which the shipper is asked to ship at once.
    #[must_use]
    pub fn flush(&self) -> Flush {
        Flush::new(Arc::downgrade(&self.inner), self.asker.clone())
    }

    /// Tells a time before which everything that this node settled is in the ledger; it moves with
    /// every round that shipped everything, at least four times a second.
    #[must_use]
    pub fn shipped_until(&self) -> watch::Receiver<TimestampMs> {
        self.shipped_until.subscribe()
    }

    /// The organizations of whose requests the ledger has heard by journals of earlier runs alone:
    /// counters that were opened since those runs ended do not have them.
    #[must_use]
    pub fn of_earlier_runs(&self) -> watch::Receiver<BTreeSet<String>> {
        self.of_earlier_runs.subscribe()
    }

    /// Ships until `stop` resolves, then for five seconds at most what is left. To be run on the
    /// control runtime.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        loop {
            // A batch that is cut off here counts as one whose answer was lost.
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = self.turn() => {}
            }
        }
        let last = tokio::time::timeout(LAST_PATIENCE, self.round()).await;
        if !matches!(last, Ok(Ok(()))) {
            tracing::warn!("a part of the journal is not shipped; the next start goes on with it");
        }
    }

    /// Ships everything that lies in the journal now, once.
    ///
    /// # Errors
    /// When the ledger or the disk does not answer.
    pub async fn ship(&mut self) -> Result<(), Unavailable> {
        let ends = self.inner.ends()?;
        loop {
            self.round().await?;
            if self.has_shipped(&ends) {
                return Ok(());
            }
        }
    }

    async fn turn(&mut self) {
        tokio::select! {
            () = tokio::time::sleep(self.pause) => {}
            asked = self.asked.recv() => self.waiting.extend(asked),
        }
        while let Ok(asked) = self.asked.try_recv() {
            self.waiting.push(asked);
        }
        let shipped = self.round().await;
        self.answer(&shipped);
        self.pause = match shipped {
            Ok(()) => INTERVAL,
            Err(_away) => (self.pause * 2).min(LONGEST_PAUSE),
        };
    }

    /// Answers those whose part is in the ledger; when it does not answer, everybody.
    fn answer(&mut self, shipped: &Result<(), Unavailable>) {
        let waiting = std::mem::take(&mut self.waiting);
        for Asked { ends, done } in waiting {
            let answer = match shipped {
                _ if self.has_shipped(&ends) => Ok(()),
                Err(away) => Err(away.clone()),
                Ok(()) => {
                    self.waiting.push(Asked { ends, done });
                    continue;
                }
            };
            // Whoever asked may have gone.
            let _gone = done.send(answer);
        }
    }

    fn has_shipped(&self, ends: &Ends) -> bool {
        let trails = self.inner.trails();
        let is_there = |strand: &str| trails.iter().any(|trail| trail.strand == strand);
        ends.iter().all(|(strand, end)| {
            let cursor = self.cursors.get(strand);
            let is_done = |cursor: &Cursor| cursor.is_known && cursor.done >= *end;
            cursor.is_some_and(is_done) || !is_there(strand)
        })
    }

    /// Ships every strand to its end, deletes what may go, and folds when the disk's bound is near.
    async fn round(&mut self) -> Result<(), Unavailable> {
        let now = TimestampMs::now();
        let ends = self.inner.ends();
        let shipped = self.ship_all().await;
        self.note(&shipped);
        self.keep_house().await;
        if let (Ok(ends), Ok(())) = (&ends, &shipped)
            && self.has_shipped(ends)
        {
            self.shipped_until.send_replace(now);
        }
        self.measure();
        shipped.and(ends.map(|_ends| ()))
    }

    async fn ship_all(&mut self) -> Result<(), Unavailable> {
        let mut shipped = Ok(());
        for trail in self.inner.trails() {
            match self.ship_trail(&trail).await {
                Ok(()) => {}
                Err(Stopped::Ledger(away)) => return Err(away),
                // The other strands can be read.
                Err(Stopped::Disk(cause)) => {
                    let strand = &trail.strand;
                    tracing::error!("the journal's strand {strand} cannot be read: {cause}");
                    shipped = Err(Unavailable(format!("the journal cannot be read: {cause}")));
                }
            }
        }
        shipped
    }

    async fn ship_trail(&mut self, trail: &Arc<Trail>) -> Result<(), Stopped> {
        if !self.cursor(trail).is_known {
            let position = self.ledger.position(trail.strand.clone());
            let position = within(position).await.map_err(Stopped::Ledger)?;
            self.stand_at(trail, position);
        }
        loop {
            let from = self.cursor(trail).done;
            if from >= trail.end() {
                // An idle node does not even look.
                return Ok(());
            }
            let attempted = self.cursor(trail).attempted;
            let until = attempted.filter(|attempted| *attempted > from);
            let gathered = self
                .gather(trail, from, until)
                .await
                .map_err(Stopped::Disk)?;
            let (is_all, to) = (gathered.is_all, gathered.to);
            if to > from {
                self.append(trail, gathered)
                    .await
                    .map_err(Stopped::Ledger)?;
            }
            // A ledger that stands elsewhere may have less than what was read.
            if is_all && self.cursor(trail).done >= to {
                return Ok(());
            }
        }
    }

    async fn gather(
        &self,
        trail: &Arc<Trail>,
        from: Position,
        until: Option<Position>,
    ) -> std::io::Result<Gathered> {
        let (place, trail) = (Arc::clone(&self.inner.place), Arc::clone(trail));
        let gathering = tokio::task::spawn_blocking(move || gather(&place, &trail, from, until));
        gathering
            .await
            .unwrap_or_else(|ended| Err(std::io::Error::other(ended)))
    }

    async fn append(&mut self, trail: &Trail, gathered: Gathered) -> Result<(), Unavailable> {
        let Gathered {
            mut entries, to, ..
        } = gathered;
        let mut late = BTreeSet::new();
        if !trail.is_live && !entries.is_empty() {
            self.drop_known(&mut entries).await?;
            let organizations = entries.iter().map(|entry| &entry.payer.organization_id);
            late = organizations.cloned().collect();
        }
        let cursor = self.cursors.entry(trail.strand.clone()).or_default();
        let from = cursor.taken;
        if entries.is_empty() && to.segment == from.segment {
            // Dispatches alone: the ledger hears of the place with the next settle.
            cursor.done = to;
            return Ok(());
        }
        cursor.attempted = cursor.attempted.max(Some(to));
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let batch = Batch {
            strand: trail.strand.clone(),
            from,
            to,
            entries,
        };
        match within(self.ledger.append(batch)).await? {
            Appended::Taken => {
                self.inner.place.metrics.shipped.inc_by(count);
                if !late.is_empty() {
                    self.of_earlier_runs.send_modify(|all| all.extend(late));
                }
                let cursor = self.cursors.entry(trail.strand.clone()).or_default();
                (cursor.taken, cursor.done) = (to, to);
                Ok(())
            }
            Appended::StandsAt(position) if position == from => Err(Unavailable(format!(
                "the ledger refused a batch of strand {} that begins where it stands",
                trail.strand
            ))),
            Appended::StandsAt(position) => {
                tracing::warn!("the ledger stands elsewhere than expected; going on from there");
                let went_back = position < from;
                if went_back {
                    // It was restored from a backup: every strand may stand elsewhere.
                    let cursors = self.cursors.values_mut();
                    cursors.for_each(|cursor| cursor.is_known = false);
                }
                self.stand_at(trail, position);
                // What was read does not follow on there.
                match went_back {
                    true => Err(Unavailable(
                        "the ledger was restored; shipping again".to_owned(),
                    )),
                    false => Ok(()),
                }
            }
        }
    }

    /// Drops those that the ledger has: an orphan's settle may have been shipped under another strand.
    async fn drop_known(&self, entries: &mut Vec<RequestEntry>) -> Result<(), Unavailable> {
        let ids = entries.iter().map(|entry| entry.id.clone()).collect();
        let mut known = within(self.ledger.known_requests(ids)).await?;
        known.sort_unstable();
        let all = entries.len();
        entries.retain(|entry| known.binary_search(&entry.id).is_err());
        let dropped = u64::try_from(all - entries.len()).unwrap_or(u64::MAX);
        self.inner.place.metrics.known.inc_by(dropped);
        Ok(())
    }

    /// Goes on where the ledger stands.
    fn stand_at(&mut self, trail: &Trail, position: Position) {
        let first = trail.first_number().unwrap_or(0);
        if position.segment < first {
            self.inner.place.metrics.gaps.inc();
            let strand = &trail.strand;
            let missing = position.segment;
            tracing::error!(
                "the ledger stands before what the journal still has of strand {strand}: segments {missing} to {first} are gone"
            );
        }
        let cursor = self.cursors.entry(trail.strand.clone()).or_default();
        cursor.is_known = true;
        (cursor.taken, cursor.done) = (position, position);
    }

    fn cursor(&self, trail: &Trail) -> Cursor {
        self.cursors.get(&trail.strand).copied().unwrap_or_default()
    }

    /// Says once that the ledger is away, and once that it is back.
    fn note(&mut self, shipped: &Result<(), Unavailable>) {
        match (shipped, self.is_away) {
            (Err(away), false) => {
                tracing::warn!("the journal is not shipped; it stays on disk: {away}");
            }
            (Ok(()), true) => tracing::info!("the journal is shipped again"),
            _ => {}
        }
        self.is_away = shipped.is_err();
    }

    async fn keep_house(&mut self) {
        let (inner, cursors) = (Arc::clone(&self.inner), self.cursors.clone());
        let keeping = tokio::task::spawn_blocking(move || {
            keeping::delete(&inner, &cursors);
            if inner.measure() >= inner.place.settings.fold_at_bytes() {
                folding::fold(&inner, &cursors);
            }
        });
        if keeping.await.is_err() {
            tracing::error!("deleting what is shipped failed");
        }
        let trails = self.inner.trails();
        self.cursors
            .retain(|strand, _cursor| trails.iter().any(|trail| trail.strand == *strand));
    }

    fn measure(&self) {
        let mut unshipped = 0_u64;
        for trail in self.inner.trails() {
            let done = self.cursor(&trail).done;
            unshipped += trail.bytes_after(done);
        }
        let metrics = &self.inner.place.metrics;
        metrics.unshipped_bytes.set(as_gauge(unshipped));
        let until = self.began.max(*self.shipped_until.borrow());
        let lag_ms = TimestampMs::now().0.saturating_sub(until.0);
        metrics.lag_seconds.set(as_gauge(lag_ms / 1_000));
    }
}

async fn within<T>(asked: AskedOf<'_, T>) -> Result<T, Unavailable> {
    let answer = tokio::time::timeout(PATIENCE, asked).await;
    answer.unwrap_or_else(|_late| Err(Unavailable("it did not answer in time".to_owned())))
}
