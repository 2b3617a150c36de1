//! A point where a scripted provider waits until the test lets it go on.

use tokio::sync::watch;

use crate::deadline::within;

/// A closed gate; clones are the same gate.
#[derive(Clone, Debug)]
pub struct Gate {
    arrivals: watch::Sender<usize>,
    open: watch::Sender<bool>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            arrivals: watch::Sender::new(0),
            open: watch::Sender::new(false),
        }
    }
}

impl Gate {
    /// A gate that lets nobody through until [`Gate::open`].
    #[must_use]
    pub fn closed() -> Self {
        Self::default()
    }

    /// Lets everybody through, now and later.
    pub fn open(&self) {
        self.open.send_replace(true);
    }

    /// Waits until the provider has come to the gate.
    pub async fn reached(&self) {
        self.reached_by(1).await;
    }

    /// Waits until so many answers have come to the gate.
    pub async fn reached_by(&self, count: usize) {
        let mut arrivals = self.arrivals.subscribe();
        let arrived = arrivals.wait_for(|arrived| *arrived >= count);
        within("the provider came to the gate", arrived)
            .await
            .expect("the gate lives as long as the test");
    }

    /// The provider's side: says that it is here, and waits.
    pub(crate) async fn pass(&self) {
        self.arrivals.send_modify(|arrived| *arrived += 1);
        let mut open = self.open.subscribe();
        open.wait_for(|open| *open)
            .await
            .expect("the gate lives as long as this borrow");
    }
}
