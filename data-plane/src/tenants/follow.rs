//! Follows the store: polls its revision, hears of commits of the same process, and swaps what is
//! known, together with the routing table, whole. With the store away it keeps what it has.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::directory::{Asked, Delta, Directory, Levels, Revision, Snapshot, Unavailable};
use domain::routing::RoutingTable;
use domain::time::TimestampMs;
use tokio::sync::watch;

use crate::node::{Node, State};
use crate::random;
use crate::route::table::Table;
use crate::tenants::disk::SnapshotFiles;
use crate::tenants::known::{Known, MOST_KEYS};
use crate::tenants::lookups::Lookups;
use crate::tenants::uses;
use crate::tenants::writer::SnapshotWriter;

/// The store is asked for its revision this often, less or more by a fifth.
const POLL_MS: u64 = 1_000;

/// Questions for a revision and for a change may take so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// A snapshot of a million keys takes a while.
const SNAPSHOT_PATIENCE: Duration = Duration::from_secs(60);

/// At the start, the store has this long before the snapshot on disk is taken.
const START_PATIENCE: Duration = Duration::from_secs(5);

/// Makes the routing table of the file and the stored deployments. The binary has it, because only
/// the binary can read stored deployments as the file's.
pub type TableSource = Arc<dyn Fn(&Levels) -> RoutingTable + Send + Sync>;

/// Is told the revision that every request is served by from now on.
pub type Followed = Box<dyn Fn(Revision) + Send + Sync>;

/// What a follower needs from outside.
pub struct Sources {
    /// The store.
    pub directory: Arc<dyn Directory>,
    /// Commits of the same process, when the store is in it.
    pub commits: Option<watch::Receiver<Revision>>,
    /// Makes routing tables.
    pub tables: TableSource,
    /// Is told what is followed.
    pub followed: Followed,
    /// The snapshots on disk.
    pub files: Option<SnapshotFiles>,
}

/// Follows the store for one node.
pub struct Follower {
    node: Arc<Node>,
    lookups: Arc<Lookups>,
    sources: Sources,
    heard: Instant,
    is_away: bool,
    /// Where the store is, when that is before what is known.
    went_back: Option<Revision>,
    writer: Option<SnapshotWriter>,
}

impl Follower {
    /// Begins to follow: takes the store's snapshot, else the one on disk, else nothing. Virtual
    /// keys are looked up from here on. To be called on the control runtime, before requests are
    /// served.
    pub async fn begin(node: Arc<Node>, sources: Sources) -> Self {
        let lookups = Lookups::new(
            Arc::clone(&sources.directory),
            tokio::runtime::Handle::current(),
            Arc::clone(&node.metrics),
        );
        let mut follower = Self {
            node,
            lookups,
            sources,
            heard: Instant::now(),
            is_away: false,
            went_back: None,
            writer: None,
        };
        let mut on_disk = None;
        let snapshot = follower.sources.directory.snapshot(MOST_KEYS);
        match within(START_PATIENCE, snapshot).await {
            Ok(snapshot) => {
                follower.node.tenants.note_store(true);
                follower.take_snapshot(snapshot).await;
            }
            Err(away) => {
                follower.hear::<Snapshot>(Err(away));
                on_disk = follower.take_from_disk().await;
            }
        }
        let files = follower.sources.files.clone();
        follower.writer = files.map(|files| SnapshotWriter::new(files, on_disk));
        follower.node.tenants.tokens.attach(
            Arc::clone(&follower.sources.directory),
            tokio::runtime::Handle::current(),
        );
        follower.node.tenants.attach(Arc::clone(&follower.lookups));
        follower
    }

    /// Follows until `stop` resolves; then tells the last uses and writes the last snapshot.
    pub async fn follow(mut self, stop: impl Future<Output = ()>) {
        let (end_telling, ended) = watch::channel(());
        let telling = tokio::runtime::Handle::current().spawn(uses::tell_until(
            Arc::clone(&self.node),
            Arc::clone(&self.sources.directory),
            ended,
        ));
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                () = self.next_turn() => {}
            }
            self.turn().await;
        }
        drop(end_telling);
        let _ended = telling.await;
        let known = self.known();
        if let Some(writer) = &mut self.writer {
            writer.finish(known).await;
        }
    }

    /// Waits for a commit, for word that the store has more, or for the next poll.
    async fn next_turn(&mut self) {
        let pause_ms = POLL_MS - POLL_MS / 5 + random::below(POLL_MS * 2 / 5);
        let behind = self.lookups.behind.notified();
        let commits = &mut self.sources.commits;
        let mut closed = false;
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(pause_ms)) => {}
            () = behind => {
                // Not more than ten times a second, however many unknown keys come.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            committed = next_commit(commits) => closed = committed.is_err(),
        }
        if closed {
            self.sources.commits = None;
        }
    }

    async fn turn(&mut self) {
        let asked = within(PATIENCE, self.sources.directory.revision()).await;
        match self.hear(asked) {
            Some(revision) if Some(revision) > self.known().revision() => self.catch_up().await,
            Some(revision) => self.note_where_it_is(revision),
            None => {}
        }
        let age_s = i64::try_from(self.heard.elapsed().as_secs()).unwrap_or(i64::MAX);
        self.node.metrics.tenants.config_age_seconds.set(age_s);
        let known = self.known();
        if let Some(writer) = &mut self.writer {
            writer.turn(known).await;
        }
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.node.state().known)
    }

    /// Notes whether the store answers, and says so when that changes.
    fn hear<T>(&mut self, answer: Result<T, Unavailable>) -> Option<T> {
        self.node.tenants.note_store(answer.is_ok());
        match answer {
            Ok(answer) => {
                self.heard = Instant::now();
                if std::mem::take(&mut self.is_away) {
                    tracing::info!("the store answers again");
                }
                Some(answer)
            }
            Err(away) => {
                if !std::mem::replace(&mut self.is_away, true) {
                    tracing::warn!("{away}; known keys are served by what is known");
                }
                None
            }
        }
    }

    /// An older revision never replaces a newer one. A store that has gone back was restored, or is
    /// another one: that is said, once for each revision.
    fn note_where_it_is(&mut self, revision: Revision) {
        let known = self.known().revision();
        if Some(revision) < known && self.went_back != Some(revision) {
            self.went_back = Some(revision);
            tracing::warn!(
                store = revision.0,
                known = known.unwrap_or_default().0,
                "the store's revision is older than what this node knows; it keeps what it knows. \
                 If the store was restored from a backup, restart this node."
            );
        }
    }

    async fn catch_up(&mut self) {
        let known = self.known();
        let change = match known.revision() {
            Some(since) => within(PATIENCE, self.sources.directory.changes(since)).await,
            None => Ok(None),
        };
        let Some(change) = self.hear(change) else {
            return;
        };
        if let Some(delta) = change {
            self.take_delta(&known, delta).await;
        }
        let too_many = known.is_complete() && self.known().key_count() > MOST_KEYS;
        let is_stuck = self.known().revision() == known.revision();
        if too_many || is_stuck {
            let snapshot = self.sources.directory.snapshot(MOST_KEYS);
            let snapshot = within(SNAPSHOT_PATIENCE, snapshot).await;
            if let Some(snapshot) = self.hear(snapshot) {
                self.take_snapshot(snapshot).await;
            }
        }
    }

    async fn take_delta(&self, known: &Arc<Known>, delta: Delta) {
        let changed = delta.keys.clone();
        let revision = delta.revision;
        let known = Arc::clone(known);
        let advance = move || known.advanced(delta, TimestampMs::now());
        if let Ok(Some(advanced)) = tokio::task::spawn_blocking(advance).await {
            self.lookups.advance(revision, Some(&changed));
            self.install(advanced);
        }
    }

    async fn take_snapshot(&self, snapshot: Snapshot) {
        // A million keys take a second or two.
        let made = tokio::task::spawn_blocking(|| Known::of(snapshot)).await;
        let Ok(known) = made else {
            tracing::error!("a snapshot of the store could not be taken");
            return;
        };
        if known.revision() >= self.known().revision() {
            self.lookups
                .advance(known.revision().unwrap_or_default(), None);
            self.install(known);
        }
    }

    /// The revision of the snapshot that was taken.
    async fn take_from_disk(&self) -> Option<Revision> {
        let files = self.sources.files.clone()?;
        let read = tokio::task::spawn_blocking(move || files.read()).await;
        let Ok(Some(snapshot)) = read else {
            tracing::warn!(
                "there is no snapshot on disk: virtual keys are refused with 503 until the store answers"
            );
            return None;
        };
        let (revision, keys) = (snapshot.revision, snapshot.keys.len());
        self.take_snapshot(snapshot).await;
        tracing::warn!(
            revision = revision.0,
            keys,
            "the store does not answer; serving by the snapshot on disk"
        );
        Some(revision)
    }

    /// Swaps what is known, and the routing table when it was made of something else.
    fn install(&self, known: Known) {
        let (revision, keys) = (known.revision().unwrap_or_default(), known.key_count());
        let known = Arc::new(known);
        self.node.tenants.tokens.take(&known.levels().key_sets);
        self.node.change(|present| {
            let same = present.known.tree().routes_like(known.levels());
            let table = if same && present.known.revision().is_some() {
                Arc::clone(&present.table)
            } else {
                Arc::new(Table::compile(&(self.sources.tables)(known.levels())))
            };
            State {
                settings: present.settings.clone(),
                table,
                known: Arc::clone(&known),
            }
        });
        let metrics = &self.node.metrics.tenants;
        metrics.revision.set(revision.0);
        metrics
            .keys_known
            .set(i64::try_from(keys).unwrap_or(i64::MAX));
        (self.sources.followed)(revision);
    }
}

async fn next_commit(
    commits: &mut Option<watch::Receiver<Revision>>,
) -> Result<(), watch::error::RecvError> {
    match commits {
        Some(commits) => commits.changed().await,
        None => std::future::pending().await,
    }
}

async fn within<T>(span: Duration, asked: Asked<'_, T>) -> Result<T, Unavailable> {
    tokio::time::timeout(span, asked)
        .await
        .unwrap_or_else(|_late| Err(Unavailable(format!("nothing came within {span:?}"))))
}
