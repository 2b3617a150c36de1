//! A fresh store for one test.

use domain::audit::AuditKey;
use store::{Location, Store, migrate};
use tempfile::TempDir;

/// A store, and what has to live as long as it.
pub struct Fresh {
    /// The store.
    pub store: Store,
    _folder: Option<TempDir>,
}

/// A fresh store in SQLite.
pub async fn sqlite() -> Fresh {
    let folder = TempDir::new().unwrap();
    let location = Location::Sqlite(folder.path().join("headgate.db"));
    migrate::migrate(&location).await.unwrap();
    Fresh {
        store: Store::open(&location, AuditKey::new([7; 32])).unwrap(),
        _folder: Some(folder),
    }
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
        }
    )+};
}

pub(crate) use on_both;
