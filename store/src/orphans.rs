//! Attempts whose node died and that nobody could settle: listed, and settled by hand.

use domain::money::NanoUsd;
use domain::permissions::Scope;
use domain::time::TimestampMs;

use crate::Store;
use crate::error::{Result, StoreError};
use crate::page::{Listed, Page};
use crate::transaction::Transaction;

/// An attempt whose node died: it is charged at what was held until somebody knows better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// The request.
    pub request_id: String,
    /// The attempt's number in it.
    pub number: u32,
    /// When its money was reserved.
    pub reserved_at: TimestampMs,
    /// The organization that pays.
    pub organization_id: String,
    /// The key; empty with the master key.
    pub key_id: String,
    /// The model group.
    pub group: String,
    /// The vendor.
    pub provider: String,
    /// The vendor's name for the model.
    pub model: String,
    /// The deployment.
    pub deployment_id: String,
    /// What was held, and is charged.
    pub held_nanousd: NanoUsd,
}

/// Which orphans are listed, the newest first.
#[derive(Clone, Debug, Default)]
pub struct OrphanFilter {
    /// Those of organizations and teams that may be seen.
    pub scope: Scope,
    /// Those reserved at this time and later.
    pub from: Option<TimestampMs>,
    /// Those reserved before this time.
    pub until: Option<TimestampMs>,
}

/// How an orphan is settled by hand.
#[derive(Clone, Debug)]
pub struct SettledByHand {
    /// The request.
    pub request_id: String,
    /// The attempt's number in it.
    pub number: u32,
    /// What it cost in truth.
    pub charge_nanousd: NanoUsd,
    /// Who says so.
    pub actor: String,
    /// Why.
    pub reason: String,
}

impl Store {
    /// Lists orphans, the newest first, after the cursor `page.after` (`req_….2`).
    ///
    /// # Errors
    /// When the database does not answer.
    #[expect(clippy::unused_async, reason = "interface first")]
    pub async fn orphans(&self, filter: &OrphanFilter, page: &Page) -> Result<Listed<Orphan>> {
        Err(StoreError::Query(format!("{filter:?} {page:?}")))
    }
}

impl Transaction<'_> {
    /// Settles an orphan by hand: its charge is corrected and the old figure kept. None when there
    /// is no such orphan (any more). Audit it with the answer, which is the orphan as it was.
    ///
    /// # Errors
    /// When the database does not answer; then drop the transaction.
    #[expect(clippy::unused_async, reason = "interface first")]
    pub async fn settle_orphan(&mut self, settled: &SettledByHand) -> Result<Option<Orphan>> {
        Err(StoreError::Query(format!("{settled:?}")))
    }
}
