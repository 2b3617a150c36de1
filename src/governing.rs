//! What holds requests to budgets and limits: opened at the start, joined to the ledger by
//! [`crate::control`].

use std::sync::Arc;
use std::time::Duration;

use data_plane::counters::{Counters, Memory};
use data_plane::governance::{Governance, Terms};
use data_plane::journal::{Journal, JournalFault, JournalMetrics, JournalSettings, Recovered};

use crate::config::gateway::GatewaySettings;
use crate::data_dir::DataDir;

/// Opens the journal in the data folder, and counters in memory. What earlier runs left is settled.
///
/// # Errors
/// When the journal cannot be written.
pub fn open(
    gateway: &GatewaySettings,
    folder: &DataDir,
    metrics: &JournalMetrics,
) -> Result<Arc<Governance>, JournalFault> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = gateway.listen.threads.map_or(cores, usize::from);
    let governing = gateway.governing;
    let settings = JournalSettings::within(governing.journal_max_bytes, threads);
    let directory = folder.path().join("journal");
    let (journal, recovered) = Journal::open(&directory, threads, settings, metrics.clone())?;
    tell(&recovered);
    let counters = Arc::new(Counters::Memory(Memory::default()));
    let terms = Terms {
        patience: Duration::from_millis(governing.budget_wait_ms),
        budget_exceeded_status: governing.budget_exceeded_status,
    };
    Ok(Arc::new(Governance::new(counters, journal, terms)))
}

fn tell(recovered: &Recovered) {
    if !recovered.orphans.is_empty() {
        tracing::warn!(
            orphans = recovered.orphans.len(),
            "requests were under way when this gateway was killed: they count at what was held for \
             them, and are listed as orphaned"
        );
    }
}
