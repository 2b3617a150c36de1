//! The end of every request: charges, metrics, and one line in the log.
//!
//! Only [`crate::admit`] calls this, from `Drop`, so that no ending can be forgotten.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use domain::money::NanoUsd;
use domain::prices::Price;
use domain::usage::Usage;

use crate::admit::RequestFacts;
use crate::estimate;
use crate::meter::{OutputText, charge};
use crate::metrics::Metrics;
use crate::request_log::RequestLog;
use crate::route::candidate::Candidate;

/// How a request ended for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The status that the caller got; 499 when it was gone.
    pub status: u16,
    /// Our code of the error, none on success.
    pub code: Option<&'static str>,
    /// Time that passed before the answer's head, less the time spent waiting for providers.
    pub overhead: Duration,
}

impl Ending {
    /// An answer, or a stream that came to its end.
    #[must_use]
    pub const fn answered(status: u16, overhead: Duration) -> Self {
        Self {
            status,
            code: None,
            overhead,
        }
    }

    /// An error, before or in the midst of an answer.
    #[must_use]
    pub const fn failed(status: u16, code: &'static str, overhead: Duration) -> Self {
        Self {
            status,
            code: Some(code),
            overhead,
        }
    }

    /// The caller closed its connection.
    #[must_use]
    pub const fn caller_gone() -> Self {
        Self {
            status: 499,
            code: Some("caller_gone"),
            overhead: Duration::ZERO,
        }
    }

    /// Our own code panicked.
    #[must_use]
    pub const fn panicked() -> Self {
        Self {
            status: 500,
            code: Some("internal"),
            overhead: Duration::ZERO,
        }
    }
}

/// One attempt, as it ended.
pub struct AttemptRecord {
    /// The group it was made for.
    pub group: String,
    /// The deployment.
    pub candidate: Arc<Candidate>,
    /// The provider's name for the model.
    pub model: String,
    /// `ok`, or what went wrong in one word.
    pub outcome: &'static str,
    /// The provider's status, when it answered.
    pub status: Option<u16>,
    /// How long it took.
    pub duration: Duration,
    /// How long until the first byte (a stream's first event).
    pub first_byte: Option<Duration>,
    /// What is to be charged; none when it has to be counted first.
    pub usage: Option<Usage>,
    /// The answer's text as far as it came.
    pub output_text: OutputText,
    /// The price at the time of the attempt.
    pub price: Option<Arc<Price>>,
}

/// One request, as it ended.
pub struct Settlement {
    /// What was asked.
    pub facts: RequestFacts,
    /// The attempts, in order.
    pub attempts: Vec<AttemptRecord>,
    /// Fallbacks to other groups.
    pub fallbacks: u32,
    /// How it ended for the caller.
    pub ending: Ending,
}

/// Settles requests: at once when everything is known, on a thread of its own when tokens have to
/// be counted first.
pub struct Settler {
    metrics: Arc<Metrics>,
    log: Arc<RequestLog>,
    to_count: Sender<Settlement>,
}

impl Settler {
    /// Starts the counting thread.
    #[must_use]
    pub fn start(metrics: Arc<Metrics>, log: Arc<RequestLog>) -> Arc<Self> {
        let (to_count, counted) = channel::<Settlement>();
        let settler = Arc::new(Self {
            metrics: Arc::clone(&metrics),
            log: Arc::clone(&log),
            to_count,
        });
        std::thread::spawn(move || {
            for mut settlement in counted {
                estimate::fill_in(&mut settlement);
                write_down(&metrics, &log, &settlement);
            }
        });
        settler
    }

    /// Settles one request.
    pub fn settle(&self, mut settlement: Settlement) {
        let complete = settlement
            .attempts
            .iter()
            .all(|attempt| attempt.usage.is_some());
        if complete {
            write_down(&self.metrics, &self.log, &settlement);
        } else if let Err(refused) = self.to_count.send(settlement) {
            // The thread lives as long as we do, unless it panicked: then count here.
            settlement = refused.0;
            estimate::fill_in(&mut settlement);
            write_down(&self.metrics, &self.log, &settlement);
        }
    }
}

/// The charges of a settlement, added up.
#[must_use]
pub fn total_charge(settlement: &Settlement) -> NanoUsd {
    let charges = settlement.attempts.iter().filter_map(|attempt| {
        let usage = attempt.usage.as_ref()?;
        Some(charge(attempt.price.as_deref(), usage).nanousd.0)
    });
    NanoUsd(charges.fold(0, i64::saturating_add))
}

fn write_down(metrics: &Metrics, log: &RequestLog, settlement: &Settlement) {
    metrics.count(settlement);
    log.add(settlement);
}
