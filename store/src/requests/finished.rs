//! What was answered lately, whenever it came in: a request is written when it has ended, so that
//! one that took long stands among older ones by its id.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::error::Result;
use crate::ledger::push_time;
use crate::requests::RequestRow;
use crate::requests::counted::count;
use crate::requests::read::{Row, columns};
use crate::sql::Sql;

/// No request takes longer: it lies in the partitions of today or yesterday.
const LONGEST_MS: u64 = 24 * 60 * 60 * 1_000;

/// A request that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// `req_…`.
    pub id: String,
    /// When its answer ended, by the clock of its node.
    pub at: TimestampMs,
}

#[derive(QueryableByName)]
struct EndedRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    ended_ms: i64,
}

impl Store {
    /// The requests of which the ledger has heard and whose answers ended after this, the last to
    /// end first; at most so many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn ended_after(&self, at: TimestampMs, most: i64) -> Result<Vec<Ended>> {
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(
            connection.dialect(),
            "SELECT r.id, r.at_ms + r.duration_ms AS ended_ms FROM requests r \
             WHERE r.at_ms + r.duration_ms > ",
        );
        let earliest = TimestampMs(at.0.saturating_sub(LONGEST_MS));
        sql.number(at.to_stored())
            .push(" AND r.at_ms >= ")
            .number(earliest.to_stored())
            .push(" ORDER BY r.at_ms + r.duration_ms DESC LIMIT ")
            .number(most);
        let rows: Vec<EndedRow> = connection.load(sql).await?;
        let ended = rows.into_iter().map(|row| Ended {
            id: row.id,
            at: TimestampMs(count(row.ended_ms)),
        });
        Ok(ended.collect())
    }

    /// The requests with these ids, those that came in last first.
    ///
    /// # Errors
    /// As [`Store::requests`].
    pub async fn requests_with(&self, ids: &[String]) -> Result<Vec<RequestRow>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut connection = self.connect().await?;
        let text = format!(
            "SELECT {} FROM requests r JOIN usage_dimensions d ON d.id = r.dimension_id WHERE r.id",
            columns(connection.dialect())
        );
        let mut sql = Sql::new(connection.dialect(), &text);
        sql.among(ids.iter().map(String::as_str));
        push_time(&mut sql, "r.at_ms", ids.iter().map(String::as_str));
        sql.push(" ORDER BY r.id DESC");
        let rows: Vec<Row> = connection.load(sql).await?;
        drop(connection);
        rows.into_iter().map(RequestRow::try_from).collect()
    }
}
