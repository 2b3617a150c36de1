//! Telling those who serve requests of a change, and waiting until they have heard: the data plane
//! of the same process, and whoever counts for all of them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::directory::Revision;
use domain::revocations::Revocation;
use tokio::sync::{mpsc, watch};

/// How long a change waits for a data plane of its own process. It follows in milliseconds; one
/// that does not is told of by its own metrics, not by hanging the administrator.
const PATIENCE: Duration = Duration::from_secs(2);

/// A change that all nodes are to hear of.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The revision that it made.
    pub revision: Revision,
    /// What may not be used any more, or may be again.
    pub revocations: Vec<Revocation>,
}

/// How far the nodes of a fleet have been told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    /// How many changes of this process are done with.
    changes: u64,
    /// Whether the last could not be told: the nodes find it out by themselves, a little later.
    is_late: bool,
}

/// The newest revision that was committed here, and the newest that others have.
pub struct Propagation {
    committed: watch::Sender<Revision>,
    news: watch::Sender<Revision>,
    followed: watch::Sender<Option<Revision>>,
    fleet: OnceLock<mpsc::UnboundedSender<Commit>>,
    for_fleet: AtomicU64,
    told: watch::Sender<Told>,
}

impl Default for Propagation {
    fn default() -> Self {
        Self {
            committed: watch::channel(Revision::default()).0,
            news: watch::channel(Revision::default()).0,
            followed: watch::channel(None).0,
            fleet: OnceLock::new(),
            for_fleet: AtomicU64::new(0),
            told: watch::channel(Told::default()).0,
        }
    }
}

impl Propagation {
    /// A change has been committed.
    pub(crate) fn committed(&self, revision: Revision, revocations: Vec<Revocation>) {
        if let Some(fleet) = self.fleet.get() {
            self.for_fleet.fetch_add(1, Ordering::SeqCst);
            // Nobody listens any more when the process ends.
            let _ended = fleet.send(Commit {
                revision,
                revocations,
            });
        }
        self.committed
            .send_if_modified(|newest| raise(newest, revision));
        self.heard(revision);
    }

    /// Somebody has committed a change, here or elsewhere.
    pub fn heard(&self, revision: Revision) {
        self.news.send_if_modified(|newest| raise(newest, revision));
    }

    /// The newest revision that was committed here.
    #[must_use]
    pub fn newest(&self) -> Revision {
        *self.committed.borrow()
    }

    /// Hears of changes as they are committed.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<Revision> {
        self.news.subscribe()
    }

    /// The changes of this process, for whoever tells the nodes of a fleet; changes wait until it has
    /// said so with [`Propagation::told`]. None when somebody has taken them already.
    #[must_use]
    pub fn for_fleet(&self) -> Option<mpsc::UnboundedReceiver<Commit>> {
        let (fleet, commits) = mpsc::unbounded_channel();
        self.fleet.set(fleet).is_ok().then_some(commits)
    }

    /// The nodes of the fleet have been told of the next change, or (`is_late`) could not be.
    pub fn told(&self, is_late: bool) {
        self.told.send_modify(|told| {
            told.changes = told.changes.saturating_add(1);
            told.is_late = is_late;
        });
    }

    /// The data plane of this process serves by this revision now.
    pub fn followed(&self, revision: Revision) {
        self.followed.send_if_modified(|newest| match newest {
            Some(newest) => raise(newest, revision),
            None => {
                *newest = Some(revision);
                true
            }
        });
    }

    /// Waits until the data plane of this process, when there is one, serves by this revision, and
    /// the nodes of a fleet have been told. False when that is not so within two seconds, or when
    /// nobody could be told.
    pub async fn settled(&self, revision: Revision) -> bool {
        let (follows, tells) = (self.followed.borrow().is_some(), self.fleet.get().is_some());
        let mut followed = self.followed.subscribe();
        let mut told = self.told.subscribe();
        let changes = self.for_fleet.load(Ordering::SeqCst);
        let wait = async {
            if follows {
                let has = |newest: &Option<Revision>| newest.is_some_and(|one| one >= revision);
                followed.wait_for(has).await.ok()?;
            }
            if tells {
                let told = told.wait_for(|told| told.changes >= changes).await.ok()?;
                return (!told.is_late).then_some(());
            }
            Some(())
        };
        let settled = tokio::time::timeout(PATIENCE, wait).await;
        (follows || tells) && matches!(settled, Ok(Some(())))
    }
}

fn raise(newest: &mut Revision, revision: Revision) -> bool {
    let higher = revision > *newest;
    if higher {
        *newest = revision;
    }
    higher
}
