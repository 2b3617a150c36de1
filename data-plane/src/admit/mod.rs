//! May this request go on, and who answers for its end? A [`Caller`] to an [`Admission`].
//!
//! Every request has one [`Admission`]; every attempt at a provider takes a [`Reservation`] out of
//! it. A reservation settles its attempt when it is dropped, and the request is settled when its
//! admission and the last reservation are gone: success, error, caller gone and panic all end in
//! [`crate::settle`], once.

pub mod reservation;
pub mod rights;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::ids::{DEFAULT_ORGANIZATION, RequestId};
use domain::time::TimestampMs;
use providers::openai::body::BodyKind;

use crate::authenticate::Caller;
use crate::error::GatewayError;
use crate::settle::{AttemptRecord, Ended, Ending, Settler};

pub use reservation::Reservation;

/// What is known of a request when it is admitted.
#[derive(Clone)]
pub struct RequestFacts {
    /// Ours.
    pub request_id: RequestId,
    /// The caller's own id for it (`x-litellm-call-id`), when it has one.
    pub call_id: Option<String>,
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
    /// By what right the caller is here; none when it was refused.
    pub caller: Option<Caller>,
}

impl RequestFacts {
    /// The organization that the request belongs to.
    #[must_use]
    pub fn organization_id(&self) -> &str {
        let caller = self.caller.as_ref();
        caller.map_or(DEFAULT_ORGANIZATION, Caller::organization_id)
    }
}

/// The right to go on: budgets and limits have been asked. Only [`admit`] makes it.
pub struct Admission {
    request: Arc<Request>,
}

/// An admitted request, until it is settled.
struct Request {
    facts: RequestFacts,
    settler: Arc<Settler>,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    attempts: Vec<AttemptRecord>,
    begun: u32,
    fallbacks: u32,
    waited: Duration,
    ending: Option<Ending>,
}

/// Admits a request. Budgets, rates and parallel limits are asked here once they exist; today
/// every verified caller is admitted.
///
/// # Errors
/// None yet; the refusals of budgets and limits come out here.
pub fn admit(facts: RequestFacts, settler: &Arc<Settler>) -> Result<Admission, GatewayError> {
    settler.begins();
    let settler = Arc::clone(settler);
    let request = Request {
        facts,
        settler,
        progress: Mutex::default(),
    };
    Ok(Admission {
        request: Arc::new(request),
    })
}

/// Settles a request that was refused before it could be admitted: no key, a body that means
/// nothing. It has its line and is counted like every other.
pub fn refuse(facts: &RequestFacts, settler: &Arc<Settler>, ending: Ending) {
    settler.begins();
    settler.settle(
        facts,
        Ended {
            attempts: Vec::new(),
            fallbacks: 0,
            ending,
        },
    );
}

impl Admission {
    /// The request's facts.
    #[must_use]
    pub fn facts(&self) -> &RequestFacts {
        &self.request.facts
    }

    /// The caller's own id for the request, else ours.
    #[must_use]
    pub fn call_id(&self) -> &str {
        let facts = self.facts();
        let theirs = facts.call_id.as_deref();
        theirs.unwrap_or(facts.request_id.as_str())
    }

    /// How many attempts have been begun.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.request.progress().begun
    }

    /// How many fallbacks to other groups have been made.
    #[must_use]
    pub fn fallbacks(&self) -> u32 {
        self.request.progress().fallbacks
    }

    /// Notes that the request goes on in another group.
    pub fn fall_back(&self) {
        self.request.progress().fallbacks += 1;
    }

    /// Adds time spent waiting for a provider, or before it is tried again.
    pub fn waited(&self, span: Duration) {
        self.request.progress().waited += span;
    }

    /// Time from the request's coming to `now`, less the time spent waiting for providers.
    #[must_use]
    pub fn overhead(&self, now: Instant) -> Duration {
        let waited = self.request.progress().waited;
        let started = self.request.facts.started;
        now.saturating_duration_since(started)
            .saturating_sub(waited)
    }

    /// Says how the request ended. Without it, the end is that the caller went away.
    pub fn end(self, ending: Ending) {
        self.request.progress().ending = Some(ending);
    }
}

impl Request {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let progress = std::mem::take(
            self.progress
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner),
        );
        let Progress {
            attempts,
            begun: _,
            fallbacks,
            waited: _,
            ending,
        } = progress;
        let ending = ending.unwrap_or_else(|| {
            if std::thread::panicking() {
                Ending::panicked()
            } else {
                Ending::caller_gone()
            }
        });
        let ended = Ended {
            attempts,
            fallbacks,
            ending,
        };
        self.settler.settle(&self.facts, ended);
    }
}
