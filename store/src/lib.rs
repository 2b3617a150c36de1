//! What the gateway keeps: Postgres and SQLite behind one type, from one body of queries.
//!
//! | module | what |
//! |---|---|
//! | [`connection`] | one connection to either database, and the pools |
//! | [`migrate`] | the schema, made and checked |
//! | [`transaction`] | a change: what is written, its audit entry, a higher revision; together |
//! | [`propagation`] | data planes of the same process are told at once |
//! | [`organizations`] … | one file per word of the domain: find, list, insert, update, delete |

mod audit;
mod column;
mod connection;
mod error;
pub mod migrate;
pub mod organizations;
pub mod page;
pub mod propagation;
mod schema;
pub mod transaction;

use domain::audit::AuditKey;
use tokio::sync::Mutex;

pub use crate::connection::Location;
pub use crate::error::{Result, StoreError};
pub use crate::propagation::Propagation;
pub use crate::transaction::{Event, Transaction};

use crate::connection::{Connection, Pools};

/// The store: connections, the key of the audit chain, and who is told of changes.
pub struct Store {
    pools: Pools,
    audit_key: AuditKey,
    /// SQLite has one writer at a time: those of this process queue here, fairly, and not at the
    /// file's lock.
    writer: Option<Mutex<()>>,
    /// Who hears of changes.
    pub propagation: Propagation,
}

impl Store {
    /// Opens the store of a database whose schema is there. No connection is made yet.
    ///
    /// # Errors
    /// When the location means nothing.
    pub fn open(location: &Location, audit_key: AuditKey) -> Result<Self> {
        Ok(Self {
            pools: Pools::new(location)?,
            audit_key,
            writer: matches!(location, Location::Sqlite(_)).then(Mutex::default),
            propagation: Propagation::default(),
        })
    }

    pub(crate) async fn connect(&self) -> Result<Connection> {
        self.pools.get().await
    }
}
