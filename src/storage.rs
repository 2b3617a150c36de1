//! The store of a configuration: where it is, its keys, its schema, and what has to be in it.

use std::path::Path;
use std::sync::Arc;

use domain::audit::AuditKey;
use domain::keys::Secret;
use domain::sealed::{EncryptionKey, KeyRing, NotAnEncryptionKey};
use store::{Location, Store, StoreError, migrate};
use thiserror::Error;

use crate::config::storage::StorageSettings;
use crate::data_dir;

/// The file of the encryption key that was made here.
const KEY_FILE: &str = "encryption.key";

/// The file of SQLite.
const DATABASE_FILE: &str = "headgate.db";

/// The store and the keys of its secrets.
#[derive(Clone)]
pub struct Storage {
    /// Where.
    pub location: Location,
    /// What.
    pub store: Arc<Store>,
    /// With what credentials in it are encrypted.
    pub keys: KeyRing,
}

/// Why there is no store.
#[derive(Debug, Error)]
pub enum StorageFault {
    /// The encryption key means nothing.
    #[error("HEADGATE_ENCRYPTION_KEY: {0}")]
    Key(#[from] NotAnEncryptionKey),
    /// The encryption key cannot be read or kept.
    #[error("cannot keep the encryption key in {path}: {cause}")]
    KeyFile {
        /// Where.
        path: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The system gave no random bytes.
    #[error("cannot make an encryption key: {0}")]
    Randomness(#[from] domain::randomness::NoRandomness),
    /// The store refuses.
    #[error("the store: {0}")]
    Store(#[from] StoreError),
    /// The schema is older than this program, and nobody may change it.
    #[error("the database lacks these migrations: {}. Run `headgate migrate`, or start without --no-migrate.", .0.join(", "))]
    Old(Vec<String>),
    /// The database's secrets are encrypted under another key.
    #[error(
        "the database's secrets are encrypted with the key {stored}, and the one given here is {given}. \
Set HEADGATE_ENCRYPTION_KEY to that key, or add it to HEADGATE_PREVIOUS_ENCRYPTION_KEYS."
    )]
    OtherKey {
        /// The key's id in the database.
        stored: String,
        /// The id of the key that was given.
        given: String,
    },
}

impl Storage {
    /// Opens the store of these settings. No connection is made yet.
    ///
    /// # Errors
    /// When a key means nothing, or cannot be kept.
    pub fn open(settings: &StorageSettings, folder: &Path) -> Result<Self, StorageFault> {
        let location = match &settings.postgres {
            Some(postgres) => Location::Postgres(postgres.url.expose().to_owned()),
            None => Location::Sqlite(folder.join(DATABASE_FILE)),
        };
        let keys = keys(settings, folder)?;
        let audit_key = AuditKey::new(keys.current().derive("audit"));
        let store = Arc::new(Store::open(&location, audit_key)?);
        Ok(Self {
            location,
            store,
            keys,
        })
    }

    /// Brings the schema up to date, or refuses an old one, and puts in what always is there: the
    /// organization `default`, the id of the encryption key.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database is away: try again later. All others are final.
    pub async fn prepare(&self, may_migrate: bool) -> Result<(), StorageFault> {
        if may_migrate {
            for name in migrate::migrate(&self.location).await? {
                tracing::info!("the database has been migrated: {name}");
            }
        } else {
            let pending = migrate::pending(&self.location).await?;
            if !pending.is_empty() {
                return Err(StorageFault::Old(pending));
            }
        }
        self.store.ensure_default_organization().await?;
        let given = self.keys.current().id();
        let stored = self.store.encryption_key_id(&given).await?;
        if self.keys.keys().any(|key| key.id() == stored) {
            return Ok(());
        }
        Err(StorageFault::OtherKey { stored, given })
    }
}

/// The keys that are given, or the one in the folder, which is made at the first start.
fn keys(settings: &StorageSettings, folder: &Path) -> Result<KeyRing, StorageFault> {
    let current = match &settings.encryption_key {
        Some(text) => EncryptionKey::parse(text)?,
        None => kept_key(&folder.join(KEY_FILE), settings.postgres.is_some())?,
    };
    let older = settings.previous_keys.iter().map(EncryptionKey::parse);
    Ok(KeyRing::new(current, older.collect::<Result<_, _>>()?))
}

fn kept_key(path: &Path, shared: bool) -> Result<EncryptionKey, StorageFault> {
    let fault = |cause| StorageFault::KeyFile {
        path: path.display().to_string(),
        cause,
    };
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(EncryptionKey::parse(&Secret::new(text))?),
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
            let key = EncryptionKey::generate()?;
            data_dir::write_private(path, key.to_hex().expose()).map_err(fault)?;
            if shared {
                tracing::warn!(
                    "no HEADGATE_ENCRYPTION_KEY is set: one has been made in {}. Give it to every \
gateway on this database, and keep it: without it the credentials in the database are lost",
                    path.display()
                );
            }
            Ok(key)
        }
        Err(cause) => Err(fault(cause)),
    }
}
