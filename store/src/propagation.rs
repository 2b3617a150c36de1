//! Telling data planes in the same process at once, and waiting until they have followed.

use std::time::Duration;

use domain::directory::Revision;
use tokio::sync::watch;

/// How long a change waits for a data plane of its own process. It follows in milliseconds; one
/// that does not is told of by its own metrics, not by hanging the administrator.
const PATIENCE: Duration = Duration::from_secs(2);

/// The newest revision that was committed here, and the newest that the data plane here has.
pub struct Propagation {
    committed: watch::Sender<Revision>,
    followed: watch::Sender<Option<Revision>>,
}

impl Default for Propagation {
    fn default() -> Self {
        Self {
            committed: watch::channel(Revision::default()).0,
            followed: watch::channel(None).0,
        }
    }
}

impl Propagation {
    /// A change has been committed.
    pub fn committed(&self, revision: Revision) {
        self.committed
            .send_if_modified(|newest| raise(newest, revision));
    }

    /// Hears of changes as they are committed.
    #[must_use]
    pub fn commits(&self) -> watch::Receiver<Revision> {
        self.committed.subscribe()
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

    /// Waits until the data plane of this process, when there is one, serves by this revision.
    /// False when it has not within two seconds.
    pub async fn settled(&self, revision: Revision) -> bool {
        if self.followed.borrow().is_none() {
            return true;
        }
        let mut followed = self.followed.subscribe();
        let wait = followed.wait_for(|newest| newest.is_some_and(|newest| newest >= revision));
        matches!(tokio::time::timeout(PATIENCE, wait).await, Ok(Ok(_newest)))
    }
}

fn raise(newest: &mut Revision, revision: Revision) -> bool {
    let higher = revision > *newest;
    if higher {
        *newest = revision;
    }
    higher
}
