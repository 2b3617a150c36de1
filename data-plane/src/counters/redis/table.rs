//! What this node has under way in one organization: said again when Redis has lost its memory.

use std::collections::HashMap;
use std::sync::Arc;

use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::counters::operation::{AttemptId, Reserve, Settle};
use crate::counters::upkeep::Reassert;

/// Attempts whose settle Redis has not acknowledged, and places that have not been given back.
#[derive(Default)]
pub(super) struct Table {
    held: HashMap<AttemptId, Held>,
    places: HashMap<AttemptId, Vec<Arc<str>>>,
}

struct Held {
    reserve: Reserve,
    at: TimestampMs,
}

impl Table {
    /// An attempt was reserved.
    pub(super) fn put(&mut self, ask: &Reserve, at: TimestampMs) {
        let reserve = ask.clone();
        if !ask.slots.is_empty() {
            let names = ask.slots.iter().map(|slot| Arc::clone(&slot.name));
            self.places.insert(ask.attempt.clone(), names.collect());
        }
        self.held.insert(ask.attempt.clone(), Held { reserve, at });
    }

    /// Its hold was made larger or smaller.
    pub(super) fn extend(&mut self, attempt: &AttemptId, amount: NanoUsd) {
        if let Some(held) = self.held.get_mut(attempt) {
            held.reserve.amount = amount;
        }
    }

    /// It was settled, and Redis knows.
    pub(super) fn settled(&mut self, ask: &Settle) {
        self.held.remove(&ask.attempt);
        if let Some(first) = &ask.gives_back.first_attempt {
            self.places.remove(first);
        }
    }

    /// Drops one that will not be settled here: the ledger has it, and counters are made anew.
    pub(super) fn forget(&mut self, ask: &Settle) {
        self.settled(ask);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty() && self.places.is_empty()
    }

    /// How many attempts are under way.
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// Everything, to be said again.
    pub(super) fn all(&self) -> Vec<Reassert> {
        let held = self.held.values();
        let said = held.map(|held| Reassert {
            reserve: held.reserve.clone(),
            reserved_at: held.at,
        });
        said.collect()
    }

    /// What signs of life are for.
    pub(super) fn alive(&self) -> (Vec<AttemptId>, Vec<(Arc<str>, AttemptId)>) {
        let places = self.places.iter().flat_map(|(member, slots)| {
            let pair = |slot: &Arc<str>| (Arc::clone(slot), member.clone());
            slots.iter().map(pair).collect::<Vec<_>>()
        });
        (self.held.keys().cloned().collect(), places.collect())
    }
}
