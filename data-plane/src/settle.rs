//! The end of every request: charges, metrics, and one line in the log.
//!
//! Only [`crate::admit`] calls this, from `Drop`, so that no ending can be forgotten.

use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};

use domain::money::NanoUsd;
use domain::prices::Price;

use crate::admit::RequestFacts;
use crate::admit::held::Held;
use crate::admit::payer::RequestPayer;
use crate::estimate;
use crate::governance::Governance;
use crate::journal::Strand;
use crate::meter::{Counted, Heard};
use crate::metrics::Metrics;
use crate::request_log::RequestLog;
use crate::route::Choice;
use crate::settled_entry;

/// How a request ended for its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// The status that the caller got; 499 when it was gone.
    pub status: u16,
    /// Our code of the error, none on success.
    pub code: Option<&'static str>,
    /// Time that passed before the answer's head, less the time spent waiting for providers.
    pub overhead: Duration,
    /// When it ended.
    pub at: Instant,
}

impl Ending {
    /// An answer, or a stream that came to its end.
    #[must_use]
    pub const fn answered(status: u16, overhead: Duration, at: Instant) -> Self {
        Self {
            status,
            code: None,
            overhead,
            at,
        }
    }

    /// An error, before or in the midst of an answer.
    #[must_use]
    pub fn failed(status: u16, code: &'static str, overhead: Duration) -> Self {
        Self {
            status,
            code: Some(code),
            overhead,
            at: Instant::now(),
        }
    }

    /// The caller closed its connection.
    #[must_use]
    pub fn caller_gone() -> Self {
        Self {
            status: 499,
            code: Some("caller_gone"),
            overhead: Duration::ZERO,
            at: Instant::now(),
        }
    }

    /// Our own code panicked.
    #[must_use]
    pub fn panicked() -> Self {
        Self {
            status: 500,
            code: Some("internal"),
            overhead: Duration::ZERO,
            at: Instant::now(),
        }
    }
}

/// Who pays for a request, and where that is written down.
pub struct Account {
    /// Who pays.
    pub payer: RequestPayer,
    /// The node's counters and journal.
    pub governance: Arc<Governance>,
    /// The part of the journal that the request is written to.
    pub strand: Arc<Strand>,
}

/// One attempt, as it ended.
pub struct AttemptRecord {
    /// What it held.
    pub held: Held,
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
    /// What was heard of the answer.
    pub heard: Heard,
    /// The price at the time of the attempt.
    pub price: Option<Arc<Price>>,
    /// Parameters that the provider did not get.
    pub dropped: Vec<&'static str>,
}

/// How one request ended.
pub struct Ended {
    /// The attempts, in order.
    pub attempts: Vec<AttemptRecord>,
    /// What was held for a first attempt that was never made.
    pub unused: Option<Held>,
    /// Who pays; none when nobody knows the caller.
    pub account: Option<Arc<Account>>,
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
}

/// What the counting thread is told.
enum Work {
    Count(Box<Uncounted>),
    /// Answer when everything before this has been written down.
    Report(Sender<()>),
}

/// Settles requests: at once when everything is known, on a thread of its own when tokens have to
/// be counted first.
pub struct Settler {
    books: Books,
    to_count: Sender<Work>,
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
        let (to_count, work) = channel::<Work>();
        let settler = Arc::new(Self {
            books: books.clone(),
            to_count,
        });
        std::thread::spawn(move || {
            for work in work {
                match work {
                    Work::Count(uncounted) => books.count(*uncounted),
                    // Whoever asked may have gone.
                    Work::Report(done) => drop(done.send(())),
                }
            }
        });
        settler
    }

    /// Notes that a request has been admitted.
    pub fn begins(&self) {
        self.books.metrics.in_flight.inc();
    }

    /// Settles one request.
    pub fn settle(&self, facts: &RequestFacts, ended: Ended) {
        self.books.metrics.in_flight.dec();
        if ended
            .attempts
            .iter()
            .all(|attempt| attempt.counted.is_some())
        {
            self.books.write_down(facts, ended);
            return;
        }
        let uncounted = Box::new(Uncounted {
            facts: facts.clone(),
            ended,
        });
        // The thread lives as long as we do, unless it panicked: then count here.
        if let Err(refused) = self.to_count.send(Work::Count(uncounted))
            && let Work::Count(uncounted) = refused.0
        {
            self.books.count(*uncounted);
        }
    }

    /// Waits until everything that has been settled is written down, at most this long.
    pub fn finish(&self, at_most: Duration) {
        let (done, finished) = channel();
        if self.to_count.send(Work::Report(done)).is_ok() {
            let _ = finished.recv_timeout(at_most);
        }
        self.books.log.flush();
    }
}

impl Account {
    /// Writes the settled request to the journal, then to the counters: whatever is killed
    /// between, the journal tells it again.
    fn settle(&self, facts: &RequestFacts, ended: &mut Ended, duration: Duration) {
        let held = ended.attempts.iter_mut().map(|attempt| &mut attempt.held);
        let dispatched = held.flat_map(|held| std::mem::take(&mut held.dispatched));
        let dispatched: Vec<_> = dispatched.collect();
        let entry = settled_entry::settled(facts, self.payer.entry(), ended, duration);
        let written = self.strand.settle(&entry, dispatched);
        if let Err(unwritable) = written {
            tracing::error!(request_id = entry.id, "{unwritable}");
        }
        let tokens = entry
            .attempts
            .iter()
            .map(|attempt| attempt.usage.total_tokens());
        let tokens: u64 = tokens.fold(0, u64::saturating_add);
        let nothing = NanoUsd(0);
        let unused = ended.unused.iter().map(|held| (held, nothing));
        let made = ended.attempts.iter().map(|attempt| {
            let counted = attempt.counted.as_ref();
            (
                &attempt.held,
                counted.map_or(nothing, |counted| counted.charge),
            )
        });
        let counters = &self.governance.counters;
        for (held, charge) in unused.chain(made) {
            match held.settle(charge, held.gives_back(tokens)) {
                Some(settle) if held.fitted.is_local => counters.settle_locally(&settle),
                Some(settle) => counters.settle_soon(settle),
                None => {}
            }
        }
        for attempt in &ended.attempts {
            self.learn(attempt);
        }
    }

    fn learn(&self, attempt: &AttemptRecord) {
        let Some(counted) = attempt.counted.as_ref().filter(|_| attempt.outcome == "ok") else {
            return;
        };
        let (learned, choice) = (&self.governance.learned, &attempt.choice);
        let usage = &counted.usage;
        learned.note_output(
            self.payer.key_id(),
            &choice.group.name,
            usage.completion_tokens(),
        );
        if let Some(ours) = attempt.held.fitted.counted_input_tokens
            && !usage.estimated
        {
            let provider = &choice.candidate.provider_name;
            learned.note_input(provider, &choice.model, ours, usage.prompt_tokens());
        }
    }
}

impl Books {
    fn count(&self, uncounted: Uncounted) {
        let Uncounted { facts, mut ended } = uncounted;
        estimate::fill_in(&facts, &mut ended);
        self.write_down(&facts, ended);
    }

    /// Notes what was billed above what was held: it is settled as it is, and somebody should know.
    fn note_excess(&self, ended: &Ended) {
        for attempt in &ended.attempts {
            let charge = attempt
                .counted
                .as_ref()
                .map_or(0, |counted| counted.charge.0);
            let excess = charge.saturating_sub(attempt.held.fitted.amount.0);
            if let Ok(excess) = u64::try_from(excess)
                && excess > 0
                && attempt.held.attempt().is_some()
            {
                self.metrics.admit.settled_over_held.inc();
                self.metrics.admit.settled_over_held_nanousd.inc_by(excess);
            }
        }
    }

    fn write_down(&self, facts: &RequestFacts, mut ended: Ended) {
        let duration = ended.ending.at.saturating_duration_since(facts.started);
        if let Some(account) = ended.account.take() {
            account.settle(facts, &mut ended, duration);
            self.note_excess(&ended);
        }
        self.metrics.count(facts, &ended, duration);
        self.log.add(facts, &ended, duration);
    }
}
