//! How often was each secret used, and when last? Counted where the secret is held, told to the store every few seconds.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::directory::Directory;
use domain::keys::KeyHash;
use domain::time::TimestampMs;
use domain::virtual_keys::Uses;
use tokio::sync::watch;

use crate::node::Node;
use crate::tenants::known::MOST_KEYS;
use crate::tenants::standing::Held;

/// The store is told this often.
const INTERVAL: Duration = Duration::from_secs(5);

/// The store has this long to take the counts.
const PATIENCE: Duration = Duration::from_secs(3);

/// Secrets that were used since the store was last told.
#[derive(Default)]
pub struct UseCounts {
    used: Mutex<Vec<Arc<Held>>>,
}

impl UseCounts {
    /// Counts one use. All but the first use of a secret between two tellings are one addition.
    pub fn count(&self, held: &Arc<Held>, now: TimestampMs) {
        if held.count_use(now) {
            self.note(held);
        }
    }

    /// At most as many secrets as a node holds, so that the memory is bounded when the store is away
    /// for long; the uses of others are lost.
    fn note(&self, held: &Arc<Held>) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() < MOST_KEYS {
            used.push(Arc::clone(held));
        } else {
            let _lost = held.take_uses();
        }
    }

    /// Tells the store. When it does not answer, the counts stay for the next time.
    pub async fn tell(&self, directory: &dyn Directory) {
        let used = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        if used.is_empty() {
            return;
        }
        let taken: Vec<(Arc<Held>, (u64, TimestampMs))> = used
            .into_iter()
            .map(|held| {
                let uses = held.take_uses();
                (held, uses)
            })
            .collect();
        let mut uses: Uses = BTreeMap::<KeyHash, (u64, TimestampMs)>::new();
        for (held, (count, last)) in &taken {
            // One secret may be held twice while a change replaces it.
            let (sum, latest) = uses.entry(held.hash).or_default();
            *sum = sum.saturating_add(*count);
            *latest = (*latest).max(*last);
        }
        let told = tokio::time::timeout(PATIENCE, directory.record_uses(uses)).await;
        if !matches!(told, Ok(Ok(()))) {
            tracing::debug!("the store does not take the uses of keys; they are told later");
            for (held, (count, _)) in &taken {
                if *count > 0 && held.give_back_uses(*count) {
                    self.note(held);
                }
            }
        }
    }
}

/// Tells the store every few seconds, and once more at the end: when the other side of `ended` is
/// gone.
pub async fn tell_until(
    node: Arc<Node>,
    directory: Arc<dyn Directory>,
    mut ended: watch::Receiver<()>,
) {
    let mut is_over = false;
    while !is_over {
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            _gone = ended.changed() => is_over = true,
        }
        node.tenants.uses.tell(&*directory).await;
    }
}
