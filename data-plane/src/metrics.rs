//! What Prometheus reads at `GET /metrics`.

use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use providers::openai::body::BodyKind;

use crate::admit::RequestFacts;
use crate::meter::Counted;
use crate::route::Choice;
use crate::route::table::Group;
use crate::settle::{AttemptRecord, Ended};
use crate::settlement_line;

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
}

fn duration_buckets() -> Histogram {
    Histogram::new(exponential_buckets(0.005, 2.0, 16))
}

impl Metrics {
    /// Registers every metric.
    #[must_use]
    pub fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::with_prefix("headgate"),
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
        registry.register(
            "attempts",
            "Attempts at providers",
            metrics.attempts.clone(),
        );
        registry.register(
            "tokens",
            "Tokens that providers counted",
            metrics.tokens.clone(),
        );
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

/// The series of one model group, so that the labels need not be looked up for every request.
pub struct GroupSeries {
    answered: Vec<(BodyKind, Counter)>,
    duration_seconds: Histogram,
    charge_nanousd: Counter,
    tokens: [Counter; 5],
}

/// The kinds of tokens that are told apart, in the order of [`GroupSeries::tokens`].
const TOKEN_KINDS: [&str; 5] = ["input", "cache_read", "cache_write", "output", "reasoning"];

impl Metrics {
    /// Counts one finished request, which took `duration`.
    pub fn count(&self, facts: &RequestFacts, ended: &Ended, duration: Duration) {
        self.overhead_seconds
            .observe(ended.ending.overhead.as_secs_f64());
        let Some(last) = ended.attempts.last() else {
            self.requests
                .get_or_create(&labels("", facts.kind, ended.ending.status))
                .inc();
            return;
        };
        let series = self.series(&last.choice.group);
        let answered = series.answered.iter().find(|(kind, _)| *kind == facts.kind);
        match answered.filter(|_| ended.ending.status == 200) {
            Some((_, answered)) => answered.inc(),
            None => {
                let labels = labels(&last.choice.group.name, facts.kind, ended.ending.status);
                self.requests.get_or_create(&labels).inc()
            }
        };
        series.duration_seconds.observe(duration.as_secs_f64());
        for attempt in &ended.attempts {
            self.count_attempt(attempt);
        }
    }

    fn series<'a>(&self, group: &'a Group) -> &'a GroupSeries {
        group.series.get_or_init(|| {
            let model = || ModelLabels {
                model: group.name.clone(),
            };
            let answered =
                [BodyKind::Chat, BodyKind::Completion, BodyKind::Embedding].map(|kind| {
                    let counter = self
                        .requests
                        .get_or_create(&labels(&group.name, kind, 200))
                        .clone();
                    (kind, counter)
                });
            GroupSeries {
                answered: answered.into(),
                duration_seconds: self.duration_seconds.get_or_create(&model()).clone(),
                charge_nanousd: self.charge_nanousd.get_or_create(&model()).clone(),
                tokens: TOKEN_KINDS.map(|kind| {
                    let labels = TokenLabels {
                        model: group.name.clone(),
                        kind,
                    };
                    self.tokens.get_or_create(&labels).clone()
                }),
            }
        })
    }

    fn count_attempt(&self, attempt: &AttemptRecord) {
        let Choice {
            group, candidate, ..
        } = &*attempt.choice;
        let counter = || {
            let labels = AttemptLabels {
                deployment: candidate.id.as_str().to_owned(),
                provider: candidate.provider_name.clone(),
                outcome: attempt.outcome,
            };
            self.attempts.get_or_create(&labels).clone()
        };
        if attempt.outcome == "ok" {
            candidate.answered.get_or_init(counter).inc();
        } else {
            counter().inc();
        }
        let Some(Counted {
            usage,
            charge,
            priced: _,
        }) = &attempt.counted
        else {
            return;
        };
        let series = self.series(group);
        series
            .charge_nanousd
            .inc_by(u64::try_from(charge.0).unwrap_or(0));
        let written = usage
            .cache_write_tokens
            .saturating_add(usage.cache_write_1h_tokens);
        let tokens = [
            usage.input_tokens,
            usage.cache_read_tokens,
            written,
            usage.output_tokens,
            usage.reasoning_tokens,
        ];
        for (counter, tokens) in series.tokens.iter().zip(tokens) {
            counter.inc_by(tokens);
        }
    }
}

fn labels(group: &str, kind: BodyKind, status: u16) -> RequestLabels {
    RequestLabels {
        model: group.to_owned(),
        status,
        operation: settlement_line::operation_name(kind),
    }
}
