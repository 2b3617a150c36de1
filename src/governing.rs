//! What holds requests to budgets and limits: opened at the start, joined to the ledger by
//! [`crate::control`].

use std::sync::Arc;
use std::time::Duration;

use data_plane::counters::memory::Clock;
use data_plane::counters::operation::{AttemptId, GivesBack, Settle};
use data_plane::counters::redis::Redis;
use data_plane::counters::{Counters, Memory};
use data_plane::governance::{Governance, Terms};
use data_plane::journal::{Journal, JournalFault, JournalMetrics, JournalSettings, Recovered};

use domain::ledger::RequestEntry;
use tokio::runtime::Handle;

use crate::config::gateway::GatewaySettings;
use crate::data_dir::DataDir;

/// Opens the journal in the data folder, and counters: in Redis where one is configured (it is
/// connected to in the background, on `runtime`), else in memory. What earlier runs left is settled.
///
/// # Errors
/// When the journal cannot be written.
pub fn open(
    gateway: &GatewaySettings,
    folder: &DataDir,
    metrics: &JournalMetrics,
    runtime: &Handle,
) -> Result<Arc<Governance>, JournalFault> {
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
    counters.settle_soon(recovered.orphans.iter().flat_map(settled).collect());
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

/// The ends of attempts that nobody knows the end of, for counters that outlived this process.
fn settled(orphan: &RequestEntry) -> Vec<Settle> {
    let organization: Arc<str> = orphan.payer.organization_id.as_str().into();
    let attempts = orphan.attempts.iter().map(|attempt| {
        let id: Arc<str> = format!("{}.{}", orphan.id, attempt.number).into();
        Settle {
            attempt: AttemptId(id),
            organization: Arc::clone(&organization),
            charge: attempt.charge_nanousd,
            reserved_at: attempt.reserved_at,
            counters: Vec::new(),
            gives_back: GivesBack::default(),
        }
    });
    attempts.collect()
}
