//! The keys of identity providers whose tokens callers bring: kept for data planes, which never call
//! a provider themselves, and asked for by them when a token names one that is not known.

use diesel::{ExpressionMethods, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::identity::StoredKeySet;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::schema::identity_keys;
use crate::transaction::{Touched, Transaction};

#[derive(Queryable, Selectable)]
#[diesel(table_name = identity_keys)]
pub(crate) struct IdentityKeysRow {
    url: String,
    document: String,
}

impl TryFrom<IdentityKeysRow> for StoredKeySet {
    type Error = StoreError;

    fn try_from(row: IdentityKeysRow) -> Result<Self> {
        let IdentityKeysRow { url, document } = row;
        Ok(Self { url, document })
    }
}

/// A key set, when it was fetched, and when a data plane last missed a key in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptKeySet {
    /// The keys.
    pub set: StoredKeySet,
    /// When they were fetched.
    pub fetched_at: TimestampMs,
    /// When they were last asked for.
    pub wanted_at: TimestampMs,
}

impl Store {
    /// All key sets.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn identity_keys(&self) -> Result<Vec<KeptKeySet>> {
        let mut connection = self.connect().await?;
        let rows: Vec<(IdentityKeysRow, i64, i64)> = on_either!(connection, c => identity_keys::table
            .select((
                IdentityKeysRow::as_select(),
                identity_keys::fetched_at_ms,
                identity_keys::wanted_at_ms,
            ))
            .load(c)
            .await?);
        let kept = |(row, fetched_at, wanted_at): (IdentityKeysRow, i64, i64)| {
            let unreadable = |cause: String| StoreError::Unreadable {
                column: "fetched_at_ms",
                id: row.url.clone(),
                cause,
            };
            Ok(KeptKeySet {
                fetched_at: TimestampMs::from_stored(fetched_at).map_err(unreadable)?,
                wanted_at: TimestampMs::from_stored(wanted_at).map_err(unreadable)?,
                set: row.try_into()?,
            })
        };
        rows.into_iter().map(kept).collect()
    }

    /// A data plane misses a key. No change that anybody audits. Never call it while a transaction
    /// is open in the same task: on SQLite it would wait for itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn want_identity_keys(&self, url: &str, now: TimestampMs) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        on_either!(connection, c => diesel::update(identity_keys::table.find(url))
            .set(identity_keys::wanted_at_ms.eq(now.to_stored()))
            .execute(c)
            .await?);
        Ok(())
    }

    /// The same keys were fetched again.
    ///
    /// # Errors
    /// As [`Store::want_identity_keys`].
    pub async fn note_identity_keys(&self, url: &str, now: TimestampMs) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        on_either!(connection, c => diesel::update(identity_keys::table.find(url))
            .set(identity_keys::fetched_at_ms.eq(now.to_stored()))
            .execute(c)
            .await?);
        Ok(())
    }
}

impl Transaction<'_> {
    /// Keeps a key set that is another one than before.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn put_identity_keys(&mut self, set: &StoredKeySet, now: TimestampMs) -> Result<()> {
        self.touch(Touched::Level, &set.url);
        let now = now.to_stored();
        on_either!(*self.connection()?, c => diesel::insert_into(identity_keys::table)
            .values((
                identity_keys::url.eq(&set.url),
                identity_keys::document.eq(&set.document),
                identity_keys::fetched_at_ms.eq(now),
                identity_keys::wanted_at_ms.eq(0_i64),
            ))
            .on_conflict(identity_keys::url)
            .do_update()
            .set((
                identity_keys::document.eq(&set.document),
                identity_keys::fetched_at_ms.eq(now),
            ))
            .execute(c)
            .await?);
        Ok(())
    }
}
