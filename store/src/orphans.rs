//! Attempts whose node died and that nobody could settle: listed, and settled by hand.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Text};
use domain::money::NanoUsd;
use domain::permissions::Scope;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::error::Result;
use crate::ledger::{Change, Changer, Differences, bounded_charge, change_rows};
use crate::page::{Listed, Page};
use crate::sql::Sql;
use crate::transaction::Transaction;
use crate::usage::conditions::push_scope;

/// An attempt whose node died: it is charged at what was held until somebody knows better.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    /// The request.
    pub request_id: String,
    /// The attempt's number in it.
    pub number: u32,
    /// When its money was reserved.
    pub reserved_at: TimestampMs,
    /// The organization that pays.
    pub organization_id: String,
    /// The key; empty with the master key.
    pub key_id: String,
    /// The model group.
    pub group: String,
    /// The vendor.
    pub provider: String,
    /// The vendor's name for the model.
    pub model: String,
    /// The deployment.
    pub deployment_id: String,
    /// What was held, and is charged.
    pub held_nanousd: NanoUsd,
}

/// Which orphans are listed, the newest first.
#[derive(Clone, Debug, Default)]
pub struct OrphanFilter {
    /// Those of organizations and teams that may be seen.
    pub scope: Scope,
    /// Those reserved at this time and later.
    pub from: Option<TimestampMs>,
    /// Those reserved before this time.
    pub until: Option<TimestampMs>,
}

/// How an orphan is settled by hand.
#[derive(Clone, Debug)]
pub struct SettledByHand {
    /// The request.
    pub request_id: String,
    /// The attempt's number in it.
    pub number: u32,
    /// What it cost in truth.
    pub charge_nanousd: NanoUsd,
    /// Who says so.
    pub actor: String,
    /// Why.
    pub reason: String,
}

#[derive(QueryableByName)]
struct OrphanRow {
    #[diesel(sql_type = Text)]
    request_id: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    reserved_at_ms: i64,
    #[diesel(sql_type = BigInt)]
    dimension_id: i64,
    #[diesel(sql_type = BigInt)]
    charge_nanousd: i64,
    #[diesel(sql_type = Bool)]
    estimated: bool,
    #[diesel(sql_type = Text)]
    organization_id: String,
    #[diesel(sql_type = Text)]
    key_id: String,
    #[diesel(sql_type = Text)]
    model_group: String,
    #[diesel(sql_type = Text)]
    provider: String,
    #[diesel(sql_type = Text)]
    model: String,
    #[diesel(sql_type = Text)]
    deployment_id: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
}

impl From<OrphanRow> for Orphan {
    fn from(row: OrphanRow) -> Self {
        Self {
            request_id: row.request_id,
            number: u32::try_from(row.number).unwrap_or(0),
            reserved_at: TimestampMs(u64::try_from(row.reserved_at_ms).unwrap_or(0)),
            organization_id: row.organization_id,
            key_id: row.key_id,
            group: row.model_group,
            provider: row.provider,
            model: row.model,
            deployment_id: row.deployment_id,
            held_nanousd: NanoUsd(row.charge_nanousd),
        }
    }
}

const ORPHANS: &str = "SELECT a.request_id, a.number, a.reserved_at_ms, a.dimension_id, \
    a.charge_nanousd, a.estimated, d.organization_id, d.key_id, d.model_group, d.provider, \
    d.model, d.deployment_id, d.time_zone \
    FROM attempts a JOIN usage_dimensions d ON d.id = a.dimension_id \
    WHERE a.outcome = 'orphaned' AND ";

impl Store {
    /// Lists orphans, the newest first, after the cursor `page.after` (`req_….2`).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn orphans(&self, filter: &OrphanFilter, page: &Page) -> Result<Listed<Orphan>> {
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(connection.dialect(), ORPHANS);
        push_scope(&mut sql, &filter.scope);
        if let Some(from) = filter.from {
            sql.push(" AND a.reserved_at_ms >= ")
                .number(from.to_stored());
        }
        if let Some(until) = filter.until {
            sql.push(" AND a.reserved_at_ms < ")
                .number(until.to_stored());
        }
        let after = page
            .after
            .as_deref()
            .and_then(|after| after.rsplit_once('.'));
        if let Some((request_id, number)) = after {
            sql.push(" AND (a.request_id, a.number) < (")
                .text(request_id)
                .push(", ")
                .number(number.parse().unwrap_or(0))
                .push(")");
        }
        sql.push(" ORDER BY a.request_id DESC, a.number DESC LIMIT ")
            .number(page.rows());
        let rows: Vec<OrphanRow> = connection.load(sql).await?;
        let total = page.total_when_seen(rows.len()).filter(|_known| page.count);
        Ok(page.cut(rows.into_iter().map(Orphan::from).collect(), total))
    }
}

impl Transaction<'_> {
    /// Settles an orphan by hand: its charge is corrected, the old figure kept, and data planes are
    /// told to count its organization's spend anew. None when there is no such orphan (any more).
    /// Audit it with the answer, which is the orphan as it was.
    ///
    /// # Errors
    /// When the database does not answer; then drop the transaction.
    pub async fn settle_orphan(&mut self, settled: &SettledByHand) -> Result<Option<Orphan>> {
        let connection = self.connection()?;
        let mut sql = Sql::new(connection.dialect(), ORPHANS);
        sql.push("a.request_id = ")
            .text(&settled.request_id)
            .push(" AND a.number = ")
            .number(i64::from(settled.number));
        let mut rows: Vec<OrphanRow> = connection.load(sql).await?;
        let Some(row) = rows.pop() else {
            return Ok(None);
        };
        let change = Change {
            request_id: row.request_id.clone(),
            number: row.number,
            reserved_at: TimestampMs(u64::try_from(row.reserved_at_ms).unwrap_or(0)),
            dimension_id: row.dimension_id,
            organization_id: row.organization_id.clone(),
            zone: row.time_zone.clone(),
            old: NanoUsd(row.charge_nanousd),
            new: bounded_charge(settled.charge_nanousd),
            estimated: row.estimated,
            orphaned: true,
        };
        let by = Changer {
            actor: &settled.actor,
            reason: &settled.reason,
            at: TimestampMs::now(),
        };
        let mut differences = Differences::default();
        change_rows(self, &by, &[change], &mut differences).await?;
        differences.write(self, &by).await?;
        Ok(Some(row.into()))
    }
}
