//! What Prometheus reads of admission.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

type Count = Counter<u64, AtomicU64>;

/// Counts of admission.
#[derive(Default)]
pub struct AdmitMetrics {
    /// Requests that budgets in shadow mode would have refused.
    pub shadow_refusals: Count,
    /// Requests that got a share of their answer, because no more could be paid.
    pub shares: Count,
    /// Attempts that were billed more than was held for them.
    pub settled_over_held: Count,
    /// By how much, in nano-dollars.
    pub settled_over_held_nanousd: Count,
}

impl AdmitMetrics {
    /// Registers them.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let all = [
            (
                "budget_shadow_refusals",
                "Requests that budgets in shadow mode would have refused",
                &metrics.shadow_refusals,
            ),
            (
                "budget_shares",
                "Requests whose answer was limited to what a budget could pay",
                &metrics.shares,
            ),
            (
                "settled_over_held",
                "Attempts that were billed more than was held for them",
                &metrics.settled_over_held,
            ),
            (
                "settled_over_held_nanousd",
                "By how much they were, in nano-dollars",
                &metrics.settled_over_held_nanousd,
            ),
        ];
        for (name, help, counter) in all {
            registry.register(name, help, Count::clone(counter));
        }
        metrics
    }
}
