//! Signed tokens of callers: the keys that verify them, and those that were verified, remembered.
//!
//! The keys come with what is known of tenants; a node never asks a provider. A token that names a key
//! which is not among them makes the node ask the store for newer ones, once in ten seconds for each
//! provider, and its request waits a moment for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use domain::directory::Directory;
use domain::identity::StoredKeySet;
use domain::identity::key_set::KeySet;
use domain::keys::KeyHash;
use domain::time::TimestampMs;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::tenants::standing::Held;

/// The longest wait of a request for newer keys.
const PATIENCE: Duration = Duration::from_secs(3);

/// Newer keys of one provider are not asked for more often than this.
const ASKED_AT_MOST_EVERY: Duration = Duration::from_secs(10);

/// Tokens that are remembered.
const MOST_REMEMBERED: usize = 10_000;

/// Keys and remembered tokens of one node.
pub struct Tokens {
    sets: ArcSwap<Sets>,
    newest: watch::Sender<u64>,
    remembered: Mutex<HashMap<KeyHash, Remembered>>,
    asked: Mutex<HashMap<String, Instant>>,
    directory: OnceLock<(Arc<dyn Directory>, Handle)>,
}

/// The keys of all providers, as of one change of them.
#[derive(Default)]
pub struct Sets {
    number: u64,
    stored: Vec<StoredKeySet>,
    by_url: HashMap<String, KeySet>,
}

/// A token that was verified, by the hash of the whole of it.
#[derive(Clone)]
struct Remembered {
    held: Arc<Held>,
    ends_at: TimestampMs,
    /// The keys and the tree by which it was verified: others may say something else.
    sets: u64,
    tree: u64,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            sets: ArcSwap::default(),
            newest: watch::channel(0).0,
            remembered: Mutex::default(),
            asked: Mutex::default(),
            directory: OnceLock::new(),
        }
    }
}

impl Sets {
    /// The keys from this address; none when they were never fetched.
    #[must_use]
    pub fn at(&self, url: &str) -> Option<&KeySet> {
        self.by_url.get(url)
    }
}

impl Tokens {
    /// From now on, newer keys are asked for there. Only the first call counts.
    pub fn attach(&self, directory: Arc<dyn Directory>, control: Handle) {
        let _only_once = self.directory.set((directory, control));
    }

    /// Takes the keys that came with what is known.
    pub fn take(&self, stored: &[StoredKeySet]) {
        let present = self.sets.load();
        if present.stored == stored {
            return;
        }
        let mut by_url = HashMap::new();
        for one in stored {
            match KeySet::read(&one.document) {
                Ok(keys) => drop(by_url.insert(one.url.clone(), keys)),
                Err(fault) => tracing::warn!("the keys of {} are not read: {fault}", one.url),
            }
        }
        let number = present.number + 1;
        self.sets.store(Arc::new(Sets {
            number,
            stored: stored.to_vec(),
            by_url,
        }));
        self.newest.send_replace(number);
    }

    /// The present keys.
    #[must_use]
    pub fn sets(&self) -> Arc<Sets> {
        self.sets.load_full()
    }

    /// Newer keys than these, once they come: a token names one that is not among those of `url`.
    /// None when none came in time.
    pub async fn newer(&self, than: &Sets, url: &str) -> Option<Arc<Sets>> {
        let (directory, control) = self.directory.get()?;
        let mut newest = self.newest.subscribe();
        if let Some(wait) = self.may_wait(url) {
            if wait.is_first {
                let (directory, url) = (Arc::clone(directory), url.to_owned());
                control.spawn(async move {
                    if let Err(away) = directory.want_keys(url).await {
                        tracing::debug!("newer keys could not be asked for: {away}");
                    }
                });
            }
            let came = newest.wait_for(|number| *number > than.number);
            let _late_or_ended = tokio::time::timeout(wait.rest, came).await;
        }
        let present = self.sets();
        (present.number > than.number).then_some(present)
    }

    /// Whether it is worth to wait: for the first who asks, and those who come while they are fetched.
    fn may_wait(&self, url: &str) -> Option<Wait> {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let since = asked.get(url).map(|at| now.duration_since(*at));
        match since {
            Some(since) if since < PATIENCE => Some(Wait {
                is_first: false,
                rest: PATIENCE - since,
            }),
            Some(since) if since < ASKED_AT_MOST_EVERY => None,
            _ => {
                asked.insert(url.to_owned(), now);
                Some(Wait {
                    is_first: true,
                    rest: PATIENCE,
                })
            }
        }
    }

    fn remembered(&self) -> MutexGuard<'_, HashMap<KeyHash, Remembered>> {
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A token that was verified by the present keys and by this tree, and has not ended.
    #[must_use]
    pub fn recall(&self, hash: &KeyHash, tree: u64, now: TimestampMs) -> Option<Arc<Held>> {
        let sets = self.sets.load().number;
        let remembered = self.remembered();
        let found = remembered.get(hash)?;
        let is_good = found.ends_at > now && found.sets == sets && found.tree == tree;
        is_good.then(|| Arc::clone(&found.held))
    }

    /// Remembers a token that was verified.
    pub fn remember(&self, held: &Arc<Held>, ends_at: TimestampMs, by: (&Sets, u64)) {
        let mut remembered = self.remembered();
        if remembered.len() >= MOST_REMEMBERED {
            let now = TimestampMs::now();
            remembered.retain(|_hash, one| one.ends_at > now && one.tree == by.1);
        }
        if remembered.len() >= MOST_REMEMBERED {
            remembered.clear();
        }
        let one = Remembered {
            held: Arc::clone(held),
            ends_at,
            sets: by.0.number,
            tree: by.1,
        };
        remembered.insert(held.hash, one);
    }
}

/// How a request waits for newer keys.
struct Wait {
    /// Whether it is the one that asks for them.
    is_first: bool,
    rest: Duration,
}
