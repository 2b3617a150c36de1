//! One request in full.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use domain::ledger::AttemptEntry;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::Store;
use crate::connection::Connection;
use crate::error::Result;
use crate::ledger::push_time;
use crate::requests::counted::{COUNTED, Counted, count};
use crate::requests::read::{Row, columns};
use crate::requests::{AttemptCorrection, AttemptDetail, RequestDetail};
use crate::sql::Sql;

#[derive(QueryableByName)]
struct AttemptRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    reserved_at_ms: i64,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    status: Option<i64>,
    #[diesel(sql_type = BigInt)]
    duration_ms: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    first_byte_ms: Option<i64>,
    #[diesel(sql_type = BigInt)]
    charge_nanousd: i64,
    #[diesel(sql_type = Bool)]
    priced: bool,
    #[diesel(sql_type = BigInt)]
    held_nanousd: i64,
    #[diesel(sql_type = Text)]
    model_group: String,
    #[diesel(sql_type = Text)]
    provider: String,
    #[diesel(sql_type = Text)]
    model: String,
    #[diesel(sql_type = Text)]
    deployment_id: String,
    #[diesel(embed)]
    counted: Counted,
}

#[derive(QueryableByName)]
struct CorrectionRow {
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    at_ms: i64,
    #[diesel(sql_type = Text)]
    actor: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = BigInt)]
    old_nanousd: i64,
    #[diesel(sql_type = BigInt)]
    new_nanousd: i64,
}

impl Store {
    /// A request in full.
    ///
    /// # Errors
    /// As [`Store::requests`].
    pub async fn request(&self, id: &str) -> Result<Option<RequestDetail>> {
        let mut connection = self.connect().await?;
        let text = format!(
            "SELECT {} FROM requests r JOIN usage_dimensions d ON d.id = r.dimension_id \
             WHERE r.id = ",
            columns(connection.dialect())
        );
        let mut sql = Sql::new(connection.dialect(), &text);
        sql.text(id);
        push_time(&mut sql, "r.at_ms", std::iter::once(id));
        let mut rows: Vec<Row> = connection.load(sql).await?;
        let Some(row) = rows.pop() else {
            return Ok(None);
        };
        let attempts = attempts(&mut connection, id).await?;
        let corrections = corrections(&mut connection, id).await?;
        let attempts = attempts.into_iter().map(|attempt| AttemptDetail {
            corrections: corrections
                .iter()
                .filter(|row| row.number == attempt.number)
                .map(correction)
                .collect(),
            attempt: attempt.into(),
        });
        Ok(Some(RequestDetail {
            attempts: attempts.collect(),
            request: row.try_into()?,
        }))
    }
}

async fn attempts(connection: &mut Connection, id: &str) -> Result<Vec<AttemptRow>> {
    let text = format!(
        "SELECT a.number, a.reserved_at_ms, a.outcome, a.status, a.duration_ms, a.first_byte_ms, \
         a.charge_nanousd, a.priced, a.held_nanousd, d.model_group, d.provider, d.model, \
         d.deployment_id, {COUNTED} \
         FROM attempts a JOIN usage_dimensions d ON d.id = a.dimension_id WHERE a.request_id = "
    );
    let mut sql = Sql::new(connection.dialect(), &text);
    sql.text(id);
    push_time(&mut sql, "a.reserved_at_ms", std::iter::once(id));
    sql.push(" ORDER BY a.number");
    connection.load(sql).await
}

async fn corrections(connection: &mut Connection, id: &str) -> Result<Vec<CorrectionRow>> {
    let mut sql = Sql::new(
        connection.dialect(),
        "SELECT number, at_ms, actor, reason, old_nanousd, new_nanousd FROM attempt_corrections \
         WHERE request_id = ",
    );
    sql.text(id).push(" ORDER BY revision");
    connection.load(sql).await
}

fn correction(row: &CorrectionRow) -> AttemptCorrection {
    AttemptCorrection {
        at: TimestampMs(count(row.at_ms)),
        actor: row.actor.clone(),
        reason: row.reason.clone(),
        old_nanousd: NanoUsd(row.old_nanousd),
        new_nanousd: NanoUsd(row.new_nanousd),
    }
}

impl From<AttemptRow> for AttemptEntry {
    fn from(row: AttemptRow) -> Self {
        Self {
            number: u32::try_from(row.number).unwrap_or(0),
            reserved_at: TimestampMs(count(row.reserved_at_ms)),
            group: row.model_group,
            deployment_id: row.deployment_id,
            provider: row.provider,
            model: row.model,
            outcome: row.outcome,
            status: row.status.and_then(|status| u16::try_from(status).ok()),
            duration_ms: count(row.duration_ms),
            first_byte_ms: row.first_byte_ms.map(count),
            usage: row.counted.usage(),
            charge_nanousd: NanoUsd(row.charge_nanousd),
            priced: row.priced,
            held_nanousd: NanoUsd(row.held_nanousd),
        }
    }
}
