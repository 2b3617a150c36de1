//! Everything that was appended up to now is to be in the ledger: who asks, and when it is so.

use std::sync::Weak;

use domain::directory::Unavailable;
use domain::ledger::Position;
use tokio::sync::{mpsc, oneshot};

use crate::journal::Inner;

/// Ends of strands.
pub type Ends = Vec<(String, Position)>;

/// Somebody waits for the ledger to have everything up to here.
pub struct Asked {
    /// Up to where.
    pub ends: Ends,
    /// Is told.
    pub done: oneshot::Sender<Result<(), Unavailable>>,
}

/// Asks the shipper to ship everything that was appended up to now. Clones ask the same shipper.
#[derive(Clone)]
pub struct Flush {
    inner: Weak<Inner>,
    asked: mpsc::UnboundedSender<Asked>,
}

impl Flush {
    pub(crate) const fn new(inner: Weak<Inner>, asked: mpsc::UnboundedSender<Asked>) -> Self {
        Self { inner, asked }
    }

    /// Returns when everything that was settled before the call is in the ledger.
    ///
    /// # Errors
    /// When it is not: the ledger or the disk does not answer, or the shipper has ended. Nothing is
    /// lost; ask again.
    pub async fn flush(&self) -> Result<(), Unavailable> {
        let ended = || Unavailable("the journal is closed".to_owned());
        let inner = self.inner.upgrade().ok_or_else(ended)?;
        let ends = inner.ends()?;
        drop(inner);
        let (done, answer) = oneshot::channel();
        let asked = Asked { ends, done };
        self.asked.send(asked).map_err(|_closed| ended())?;
        answer.await.unwrap_or_else(|_dropped| Err(ended()))
    }
}

impl Inner {
    /// Where every strand ends at present.
    ///
    /// # Errors
    /// When something was settled that the disk has not taken yet.
    pub(crate) fn ends(&self) -> Result<Ends, Unavailable> {
        if self.place.standing.has_waiting() {
            let waits = "settled requests wait for the journal's disk";
            return Err(Unavailable(waits.to_owned()));
        }
        let trails = self.trails();
        let ends = trails
            .iter()
            .map(|trail| (trail.strand.clone(), trail.end()));
        Ok(ends.collect())
    }
}
