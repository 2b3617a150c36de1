//! Keys that were deleted: kept aside while they may be restored, where nothing that lets callers in
//! looks; then only their names.

use std::collections::BTreeMap;

use diesel::{
    BoolExpressionMethods, EscapeExpressionMethods, ExpressionMethods, Insertable,
    NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, Selectable,
    TextExpressionMethods,
};
use diesel_async::RunQueryDsl;
use domain::blocks::{Block, BlockLevel};
use domain::deleted_keys::{DeletedKey, Deletion, RESTORABLE_MS};
use domain::ids::{OrganizationId, TeamId, UserId};
use domain::permissions::Scope;
use domain::time::TimestampMs;

use crate::Store;
use crate::blocks;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::listing::{found, listed};
use crate::narrowing::{contains, equal, within};
use crate::page::{Listed, Order, Page, containing, lower};
use crate::schema::deleted_keys;

/// A row of `deleted_keys`.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = deleted_keys)]
pub(crate) struct DeletedKeyRow {
    id: String,
    organization_id: String,
    team_id: Option<String>,
    user_id: Option<String>,
    environment: Option<String>,
    alias: Option<String>,
    last_four: String,
    virtual_key: Option<String>,
    secrets: Option<String>,
    block_level: Option<String>,
    block_reason: Option<String>,
    level: String,
    deleted_at_ms: i64,
    deleted_by: String,
}

impl DeletedKeyRow {
    pub(crate) fn of(deleted: DeletedKey) -> Result<Self> {
        let DeletedKey {
            key,
            secrets,
            block,
            deletion: Deletion { at, by, level },
        } = deleted;
        let unwritable = |cause: serde_json::Error| StoreError::Query(cause.to_string());
        let (block_level, block_reason) = block.map_or((None, None), |block| {
            (Some(block.level.as_str().to_owned()), block.reason)
        });
        Ok(Self {
            virtual_key: Some(serde_json::to_string(&key).map_err(unwritable)?),
            secrets: Some(serde_json::to_string(&secrets).map_err(unwritable)?),
            id: key.id.to_stored(),
            organization_id: key.organization_id.to_stored(),
            team_id: key.team_id.to_stored(),
            user_id: key.user_id.to_stored(),
            environment: key.environment,
            alias: key.alias,
            last_four: key.last_four,
            block_level,
            block_reason,
            level: level.as_str().to_owned(),
            deleted_at_ms: at.to_stored(),
            deleted_by: by,
        })
    }
}

impl TryFrom<DeletedKeyRow> for DeletedKey {
    type Error = StoreError;

    fn try_from(row: DeletedKeyRow) -> Result<Self> {
        let id = row.id;
        let unreadable = |column: &'static str, cause: String| StoreError::Unreadable {
            column,
            id: id.clone(),
            cause,
        };
        let malformed = |column| move |cause: serde_json::Error| (column, cause.to_string());
        let key = serde_json::from_str(row.virtual_key.as_deref().unwrap_or_default())
            .map_err(malformed("virtual_key"))
            .map_err(|(column, cause)| unreadable(column, cause))?;
        let secrets = serde_json::from_str(row.secrets.as_deref().unwrap_or_default())
            .map_err(malformed("secrets"))
            .map_err(|(column, cause)| unreadable(column, cause))?;
        let level = BlockLevel::from_word(&row.level)
            .ok_or_else(|| unreadable("level", format!("`{}` is no level", row.level)))?;
        let at = Column::from_stored(row.deleted_at_ms)
            .map_err(|cause| unreadable("deleted_at_ms", cause))?;
        let block = blocks::read(&id, row.block_level)?.map(|level| Block {
            level,
            reason: row.block_reason,
        });
        Ok(Self {
            key,
            secrets,
            block,
            deletion: Deletion {
                at,
                by: row.deleted_by,
                level,
            },
        })
    }
}

/// Which deleted keys are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct DeletedKeyFilter {
    /// Those that might be seen while they were there.
    pub scope: Scope,
    /// Those of these ids; of all when there is none.
    pub ids: Vec<String>,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those of this team.
    pub team_id: Option<TeamId>,
    /// Those of this person.
    pub user_id: Option<UserId>,
    /// Those of this environment.
    pub environment: Option<String>,
    /// Those whose alias or id contains this, in any case, or whose secret ends in these four.
    pub search: Option<String>,
}

/// Those that may still be restored.
macro_rules! restorable {
    () => {{
        let first = TimestampMs::now().0.saturating_sub(RESTORABLE_MS);
        deleted_keys::virtual_key
            .is_not_null()
            .and(deleted_keys::deleted_at_ms.gt(TimestampMs(first).to_stored()))
    }};
}

pub(crate) use restorable;

/// How a deleted key is called: by its alias, or how its secret ends.
fn name((id, alias, last_four): (String, Option<String>, String)) -> (String, String) {
    let name = alias.unwrap_or_else(|| format!("sk-…{last_four}"));
    (id, name)
}

impl Store {
    /// Finds a deleted key that may be restored.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn deleted_key(&self, id: &str) -> Result<Option<DeletedKey>> {
        found!(self, DeletedKeyRow of DeletedKey,
            deleted_keys::table.find(id).filter(restorable!()))
    }

    /// Lists deleted keys that may be restored, the last deleted first, whatever order the page asks
    /// for.
    ///
    /// # Errors
    /// As [`Store::deleted_key`].
    pub async fn deleted_keys(
        &self,
        filter: &DeletedKeyFilter,
        page: &Page,
    ) -> Result<Listed<DeletedKey>> {
        let page = Page {
            order: Some(Order::by("deleted_at_ms", true)),
            ..page.clone()
        };
        listed!(self, &page, DeletedKeyRow of DeletedKey in deleted_keys, {
            let mut query = deleted_keys::table.filter(restorable!()).into_boxed();
            within!(query, filter.scope, organization deleted_keys::organization_id,
                team deleted_keys::team_id, owner deleted_keys::user_id);
            equal!(query, deleted_keys::organization_id => filter.organization_id,
                deleted_keys::team_id => filter.team_id,
                deleted_keys::user_id => filter.user_id,
                deleted_keys::environment => filter.environment);
            if !filter.ids.is_empty() {
                query = query.filter(deleted_keys::id.eq_any(&filter.ids));
            }
            if let Some(search) = &filter.search {
                let part = containing(search);
                query = query.filter(
                    contains!(deleted_keys::alias.assume_not_null(), part)
                        .or(deleted_keys::id.like(lower(part.clone())).escape('\\'))
                        .or(deleted_keys::last_four.eq(search)),
                );
            }
            query
        })
    }

    /// The names of those of these keys that were deleted, however long ago.
    ///
    /// # Errors
    /// As [`Store::deleted_key`].
    pub async fn names_of_deleted_keys(
        &self,
        ids: impl IntoIterator<Item = &str>,
    ) -> Result<BTreeMap<String, String>> {
        let ids: Vec<&str> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let mut connection = self.connect().await?;
        let rows: Vec<(String, Option<String>, String)> = on_either!(connection, c =>
            deleted_keys::table
                .filter(deleted_keys::id.eq_any(&ids))
                .select((deleted_keys::id, deleted_keys::alias, deleted_keys::last_four))
                .load(c)
                .await?);
        Ok(rows.into_iter().map(name).collect())
    }

    /// Whether a key is kept that was deleted at this time or before.
    ///
    /// # Errors
    /// As [`Store::deleted_key`].
    pub async fn has_keys_deleted_by(&self, at: TimestampMs) -> Result<bool> {
        let mut connection = self.connect().await?;
        let found: Option<String> = on_either!(connection, c => deleted_keys::table
            .filter(deleted_keys::virtual_key.is_not_null())
            .filter(deleted_keys::deleted_at_ms.le(at.to_stored()))
            .select(deleted_keys::id)
            .first(c)
            .await
            .optional()?);
        Ok(found.is_some())
    }
}
