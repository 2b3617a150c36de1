//! What look-ups found, for a bounded number of keys. Two generations: what was not asked for in the last one is forgotten.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::ids::KeyId;
use domain::keys::KeyHash;

use crate::tenants::standing::Held;

/// A secret that does not exist is not asked for again this long.
const MISSING_FOR: Duration = Duration::from_secs(5);

/// Answers of the store.
pub struct Remembered {
    found: Generations<Arc<Held>>,
    missing: Generations<Instant>,
    /// The secrets of each key that is remembered, to forget them together.
    hashes: HashMap<KeyId, Vec<KeyHash>>,
}

/// What is remembered of a secret.
pub enum Memory {
    /// It is there.
    Found(Arc<Held>),
    /// It is not.
    Missing,
}

impl Remembered {
    /// Remembers at most so many secrets that are there, and as many that are not.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            found: Generations::new(most),
            missing: Generations::new(most),
            hashes: HashMap::new(),
        }
    }

    /// What is remembered.
    pub fn get(&mut self, hash: &KeyHash, now: Instant) -> Option<Memory> {
        if let Some(held) = self.found.get(hash) {
            let held = Arc::clone(held);
            return Some(Memory::Found(held));
        }
        let since = self.missing.get(hash)?;
        (now.saturating_duration_since(*since) < MISSING_FOR).then_some(Memory::Missing)
    }

    /// Remembers a secret that is there.
    pub fn found(&mut self, held: &Arc<Held>) {
        let of_key = self.hashes.entry(held.grant.id.clone()).or_default();
        if !of_key.contains(&held.hash) {
            of_key.push(held.hash);
        }
        for (hash, forgotten) in self.found.insert(held.hash, Arc::clone(held)) {
            self.unlist(&forgotten.grant.id, &hash);
        }
    }

    /// Remembers a secret that is not there.
    pub fn missing(&mut self, hash: KeyHash, now: Instant) {
        self.missing.insert(hash, now);
    }

    /// Forgets a key.
    pub fn forget(&mut self, id: &KeyId) {
        for hash in self.hashes.remove(id).unwrap_or_default() {
            self.found.remove(&hash);
        }
    }

    /// Forgets everything that is not there: a change may have made it.
    pub fn forget_missing(&mut self) {
        self.missing.clear();
    }

    /// Forgets everything.
    pub fn forget_all(&mut self) {
        self.found.clear();
        self.missing.clear();
        self.hashes.clear();
    }

    fn unlist(&mut self, id: &KeyId, hash: &KeyHash) {
        if let Some(of_key) = self.hashes.get_mut(id) {
            of_key.retain(|other| other != hash);
            if of_key.is_empty() {
                self.hashes.remove(id);
            }
        }
    }
}

/// A bounded map: when the young half is full it becomes the old one, and the old one is forgotten.
struct Generations<V> {
    young: HashMap<KeyHash, V>,
    old: HashMap<KeyHash, V>,
    half: usize,
}

impl<V> Generations<V> {
    fn new(most: usize) -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
            half: most.div_ceil(2).max(1),
        }
    }

    fn get(&mut self, hash: &KeyHash) -> Option<&V> {
        // What is asked for moves to the young half, when there is room.
        if self.young.len() < self.half
            && let Some(value) = self.old.remove(hash)
        {
            self.young.insert(*hash, value);
        }
        self.young.get(hash).or_else(|| self.old.get(hash))
    }

    /// Puts a value in; gives what is forgotten for it.
    fn insert(&mut self, hash: KeyHash, value: V) -> HashMap<KeyHash, V> {
        let mut forgotten = HashMap::new();
        if self.young.len() >= self.half {
            forgotten = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
        }
        self.old.remove(&hash);
        forgotten.remove(&hash);
        self.young.insert(hash, value);
        forgotten
    }

    fn remove(&mut self, hash: &KeyHash) {
        self.young.remove(hash);
        self.old.remove(hash);
    }

    fn clear(&mut self) {
        self.young.clear();
        self.old.clear();
    }
}
