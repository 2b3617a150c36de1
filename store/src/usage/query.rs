//! The query behind a report.

use crate::Store;
use crate::error::{Result, StoreError};
use crate::usage::{UsageQuery, UsageReport};

impl Store {
    /// Adds usage up.
    ///
    /// # Errors
    /// When the database does not answer, or `after` is no row of such a report.
    #[expect(clippy::unused_async, reason = "interface first")]
    pub async fn usage(&self, query: &UsageQuery) -> Result<UsageReport> {
        Err(StoreError::Query(format!("{query:?}")))
    }
}
