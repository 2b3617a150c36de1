//! May this request go on, and who answers for its end? A [`Caller`] to an [`Admission`].
//!
//! Every request has one [`Admission`]; every attempt at a provider takes a [`Reservation`] out of
//! it and gives it back. Dropping either, at whatever point and for whatever reason, settles what
//! has happened so far: success, error, caller gone and panic all end in [`crate::settle`].

pub mod reservation;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::ids::RequestId;
use domain::time::TimestampMs;
use providers::openai::body::BodyKind;

use crate::authenticate::Caller;
use crate::error::GatewayError;
use crate::settle::{AttemptRecord, Ending, Settlement, Settler};

pub use reservation::Reservation;

/// What is known of a request when it is admitted.
#[derive(Clone)]
pub struct RequestFacts {
    /// Ours.
    pub request_id: RequestId,
    /// When its head had been read.
    pub received: TimestampMs,
    /// The same on the clock that only goes forward.
    pub started: Instant,
    /// What is asked.
    pub kind: BodyKind,
    /// The model's name as asked.
    pub asked_model: String,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// The caller's own end user.
    pub end_user: Option<String>,
    /// The body, for counting its tokens when a provider does not.
    pub body: Bytes,
    /// By what right the caller is here.
    pub caller: Caller,
}

/// The right to go on: budgets and limits have been asked. Only [`admit`] makes it.
pub struct Admission {
    open: Option<Box<Open>>,
}

struct Open {
    facts: RequestFacts,
    attempts: Vec<AttemptRecord>,
    fallbacks: u32,
    waited: Duration,
    ending: Option<Ending>,
    settler: Arc<Settler>,
}

/// Admits a request. Budgets, rates and parallel limits are asked here once they exist; today
/// every verified caller is admitted.
///
/// # Errors
/// None yet; the refusals of budgets and limits come out here.
pub fn admit(facts: RequestFacts, settler: &Arc<Settler>) -> Result<Admission, GatewayError> {
    let open = Open {
        facts,
        attempts: Vec::new(),
        fallbacks: 0,
        waited: Duration::ZERO,
        ending: None,
        settler: Arc::clone(settler),
    };
    Ok(Admission {
        open: Some(Box::new(open)),
    })
}

impl Admission {
    /// The request's facts.
    #[must_use]
    pub fn facts(&self) -> Option<&RequestFacts> {
        self.open.as_ref().map(|open| &open.facts)
    }

    /// How many attempts have been made.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        let made = self.open.as_ref().map_or(0, |open| open.attempts.len());
        u32::try_from(made).unwrap_or(u32::MAX)
    }

    /// How many fallbacks to other groups have been made.
    #[must_use]
    pub fn fallbacks(&self) -> u32 {
        self.open.as_ref().map_or(0, |open| open.fallbacks)
    }

    /// Notes that the request goes on in another group.
    pub fn fall_back(&mut self) {
        if let Some(open) = &mut self.open {
            open.fallbacks += 1;
        }
    }

    /// Adds time spent waiting for a provider.
    pub fn waited(&mut self, span: Duration) {
        if let Some(open) = &mut self.open {
            open.waited += span;
        }
    }

    /// Time since the request came, less the time spent waiting for providers.
    #[must_use]
    pub fn overhead(&self) -> Duration {
        self.open.as_ref().map_or(Duration::ZERO, |open| {
            open.facts.started.elapsed().saturating_sub(open.waited)
        })
    }

    /// Says how the request ended. Without it, the end is that the caller went away.
    pub fn end(mut self, ending: Ending) {
        if let Some(open) = &mut self.open {
            open.ending = Some(ending);
        }
    }

    fn note(&mut self, attempt: AttemptRecord) {
        if let Some(open) = &mut self.open {
            open.attempts.push(attempt);
        }
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let Some(open) = self.open.take() else { return };
        let Open {
            facts,
            attempts,
            fallbacks,
            waited: _,
            ending,
            settler,
        } = *open;
        let ending = ending.unwrap_or_else(|| {
            if std::thread::panicking() {
                Ending::panicked()
            } else {
                Ending::caller_gone()
            }
        });
        settler.settle(Settlement {
            facts,
            attempts,
            fallbacks,
            ending,
        });
    }
}
