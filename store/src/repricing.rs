//! Corrected prices for what is already charged: a range is priced anew, and both figures are kept.

use domain::ids::OrganizationId;
use domain::money::NanoUsd;
use domain::prices::Price;
use domain::time::TimestampMs;

use crate::error::{Result, StoreError};
use crate::transaction::Transaction;

/// Which attempts are priced anew, and how.
#[derive(Clone, Debug)]
pub struct Repricing {
    /// Those reserved at this time and later.
    pub from: TimestampMs,
    /// Those reserved before this time.
    pub to: TimestampMs,
    /// Those of this organization; of all when there is none.
    pub organization_id: Option<OrganizationId>,
    /// Those of this vendor.
    pub provider: String,
    /// Those of this model of the vendor's.
    pub model: String,
    /// What it cost in truth. Attempts whose node died and whose usage nobody knows keep their
    /// figure.
    pub price: Price,
    /// Who corrects.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// What a correction of prices did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repriced {
    /// Attempts whose figure changed.
    pub attempts: u64,
    /// What was charged for those.
    pub old_nanousd: NanoUsd,
    /// What is charged now.
    pub new_nanousd: NanoUsd,
}

impl Transaction<'_> {
    /// Prices a range anew: rows and roll-ups change by the difference, old and new figures stay
    /// with each attempt, and data planes forget what they counted for the organizations in it.
    /// Audit it with the answer.
    ///
    /// # Errors
    /// When the database does not answer; then drop the transaction.
    #[expect(clippy::unused_async, reason = "interface first")]
    pub async fn reprice(&mut self, repricing: &Repricing) -> Result<Repriced> {
        Err(StoreError::Query(format!("{repricing:?}")))
    }
}
