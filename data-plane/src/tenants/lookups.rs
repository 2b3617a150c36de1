//! Keys that are not known are asked of the store: few at a time, each once, and no request waits long.
//!
//! The store is asked on the control runtime, never on one that serves requests. Whatever a caller
//! sends, at most [`MOST_UNDER_WAY`] questions are under way; those behind wait in a bounded queue.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::directory::{Directory, KeyGrant, Revision};
use domain::ids::KeyId;
use domain::keys::KeyHash;
use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};

use crate::metrics::Metrics;
use crate::tenants::remembered::{Memory, Remembered};
use crate::tenants::standing::Held;

/// Questions to the store at the same time, in the whole process.
pub const MOST_UNDER_WAY: usize = 64;

/// Secrets that wait for their question.
const MOST_QUEUED: usize = 1_024;

/// Requests that wait for the answer to one question.
const MOST_JOINED: usize = 1_024;

/// The longest wait of a request, and of a question.
const PATIENCE: Duration = Duration::from_secs(2);

/// Secrets that are remembered, and as many that do not exist.
const MOST_REMEMBERED: usize = 100_000;

/// An answer that a change has overtaken is asked for again, so often.
const MOST_QUESTIONS: u32 = 3;

/// What the store says of a secret.
#[derive(Clone)]
pub enum Answer {
    /// Whose it is.
    Found(Arc<Held>),
    /// It is nobody's.
    Missing,
    /// It cannot be told: the store is away, slow, or asked too much.
    Unavailable,
}

/// Asks the store, and remembers.
pub struct Lookups {
    directory: Arc<dyn Directory>,
    control: Handle,
    metrics: Arc<Metrics>,
    /// Wakes the follower: the store has something that is not known here.
    pub behind: Notify,
    inner: Mutex<Inner>,
}

struct Inner {
    remembered: Remembered,
    revision: Option<Revision>,
    /// Who waits for which secret, queued ones included.
    waiting: HashMap<KeyHash, Vec<oneshot::Sender<Answer>>>,
    queue: VecDeque<KeyHash>,
    under_way: usize,
}

impl Lookups {
    /// Asks `directory`, on `control`.
    #[must_use]
    pub fn new(directory: Arc<dyn Directory>, control: Handle, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            directory,
            control,
            metrics,
            behind: Notify::new(),
            inner: Mutex::new(Inner {
                remembered: Remembered::new(MOST_REMEMBERED),
                revision: None,
                waiting: HashMap::new(),
                queue: VecDeque::new(),
                under_way: 0,
            }),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose secret has this hash? From memory, else from the store.
    pub async fn ask(self: &Arc<Self>, hash: KeyHash) -> Answer {
        let answer = match self.begin(hash) {
            Ok(answer) => return answer,
            Err(answer) => answer,
        };
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) | Err(_) => self.refused(),
        }
    }

    fn refused(&self) -> Answer {
        self.metrics.tenants.lookups_refused.inc();
        Answer::Unavailable
    }

    /// What is remembered of a secret, without a question.
    #[must_use]
    pub fn recall(&self, hash: &KeyHash) -> Option<Answer> {
        let memory = self.inner().remembered.get(hash, Instant::now())?;
        Some(match memory {
            Memory::Found(held) => Answer::Found(held),
            Memory::Missing => Answer::Missing,
        })
    }

    /// An answer at once, or where it will come.
    fn begin(self: &Arc<Self>, hash: KeyHash) -> Result<Answer, oneshot::Receiver<Answer>> {
        if let Some(answer) = self.recall(&hash) {
            return Ok(answer);
        }
        let mut inner = self.inner();
        let (tell, answer) = oneshot::channel();
        if let Some(joined) = inner.waiting.get_mut(&hash) {
            if joined.len() >= MOST_JOINED {
                return Ok(self.refused());
            }
            joined.push(tell);
            return Err(answer);
        }
        let starts = inner.under_way < MOST_UNDER_WAY;
        if !starts && inner.queue.len() >= MOST_QUEUED {
            return Ok(self.refused());
        }
        inner.waiting.insert(hash, vec![tell]);
        if starts {
            inner.under_way += 1;
            self.metrics.tenants.lookups_under_way.inc();
        } else {
            inner.queue.push_back(hash);
        }
        drop(inner);
        if starts {
            // Not under the lock: a runtime that has ended drops the task at once, which takes it.
            self.control.spawn(Asking::new(self, hash).run());
        }
        Err(answer)
    }

    /// What is known has changed: forgets what the change may have touched. `changed` are its keys;
    /// none when everything was read anew. Called before the change is seen by requests.
    pub fn advance(&self, revision: Revision, changed: Option<&[(KeyId, Option<KeyGrant>)]>) {
        let mut inner = self.inner();
        inner.revision = Some(revision);
        inner.remembered.forget_missing();
        match changed {
            None => inner.remembered.forget_all(),
            Some(changed) => {
                for (id, _) in changed {
                    inner.remembered.forget(id);
                }
            }
        }
    }

    /// Asks the store. An answer is taken and remembered only when nothing has changed meanwhile:
    /// else a key that was blocked in between would live on in memory.
    async fn question(&self, hash: KeyHash) -> Answer {
        for _ in 0..MOST_QUESTIONS {
            let before = self.inner().revision;
            let asked = tokio::time::timeout(PATIENCE, self.directory.key(hash)).await;
            let Ok(Ok(grant)) = asked else {
                return Answer::Unavailable;
            };
            if let Some(answer) = self.take(hash, grant, before) {
                return answer;
            }
        }
        Answer::Unavailable
    }

    fn take(
        &self,
        hash: KeyHash,
        grant: Option<KeyGrant>,
        before: Option<Revision>,
    ) -> Option<Answer> {
        let mut inner = self.inner();
        if inner.revision != before {
            return None;
        }
        let held = grant.and_then(|grant| {
            let grant = Arc::new(grant);
            Held::all(&grant).find(|held| held.hash == hash)
        });
        let Some(held) = held else {
            inner.remembered.missing(hash, Instant::now());
            return Some(Answer::Missing);
        };
        inner.remembered.found(&held);
        drop(inner);
        // Either not all keys are held, or there is one that has not been heard of.
        self.behind.notify_one();
        Some(Answer::Found(held))
    }
}

/// One of the questions that may be under way; goes on with the next secret of the queue.
struct Asking {
    lookups: Arc<Lookups>,
    /// Whose question is open.
    present: Option<KeyHash>,
    /// Whether its place is still taken.
    has_place: bool,
}

impl Asking {
    fn new(lookups: &Arc<Lookups>, hash: KeyHash) -> Self {
        Self {
            lookups: Arc::clone(lookups),
            present: Some(hash),
            has_place: true,
        }
    }

    async fn run(mut self) {
        while let Some(hash) = self.present {
            let answer = self.lookups.question(hash).await;
            self.finish(hash, &answer);
        }
    }

    /// Tells those who wait, and takes the next secret that somebody still waits for.
    fn finish(&mut self, hash: KeyHash, answer: &Answer) {
        let mut inner = self.lookups.inner();
        for waiting in inner.waiting.remove(&hash).unwrap_or_default() {
            let _gone = waiting.send(answer.clone());
        }
        self.present = inner.next();
        if self.present.is_none() {
            // Under the same lock: nobody may queue behind a question that asks nothing any more.
            self.has_place = false;
            inner.free(&self.lookups.metrics);
        }
    }
}

impl Drop for Asking {
    /// However it ends (the runtime may end, the store may panic), the place is free again.
    fn drop(&mut self) {
        if !self.has_place {
            return;
        }
        let mut inner = self.lookups.inner();
        if let Some(hash) = self.present.take() {
            inner.waiting.remove(&hash);
        }
        inner.free(&self.lookups.metrics);
    }
}

impl Inner {
    fn free(&mut self, metrics: &Metrics) {
        self.under_way = self.under_way.saturating_sub(1);
        metrics.tenants.lookups_under_way.dec();
    }

    fn next(&mut self) -> Option<KeyHash> {
        while let Some(hash) = self.queue.pop_front() {
            let waiting = self.waiting.get(&hash);
            if waiting.is_some_and(|all| all.iter().any(|one| !one.is_closed())) {
                return Some(hash);
            }
            self.waiting.remove(&hash);
        }
        None
    }
}
