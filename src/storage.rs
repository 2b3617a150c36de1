//! The store of a configuration: where it is, its keys, its schema, and what has to be in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::audit::AuditKey;
use domain::keys::Secret;
use domain::sealed::{EncryptionKey, KeyRing, NotAnEncryptionKey};
use store::{Location, Store, StoreError, migrate};
use thiserror::Error;

use crate::config::gateway::GatewaySettings;
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
    /// The file of the key, when it was made at this start.
    made_key: Option<PathBuf>,
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
        let (keys, made_key) = keys(settings, folder)?;
        let audit_key = AuditKey::new(keys.current().derive("audit"));
        let store = Arc::new(Store::open(&location, audit_key)?);
        Ok(Self {
            location,
            store,
            keys,
            made_key,
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
            self.say_of_the_key();
            return Ok(());
        }
        if let Some(path) = &self.made_key {
            // It is of no use to anybody, and would be taken for the right one.
            let _gone_already = std::fs::remove_file(path);
        }
        Err(StorageFault::OtherKey { stored, given })
    }

    /// A key that was made for a shared database has to be given to others.
    fn say_of_the_key(&self) {
        if let (Some(path), Location::Postgres(_)) = (&self.made_key, &self.location) {
            tracing::warn!(
                "no HEADGATE_ENCRYPTION_KEY is set: one has been made in {}. Give it to every \
gateway on this database, and keep it: without it the credentials in the database are lost",
                path.display()
            );
        }
    }
}

/// `headgate migrate`: what to say, and the exit code.
#[must_use]
pub fn migrate_only(gateway: &GatewaySettings) -> (String, u8) {
    let folder = gateway.data_dir();
    let migrated = data_dir::make(&folder)
        .map_err(|cause| format!("cannot make {}: {cause}", folder.display()))
        .and_then(|()| {
            let storage = Storage::open(&gateway.storage, &folder);
            let storage = storage.map_err(|fault| fault.to_string())?;
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .map_err(|cause| cause.to_string())?;
            let names = runtime.block_on(migrate::migrate(&storage.location));
            names.map_err(|fault| fault.to_string())
        });
    match migrated {
        Ok(names) if names.is_empty() => ("the schema is up to date\n".to_owned(), 0),
        Ok(names) => (format!("migrated: {}\n", names.join(", ")), 0),
        Err(fault) => (format!("headgate: {fault}\n"), 78),
    }
}

/// The keys that are given, or the one in the folder, which is made at the first start.
fn keys(
    settings: &StorageSettings,
    folder: &Path,
) -> Result<(KeyRing, Option<PathBuf>), StorageFault> {
    let (current, made) = match &settings.encryption_key {
        Some(text) => (EncryptionKey::parse(text)?, None),
        None => kept_key(&folder.join(KEY_FILE))?,
    };
    let older = settings.previous_keys.iter().map(EncryptionKey::parse);
    let keys = KeyRing::new(current, older.collect::<Result<_, _>>()?);
    Ok((keys, made))
}

/// The key in its file, and the file when it had to be made.
fn kept_key(path: &Path) -> Result<(EncryptionKey, Option<PathBuf>), StorageFault> {
    let fault = |cause| StorageFault::KeyFile {
        path: path.display().to_string(),
        cause,
    };
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((EncryptionKey::parse(&Secret::new(text))?, None)),
        Err(missing) if missing.kind() == std::io::ErrorKind::NotFound => {
            let key = EncryptionKey::generate()?;
            data_dir::write_private(path, key.to_hex().expose()).map_err(fault)?;
            Ok((key, Some(path.to_owned())))
        }
        Err(cause) => Err(fault(cause)),
    }
}
