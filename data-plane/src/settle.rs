//! The end of every request: charges, metrics, and one line in the log.
//!
//! Only [`crate::admit`] calls this, from `Drop`, so that no ending can be forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use domain::money::NanoUsd;
use domain::prices::Price;

use crate::admit::RequestFacts;
use crate::estimate;
use crate::meter::{Counted, OutputText};
use crate::metrics::Metrics;
use crate::request_log::RequestLog;
use crate::route::Choice;

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
    /// The group, the deployment, the provider's name for the model.
    pub choice: Arc<Choice>,
    /// `ok`, or what went wrong in one word.
    pub outcome: &'static str,
    /// The provider's status, when it answered.
    pub status: Option<u16>,
    /// How long it took.
    pub duration: Duration,
    /// How long until the first byte (a stream's first event).
    pub first_byte: Option<Duration>,
    /// What is to be charged; none when it has to be counted first.
    pub counted: Option<Counted>,
    /// The answer's text as far as it came.
    pub output_text: OutputText,
    /// The price at the time of the attempt.
    pub price: Option<Arc<Price>>,
}

/// How one request ended.
pub struct Ended {
    /// The attempts, in order.
    pub attempts: Vec<AttemptRecord>,
    /// Fallbacks to other groups.
    pub fallbacks: u32,
    /// How it ended for the caller.
    pub ending: Ending,
}

impl Ended {
    /// The charges of all attempts, added up.
    #[must_use]
    pub fn charge(&self) -> NanoUsd {
        let charges = self
            .attempts
            .iter()
            .filter_map(|attempt| attempt.counted.as_ref());
        NanoUsd(charges.fold(0, |sum, counted| sum.saturating_add(counted.charge.0)))
    }
}

/// One request whose tokens have to be counted.
struct Uncounted {
    facts: RequestFacts,
    ended: Ended,
    _waiting: Waiting,
}

/// One of those that wait for the counting thread, until it is dropped.
struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    fn count(waiting: &Arc<AtomicUsize>) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(waiting))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// How often [`Settler::finish`] looks.
const FINISH_INTERVAL: Duration = Duration::from_millis(10);

/// Settles requests: at once when everything is known, on a thread of its own when tokens have to
/// be counted first.
pub struct Settler {
    books: Books,
    to_count: Sender<Uncounted>,
    waiting: Arc<AtomicUsize>,
}

/// Where settled requests are written down.
#[derive(Clone)]
struct Books {
    metrics: Arc<Metrics>,
    log: Arc<RequestLog>,
}

impl Settler {
    /// Starts the counting thread.
    #[must_use]
    pub fn start(metrics: Arc<Metrics>, log: Arc<RequestLog>) -> Arc<Self> {
        let books = Books { metrics, log };
        let (to_count, uncounted) = channel::<Uncounted>();
        let settler = Arc::new(Self {
            books: books.clone(),
            to_count,
            waiting: Arc::default(),
        });
        std::thread::spawn(move || {
            for Uncounted {
                facts,
                mut ended,
                _waiting,
            } in uncounted
            {
                estimate::fill_in(&facts, &mut ended);
                books.write_down(&facts, &ended);
            }
        });
        settler
    }

    /// Notes that a request has been admitted.
    pub fn begins(&self) {
        self.books.metrics.in_flight.inc();
    }

    /// Waits until every request that has ended is written down, but no longer than `deadline`:
    /// the process must not end before.
    pub fn finish(&self, deadline: Instant) {
        while self.waiting.load(Ordering::Relaxed) > 0 && Instant::now() < deadline {
            std::thread::sleep(FINISH_INTERVAL);
        }
    }

    /// Settles one request.
    pub fn settle(&self, facts: &RequestFacts, ended: Ended) {
        self.books.metrics.in_flight.dec();
        if ended
            .attempts
            .iter()
            .all(|attempt| attempt.counted.is_some())
        {
            self.books.write_down(facts, &ended);
            return;
        }
        let sent = self.to_count.send(Uncounted {
            facts: facts.clone(),
            ended,
            _waiting: Waiting::count(&self.waiting),
        });
        if let Err(refused) = sent {
            // The thread lives as long as we do, unless it panicked: then count here.
            let Uncounted {
                facts,
                mut ended,
                _waiting,
            } = refused.0;
            estimate::fill_in(&facts, &mut ended);
            self.books.write_down(&facts, &ended);
        }
    }
}

impl Books {
    fn write_down(&self, facts: &RequestFacts, ended: &Ended) {
        self.metrics.count(facts, ended);
        self.log.add(facts, ended);
    }
}
