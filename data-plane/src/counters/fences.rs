//! In a fleet, a counter is opened only when every node has shipped what it had settled: this node
//! tells how far it has, and ships at once when another waits for it.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::time::TimestampMs;

use crate::counters::Counters;
use crate::journal::Shipper;

/// Tells and ships, until the shipper ends.
pub fn keep(
    counters: Arc<Counters>,
    shipper: &Shipper,
) -> impl Future<Output = ()> + Send + 'static {
    let mut shipped = shipper.shipped_until();
    let flush = shipper.flush();
    async move {
        let Counters::Redis(redis) = &*counters else {
            return;
        };
        let mut fences = redis.fences();
        loop {
            tokio::select! {
                moved = shipped.changed() => {
                    if moved.is_err() {
                        return;
                    }
                    let until = *shipped.borrow_and_update();
                    let since_ms = TimestampMs::now().0.saturating_sub(until.0);
                    // A clock that was set back shall not promise more than was shipped.
                    let since = Duration::from_millis(since_ms);
                    if let Some(moment) = Instant::now().checked_sub(since) {
                        redis.note_shipped(moment);
                    }
                }
                waited = fences.changed() => {
                    if waited.is_err() {
                        return;
                    }
                    // When the ledger is away, the other node waits in vain, and says so.
                    let _tried = flush.flush().await;
                }
            }
        }
    }
}
