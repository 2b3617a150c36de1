//! A fresh store for one test.

use domain::actors::Actor;
use domain::audit::AuditKey;
use harness::postgres::{Database, Postgres};
use store::{Event, Location, Store, Transaction, migrate};
use tempfile::TempDir;

/// A store, and what has to live as long as it.
pub struct Fresh {
    /// The store.
    pub store: Store,
    _folder: Option<TempDir>,
    _database: Option<Database>,
}

/// A fresh store in SQLite.
pub async fn sqlite() -> Fresh {
    let folder = TempDir::new().unwrap();
    let location = Location::Sqlite(folder.path().join("headgate.db"));
    migrate::migrate(&location).await.unwrap();
    Fresh {
        store: Store::open(&location, AuditKey::new([7; 32])).unwrap(),
        _folder: Some(folder),
        _database: None,
    }
}

/// A fresh store in Postgres.
pub async fn postgres() -> Fresh {
    let prepare = |url| async move {
        migrate::migrate(&Location::Postgres(url)).await.unwrap();
    };
    let database = Postgres::shared().copy_of("migrated", prepare).await;
    let location = Location::Postgres(database.url());
    Fresh {
        store: Store::open(&location, AuditKey::new([7; 32])).unwrap(),
        _folder: None,
        _database: Some(database),
    }
}

/// Completes a change, whatever it was.
pub async fn commit(change: Transaction<'_>) -> domain::directory::Revision {
    change
        .commit(&Actor::system(), Event::default())
        .await
        .unwrap()
}

/// Runs one promise on each database.
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($store:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn promise($store: &store::Store) $body

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                let fresh = crate::setup::sqlite().await;
                promise(&fresh.store).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                let fresh = crate::setup::postgres().await;
                promise(&fresh.store).await;
            }
        }
    )+};
}

pub(crate) use on_both;
