//! Everything that a node knows of tenants, as of one revision. A change makes a new whole value;
//! readers see the old one or the new one, never half.

use std::collections::HashMap;
use std::sync::Arc;

use domain::directory::{Delta, KeyGrant, Levels, Revision, Snapshot};
use domain::ids::KeyId;
use domain::keys::KeyHash;
use domain::time::TimestampMs;
use rpds::HashTrieMapSync;

use crate::tenants::standing::Held;
use crate::tenants::tree::Tree;

/// The most keys that are held; above that, those that are refused and those that were asked for.
pub const MOST_KEYS: usize = 1_000_000;

/// So many changes of secrets lie over the base before they are worked into it, or a sixteenth of it.
const MOST_CHANGES: usize = 4_096;

/// What is known as of one revision.
#[derive(Clone, Default)]
pub struct Known {
    revision: Option<Revision>,
    tree: Arc<Tree>,
    /// Secrets as of an earlier revision. A flat table: a look-up among a million touches memory
    /// twice, where a persistent map's touches it ten times.
    base: Arc<HashMap<KeyHash, Arc<Held>>>,
    /// What has changed since; none is gone.
    changes: HashTrieMapSync<KeyHash, Option<Arc<Held>>>,
    by_id: HashTrieMapSync<KeyId, Arc<KeyGrant>>,
    complete: bool,
}

impl Known {
    /// Takes a snapshot.
    #[must_use]
    pub fn of(snapshot: Snapshot) -> Self {
        let Snapshot {
            revision,
            levels,
            keys,
            complete,
        } = snapshot;
        let mut known = Self {
            revision: Some(revision),
            tree: Arc::new(Tree::new(levels)),
            complete,
            ..Self::default()
        };
        let mut base = HashMap::with_capacity(keys.len());
        for grant in keys {
            let grant = Arc::new(grant);
            base.extend(Held::all(&grant).map(|held| (held.hash, held)));
            known.by_id.insert_mut(grant.id.clone(), grant);
        }
        known.base = Arc::new(base);
        known
    }

    /// The same after a change; none when the change is not newer than this. `now` decides which
    /// keys are held when not all of them are.
    #[must_use]
    pub fn advanced(&self, delta: Delta, now: TimestampMs) -> Option<Self> {
        let Delta {
            revision,
            levels,
            keys,
        } = delta;
        if Some(revision) <= self.revision {
            return None;
        }
        let mut known = self.clone();
        known.revision = Some(revision);
        if let Some(levels) = levels {
            known.tree = Arc::new(Tree::new(levels));
        }
        for (id, grant) in keys {
            known.remove(&id);
            if let Some(grant) = grant.filter(|grant| self.complete || is_refused(grant, now)) {
                known.put(Arc::new(grant));
            }
        }
        if known.changes.size() > MOST_CHANGES.max(known.base.len() / 16) {
            known.work_in();
        }
        Some(known)
    }

    /// Makes a new base of the base and its changes. With a million keys this takes a moment.
    fn work_in(&mut self) {
        let mut base = HashMap::clone(&self.base);
        for (hash, held) in &self.changes {
            match held {
                Some(held) => base.insert(*hash, Arc::clone(held)),
                None => base.remove(hash),
            };
        }
        self.base = Arc::new(base);
        self.changes = HashTrieMapSync::default();
    }

    fn put(&mut self, grant: Arc<KeyGrant>) {
        for held in Held::all(&grant) {
            self.changes.insert_mut(held.hash, Some(held));
        }
        self.by_id.insert_mut(grant.id.clone(), grant);
    }

    fn remove(&mut self, id: &KeyId) {
        let Some(grant) = self.by_id.get(id).map(Arc::clone) else {
            return;
        };
        for (hash, _) in &grant.secrets {
            self.changes.insert_mut(*hash, None);
        }
        self.by_id.remove_mut(id);
    }

    /// As of when; none when nothing has been heard of the store.
    #[must_use]
    pub const fn revision(&self) -> Option<Revision> {
        self.revision
    }

    /// The secret with this hash.
    #[must_use]
    pub fn find(&self, hash: &KeyHash) -> Option<&Arc<Held>> {
        if !self.changes.is_empty()
            && let Some(changed) = self.changes.get(hash)
        {
            return changed.as_ref();
        }
        self.base.get(hash)
    }

    /// The key with this id, when it is held.
    #[must_use]
    pub fn grant(&self, id: &KeyId) -> Option<&Arc<KeyGrant>> {
        self.by_id.get(id)
    }

    /// What stands above keys.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The same as it came.
    #[must_use]
    pub fn levels(&self) -> &Levels {
        &self.tree.levels
    }

    /// Whether all keys are held.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.complete
    }

    /// How many keys are held.
    #[must_use]
    pub fn key_count(&self) -> usize {
        self.by_id.size()
    }

    /// The keys that are held.
    pub fn keys(&self) -> impl Iterator<Item = &KeyGrant> {
        self.by_id.values().map(|grant| &**grant)
    }
}

/// Whether a key is one of those that a node holds even when it does not hold all.
fn is_refused(grant: &KeyGrant, now: TimestampMs) -> bool {
    grant.blocked || grant.expires_at.is_some_and(|end| end <= now)
}
