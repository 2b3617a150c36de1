//! What Prometheus reads of how a node follows the store.

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

/// How a node follows the store.
#[derive(Default)]
pub struct TenantMetrics {
    /// The revision that requests are served by.
    pub revision: Gauge<i64, AtomicI64>,
    /// Time since the store last answered.
    pub config_age_seconds: Gauge<i64, AtomicI64>,
    /// Keys that are held.
    pub keys_known: Gauge<i64, AtomicI64>,
    /// Questions for unknown keys that are under way.
    pub lookups_under_way: Gauge<i64, AtomicI64>,
    /// Requests whose key could not be looked up.
    pub lookups_refused: Counter<u64, AtomicU64>,
}

impl TenantMetrics {
    /// Registers them.
    #[must_use]
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "config_revision",
            "The store's revision that requests are served by",
            metrics.revision.clone(),
        );
        registry.register_with_unit(
            "config_age",
            "Time since the store last answered",
            Unit::Seconds,
            metrics.config_age_seconds.clone(),
        );
        registry.register(
            "keys_known",
            "Virtual keys held in memory",
            metrics.keys_known.clone(),
        );
        registry.register(
            "key_lookups_under_way",
            "Unknown keys that the store is being asked for",
            metrics.lookups_under_way.clone(),
        );
        registry.register(
            "key_lookups_refused",
            "Requests whose key could not be looked up",
            metrics.lookups_refused.clone(),
        );
        metrics
    }
}
