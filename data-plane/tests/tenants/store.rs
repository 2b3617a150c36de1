//! A store in memory: revisions, changes, and a switch to be away or slow.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use domain::directory::{
    Asked, Delta, Directory, KeyGrant, Levels, Revision, Snapshot, Unavailable,
};
use domain::ids::KeyId;
use domain::keys::KeyHash;
use domain::virtual_keys::Uses;
use tokio::sync::{Semaphore, watch};

/// The store.
pub struct MemoryStore {
    inner: Mutex<Inner>,
    is_quiet: AtomicBool,
    /// Whether it does not answer.
    pub away: AtomicBool,
    /// Whether `changes` says that everything has to be read anew.
    pub forgets_changes: AtomicBool,
    /// Each question for a key takes a permit; it has read the key before.
    pub permits: Semaphore,
    /// Questions for keys at this moment, the most there were, and all of them.
    pub under_way: AtomicUsize,
    pub most_under_way: AtomicUsize,
    pub questions: AtomicUsize,
    /// How often it was asked for its revision.
    pub polls: watch::Sender<usize>,
    commits: watch::Sender<Revision>,
}

#[derive(Default)]
struct Inner {
    revision: Revision,
    levels: Levels,
    keys: BTreeMap<KeyId, KeyGrant>,
    log: Vec<(Revision, Option<KeyId>)>,
    uses: Uses,
    wanted: Vec<String>,
}

impl MemoryStore {
    pub fn new(levels: Levels, keys: Vec<KeyGrant>) -> Self {
        let inner = Inner {
            revision: Revision(1),
            levels,
            keys: keys.into_iter().map(|key| (key.id.clone(), key)).collect(),
            ..Inner::default()
        };
        Self {
            inner: Mutex::new(inner),
            is_quiet: AtomicBool::new(false),
            away: AtomicBool::new(false),
            forgets_changes: AtomicBool::new(false),
            permits: Semaphore::new(1_000_000),
            under_way: AtomicUsize::new(0),
            most_under_way: AtomicUsize::new(0),
            questions: AtomicUsize::new(0),
            polls: watch::channel(0).0,
            commits: watch::channel(Revision(1)).0,
        }
    }

    pub fn commits(&self) -> watch::Receiver<Revision> {
        self.commits.subscribe()
    }

    fn commit(&self, key: Option<KeyId>, change: impl FnOnce(&mut Inner)) -> Revision {
        let mut inner = self.inner.lock().unwrap();
        inner.revision.0 += 1;
        change(&mut inner);
        let revision = inner.revision;
        inner.log.push((revision, key));
        drop(inner);
        if !self.is_quiet.load(Ordering::SeqCst) {
            self.commits.send_replace(revision);
        }
        revision
    }

    /// A change by another process: nobody here is told.
    pub fn quietly<T>(&self, change: impl FnOnce(&Self) -> T) -> T {
        self.is_quiet.store(true, Ordering::SeqCst);
        let changed = change(self);
        self.is_quiet.store(false, Ordering::SeqCst);
        changed
    }

    pub fn put_key(&self, key: KeyGrant) -> Revision {
        self.commit(Some(key.id.clone()), |inner| {
            inner.keys.insert(key.id.clone(), key);
        })
    }

    pub fn delete_key(&self, id: &KeyId) -> Revision {
        self.commit(Some(id.clone()), |inner| {
            inner.keys.remove(id);
        })
    }

    pub fn change_levels(&self, change: impl FnOnce(&mut Levels)) -> Revision {
        self.commit(None, |inner| change(&mut inner.levels))
    }

    /// A backup is put back.
    pub fn restore(&self, revision: Revision) {
        self.inner.lock().unwrap().revision = revision;
    }

    /// Whose keys were asked for anew.
    pub fn wanted(&self) -> Vec<String> {
        self.inner.lock().unwrap().wanted.clone()
    }

    pub fn uses_of(&self, hash: KeyHash) -> u64 {
        let inner = self.inner.lock().unwrap();
        inner.uses.get(&hash).map_or(0, |(count, _)| *count)
    }

    fn read<T>(&self, read: impl FnOnce(&mut Inner) -> T) -> Result<T, Unavailable> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Unavailable("it is away".to_owned()));
        }
        Ok(read(&mut self.inner.lock().unwrap()))
    }
}

impl Directory for MemoryStore {
    fn revision(&self) -> Asked<'_, Revision> {
        Box::pin(async {
            self.polls.send_modify(|polls| *polls += 1);
            self.read(|inner| inner.revision)
        })
    }

    fn snapshot(&self, most_keys: usize) -> Asked<'_, Snapshot> {
        Box::pin(async move {
            self.read(|inner| {
                let complete = inner.keys.len() <= most_keys;
                let keys = inner.keys.values();
                Snapshot {
                    revision: inner.revision,
                    levels: inner.levels.clone(),
                    keys: keys
                        .filter(|key| complete || key.blocked)
                        .cloned()
                        .collect(),
                    complete,
                }
            })
        })
    }

    fn changes(&self, since: Revision) -> Asked<'_, Option<Delta>> {
        Box::pin(async move {
            let forgets = self.forgets_changes.load(Ordering::SeqCst);
            self.read(|inner| {
                let later = inner.log.iter().filter(|(revision, _)| *revision > since);
                let keys: Vec<_> = later.clone().filter_map(|(_, key)| key.clone()).collect();
                let levels = later.clone().any(|(_, key)| key.is_none());
                let delta = Delta {
                    revision: inner.revision,
                    levels: levels.then(|| inner.levels.clone()),
                    keys: keys
                        .into_iter()
                        .map(|id| {
                            let grant = inner.keys.get(&id).cloned();
                            (id, grant)
                        })
                        .collect(),
                };
                (!forgets).then_some(delta)
            })
        })
    }

    fn key(&self, hash: KeyHash) -> Asked<'_, Option<KeyGrant>> {
        Box::pin(async move {
            self.questions.fetch_add(1, Ordering::SeqCst);
            let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most_under_way.fetch_max(now, Ordering::SeqCst);
            let has_it = |key: &&KeyGrant| key.secrets.iter().any(|(other, _)| *other == hash);
            let read = self.read(|inner| inner.keys.values().find(has_it).cloned());
            let permit = self.permits.acquire().await;
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            drop(permit);
            read
        })
    }

    fn want_keys(&self, url: String) -> Asked<'_, ()> {
        Box::pin(async move { self.read(|inner| inner.wanted.push(url)) })
    }

    fn record_uses(&self, uses: Uses) -> Asked<'_, ()> {
        Box::pin(async move {
            self.read(|inner| {
                for (hash, (count, last)) in uses {
                    let entry = inner.uses.entry(hash).or_default();
                    entry.0 += count;
                    entry.1 = last;
                }
            })
        })
    }
}
