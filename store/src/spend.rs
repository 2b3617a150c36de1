//! Spend: what was charged and corrected, and the corrections themselves.

use std::collections::{BTreeMap, BTreeSet};

use diesel::{ExpressionMethods, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::directory::Revision;
use domain::ids::AdjustmentId;
use domain::ledger::Corrected;
use domain::money::NanoUsd;
use domain::spend::{Adjustment, ScopeKind, SpendScope};

use crate::Store;
use crate::column::Column;
use crate::connection::{Connection, on_either};
use crate::error::{Result, StoreError};
use crate::ledger::{spent, top, total};
use crate::schema::adjustments;
use crate::transaction::Transaction;

/// How many scopes one query asks for.
const AT_ONCE: usize = 1_000;

/// A row of `adjustments`.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = adjustments)]
struct AdjustmentRow {
    id: String,
    scope_kind: String,
    scope_id: String,
    amount_nanousd: i64,
    kind: String,
    reason: String,
    actor: String,
    at_ms: i64,
    model: Option<String>,
    budget_window: Option<String>,
    revision: i64,
}

impl AdjustmentRow {
    fn new(adjustment: &Adjustment, revision: Revision) -> Self {
        Self {
            id: adjustment.id.to_stored(),
            scope_kind: adjustment.scope.kind.as_str().to_owned(),
            scope_id: adjustment.scope.id.clone(),
            amount_nanousd: adjustment.amount_nanousd.to_stored(),
            kind: adjustment.kind.clone(),
            reason: adjustment.reason.clone(),
            actor: adjustment.actor.clone(),
            at_ms: adjustment.at.to_stored(),
            model: adjustment.model.clone(),
            budget_window: adjustment.window.map(|window| window.to_string()),
            revision: revision.0,
        }
    }
}

impl TryFrom<AdjustmentRow> for Corrected {
    type Error = StoreError;

    fn try_from(row: AdjustmentRow) -> Result<Self> {
        let id = row.id.clone();
        let unreadable = |column: &'static str| {
            let id = id.clone();
            move |cause: String| StoreError::Unreadable { column, id, cause }
        };
        let kind = ScopeKind::from_word(&row.scope_kind)
            .ok_or_else(|| format!("`{}` is no level", row.scope_kind))
            .map_err(unreadable("scope_kind"))?;
        let window = row.budget_window.map(|text| text.parse()).transpose();
        Ok(Self {
            revision: Revision(row.revision),
            adjustment: Adjustment {
                id: AdjustmentId::new(row.id),
                scope: SpendScope::new(kind, row.scope_id),
                model: row.model,
                window: window
                    .map_err(|malformed: domain::spans::NotASpan| malformed.to_string())
                    .map_err(unreadable("budget_window"))?,
                amount_nanousd: NanoUsd(row.amount_nanousd),
                kind: row.kind,
                reason: row.reason,
                actor: row.actor,
                at: Column::from_stored(row.at_ms).map_err(unreadable("at_ms"))?,
            },
        })
    }
}

/// Corrections after a revision, in the order of their revisions.
pub(crate) async fn adjustments_after(
    connection: &mut Connection,
    since: Revision,
) -> Result<Vec<Corrected>> {
    let rows: Vec<AdjustmentRow> = on_either!(*connection, c => adjustments::table
        .filter(adjustments::revision.gt(since.0))
        .order((adjustments::revision.asc(), adjustments::id.asc()))
        .select(AdjustmentRow::as_select())
        .load(c)
        .await?);
    rows.into_iter().map(Corrected::try_from).collect()
}

impl Store {
    /// What each of these has spent since ever: what was charged, and corrections of that sum; those
    /// that spent nothing are not in the answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn spend_of(&self, scopes: &[SpendScope]) -> Result<BTreeMap<SpendScope, NanoUsd>> {
        let mut by_kind: BTreeMap<ScopeKind, Vec<&str>> = BTreeMap::new();
        for scope in scopes {
            by_kind.entry(scope.kind).or_default().push(&scope.id);
        }
        let mut spend = BTreeMap::new();
        let mut connection = self.connect().await?;
        for (kind, ids) in by_kind {
            for ids in ids.chunks(AT_ONCE) {
                let ids: BTreeSet<&str> = ids.iter().copied().collect();
                let sums = spent(&mut connection, kind, &ids).await?.into_iter();
                spend.extend(sums.map(|(id, sum)| (SpendScope { kind, id }, sum)));
            }
        }
        Ok(spend)
    }

    /// What all things of one kind have spent together since ever, those that are gone among them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn total_spend(&self, kind: ScopeKind) -> Result<NanoUsd> {
        let mut connection = self.connect().await?;
        total(&mut connection, kind).await
    }

    /// Those of one kind that have spent the most since ever, the greatest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn top_spend(&self, kind: ScopeKind, limit: i64) -> Result<Vec<(String, NanoUsd)>> {
        let mut connection = self.connect().await?;
        top(&mut connection, kind, limit).await
    }

    /// The corrections of one scope's spend, the newest first.
    ///
    /// # Errors
    /// When the database does not answer, or a column cannot be read.
    pub async fn adjustments(&self, scope: &SpendScope) -> Result<Vec<Adjustment>> {
        let mut connection = self.connect().await?;
        let rows: Vec<AdjustmentRow> = on_either!(connection, c => adjustments::table
            .filter(adjustments::scope_kind.eq(scope.kind.as_str()))
            .filter(adjustments::scope_id.eq(&scope.id))
            .order(adjustments::id.desc())
            .select(AdjustmentRow::as_select())
            .load(c)
            .await?);
        let read = rows.into_iter().map(Corrected::try_from);
        read.map(|read| read.map(|corrected| corrected.adjustment))
            .collect()
    }
}

impl Transaction<'_> {
    /// What a scope has spent since ever, within this change: no other correction comes between.
    ///
    /// # Errors
    /// As [`Store::spend_of`].
    pub async fn spend(&mut self, scope: &SpendScope) -> Result<NanoUsd> {
        let ids = BTreeSet::from([scope.id.as_str()]);
        let mut sums = spent(self.connection()?, scope.kind, &ids).await?;
        Ok(sums.remove(&scope.id).unwrap_or_default())
    }

    /// Corrects a scope's spend. Data planes follow by the revision of this change.
    ///
    /// # Errors
    /// When its id is taken, or the database does not answer.
    pub async fn adjust(&mut self, adjustment: &Adjustment) -> Result<()> {
        let row = AdjustmentRow::new(adjustment, self.revision());
        on_either!(*self.connection()?, c => diesel::insert_into(adjustments::table)
            .values(&row)
            .execute(c)
            .await?);
        Ok(())
    }
}
