//! The secrets of keys: one, or two while a key is rotated; and how often each was used.

use std::collections::BTreeMap;
use std::fmt::Write;

use diesel::{ExpressionMethods, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::{AsyncConnection, RunQueryDsl, TransactionManager};
use domain::ids::KeyId;
use domain::keys::KeyHash;
use domain::time::TimestampMs;
use domain::virtual_keys::{KeySecret, Uses};

use crate::Store;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::schema::key_secrets;
use crate::transaction::{Touched, Transaction};

/// A row of `key_secrets`.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = key_secrets)]
pub(crate) struct KeySecretRow {
    hash: String,
    key_id: String,
    last_four: String,
    created_at_ms: i64,
    ends_at_ms: Option<i64>,
    uses: i64,
    last_used_at_ms: Option<i64>,
}

impl From<&KeySecret> for KeySecretRow {
    fn from(secret: &KeySecret) -> Self {
        Self {
            hash: secret.hash.to_stored(),
            key_id: secret.key_id.to_stored(),
            last_four: secret.last_four.clone(),
            created_at_ms: secret.created_at.to_stored(),
            ends_at_ms: secret.ends_at.to_stored(),
            uses: secret.uses.to_stored(),
            last_used_at_ms: secret.last_used_at.to_stored(),
        }
    }
}

impl TryFrom<KeySecretRow> for KeySecret {
    type Error = StoreError;

    fn try_from(row: KeySecretRow) -> Result<Self> {
        let id = row.key_id.clone();
        let unreadable = |column: &'static str| {
            let id = id.clone();
            move |cause: String| StoreError::Unreadable { column, id, cause }
        };
        Ok(Self {
            key_id: KeyId::new(row.key_id),
            hash: Column::from_stored(row.hash).map_err(unreadable("hash"))?,
            last_four: row.last_four,
            created_at: Column::from_stored(row.created_at_ms)
                .map_err(unreadable("created_at_ms"))?,
            ends_at: Column::from_stored(row.ends_at_ms).map_err(unreadable("ends_at_ms"))?,
            uses: Column::from_stored(row.uses).map_err(unreadable("uses"))?,
            last_used_at: Column::from_stored(row.last_used_at_ms)
                .map_err(unreadable("last_used_at_ms"))?,
        })
    }
}

/// Whether a secret works at a time in milliseconds.
macro_rules! live {
    ($now:expr) => {
        crate::schema::key_secrets::ends_at_ms
            .is_null()
            .or(crate::schema::key_secrets::ends_at_ms.gt($now))
    };
}

pub(crate) use live;

impl Store {
    /// The secrets of a key, those that have ended included, the newest first.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn key_secrets(&self, id: &KeyId) -> Result<Vec<KeySecret>> {
        let mut connection = self.connect().await?;
        let rows: Vec<KeySecretRow> = on_either!(connection, c => key_secrets::table
            .filter(key_secrets::key_id.eq(id.as_str()))
            .order((key_secrets::created_at_ms.desc(), key_secrets::hash))
            .select(KeySecretRow::as_select())
            .load(c)
            .await?);
        rows.into_iter().map(KeySecret::try_from).collect()
    }

    /// When each of these keys was last used; those that never were are not in the answer.
    ///
    /// # Errors
    /// As [`Store::key_secrets`].
    pub async fn last_uses(&self, ids: &[KeyId]) -> Result<BTreeMap<KeyId, TimestampMs>> {
        let ids: Vec<&str> = ids.iter().map(KeyId::as_str).collect();
        let mut connection = self.connect().await?;
        let rows: Vec<KeySecretRow> = on_either!(connection, c => key_secrets::table
            .filter(key_secrets::key_id.eq_any(&ids))
            .select(KeySecretRow::as_select())
            .load(c)
            .await?);
        let mut last = BTreeMap::new();
        for row in rows {
            let secret = KeySecret::try_from(row)?;
            if let Some(at) = secret.last_used_at {
                let newest = last.entry(secret.key_id).or_insert(at);
                *newest = at.max(*newest);
            }
        }
        Ok(last)
    }

    /// Adds to the use counts of secrets, all together or none. This is no change: it raises no
    /// revision and leaves no audit entry. Secrets that are gone are passed over.
    pub(crate) async fn add_uses(&self, uses: &Uses) -> Result<()> {
        if uses.is_empty() {
            return Ok(());
        }
        let statements = uses_as_statements(uses)?;
        let _writing = match &self.writer {
            Some(writer) => Some(writer.lock().await),
            None => None,
        };
        let mut connection = self.connect().await?;
        let done = on_either!(connection, c => together(c, &statements).await);
        if done.is_err() {
            connection.close();
        }
        done
    }
}

async fn together<C: AsyncConnection>(connection: &mut C, statements: &str) -> Result<()> {
    C::TransactionManager::begin_transaction(connection).await?;
    connection.batch_execute(statements).await?;
    C::TransactionManager::commit_transaction(connection).await?;
    Ok(())
}

/// One batch for one round trip, in the order of the hashes, so that two data planes that tell of
/// the same secrets cannot wait for each other. A hash is written as 64 hexadecimal digits and the
/// rest are numbers: nothing in it comes from a caller.
fn uses_as_statements(uses: &Uses) -> Result<String> {
    let mut statements = String::with_capacity(uses.len().saturating_mul(220));
    for (hash, (count, last)) in uses {
        let (count, last) = (count.to_stored(), last.to_stored());
        write!(
            statements,
            "UPDATE key_secrets SET uses = uses + {count}, last_used_at_ms = \
             CASE WHEN last_used_at_ms > {last} THEN last_used_at_ms ELSE {last} END \
             WHERE hash = '{hash}';"
        )
        .map_err(|cause| StoreError::Query(cause.to_string()))?;
    }
    let hashes: Vec<String> = uses.keys().map(|hash| format!("'{hash}'")).collect();
    if !hashes.is_empty() {
        // In the order of the keys, as the ledger writes there.
        write!(
            statements,
            "INSERT INTO key_activity (key_id, last_used_at_ms, spent_nanousd) \
             SELECT key_id, MAX(last_used_at_ms), 0 FROM key_secrets \
             WHERE hash IN ({}) AND last_used_at_ms IS NOT NULL GROUP BY key_id ORDER BY key_id \
             ON CONFLICT (key_id) DO UPDATE SET last_used_at_ms = excluded.last_used_at_ms \
             WHERE key_activity.last_used_at_ms < excluded.last_used_at_ms;",
            hashes.join(",")
        )
        .map_err(|cause| StoreError::Query(cause.to_string()))?;
    }
    Ok(statements)
}

impl Transaction<'_> {
    /// The secrets of a key as they are within this change, the newest first.
    ///
    /// # Errors
    /// As [`Store::key_secrets`].
    pub async fn key_secrets(&mut self, id: &KeyId) -> Result<Vec<KeySecret>> {
        let rows: Vec<KeySecretRow> = on_either!(*self.connection()?, c => key_secrets::table
            .filter(key_secrets::key_id.eq(id.as_str()))
            .order((key_secrets::created_at_ms.desc(), key_secrets::hash))
            .select(KeySecretRow::as_select())
            .load(c)
            .await?);
        rows.into_iter().map(KeySecret::try_from).collect()
    }

    /// Adds a secret to a key.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the secret is known, [`StoreError::Dangling`] when the key is
    /// not there, and when the database does not answer.
    pub async fn add_secret(&mut self, secret: &KeySecret) -> Result<()> {
        self.touch(Touched::Key, secret.key_id.as_str());
        let row = KeySecretRow::from(secret);
        on_either!(*self.connection()?, c => diesel::insert_into(key_secrets::table)
            .values(&row)
            .execute(c)
            .await?);
        Ok(())
    }

    /// Ends a secret at a time: it works until then.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_secret(&mut self, hash: KeyHash, at: TimestampMs) -> Result<()> {
        let keys: Vec<String> = on_either!(*self.connection()?, c => diesel::update(
            key_secrets::table.find(hash.to_stored()))
            .set(key_secrets::ends_at_ms.eq(at.to_stored()))
            .returning(key_secrets::key_id)
            .get_results(c)
            .await?);
        self.touch_keys(&keys);
        Ok(())
    }

    /// Removes a secret: it works no more, and its use counts are gone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_secret(&mut self, hash: KeyHash) -> Result<()> {
        let keys: Vec<String> = on_either!(*self.connection()?, c => diesel::delete(
            key_secrets::table.find(hash.to_stored()))
            .returning(key_secrets::key_id)
            .get_results(c)
            .await?);
        self.touch_keys(&keys);
        Ok(())
    }

    fn touch_keys(&mut self, keys: &[String]) {
        for key in keys {
            self.touch(Touched::Key, key);
        }
    }
}
