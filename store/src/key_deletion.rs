//! Keys deleted, restored, and removed for good.

use diesel::{
    BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::blocks::Block;
use domain::deleted_keys::{DeletedKey, Deletion, RESTORABLE_MS};
use domain::ids::{KeyId, OrganizationId};
use domain::time::TimestampMs;

use crate::column::Column;
use crate::connection::on_either;
use crate::deleted_keys::{DeletedKeyRow, restorable};
use crate::error::Result;
use crate::schema::{deleted_keys, key_activity, key_secrets, virtual_keys};
use crate::transaction::{Touched, Transaction};

/// How many keys one purge takes: each has its entry in the audit trail.
const AT_ONCE: i64 = 200;

/// A key that was removed for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurgedKey {
    /// Its id.
    pub id: String,
    /// Its organization.
    pub organization_id: String,
    /// Its team.
    pub team_id: Option<String>,
}

impl Transaction<'_> {
    /// Removes a key and its secrets from where they let callers in, and keeps them aside.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete_key(&mut self, id: &KeyId, deletion: &Deletion) -> Result<()> {
        self.touch(Touched::Key, id.as_str());
        self.note_deleted_key(id).await?;
        let Some(key) = self.virtual_key(id).await? else {
            return Ok(());
        };
        let secrets = self.key_secrets(id).await?;
        let block = self.block(id.as_str()).await?;
        self.set_block_level(id.as_str(), None).await?;
        let row = DeletedKeyRow::of(DeletedKey {
            key,
            secrets,
            block,
            deletion: deletion.clone(),
        })?;
        on_either!(*self.connection()?, c => {
            diesel::delete(key_secrets::table.filter(key_secrets::key_id.eq(id.as_str())))
                .execute(c)
                .await?;
            diesel::delete(virtual_keys::table.find(id.as_str()))
                .execute(c)
                .await?;
            diesel::insert_into(deleted_keys::table)
                .values(&row)
                .execute(c)
                .await?;
        });
        Ok(())
    }

    /// As [`Store::deleted_key`], as it is within this change: nobody else restores or removes it
    /// before this ends.
    ///
    /// # Errors
    /// As there.
    pub async fn deleted_key(&mut self, id: &KeyId) -> Result<Option<DeletedKey>> {
        let row = on_either!(*self.connection()?, c => deleted_keys::table
            .find(id.as_str())
            .filter(restorable!())
            .select(DeletedKeyRow::as_select())
            .first(c)
            .await
            .optional()?);
        row.map(DeletedKey::try_from).transpose()
    }

    /// Puts a deleted key back, with its secrets and its block.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when its alias or a secret of it is another key's by now,
    /// [`StoreError::Dangling`] when what it belongs to is gone, and when the database does not
    /// answer.
    pub async fn restore_key(&mut self, deleted: &DeletedKey) -> Result<()> {
        let DeletedKey {
            key,
            secrets,
            block,
            deletion: _,
        } = deleted;
        let id = key.id.as_str();
        self.put_key(key, secrets).await?;
        self.note_key(key);
        if let Some(Block { level, reason }) = block {
            self.set_block_level(id, Some(*level)).await?;
            if let Some(reason) = reason {
                self.set_block_reason(id, reason).await?;
            }
        }
        on_either!(*self.connection()?, c => diesel::delete(deleted_keys::table.find(id))
            .execute(c)
            .await?);
        Ok(())
    }

    /// Removes keys for good that were deleted at this time or before, so many at once: of them only
    /// their names are left.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn purge_deleted_keys(&mut self, at: TimestampMs) -> Result<Vec<PurgedKey>> {
        let rows: Vec<(String, String, Option<String>)> = on_either!(*self.connection()?, c =>
            deleted_keys::table
                .filter(deleted_keys::virtual_key.is_not_null())
                .filter(deleted_keys::deleted_at_ms.le(at.to_stored()))
                .order((deleted_keys::deleted_at_ms, deleted_keys::id))
                .limit(AT_ONCE)
                .select((deleted_keys::id, deleted_keys::organization_id, deleted_keys::team_id))
                .load(c)
                .await?);
        let ids: Vec<&str> = rows.iter().map(|(id, _, _)| id.as_str()).collect();
        on_either!(*self.connection()?, c => diesel::delete(
            key_activity::table.filter(key_activity::key_id.eq_any(&ids)))
            .execute(c)
            .await?);
        on_either!(*self.connection()?, c => diesel::update(
            deleted_keys::table.filter(deleted_keys::id.eq_any(&ids)))
            .set((
                deleted_keys::virtual_key.eq(None::<String>),
                deleted_keys::secrets.eq(None::<String>),
                deleted_keys::block_level.eq(None::<String>),
                deleted_keys::block_reason.eq(None::<String>),
            ))
            .execute(c)
            .await?);
        let each = rows.into_iter();
        Ok(each
            .map(|(id, organization_id, team_id)| PurgedKey {
                id,
                organization_id,
                team_id,
            })
            .collect())
    }

    /// Removes all that is left of the deleted keys of an organization, which goes itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_deleted_keys(&mut self, organization: &OrganizationId) -> Result<()> {
        on_either!(*self.connection()?, c => diesel::delete(
            deleted_keys::table.filter(deleted_keys::organization_id.eq(organization.as_str())))
            .execute(c)
            .await?);
        Ok(())
    }
}
