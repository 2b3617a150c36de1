//! What holds requests to budgets and limits, and keeps what they spent: counters, journal, and
//! what was learned. One for the node.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::admit::learned::Learned;
use crate::counters::Counters;
use crate::counters::openings::Openings;
use crate::journal::Journal;

/// How requests are held.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How long a request waits for money that others hold.
    pub patience: Duration,
    /// The status of a request that a budget refuses.
    pub budget_exceeded_status: u16,
}

/// What holds requests to budgets and limits.
pub struct Governance {
    /// How much has been used.
    pub counters: Arc<Counters>,
    /// What has been sent and settled, on disk.
    pub journal: Journal,
    /// What keys and models usually use.
    pub learned: Learned,
    /// How requests are held.
    pub terms: Terms,
    openings: OnceLock<Arc<Openings>>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(10),
            budget_exceeded_status: 429,
        }
    }
}

impl Governance {
    /// Holds requests by these counters, and writes to this journal.
    #[must_use]
    pub fn new(counters: Arc<Counters>, journal: Journal, terms: Terms) -> Self {
        Self {
            counters,
            journal,
            learned: Learned::default(),
            terms,
            openings: OnceLock::new(),
        }
    }

    /// From now on counters are read from the ledger. Only the first call counts.
    pub fn attach(&self, openings: Arc<Openings>) {
        let _only_once = self.openings.set(openings);
    }

    /// How counters are read from the ledger; none before there is one.
    #[must_use]
    pub fn openings(&self) -> Option<&Arc<Openings>> {
        self.openings.get()
    }
}
