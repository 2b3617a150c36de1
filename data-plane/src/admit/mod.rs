//! May this request go on, and who answers for its end? A [`Caller`] to an [`Admission`].
//!
//! Every request whose caller and body are known is [`Entry`]ed; what budgets, rates and parallel
//! limits let through has one [`Admission`]; every attempt at a provider takes a [`Reservation`] out
//! of it. A reservation settles its attempt when it is dropped, and the request is settled when its
//! entry and the last reservation are gone: success, error, caller gone and panic all end in
//! [`crate::settle`], once.

pub mod asking;
pub mod fit;
pub mod growth;
pub mod held;
pub mod learned;
pub mod metrics;
pub mod most;
pub mod payer;
pub mod refusal;
pub mod reservation;
pub mod rights;
pub mod room;
pub mod share;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::ids::{DEFAULT_ORGANIZATION, RequestId};
use domain::time::TimestampMs;
use providers::openai::body::BodyKind;

use crate::admit::asking::{Asking, FirstOf};
use crate::admit::fit::{Fitted, Fitting};
use crate::admit::held::Held;
use crate::admit::payer::RequestPayer;
use crate::admit::room::Room;
use crate::authenticate::Caller;
use crate::call::Call;
use crate::counters::operation::AttemptId;
use crate::error::GatewayError;
use crate::node::Worker;
use crate::route::{Candidates, Choice};
use crate::settle::{Account, AttemptRecord, Ended, Ending, Settler};

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

/// A request whose caller and body are known. From here on it has its line, and its row.
pub struct Entry {
    request: Arc<Request>,
}

/// The right to go on: budgets and limits have been asked. Only [`admit`] makes it.
pub struct Admission {
    request: Arc<Request>,
    /// What budgets and limits leave.
    pub room: Room,
}

/// A request, until it is settled.
struct Request {
    facts: RequestFacts,
    account: Arc<Account>,
    settler: Arc<Settler>,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    /// What the first attempt holds, until it is made.
    first: Option<Held>,
    attempts: Vec<AttemptRecord>,
    begun: u32,
    /// How many attempts the counters have been asked for: an id is asked for once, for a question
    /// whose answer was lost is taken back by its id.
    asked: u32,
    fallbacks: u32,
    waited: Duration,
    ending: Option<Ending>,
}

impl Entry {
    /// Takes a request up.
    #[must_use]
    pub fn new(facts: RequestFacts, payer: RequestPayer, worker: &Worker) -> Self {
        let settler = Arc::clone(&worker.node.settler);
        settler.begins();
        let account = Account {
            payer,
            governance: Arc::clone(&worker.node.governance),
            strand: Arc::clone(&worker.strand),
        };
        let request = Request {
            facts,
            account: Arc::new(account),
            settler,
            progress: Mutex::default(),
        };
        Self {
            request: Arc::new(request),
        }
    }

    /// The request's facts.
    #[must_use]
    pub fn facts(&self) -> &RequestFacts {
        &self.request.facts
    }

    /// Says how the request ended before it was admitted.
    pub fn end(self, ending: Ending) {
        self.request.progress().ending = Some(ending);
    }

    /// Time from the request's coming to `now`.
    #[must_use]
    pub fn overhead(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.request.facts.started)
    }
}

/// Admits a request to one of these candidates: its rates, and the money of its first attempt at
/// the dearest of them.
///
/// # Errors
/// The refusal of a budget or a limit, or that they cannot be asked.
pub async fn admit(
    entry: &Entry,
    call: &Call,
    candidates: &mut Candidates,
) -> Result<Admission, GatewayError> {
    let request = &entry.request;
    let account = &request.account;
    if !account.governance.journal.is_writable() {
        return Err(GatewayError::JournalUnavailable);
    }
    let group = Arc::clone(&candidates.group);
    let first = FirstOf {
        asked_model: &request.facts.asked_model,
        tokens: most::probable_tokens(call, &account.governance.learned, &account.payer, &group),
    };
    let asking = request.asking(&group.name, 1, Some(first));
    if asking.has_limits() {
        candidates.keep_priced();
    }
    let mut room = Room::default();
    let held = if asking.is_empty() {
        Held::uncounted(1, Fitted::default())
    } else {
        let fitting = Fitting {
            governance: &account.governance,
            asking,
            call,
            choices: &candidates.ordered,
        };
        let (fitted, asking) = fitting.fit().await?;
        room = Room::of(&asking, &fitted);
        Held::new(1, fitted, asking.reserve)
    };
    request.progress().first = Some(held);
    Ok(Admission {
        request: Arc::clone(request),
        room,
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
            unused: None,
            fallbacks: 0,
            ending,
            account: None,
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

    /// What the next attempt holds: for the first, what was held when the request was admitted;
    /// for others its own price. What an earlier attempt held in vain is given free before.
    async fn hold(&self, call: &Call, choice: &Arc<Choice>) -> Result<Held, GatewayError> {
        let request = &self.request;
        let number = {
            let mut progress = request.progress();
            if let Some(first) = progress.first.take() {
                (progress.begun, progress.asked) = (1, 1);
                return Ok(first);
            }
            progress.asked += 1;
            progress.asked
        };
        let governance = &request.account.governance;
        self.free_the_unbilled().await;
        let asking = request.asking(&choice.group.name, number, None);
        let held = if asking.is_empty() {
            Held::uncounted(number, Fitted::default())
        } else {
            let fitting = Fitting {
                governance,
                asking,
                call,
                choices: std::slice::from_ref(choice),
            };
            let (fitted, asking) = fitting.fit().await?;
            Held::new(number, fitted, asking.reserve)
        };
        request.progress().begun += 1;
        Ok(held)
    }

    /// An attempt that is not billed needs nothing any more. It stays known to the counters until
    /// the request ends, for the sake of what the request took beside money.
    async fn free_the_unbilled(&self) {
        let extends: Vec<_> = {
            let progress = self.request.progress();
            let unbilled = progress.attempts.iter().filter(|attempt| {
                let counted = attempt.counted.as_ref();
                counted.is_some_and(|counted| counted.charge.0 == 0)
            });
            unbilled
                .filter_map(|attempt| attempt.held.extend(domain::money::NanoUsd(0)))
                .collect()
        };
        for extend in extends {
            // Where it does not help, the attempt's end does.
            let _at_the_end = self
                .request
                .account
                .governance
                .counters
                .extend(&extend)
                .await;
        }
    }
}

impl Request {
    fn asking<'a>(&'a self, group: &'a str, number: u32, first: Option<FirstOf<'a>>) -> Asking<'a> {
        let id = format!("{}.{number}", self.facts.request_id);
        let time_to_live_ms = self.account.governance.counters.time_to_live_ms();
        let attempt = (AttemptId(id.into()), time_to_live_ms);
        Asking::new(&self.account.payer, group, attempt, first)
    }

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
            first: unused,
            attempts,
            begun: _,
            asked: _,
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
            unused,
            fallbacks,
            ending,
            account: Some(Arc::clone(&self.account)),
        };
        self.settler.settle(&self.facts, ended);
    }
}
