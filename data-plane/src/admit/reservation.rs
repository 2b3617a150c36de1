//! One attempt at a provider, from before its first byte to its settlement.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::admit::growth::{Growing, Growth};
use crate::admit::held::Held;
use crate::admit::{Admission, Request, RequestFacts};
use crate::call::Call;
use crate::error::GatewayError;
use crate::meter::{Counted, Meter};
use crate::route::Choice;
use crate::settle::{AttemptRecord, Ending};
use crate::settled_entry;

/// The right to one attempt. It has three states: not sent (nothing is charged), sent (the input
/// is charged at least), metered (what the provider counted is charged).
pub struct Reservation {
    request: Arc<Request>,
    /// None only while it is dropped.
    held: Option<Held>,
    choice: Arc<Choice>,
    started: Instant,
    sent: bool,
    free: bool,
    first_byte: Option<Duration>,
    outcome: &'static str,
    status: Option<u16>,
    /// Gathers what the provider counted.
    pub meter: Meter,
    /// Parameters that the provider did not get.
    pub dropped: Vec<&'static str>,
}

impl Admission {
    /// Takes the right to one attempt on `choice`.
    ///
    /// # Errors
    /// When it cannot be paid.
    pub async fn reserve(
        &self,
        call: &Call,
        choice: &Arc<Choice>,
    ) -> Result<Reservation, GatewayError> {
        let held = self.hold(call, choice).await?;
        Ok(Reservation {
            request: Arc::clone(&self.request),
            held: Some(held),
            choice: Arc::clone(choice),
            started: Instant::now(),
            sent: false,
            free: false,
            first_byte: None,
            outcome: "abandoned",
            status: None,
            meter: Meter::new(choice.known.price.clone()),
            dropped: Vec::new(),
        })
    }
}

impl Reservation {
    /// Writes down that bytes are about to go to the provider: from here on it may bill.
    ///
    /// # Errors
    /// When it cannot be written down; then nothing may be sent.
    pub fn dispatch(&mut self) -> Result<(), GatewayError> {
        self.write_hold()?;
        self.sent = true;
        Ok(())
    }

    /// Writes what is held to the journal: what the attempt counts as, should this process die.
    fn write_hold(&mut self) -> Result<(), GatewayError> {
        let Some(held) = &mut self.held else {
            return Err(GatewayError::Internal);
        };
        let account = &self.request.account;
        let payer = account.payer.entry();
        let entry = settled_entry::dispatched(&self.request.facts, payer, &self.choice, held);
        let written = account.strand.dispatch(&entry);
        let written = written.map_err(|_unwritable| GatewayError::JournalUnavailable)?;
        held.dispatched.push(written);
        Ok(())
    }

    /// How the hold grows while the answer comes; none when it holds the whole answer.
    #[must_use]
    pub fn growth(&self) -> Option<&Growth> {
        self.held.as_ref()?.fitted.growth.as_ref()
    }

    /// Asks the counters for a hold of so many tokens of each answer.
    pub fn grow(&self, output_tokens: u64) -> Option<Growing> {
        let held = self.held.as_ref()?;
        let ask = held.extend(self.growth()?.cost(output_tokens))?;
        let governance = Arc::clone(&self.request.account.governance);
        Some(Box::pin(
            async move { governance.counters.extend(&ask).await },
        ))
    }

    /// Notes that so many tokens of each answer are held now.
    pub fn grown(&mut self, output_tokens: u64) {
        if let Some(held) = &mut self.held {
            held.grown(output_tokens);
        }
        // The counters hold it. Where the disk refuses, a death would count what was held before.
        let _written = self.write_hold();
    }

    /// The limit of each answer that is to be written into the request.
    #[must_use]
    pub fn output_limit_tokens(&self) -> Option<u64> {
        self.held.as_ref()?.fitted.output_limit_tokens
    }

    /// The same, when it is a share of which the caller is told.
    #[must_use]
    pub fn share_tokens(&self) -> Option<u64> {
        let fitted = &self.held.as_ref()?.fitted;
        fitted.output_limit_tokens.filter(|_| fitted.is_share)
    }

    /// Notes that the provider's first byte (a stream's first event) is here.
    pub fn first_byte(&mut self) {
        let now = Instant::now();
        let waited = now.saturating_duration_since(self.started);
        self.first_byte = Some(waited);
        self.choice.candidate.health.answered(waited, now);
    }

    /// Adds time spent waiting for the provider.
    pub fn waited(&self, span: Duration) {
        self.request.progress().waited += span;
    }

    /// When the attempt began.
    #[must_use]
    pub const fn started(&self) -> Instant {
        self.started
    }

    /// What was chosen.
    #[must_use]
    pub const fn choice(&self) -> &Arc<Choice> {
        &self.choice
    }

    /// The request's facts.
    #[must_use]
    pub fn facts(&self) -> &RequestFacts {
        &self.request.facts
    }

    /// The attempt failed before a byte reached the caller; the request may go on. `free` says
    /// that the provider bills nothing for it: it was never reached, or answered with an error.
    pub fn fail(mut self, outcome: &'static str, status: Option<u16>, free: bool) {
        self.outcome = outcome;
        self.status = status;
        self.free = free;
    }

    /// The attempt and the request end together.
    pub fn end(mut self, outcome: &'static str, ending: Ending) {
        self.outcome = outcome;
        self.status = Some(200);
        self.request.progress().ending = Some(ending);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let Some(held) = self.held.take() else {
            return;
        };
        let (counted, heard, price) = std::mem::take(&mut self.meter).into_parts();
        let mut progress = self.request.progress();
        let ended = progress
            .ending
            .map_or_else(Instant::now, |ending| ending.at);
        let nothing_billed = !self.sent || (self.free && counted.is_none());
        let attempt = AttemptRecord {
            choice: Arc::clone(&self.choice),
            held,
            outcome: self.outcome,
            status: self.status,
            duration: ended.saturating_duration_since(self.started),
            first_byte: self.first_byte,
            counted: if nothing_billed {
                Some(Counted {
                    priced: price.is_some(),
                    ..Counted::default()
                })
            } else {
                counted
            },
            heard,
            price,
            dropped: std::mem::take(&mut self.dropped),
        };
        // Nearly always there is one.
        progress.attempts.reserve_exact(1);
        progress.attempts.push(attempt);
    }
}
