//! Spend: corrections of it, and their sums.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, Nullable};
use diesel::{ExpressionMethods, Insertable, QueryDsl, Queryable, Selectable, SelectableHelper};
use diesel_async::RunQueryDsl;
use domain::ids::AdjustmentId;
use domain::money::NanoUsd;
use domain::spend::{Adjustment, ScopeKind, SpendScope};

use crate::Store;
use crate::column::Column;
use crate::connection::on_either;
use crate::error::{Result, StoreError};
use crate::schema::adjustments;
use crate::transaction::Transaction;

/// How many scopes one query asks for: SQLite takes 32,766 values at most.
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
}

impl From<&Adjustment> for AdjustmentRow {
    fn from(adjustment: &Adjustment) -> Self {
        Self {
            id: adjustment.id.to_stored(),
            scope_kind: adjustment.scope.kind.as_str().to_owned(),
            scope_id: adjustment.scope.id.clone(),
            amount_nanousd: adjustment.amount_nanousd.to_stored(),
            kind: adjustment.kind.clone(),
            reason: adjustment.reason.clone(),
            actor: adjustment.actor.clone(),
            at_ms: adjustment.at.to_stored(),
        }
    }
}

impl AdjustmentRow {
    /// The correction of a scope that was asked for.
    fn of(self, scope: &SpendScope) -> Result<Adjustment> {
        let id = self.id.clone();
        Ok(Adjustment {
            id: AdjustmentId::new(self.id),
            scope: scope.clone(),
            model: None,
            window: None,
            amount_nanousd: NanoUsd(self.amount_nanousd),
            kind: self.kind,
            reason: self.reason,
            actor: self.actor,
            at: Column::from_stored(self.at_ms).map_err(|cause| StoreError::Unreadable {
                column: "at_ms",
                id,
                cause,
            })?,
        })
    }
}

impl Store {
    /// What each of these has spent; those that spent nothing are not in the answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn spend_of(&self, scopes: &[SpendScope]) -> Result<BTreeMap<SpendScope, NanoUsd>> {
        let mut by_kind: BTreeMap<ScopeKind, Vec<&str>> = BTreeMap::new();
        for scope in scopes {
            by_kind.entry(scope.kind).or_default().push(&scope.id);
        }
        let mut spend = BTreeMap::new();
        for (kind, ids) in by_kind {
            for ids in ids.chunks(AT_ONCE) {
                let sums = self.sums(kind, ids).await?;
                spend.extend(
                    sums.into_iter()
                        .map(|(id, sum)| (SpendScope { kind, id }, sum)),
                );
            }
        }
        Ok(spend)
    }

    /// What all things of one kind have spent together, those that are gone among them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn total_spend(&self, kind: ScopeKind) -> Result<NanoUsd> {
        let mut connection = self.connect().await?;
        let sum = || diesel::dsl::sql::<BigInt>("CAST(COALESCE(SUM(amount_nanousd), 0) AS BIGINT)");
        let total: i64 = on_either!(connection, c => adjustments::table
            .filter(adjustments::scope_kind.eq(kind.as_str()))
            .select(sum())
            .get_result(c)
            .await?);
        Ok(NanoUsd(total))
    }

    /// Those of one kind that have spent the most, the greatest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn top_spend(&self, kind: ScopeKind, limit: i64) -> Result<Vec<(String, NanoUsd)>> {
        let mut connection = self.connect().await?;
        let sum = || diesel::dsl::sql::<BigInt>("CAST(SUM(amount_nanousd) AS BIGINT)");
        let sums: Vec<(String, i64)> = on_either!(connection, c => adjustments::table
            .filter(adjustments::scope_kind.eq(kind.as_str()))
            .group_by(adjustments::scope_id)
            .select((adjustments::scope_id, sum()))
            .order((sum().desc(), adjustments::scope_id.asc()))
            .limit(limit)
            .load(c)
            .await?);
        let shown = sums.into_iter().map(|(id, sum)| (id, NanoUsd(sum)));
        Ok(shown.collect())
    }

    async fn sums(&self, kind: ScopeKind, ids: &[&str]) -> Result<Vec<(String, NanoUsd)>> {
        let mut connection = self.connect().await?;
        // Postgres sums whole numbers to a `numeric`.
        let sum = || diesel::dsl::sql::<BigInt>("CAST(SUM(amount_nanousd) AS BIGINT)");
        let sums: Vec<(String, i64)> = on_either!(connection, c => adjustments::table
            .filter(adjustments::scope_kind.eq(kind.as_str()))
            .filter(adjustments::scope_id.eq_any(ids))
            .group_by(adjustments::scope_id)
            .select((adjustments::scope_id, sum()))
            .load(c)
            .await?);
        Ok(sums
            .into_iter()
            .map(|(id, sum)| (id, NanoUsd(sum)))
            .collect())
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
        rows.into_iter().map(|row| row.of(scope)).collect()
    }
}

impl Transaction<'_> {
    /// What a scope has spent, within this change: no other correction comes between.
    ///
    /// # Errors
    /// As [`Store::spend_of`].
    pub async fn spend(&mut self, scope: &SpendScope) -> Result<NanoUsd> {
        let sum = diesel::dsl::sql::<Nullable<BigInt>>("CAST(SUM(amount_nanousd) AS BIGINT)");
        let sum: Option<i64> = on_either!(*self.connection()?, c => adjustments::table
            .filter(adjustments::scope_kind.eq(scope.kind.as_str()))
            .filter(adjustments::scope_id.eq(&scope.id))
            .select(sum)
            .first(c)
            .await?);
        Ok(NanoUsd(sum.unwrap_or_default()))
    }

    /// Corrects a scope's spend.
    ///
    /// # Errors
    /// When its id is taken, or the database does not answer.
    pub async fn adjust(&mut self, adjustment: &Adjustment) -> Result<()> {
        let row = AdjustmentRow::from(adjustment);
        on_either!(*self.connection()?, c => diesel::insert_into(adjustments::table)
            .values(&row)
            .execute(c)
            .await?);
        Ok(())
    }
}
