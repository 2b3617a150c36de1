//! Requests that have ended, as they are heard of: each once, late ones too.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use domain::time::TimestampMs;
use store::Store;
use store::requests::{self, RequestRow};
use store::usage::Dimension;

use crate::error::ActionError;
use crate::pages::labels::Labels;

/// What ended in so many milliseconds is kept for those who come back.
pub const KEPT_MS: u64 = 60_000;

/// So many are kept at most.
const MOST_KEPT: usize = 300;

/// A request that has ended, ready to be shown.
pub struct Ended {
    /// The request.
    pub row: RequestRow,
    /// The name of its key, where it has one.
    pub key: Option<String>,
    /// The name of its team; empty without one.
    pub team: String,
    shown: Mutex<BTreeMap<String, Arc<str>>>,
}

impl Ended {
    /// A request with its names.
    #[must_use]
    pub const fn new(row: RequestRow, key: Option<String>, team: String) -> Self {
        Self {
            row,
            key,
            team,
            shown: Mutex::new(BTreeMap::new()),
        }
    }

    /// When its answer ended.
    #[must_use]
    pub const fn at(&self) -> TimestampMs {
        TimestampMs(self.row.at.0.saturating_add(self.row.duration_ms))
    }

    /// As a row of a page; made once for all who see it in the same way.
    pub fn shown(&self, way: &str, make: impl FnOnce() -> String) -> Arc<str> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = shown.get(way) {
            return Arc::clone(made);
        }
        let made: Arc<str> = make().into();
        shown.insert(way.to_owned(), Arc::clone(&made));
        made
    }
}

/// Requests with the names of their keys and teams.
///
/// # Errors
/// When the store does not answer.
pub async fn named(store: &Store, rows: Vec<RequestRow>) -> Result<Vec<Arc<Ended>>, ActionError> {
    let ids = |of: fn(&RequestRow) -> &Option<String>| -> BTreeSet<String> {
        rows.iter().filter_map(|row| of(row).clone()).collect()
    };
    let keys = ids(|row| &row.payer.key_id);
    let teams = ids(|row| &row.payer.team_id);
    let keys = Labels::of_words(store, Dimension::Key, keys).await?;
    let teams = Labels::of_words(store, Dimension::Team, teams).await?;
    let named = rows.into_iter().map(|row| {
        let key = row.payer.key_id.as_deref().map(|id| keys.name(id));
        let team = row.payer.team_id.as_deref().map(|id| teams.name(id));
        Arc::new(Ended::new(row, key, team.unwrap_or_default()))
    });
    Ok(named.collect())
}

/// What one look at the ledger found.
pub struct Batch {
    /// What ended until then has been looked for.
    pub until: TimestampMs,
    /// The requests, the last to end first.
    pub ended: Vec<Arc<Ended>>,
    /// How many more there were than are told.
    pub left_out: usize,
}

/// What was heard lately.
#[derive(Default)]
pub(super) struct Recent {
    /// The ids of what was heard, so that nothing is told twice.
    known: HashMap<String, TimestampMs>,
    /// The newest of it, the last to be heard at the end.
    kept: VecDeque<Arc<Ended>>,
    /// Whether the ledger is looked at.
    pub is_polled: bool,
}

impl Recent {
    /// Whether it was heard of this.
    pub fn knows(&self, id: &str) -> bool {
        self.known.contains_key(id)
    }

    /// Notes what is told from now on, or left out.
    pub fn note(&mut self, new: Vec<requests::Ended>) {
        self.known
            .extend(new.into_iter().map(|one| (one.id, one.at)));
    }

    /// Keeps what was found, the last to end first.
    pub fn keep(&mut self, found: &[Arc<Ended>]) {
        self.kept.extend(found.iter().rev().map(Arc::clone));
        while self.kept.len() > MOST_KEPT {
            self.kept.pop_front();
        }
    }

    /// Forgets what ended before this.
    pub fn forget_before(&mut self, at: TimestampMs) {
        self.known.retain(|_id, ended| *ended >= at);
        self.kept.retain(|one| one.at() >= at);
    }

    /// Forgets everything: nobody listens.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// What ended after this, the last to be heard first.
    pub fn after(&self, since: TimestampMs) -> Vec<Arc<Ended>> {
        let after = self.kept.iter().rev().filter(|one| one.at() > since);
        after.map(Arc::clone).collect()
    }
}
