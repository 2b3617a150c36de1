//! A finished request to the metrics: what is counted, under which labels.

use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use providers::openai::body::BodyKind;

use crate::admit::RequestFacts;
use crate::meter::Counted;
use crate::metrics::{AttemptLabels, Metrics, ModelLabels, RequestLabels, TokenLabels};
use crate::route::Choice;
use crate::route::table::Group;
use crate::settle::{AttemptRecord, Ended};
use crate::settlement_line;

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
