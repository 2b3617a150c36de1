//! Corrected prices for what is already charged: a range is priced anew, and both figures are kept.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::ids::OrganizationId;
use domain::ledger::QUARTER_MS;
use domain::money::NanoUsd;
use domain::prices::Price;
use domain::time::TimestampMs;

use crate::column::Column;
use crate::error::Result;
use crate::ledger::{Change, Changer, Differences, bounded_charge, change_rows};
use crate::requests::counted::{COUNTED, Counted};
use crate::sql::Sql;
use crate::transaction::Transaction;
use crate::usage::pieces::floor;

/// Which attempts are priced anew, and how.
#[derive(Clone, Debug)]
pub struct Repricing {
    /// Those reserved at this time and later.
    pub from: TimestampMs,
    /// Those reserved before this time.
    pub to: TimestampMs,
    /// Those of this organization; of all when there is none.
    pub organization_id: Option<OrganizationId>,
    /// Those of this vendor.
    pub provider: String,
    /// Those of this model of the vendor's.
    pub model: String,
    /// What it cost in truth. Attempts whose node died and whose usage nobody knows keep their
    /// figure.
    pub price: Price,
    /// Who corrects.
    pub actor: String,
    /// Why.
    pub reason: String,
}

/// What a correction of prices did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repriced {
    /// Attempts whose figure changed.
    pub attempts: u64,
    /// What was charged for those.
    pub old_nanousd: NanoUsd,
    /// What is charged now.
    pub new_nanousd: NanoUsd,
}

#[derive(QueryableByName)]
struct Quarter {
    #[diesel(sql_type = BigInt)]
    quarter_ms: i64,
}

#[derive(QueryableByName)]
struct Charged {
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
    #[diesel(sql_type = Text)]
    organization_id: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(embed)]
    counted: Counted,
}

impl Transaction<'_> {
    /// Prices a range anew: rows and roll-ups change by the difference, old and new figures stay
    /// with each attempt, and data planes are told to count the spend of the organizations in it
    /// anew. Attempts that counted and cost nothing (the provider refused) stay as they are, as do
    /// orphans and rows that were folded together. Audit it with the answer.
    ///
    /// # Errors
    /// When the database does not answer; then drop the transaction.
    pub async fn reprice(&mut self, repricing: &Repricing) -> Result<Repriced> {
        let by = Changer {
            actor: &repricing.actor,
            reason: &repricing.reason,
            at: TimestampMs::now(),
        };
        let (mut repriced, mut differences) = (Repriced::default(), Differences::default());
        for quarter in self.quarters(repricing).await? {
            let rows = self.charged(repricing, quarter).await?;
            let changes: Vec<Change> = rows
                .into_iter()
                .filter_map(|row| change(row, repricing))
                .collect();
            for change in &changes {
                repriced.attempts += 1;
                add(&mut repriced.old_nanousd, change.old);
                add(&mut repriced.new_nanousd, change.new);
            }
            change_rows(self, &by, &changes, &mut differences).await?;
        }
        differences.write(self, &by).await?;
        Ok(repriced)
    }

    /// The quarters of an hour in which there are such attempts.
    async fn quarters(&mut self, repricing: &Repricing) -> Result<Vec<i64>> {
        let connection = self.connection()?;
        let mut sql = Sql::new(
            connection.dialect(),
            "SELECT DISTINCT q.quarter_ms FROM usage_quarters q \
             JOIN usage_dimensions d ON d.id = q.dimension_id WHERE q.attempts > 0 \
             AND q.quarter_ms >= ",
        );
        sql.number(floor(repricing.from).to_stored())
            .push(" AND q.quarter_ms < ")
            .number(repricing.to.to_stored());
        push_model(&mut sql, repricing);
        sql.push(" ORDER BY q.quarter_ms");
        let rows: Vec<Quarter> = connection.load(sql).await?;
        Ok(rows.into_iter().map(|row| row.quarter_ms).collect())
    }

    async fn charged(&mut self, repricing: &Repricing, quarter_ms: i64) -> Result<Vec<Charged>> {
        let connection = self.connection()?;
        let text = format!(
            "SELECT a.request_id, a.number, a.reserved_at_ms, a.dimension_id, a.charge_nanousd, \
             d.organization_id, d.time_zone, {COUNTED} FROM attempts a \
             JOIN usage_dimensions d ON d.id = a.dimension_id \
             WHERE a.outcome NOT IN ('orphaned', 'folded') AND a.reserved_at_ms >= "
        );
        let mut sql = Sql::new(connection.dialect(), &text);
        sql.number(quarter_ms.max(repricing.from.to_stored()))
            .push(" AND a.reserved_at_ms < ")
            .number(
                quarter_ms
                    .saturating_add(QUARTER_MS.to_stored())
                    .min(repricing.to.to_stored()),
            );
        push_model(&mut sql, repricing);
        connection.load(sql).await
    }
}

fn push_model(sql: &mut Sql, repricing: &Repricing) {
    sql.push(" AND d.provider = ")
        .text(&repricing.provider)
        .push(" AND d.model = ")
        .text(&repricing.model);
    if let Some(id) = &repricing.organization_id {
        sql.push(" AND d.organization_id = ").text(id.as_str());
    }
}

fn add(sum: &mut NanoUsd, more: NanoUsd) {
    sum.0 = sum.0.saturating_add(more.0);
}

fn change(row: Charged, repricing: &Repricing) -> Option<Change> {
    let usage = row.counted.usage();
    let old = NanoUsd(row.charge_nanousd);
    if old == NanoUsd(0) && usage.total_tokens() == 0 {
        return None;
    }
    let new = bounded_charge(repricing.price.charge(&usage));
    (new != old).then(|| Change {
        request_id: row.request_id,
        number: row.number,
        reserved_at: TimestampMs(u64::try_from(row.reserved_at_ms).unwrap_or(0)),
        dimension_id: row.dimension_id,
        organization_id: row.organization_id,
        zone: row.time_zone,
        old,
        new,
        estimated: usage.estimated,
        orphaned: false,
    })
}
