//! The ledger: what data planes settled, kept as rows and roll-ups, each once.

use domain::ledger::{Sums, Wanted};

use crate::Store;
use crate::error::{Result, StoreError};

impl Store {
    /// Sums of spend over windows, as counters begin with them: what was charged, and corrections.
    ///
    /// # Errors
    /// When the database does not answer.
    #[expect(clippy::unused_async, reason = "interface first")]
    pub async fn window_spend(&self, wanted: &[Wanted]) -> Result<Sums> {
        Err(StoreError::Query(format!("{wanted:?}")))
    }
}
