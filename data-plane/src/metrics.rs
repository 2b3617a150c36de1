//! What Prometheus reads at `GET /metrics`.

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::admit::metrics::AdmitMetrics;
use crate::journal::JournalMetrics;
use crate::tenants::metrics::TenantMetrics;

/// Labels of one finished request. Names come from the operator's file, never from callers, so
/// that the number of series is bounded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RequestLabels {
    /// The model group that answered or was asked; empty when none was found.
    pub model: String,
    /// The status the caller got.
    pub status: u16,
    /// `chat`, `completion`, `embedding`.
    pub operation: &'static str,
}

/// Labels of one attempt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct AttemptLabels {
    /// The deployment's id.
    pub deployment: String,
    /// The provider's name.
    pub provider: String,
    /// `ok`, or what went wrong in one word.
    pub outcome: &'static str,
}

/// Labels of tokens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct TokenLabels {
    /// The model group.
    pub model: String,
    /// The kind of token.
    pub kind: &'static str,
}

/// Labels of money.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ModelLabels {
    /// The model group.
    pub model: String,
}

/// All metrics of one node.
pub struct Metrics {
    registry: Registry,
    /// Finished requests.
    pub requests: Family<RequestLabels, Counter>,
    /// Attempts at providers.
    pub attempts: Family<AttemptLabels, Counter>,
    /// Tokens by kind.
    pub tokens: Family<TokenLabels, Counter>,
    /// Charges in nano-dollars.
    pub charge_nanousd: Family<ModelLabels, Counter>,
    /// Time from the first byte of a request to its end.
    pub duration_seconds: Family<ModelLabels, Histogram, fn() -> Histogram>,
    /// Time that the gateway itself took.
    pub overhead_seconds: Histogram,
    /// Requests under way.
    pub in_flight: Gauge<i64, AtomicI64>,
    /// Requests whose handler panicked.
    pub panics: Counter<u64, AtomicU64>,
    /// Configuration files that were refused at a reload.
    pub reloads_refused: Counter<u64, AtomicU64>,
    /// How the store is followed.
    pub tenants: TenantMetrics,
    /// How the journal stands.
    pub journal: JournalMetrics,
    /// How requests are admitted.
    pub admit: AdmitMetrics,
}

fn duration_buckets() -> Histogram {
    Histogram::new(exponential_buckets(0.005, 2.0, 16))
}

impl Metrics {
    /// Registers every metric.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("headgate");
        let tenants = TenantMetrics::register(&mut registry);
        let journal = JournalMetrics::register(&mut registry);
        let admit = AdmitMetrics::register(&mut registry);
        let mut metrics = Self {
            registry,
            tenants,
            journal,
            admit,
            requests: Family::default(),
            attempts: Family::default(),
            tokens: Family::default(),
            charge_nanousd: Family::default(),
            duration_seconds: Family::new_with_constructor(duration_buckets),
            overhead_seconds: Histogram::new(exponential_buckets(0.000_025, 2.0, 14)),
            in_flight: Gauge::default(),
            panics: Counter::default(),
            reloads_refused: Counter::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("requests", "Finished requests", metrics.requests.clone());
        let (attempts, tokens) = (metrics.attempts.clone(), metrics.tokens.clone());
        registry.register("attempts", "Attempts at providers", attempts);
        registry.register("tokens", "Tokens that providers counted", tokens);
        registry.register(
            "charge_nanousd",
            "Charges in nano-dollars",
            metrics.charge_nanousd.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "From the first byte of a request to its end",
            Unit::Seconds,
            metrics.duration_seconds.clone(),
        );
        registry.register_with_unit(
            "overhead",
            "Time that the gateway itself took",
            Unit::Seconds,
            metrics.overhead_seconds.clone(),
        );
        registry.register(
            "requests_in_flight",
            "Requests under way",
            metrics.in_flight.clone(),
        );
        registry.register(
            "panics",
            "Requests whose handler panicked",
            metrics.panics.clone(),
        );
        registry.register(
            "config_reloads_refused",
            "Configuration files refused at a reload",
            metrics.reloads_refused.clone(),
        );
        metrics
    }

    /// The text of OpenMetrics.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
