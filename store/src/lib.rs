//! What the gateway keeps: Postgres and SQLite behind one type, from one body of queries.
//!
//! | module | what |
//! |---|---|
//! | [`connection`] | one connection to either database, and the pools |
//! | [`postgres`] | how a connection to Postgres is made: TLS, time limits |
//! | [`migrate`] | the schema, made and checked |
//! | [`transaction`] | a change: what is written, its audit entry, a higher revision; together |
//! | [`propagation`] | data planes of the same process are told at once |
//! | [`directory`] | what data planes ask: everything, what changed, one key |
//! | [`listing`], [`narrowing`], [`page`] | how things are found, listed and written |
//! | [`verification`], [`anchors`] | the audit trail, verified; its head, noted outside |
//! | [`ledger`] | what data planes settled: rows and roll-ups, each once |
//! | [`usage`], [`requests`], [`orphans`], [`repricing`] | what is read from it, and corrected |
//! | [`alerts`], [`locks`] | what is told of budgets, its queue; jobs that one node runs |
//! | [`litellm`] | LiteLLM's own tables, for the import |
//! | [`organizations`] … | one file per word of the domain: find, list, insert, update, delete |

pub mod alerts;
pub mod anchors;
pub mod audit;
mod blocked_above;
mod blocks;
pub mod budget_uses;
pub mod budgets;
mod column;
mod connection;
pub mod credentials;
pub mod deleted_keys;
pub mod deployments;
mod directory;
pub mod end_users;
mod error;
pub mod idempotency;
pub mod identities;
pub mod identity_keys;
mod insert;
pub mod invitations;
mod key_aliases;
pub mod key_deletion;
mod key_secrets;
pub mod ledger;
mod listing;
pub mod litellm;
pub mod locks;
pub mod members;
pub mod migrate;
mod narrowing;
pub mod nodes;
pub mod organizations;
pub mod orphans;
pub mod page;
mod postgres;
pub mod presence;
pub mod projects;
pub mod propagation;
pub mod repricing;
pub mod requests;
mod revocations;
mod schema;
mod schema_sign_in;
pub mod service_accounts;
pub mod sessions;
pub mod setup;
pub mod sign_ins;
pub mod spend;
mod sql;
mod start;
pub mod tags;
pub mod teams;
pub mod templates;
pub mod transaction;
pub mod usage;
pub mod users;
pub mod verification;
pub mod virtual_keys;

use domain::audit::AuditKey;
use tokio::sync::{Mutex, MutexGuard, Semaphore, SemaphorePermit};

pub use crate::connection::{Connections, Location};
pub use crate::error::{Result, StoreError};
pub use crate::propagation::Propagation;
pub use crate::transaction::{Event, Transaction};

use crate::connection::{Connection, Pools};
use crate::ledger::{MOST_NAMES, Partitions};

/// The store: connections, the key of the audit chain, and who is told of changes.
pub struct Store {
    pools: Pools,
    audit_key: AuditKey,
    /// SQLite has one writer at a time: those of this process queue here, fairly, and not at the
    /// file's lock.
    writer: Option<Mutex<()>>,
    /// A page asks for a dozen reports at once, each of which may take a while: they queue here,
    /// without a bound, and not at the pool, where nothing waits for long.
    reports: Semaphore,
    /// Who hears of changes.
    pub propagation: Propagation,
    /// How many end users, and how many tags, an organization may have in a month before the rest
    /// counts as `other`; those with rules of their own always count as themselves.
    pub most_names: usize,
    partitions: Partitions,
}

impl Store {
    /// Opens the store of a database whose schema is there. No connection is made yet.
    ///
    /// # Errors
    /// When the location means nothing.
    pub fn open(location: &Location, audit_key: AuditKey) -> Result<Self> {
        let pools = Pools::new(location)?;
        Ok(Self {
            reports: Semaphore::new(pools.reports_at_once()),
            pools,
            audit_key,
            writer: matches!(location, Location::Sqlite(_)).then(Mutex::default),
            propagation: Propagation::default(),
            most_names: MOST_NAMES,
            partitions: Partitions::default(),
        })
    }

    /// How the connections of this process to the database stand.
    #[must_use]
    pub fn connections(&self) -> Connections {
        self.pools.connections()
    }

    pub(crate) async fn connect(&self) -> Result<Connection> {
        self.pools.get().await
    }

    /// A report's turn to be read. Wait for it before a connection is taken, and give it back before
    /// another report is asked for. (It is none only when the semaphore is closed, which nobody does.)
    pub(crate) async fn reporting(&self) -> Option<SemaphorePermit<'_>> {
        self.reports.acquire().await.ok()
    }

    /// This process's turn to write to SQLite. Wait for it before a connection is taken.
    pub(crate) async fn writing(&self) -> Option<MutexGuard<'_, ()>> {
        match &self.writer {
            Some(writer) => Some(writer.lock().await),
            None => None,
        }
    }
}
