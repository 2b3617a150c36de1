//! Whose keys are there, and what stands above them? What a node knows of tenants, and how it follows the store.
//!
//! | module | what |
//! |---|---|
//! | [`known`] | everything as of one revision; a persistent map, so that a change makes a new whole value cheaply |
//! | [`tree`] | organizations, teams, projects, people, memberships, end users, for look-ups |
//! | [`standing`] | one secret of a key, and where the key stands in the tree |
//! | [`account`] | what spend and rates count on: budgets and limits as lines |
//! | [`corrections`] | resets of spend on their way to the counters |
//! | [`payer`] | who pays for a request: scopes, lines, tags |
//! | [`lookups`], [`remembered`] | keys that are not known: asked of the store, few at a time, and remembered |
//! | [`names`], [`tokens`] | signed tokens in place of keys: whom they name, which keys verify them |
//! | [`uses`] | how often each secret was used |
//! | [`follow`] | the task that follows the store |
//! | [`disk`], [`writer`] | the snapshot on the node's disk |
//! | [`metrics`] | what Prometheus reads of it |

pub mod account;
pub mod corrections;
pub mod disk;
pub mod follow;
pub mod known;
pub mod lookups;
pub mod metrics;
pub mod names;
pub mod payer;
pub mod remembered;
pub mod standing;
pub mod tokens;
pub mod tree;
pub mod uses;
pub mod writer;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::tenants::lookups::Lookups;
use crate::tenants::tokens::Tokens;
use crate::tenants::uses::UseCounts;

/// A node's part in tenants beside what is known of them: that is swapped with the routing table.
#[derive(Default)]
pub struct Tenants {
    /// How often secrets were used.
    pub uses: UseCounts,
    /// Signed tokens in place of keys.
    pub tokens: Tokens,
    lookups: OnceLock<Arc<Lookups>>,
    answers: AtomicBool,
}

impl Tenants {
    /// Whether the store answered when it was last asked; false when there is none.
    #[must_use]
    pub fn store_answers(&self) -> bool {
        self.answers.load(Ordering::Relaxed)
    }

    /// Notes whether the store answers.
    pub fn note_store(&self, answers: bool) {
        self.answers.store(answers, Ordering::Relaxed);
    }

    /// From now on, virtual keys are looked up. Only the first call counts.
    pub fn attach(&self, lookups: Arc<Lookups>) {
        let _only_once = self.lookups.set(lookups);
    }

    /// How keys that are not known are looked up; none when there is no store.
    #[must_use]
    pub fn lookups(&self) -> Option<&Arc<Lookups>> {
        self.lookups.get()
    }
}
