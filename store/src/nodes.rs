//! Nodes: one row for each that lives, so that they know of one another.

use domain::directory::Revision;
use domain::time::TimestampMs;

use crate::Store;
use crate::error::{Result, StoreError};

/// A running process, as it says of itself every two seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id: made anew at each start.
    pub id: String,
    /// When it last said so, by its own clock.
    pub seen_at: TimestampMs,
    /// `all`, `data-plane`, `admin`.
    pub role: String,
    /// By which revision it serves.
    pub revision: Revision,
    /// The digest of the file it serves by.
    pub file_digest: String,
    /// All that it settled before this time is in the ledger.
    pub shipped_to: TimestampMs,
}

impl Store {
    /// Notes that a node lives.
    ///
    /// # Errors
    /// When the database does not answer.
    #[expect(clippy::unused_async, reason = "interface first")]
    pub async fn node_lives(&self, node: &Node) -> Result<()> {
        Err(StoreError::Query(format!("{node:?}")))
    }

    /// The nodes that said so at this time or later.
    ///
    /// # Errors
    /// When the database does not answer.
    #[expect(clippy::unused_async, reason = "interface first")]
    pub async fn nodes(&self, since: TimestampMs) -> Result<Vec<Node>> {
        Err(StoreError::Query(format!("{since:?}")))
    }
}
