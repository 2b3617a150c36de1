//! What Prometheus reads of the journal.

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// What Prometheus reads of the journal. Clones count into the same figures.
#[derive(Clone, Default)]
pub struct JournalMetrics {
    /// What lies on disk.
    pub bytes: Gauge<i64, AtomicI64>,
    /// What of it the ledger has not taken.
    pub unshipped_bytes: Gauge<i64, AtomicI64>,
    /// How long ago everything that was settled was in the ledger.
    pub lag_seconds: Gauge<i64, AtomicI64>,
    /// Whether a dispatch may be written.
    pub writable: Gauge<i64, AtomicI64>,
    /// Entries that the ledger took.
    pub shipped: Counter<u64, AtomicU64>,
    /// Attempts whose node died before they were settled.
    pub orphans: Counter<u64, AtomicU64>,
    /// Places where there was no record, put aside.
    pub quarantined: Counter<u64, AtomicU64>,
    /// Entries that became part of a sum.
    pub folded: Counter<u64, AtomicU64>,
    /// Entries of an old journal that the ledger had already.
    pub known: Counter<u64, AtomicU64>,
    /// Times that the ledger stood before what the journal still had.
    pub gaps: Counter<u64, AtomicU64>,
}

impl JournalMetrics {
    /// Registers them.
    #[must_use]
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let bytes = metrics.bytes.clone();
        registry.register_with_unit("journal", "The journal on disk", Unit::Bytes, bytes);
        registry.register_with_unit(
            "journal_unshipped",
            "The part of the journal that the ledger has not taken",
            Unit::Bytes,
            metrics.unshipped_bytes.clone(),
        );
        registry.register_with_unit(
            "journal_lag",
            "Time since the ledger had everything that was settled",
            Unit::Seconds,
            metrics.lag_seconds.clone(),
        );
        registry.register(
            "journal_writable",
            "Whether the journal takes records: 1 or 0",
            metrics.writable.clone(),
        );
        metrics.register_counters(registry);
        metrics
    }

    fn register_counters(&self, registry: &mut Registry) {
        let counters = [
            (
                "journal_shipped",
                "Entries that the ledger took",
                &self.shipped,
            ),
            (
                "journal_orphans",
                "Attempts that were found without an end when the journal was opened",
                &self.orphans,
            ),
            (
                "journal_quarantined",
                "Damaged places in the journal, put aside",
                &self.quarantined,
            ),
            (
                "journal_folded",
                "Entries that became part of a sum because the disk's bound was near",
                &self.folded,
            ),
            (
                "journal_known",
                "Entries of an old journal that the ledger had already",
                &self.known,
            ),
            (
                "journal_gaps",
                "Times that the ledger had been restored to before what the journal still had",
                &self.gaps,
            ),
        ];
        for (name, help, counter) in counters {
            registry.register(name, help, counter.clone());
        }
    }
}
