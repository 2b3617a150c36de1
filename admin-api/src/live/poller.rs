//! Looks at the ledger while somebody listens, and tells all of them what it found.
//!
//! A request is written when it has ended and its node has shipped it; rows of several nodes come in
//! any order, and those of a node whose clock is behind, or whose database was away, come late. Each
//! look therefore asks for what ended in the last seconds, and now and then for what ended in the
//! last minute; what was told already is left out. What comes later than that is seen when a page is
//! loaded again.

use std::sync::Arc;
use std::time::Duration;

use actix_web::rt;
use domain::time::TimestampMs;
use store::Store;

use crate::error::ActionError;
use crate::live::Live;
use crate::live::news::{Batch, KEPT_MS, named};

/// How often the ledger is looked at.
const INTERVAL: Duration = Duration::from_millis(300);

/// How long it is left alone when it does not answer.
const PAUSE: Duration = Duration::from_secs(2);

/// How far back most looks go: nodes ship four times a second.
const NEAR_MS: u64 = 3_000;

/// Every so many looks go back as far as anything is kept.
const FAR_EVERY: u32 = 15;

/// So many ids are read in one look.
const MOST_IDS: i64 = 5_000;

/// So many of them are told.
const MOST_TOLD: usize = 300;

impl Live {
    /// Sees to it that the ledger is looked at as long as somebody listens. To be called on the admin
    /// side's own runtime, by one who listens already.
    pub fn follow(self: &Arc<Self>, store: &Arc<Store>) {
        let mut recent = self.recent();
        if recent.is_polled {
            return;
        }
        recent.is_polled = true;
        drop(recent);
        let (live, store) = (Arc::clone(self), Arc::clone(store));
        rt::spawn(async move { live.poll(&store).await });
    }

    async fn poll(&self, store: &Store) {
        let (mut look, mut is_away) = (0_u32, false);
        while !self.stops() {
            let far = look.is_multiple_of(FAR_EVERY);
            look = look.wrapping_add(1);
            match self.look(store, far).await {
                Ok(()) => is_away = false,
                Err(cause) => {
                    if !std::mem::replace(&mut is_away, true) {
                        tracing::warn!(
                            "live lists stand still, for the ledger does not answer: {cause}"
                        );
                    }
                    look = 0;
                    rt::time::sleep(PAUSE).await;
                }
            }
            rt::time::sleep(INTERVAL).await;
        }
    }

    /// Whether nobody listens any more; then whoever comes next has the ledger looked at anew.
    fn stops(&self) -> bool {
        let mut recent = self.recent();
        let stops = self.news.receiver_count() == 0 || *self.ending.borrow();
        if stops {
            recent.forget();
        }
        stops
    }

    async fn look(&self, store: &Store, far: bool) -> Result<(), ActionError> {
        let now = TimestampMs::now();
        let back = if far { KEPT_MS } else { NEAR_MS };
        let since = TimestampMs(now.0.saturating_sub(back));
        let found = store.ended_after(since, MOST_IDS).await?;
        let new: Vec<_> = {
            let mut recent = self.recent();
            if far {
                recent.forget_before(since);
            }
            let new = found.into_iter().filter(|one| !recent.knows(&one.id));
            new.collect()
        };
        if new.is_empty() {
            return Ok(());
        }
        let told = new.iter().take(MOST_TOLD);
        let told: Vec<String> = told.map(|one| one.id.clone()).collect();
        let left_out = new.len().saturating_sub(told.len());
        let rows = store.requests_with(&told).await?;
        let mut ended = named(store, rows).await?;
        ended.sort_by_key(|one| std::cmp::Reverse(one.at()));
        let batch = Batch {
            until: TimestampMs(now.0.saturating_sub(NEAR_MS)),
            ended,
            left_out,
        };
        let mut recent = self.recent();
        recent.note(new);
        recent.keep(&batch.ended);
        // Whoever listened may have gone.
        let _nobody = self.news.send(Arc::new(batch));
        drop(recent);
        Ok(())
    }
}
