//! One attempt at a provider, from before its first byte to its settlement.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::usage::Usage;

use crate::admit::Admission;
use crate::meter::Meter;
use crate::route::Choice;
use crate::route::candidate::Known;
use crate::settle::{AttemptRecord, Ending};

/// The right to one attempt. It has three states: not sent (nothing is charged), sent (the input
/// is charged at least), metered (what the provider counted is charged).
pub struct Reservation {
    open: Option<Box<Open>>,
}

struct Open {
    admission: Admission,
    choice: Choice,
    group: String,
    started: Instant,
    sent: bool,
    first_byte: Option<Duration>,
    outcome: &'static str,
    status: Option<u16>,
    free: bool,
    meter: Meter,
}

impl Admission {
    /// Takes the right to one attempt on `choice`.
    #[must_use]
    pub fn reserve(self, choice: &Choice, group: &str, known: &Known) -> Reservation {
        let open = Open {
            admission: self,
            choice: choice.clone(),
            group: group.to_owned(),
            started: Instant::now(),
            sent: false,
            first_byte: None,
            outcome: "abandoned",
            status: None,
            free: false,
            meter: Meter::new(known.price.clone()),
        };
        Reservation {
            open: Some(Box::new(open)),
        }
    }
}

impl Reservation {
    /// Notes that bytes are about to go to the provider: from here on it may bill.
    pub fn dispatch(&mut self) {
        if let Some(open) = &mut self.open {
            open.sent = true;
        }
    }

    /// Notes that the provider's first byte (a stream's first event) is here.
    pub fn first_byte(&mut self) {
        if let Some(open) = &mut self.open {
            let waited = open.started.elapsed();
            open.first_byte = Some(waited);
            open.choice
                .candidate
                .latency
                .record(u64::try_from(waited.as_micros()).unwrap_or(u64::MAX));
        }
    }

    /// Adds time spent waiting for the provider.
    pub fn waited(&mut self, span: Duration) {
        if let Some(open) = &mut self.open {
            open.admission.waited(span);
        }
    }

    /// The meter of this attempt.
    pub fn meter(&mut self) -> Option<&mut Meter> {
        self.open.as_mut().map(|open| &mut open.meter)
    }

    /// The request's admission.
    #[must_use]
    pub fn admission(&self) -> Option<&Admission> {
        self.open.as_ref().map(|open| &open.admission)
    }

    /// What was chosen.
    #[must_use]
    pub fn choice(&self) -> Option<&Choice> {
        self.open.as_ref().map(|open| &open.choice)
    }

    /// Time since the attempt began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.open
            .as_ref()
            .map_or(Duration::ZERO, |open| open.started.elapsed())
    }

    /// The attempt failed before a byte reached the caller; the request may go on. `free` says
    /// that the provider bills nothing for it: it was never reached, or answered with an error.
    #[must_use]
    pub fn fail(
        mut self,
        outcome: &'static str,
        status: Option<u16>,
        free: bool,
    ) -> Option<Admission> {
        let mut open = self.open.take()?;
        open.outcome = outcome;
        open.status = status;
        open.free = free;
        if open.sent {
            open.choice.candidate.latency.record_failure();
        }
        Some(close(*open))
    }

    /// The attempt and the request end together.
    pub fn end(mut self, outcome: &'static str, status: u16, ending: Ending) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        open.outcome = outcome;
        open.status = Some(status);
        close(*open).end(ending);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(open) = self.open.take() {
            drop(close(*open));
        }
    }
}

fn close(open: Open) -> Admission {
    let Open {
        mut admission,
        choice,
        group,
        started,
        sent,
        first_byte,
        outcome,
        status,
        free,
        meter,
    } = open;
    let candidate = Arc::clone(&choice.candidate);
    let (usage, text, price) = meter.into_parts();
    let usage = if !sent || (free && usage.is_none()) {
        Some(Usage::default())
    } else {
        usage
    };
    admission.note(AttemptRecord {
        group,
        candidate,
        model: choice.model,
        outcome,
        status,
        duration: started.elapsed(),
        first_byte,
        usage,
        output_text: text,
        price,
    });
    admission
}
