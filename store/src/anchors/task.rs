//! When is the head anchored? At the start, within each minute in which it moved, and at the end.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use domain::audit::{Anchor, Mac};
use domain::time::TimestampMs;
use thiserror::Error;

use super::AnchorSink;
use crate::{Store, StoreError};

/// Half a minute, so that an attempt that fails is made again within the minute.
const EVERY: Duration = Duration::from_secs(30);

/// How soon an attempt that failed is made again.
const AGAIN: Duration = Duration::from_secs(5);

/// Why the head is not anchored.
#[derive(Debug, Error)]
pub enum NotAnchored {
    /// It cannot be read.
    #[error("the head of the audit trail cannot be read: {0}")]
    Store(#[from] StoreError),
    /// It cannot be noted.
    #[error("the head of the audit trail cannot be written to {sink}: {cause}")]
    Sink {
        /// Where.
        sink: AnchorSink,
        /// Why.
        cause: std::io::Error,
    },
}

/// Anchors the head of a store's audit trail.
pub struct AnchorTask {
    store: Arc<Store>,
    sink: AnchorSink,
    every: Duration,
    anchored: Option<(i64, Mac)>,
}

impl AnchorTask {
    /// A task that anchors twice a minute what has moved.
    #[must_use]
    pub const fn new(store: Arc<Store>, sink: AnchorSink) -> Self {
        Self {
            store,
            sink,
            every: EVERY,
            anchored: None,
        }
    }

    /// The same at another pace.
    #[must_use]
    pub fn every(self, every: Duration) -> Self {
        Self { every, ..self }
    }

    /// Runs until told to stop, and then anchors once more. What fails is logged and done again:
    /// an anchor that comes late is better than a gateway that stands still.
    pub async fn run(mut self, stop: impl Future<Output = ()>) {
        self.compare_with_last().await;
        let mut stop = pin!(stop);
        loop {
            let wait = match self.anchor().await {
                Ok(_anchor) => self.every,
                Err(cause) => {
                    tracing::error!(%cause, "the audit trail is not anchored");
                    self.every.min(AGAIN)
                }
            };
            tokio::select! {
                () = &mut stop => break,
                () = tokio::time::sleep(wait) => {}
            }
        }
        if let Err(cause) = self.anchor().await {
            tracing::error!(%cause, "the audit trail is not anchored at the end");
        }
    }

    /// Anchors the head, when it has moved since this task anchored it last.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub async fn anchor(&mut self) -> Result<Option<Anchor>, NotAnchored> {
        let head = self.store.audit_head().await?;
        let (sequence, mac) = head;
        if sequence == 0 || self.anchored == Some(head) {
            return Ok(None);
        }
        let anchor = self
            .store
            .audit_key
            .anchor(sequence, mac, TimestampMs::now());
        let written = self.sink.write(&anchor).await;
        written.map_err(|cause| NotAnchored::Sink {
            sink: self.sink.clone(),
            cause,
        })?;
        self.anchored = Some(head);
        Ok(Some(anchor))
    }

    /// What the last run anchored last need not be anchored again; and if the trail does not reach
    /// it any more, somebody should hear of it now.
    async fn compare_with_last(&mut self) {
        let last = match self.sink.last().await {
            Ok(Some(last)) => last,
            Ok(None) => return,
            Err(cause) => {
                tracing::error!(%cause, sink = %self.sink, "the audit anchors cannot be read");
                return;
            }
        };
        self.anchored = Some((last.sequence, last.mac));
        match self
            .store
            .audit_after(last.sequence.saturating_sub(1), 1)
            .await
        {
            Ok(found)
                if found
                    .first()
                    .is_some_and(|entry| is_of(&last, entry.sequence, entry.mac)) => {}
            Err(StoreError::Unavailable(_)) => {}
            _ => tracing::error!(
                sequence = last.sequence,
                "the audit trail does not hold its last anchored entry: it was cut off or replaced, or another database was restored; run `headgate audit verify`"
            ),
        }
    }
}

fn is_of(anchor: &Anchor, sequence: i64, mac: Mac) -> bool {
    (anchor.sequence, anchor.mac) == (sequence, mac)
}
