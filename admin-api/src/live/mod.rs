//! Live lists: one look at the ledger for everybody who listens, and a bounded number of them.
//!
//! | module | what |
//! |---|---|
//! | [`seats`] | who listens: so many in a session, so many in this process |
//! | [`news`] | requests that have ended, and what one who listens missed |
//! | `poller` | asks the ledger, while somebody listens |
//!
//! The data plane is never asked. Nodes ship what they settled four times a second; the ledger is
//! looked at three times a second.

pub mod news;
mod poller;
pub mod seats;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::time::TimestampMs;
use tokio::sync::{broadcast, watch};

use crate::live::news::{Batch, Ended, Recent};
use crate::live::seats::Seats;

/// So many looks at the ledger may wait for one who is slow; then that one is cut off.
const WAITING: usize = 16;

/// Who listens in this process, and what there is to hear.
pub struct Live {
    /// Who listens.
    pub seats: Arc<Seats>,
    news: broadcast::Sender<Arc<Batch>>,
    recent: Mutex<Recent>,
    ending: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            seats: Arc::default(),
            news: broadcast::channel(WAITING).0,
            recent: Mutex::default(),
            ending: watch::channel(false).0,
        }
    }
}

/// What one hears from now on.
pub struct Listening {
    /// What had been heard before: those that ended after the time that was asked for, the last to
    /// end first.
    pub before: Vec<Arc<Ended>>,
    /// What comes.
    pub news: broadcast::Receiver<Arc<Batch>>,
    /// Whether this process ends.
    pub ending: watch::Receiver<bool>,
}

impl Live {
    /// Ends every stream: the process is asked to end, and would wait for them.
    pub fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Listens to what ends from `since` on. What ended more than [`news::KEPT_MS`] ago is not among
    /// it: a list that is loaded has it.
    pub fn listen(&self, since: TimestampMs) -> Listening {
        // Under the lock, so that nothing is heard twice or never.
        let recent = self.recent();
        Listening {
            before: recent.after(since),
            news: self.news.subscribe(),
            ending: self.ending.subscribe(),
        }
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
