//! What holds requests to budgets and limits: opened at the start, joined to the ledger by
//! [`crate::control`].

use std::sync::Arc;
use std::time::Duration;

use data_plane::counters::memory::Clock;
use data_plane::counters::redis::Redis;
use data_plane::counters::{Counters, Memory};
use data_plane::governance::{Governance, Terms};
use data_plane::journal::{Journal, JournalFault, JournalMetrics, JournalSettings, Recovered};

use tokio::runtime::Handle;

use crate::config::gateway::GatewaySettings;
use crate::data_dir::DataDir;
use crate::earlier_runs::Names;

/// What holds requests, and what earlier runs of this data folder left.
pub struct Governing {
    /// What holds requests.
    pub governance: Arc<Governance>,
    /// By what names earlier runs counted in Redis.
    pub earlier: Option<Names>,
}

/// Opens the journal in the data folder, and counters: in Redis where one is configured (it is
/// connected to in the background, on `runtime`), else in memory. What earlier runs left there is
/// settled once the ledger has their journal.
///
/// # Errors
/// When the journal cannot be written.
pub fn open(
    gateway: &GatewaySettings,
    folder: &DataDir,
    metrics: &JournalMetrics,
    runtime: &Handle,
) -> Result<Governing, JournalFault> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = gateway.listen.threads.map_or(cores, usize::from);
    let governing = gateway.governing;
    let settings = JournalSettings::within(governing.journal_max_bytes, threads);
    let directory = folder.path().join("journal");
    let (journal, recovered) = Journal::open(&directory, threads, settings, metrics.clone())?;
    tell(&recovered);
    let counters = Arc::new(match &gateway.redis {
        Some(redis) => {
            let _runtime = runtime.enter();
            Counters::Redis(Redis::start(redis.address.clone(), &Clock::System))
        }
        None => Counters::Memory(Memory::default()),
    });
    let earlier = Names::note(folder, &counters).map_err(|cause| JournalFault::Unwritable {
        directory: folder.path().to_owned(),
        cause,
    })?;
    let terms = Terms {
        patience: Duration::from_millis(governing.budget_wait_ms),
        budget_exceeded_status: governing.budget_exceeded_status,
    };
    Ok(Governing {
        governance: Arc::new(Governance::new(counters, journal, terms)),
        earlier,
    })
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
