//! The audit trail's rows: listed for people, and in their order for whoever verifies them.

use diesel::sql_types::BigInt;
use diesel::{
    BoolExpressionMethods, ExpressionMethods, Insertable, NullableExpressionMethods, QueryDsl,
    Queryable, QueryableByName, Selectable, SelectableHelper,
};
use diesel_async::RunQueryDsl;
use domain::audit::{AuditEntry, ChainedEntry, Mac};
use domain::ids::{OrganizationId, TeamId};
use domain::permissions::Scope;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::{Connection, on_either};
use crate::error::{Result, StoreError};
use crate::page::{Listed, Page};
use crate::schema::{audit_entries, head};
use crate::sql::Sql;

/// A row of `audit_entries`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_entries)]
pub(crate) struct AuditRow {
    pub(crate) sequence: i64,
    at_ms: i64,
    organization_id: Option<String>,
    team_id: Option<String>,
    actor_kind: String,
    actor_id: String,
    address: Option<String>,
    session_id: Option<String>,
    on_behalf_of: Option<String>,
    request_id: Option<String>,
    action: String,
    object_kind: String,
    object_id: String,
    before_value: Option<String>,
    after_value: Option<String>,
    reason: Option<String>,
    pub(crate) mac: String,
}

impl From<&ChainedEntry> for AuditRow {
    fn from(chained: &ChainedEntry) -> Self {
        let entry = chained.entry.clone();
        Self {
            sequence: chained.sequence,
            at_ms: entry.at.to_stored(),
            organization_id: entry.organization_id,
            team_id: entry.team_id,
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id,
            address: entry.address,
            session_id: entry.session_id,
            on_behalf_of: entry.on_behalf_of,
            request_id: entry.request_id,
            action: entry.action,
            object_kind: entry.object_kind,
            object_id: entry.object_id,
            before_value: entry.before,
            after_value: entry.after,
            reason: entry.reason,
            mac: chained.mac.to_string(),
        }
    }
}

impl TryFrom<AuditRow> for ChainedEntry {
    type Error = StoreError;

    fn try_from(row: AuditRow) -> Result<Self> {
        let unreadable = |column: &'static str, cause: String| StoreError::Unreadable {
            column,
            id: format!("audit entry {}", row.sequence),
            cause,
        };
        let at = TimestampMs::from_stored(row.at_ms).map_err(|why| unreadable("at_ms", why))?;
        // Only as it is written here: another spelling of the same number is an edit as well.
        let mac = Mac::from_hex(&row.mac)
            .ok()
            .filter(|mac| mac.to_string() == row.mac)
            .ok_or_else(|| unreadable("mac", "it is no link of the chain".to_owned()))?;
        Ok(Self {
            sequence: row.sequence,
            entry: AuditEntry {
                at,
                organization_id: row.organization_id,
                team_id: row.team_id,
                actor_kind: row.actor_kind,
                actor_id: row.actor_id,
                address: row.address,
                session_id: row.session_id,
                on_behalf_of: row.on_behalf_of,
                request_id: row.request_id,
                action: row.action,
                object_kind: row.object_kind,
                object_id: row.object_id,
                before: row.before_value,
                after: row.after_value,
                reason: row.reason,
            },
            mac,
        })
    }
}

/// Which entries are listed; all that is said holds at once.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Those of organizations and teams that may be seen. Entries of the whole platform, such as
    /// failed sign-ins, are in the scope of everything alone; an owner sees none.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those of this actor: `user_…`, `master_key` …
    pub actor_id: Option<String>,
    /// Those of exactly this action: `key.create`.
    pub action: Option<String>,
    /// Those about this kind of thing.
    pub object_kind: Option<String>,
    /// Those about the thing with this id, alone or with others.
    pub object_id: Option<String>,
    /// Those of this time and later.
    pub from: Option<TimestampMs>,
    /// Those before this time.
    pub until: Option<TimestampMs>,
}

/// Which part of the trail is asked for, newest first.
#[derive(Clone, Copy, Debug, Default)]
pub struct AuditPage {
    /// Only entries before this one.
    pub before_sequence: Option<i64>,
    /// How many at most.
    pub limit: i64,
    /// Whether to count all that match.
    pub count: bool,
}

/// A boxed query of all entries that a filter lets through; made anew for the count.
macro_rules! matching {
    ($filter:expr, $with_others:expr) => {{
        let mut query = audit_entries::table.into_boxed();
        if !$filter.scope.everything {
            let organizations = $filter.scope.organizations.iter();
            let teams = $filter.scope.teams.iter();
            let organization = audit_entries::organization_id.assume_not_null();
            let team = audit_entries::team_id.assume_not_null();
            let within = organization.eq_any(organizations.map(OrganizationId::as_str));
            query = query.filter(within.or(team.eq_any(teams.map(TeamId::as_str))));
        }
        if let Some(id) = &$filter.organization_id {
            query = query.filter(audit_entries::organization_id.eq(id.as_str()));
        }
        if let Some(id) = &$filter.actor_id {
            query = query.filter(audit_entries::actor_id.eq(id));
        }
        if let Some(action) = &$filter.action {
            query = query.filter(audit_entries::action.eq(action));
        }
        let is_kind = |kind| audit_entries::object_kind.eq(kind);
        let is_it = |id| audit_entries::object_id.eq(id);
        // What is only with others is left out where there is none, for the index to be of use.
        let with_others = || audit_entries::sequence.eq_any($with_others);
        query = match (&$filter.object_kind, &$filter.object_id) {
            (None, None) => query,
            (Some(kind), None) => query.filter(is_kind(kind)),
            (None, Some(id)) if $with_others.is_empty() => query.filter(is_it(id)),
            (None, Some(id)) => query.filter(is_it(id).or(with_others())),
            (Some(kind), Some(id)) if $with_others.is_empty() => {
                query.filter(is_kind(kind).and(is_it(id)))
            }
            (Some(kind), Some(id)) => query.filter(is_kind(kind).and(is_it(id)).or(with_others())),
        };
        if let Some(from) = $filter.from {
            query = query.filter(audit_entries::at_ms.ge(from.to_stored()));
        }
        if let Some(until) = $filter.until {
            query = query.filter(audit_entries::at_ms.lt(until.to_stored()));
        }
        query
    }};
}

/// So many entries are found at most of those that are about a thing and others.
const MOST_WITH_OTHERS: i64 = 1_000;

/// So many entries are read with one question: each is asked for by its number.
const READ_AT_ONCE: usize = 1_000;

/// The number of an entry.
#[derive(QueryableByName)]
struct Numbered {
    #[diesel(sql_type = BigInt)]
    sequence: i64,
}

/// The newest entries that are about this thing and others.
async fn about(connection: &mut Connection, id: &str) -> Result<Vec<i64>> {
    let mut sql = Sql::new(
        connection.dialect(),
        "SELECT sequence FROM audit_objects WHERE object_id = ",
    );
    sql.text(id).push(" ORDER BY sequence DESC LIMIT ");
    sql.number(MOST_WITH_OTHERS);
    let rows: Vec<Numbered> = connection.load(sql).await?;
    Ok(rows.into_iter().map(|row| row.sequence).collect())
}

impl Store {
    /// Lists entries, newest first.
    ///
    /// # Errors
    /// When the database does not answer, or an entry cannot be read.
    pub async fn audit_entries(
        &self,
        filter: &AuditFilter,
        page: &AuditPage,
    ) -> Result<Listed<ChainedEntry>> {
        let before = page.before_sequence.unwrap_or(i64::MAX);
        let cut = Page::first(page.limit);
        let mut connection = self.connect().await?;
        let with_others = match &filter.object_id {
            Some(id) => about(&mut connection, id).await?,
            None => Vec::new(),
        };
        let (rows, total) = on_either!(connection, c => {
            // Which they are is found in indexes alone; the rows are wide.
            let found: Vec<i64> = matching!(filter, &with_others)
                .filter(audit_entries::sequence.lt(before))
                .order(audit_entries::sequence.desc())
                .limit(cut.rows())
                .select(audit_entries::sequence)
                .load(c)
                .await?;
            let mut rows: Vec<AuditRow> = Vec::with_capacity(found.len());
            for some in found.chunks(READ_AT_ONCE) {
                let entries = audit_entries::table.filter(audit_entries::sequence.eq_any(some));
                let newest_first = entries.order(audit_entries::sequence.desc());
                rows.extend(newest_first.select(AuditRow::as_select()).load(c).await?);
            }
            let total = match page.count {
                true => Some(matching!(filter, &with_others).count().get_result::<i64>(c).await?),
                false => None,
            };
            (rows, total)
        });
        let items = rows.into_iter().map(ChainedEntry::try_from);
        Ok(cut.cut(items.collect::<Result<_>>()?, total))
    }

    /// The entries after this one, oldest first, at most `limit` of them.
    ///
    /// # Errors
    /// As [`Store::audit_entries`].
    pub async fn audit_after(&self, sequence: i64, limit: i64) -> Result<Vec<ChainedEntry>> {
        let rows = self
            .audit_rows(sequence.saturating_add(1), limit)
            .await?
            .into_iter();
        rows.map(ChainedEntry::try_from).collect()
    }

    /// Rows as they lie there, beginning with this number.
    pub(crate) async fn audit_rows(&self, first: i64, limit: i64) -> Result<Vec<AuditRow>> {
        let mut connection = self.connect().await?;
        Ok(on_either!(connection, c => audit_entries::table
            .filter(audit_entries::sequence.ge(first))
            .order(audit_entries::sequence.asc())
            .limit(limit)
            .select(AuditRow::as_select())
            .load(c)
            .await?))
    }

    /// The number and link of the last entry; 0 and [`Mac::GENESIS`] before the first.
    ///
    /// # Errors
    /// When the database does not answer, or its note of the last entry is not as it was written.
    pub async fn audit_head(&self) -> Result<(i64, Mac)> {
        let mut connection = self.connect().await?;
        let (sequence, mac): (i64, String) = on_either!(connection, c => head::table
            .select((head::audit_sequence, head::audit_mac))
            .first(c)
            .await?);
        Ok((sequence, head_mac(sequence, &mac)?))
    }
}

/// The link that stands in `head`: nothing stands there before the first entry.
pub(crate) fn head_mac(sequence: i64, stored: &str) -> Result<Mac> {
    if sequence == 0 && stored.is_empty() {
        return Ok(Mac::GENESIS);
    }
    Mac::from_hex(stored).map_err(|malformed| StoreError::Unreadable {
        column: "audit_mac",
        id: "head".to_owned(),
        cause: malformed.to_string(),
    })
}
