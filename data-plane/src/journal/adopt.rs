//! Ships the journal of a node that is gone: what it had settled goes into the ledger, its orphans
//! too, and nothing that the ledger has already.

use std::path::Path;
use std::sync::Arc;

use domain::directory::Unavailable;
use domain::ledger::Ledger;
use thiserror::Error;

use crate::journal::{Journal, JournalFault, JournalMetrics, JournalSettings, Recovered, Shipper};

/// What became of another node's journal.
#[derive(Debug)]
pub struct Adopted {
    /// Entries that the ledger took.
    pub shipped: u64,
    /// Entries that it had already.
    pub known: u64,
    /// What its last run left.
    pub recovered: Recovered,
}

/// Why a journal was not adopted, or not wholly; it can be adopted again.
#[derive(Debug, Error)]
pub enum NotAdopted {
    /// Its node is alive, or it cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// The ledger did not take it.
    #[error("{0}; adopt the journal again when it does")]
    Ledger(#[from] Unavailable),
}

/// Ships the journal in this directory, and deletes what was shipped.
///
/// # Errors
/// When its node is alive, or the ledger does not answer. Nothing is lost, and nothing doubled by
/// another try.
pub async fn adopt(directory: &Path, ledger: Arc<dyn Ledger>) -> Result<Adopted, NotAdopted> {
    let settings = JournalSettings {
        keep_shipped_ms: 0,
        ..JournalSettings::default()
    };
    let metrics = JournalMetrics::default();
    let (journal, recovered) = Journal::open(directory, 1, settings, metrics.clone())?;
    let mut shipper = Shipper::new(&journal, ledger);
    let shipped = shipper.ship().await;
    drop(shipper);
    journal.close();
    shipped?;
    Ok(Adopted {
        shipped: metrics.shipped.get(),
        known: metrics.known.get(),
        recovered,
    })
}
