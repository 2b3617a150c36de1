//! What there is in the roll-ups: by the days of which zones, and between which times.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::ledger::QUARTER_MS;
use domain::time::TimestampMs;

use crate::column::Column;
use crate::connection::Connection;
use crate::error::Result;
use crate::sql::Sql;
use crate::usage::pieces::floor;

/// Between which times there is anything. Outside of them a sum costs nothing, and changes nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// Nothing is before it.
    pub first: TimestampMs,
    /// Nothing is at or after it.
    pub last: TimestampMs,
}

/// All of it.
pub(crate) struct Extent {
    /// The zones by whose days roll-ups were made.
    pub zones: Vec<String>,
    /// Between which times.
    pub span: Span,
}

#[derive(QueryableByName)]
struct Zone {
    #[diesel(sql_type = Text)]
    time_zone: String,
}

#[derive(QueryableByName)]
struct Ends {
    #[diesel(sql_type = BigInt)]
    first: i64,
    #[diesel(sql_type = BigInt)]
    last: i64,
}

/// What there is; none when there is nothing.
pub(crate) async fn extent(connection: &mut Connection) -> Result<Option<Extent>> {
    let zones = zones(connection).await?;
    let span = span(connection).await?;
    Ok(span.map(|span| Extent { zones, span }))
}

/// The zones by whose days roll-ups were made.
async fn zones(connection: &mut Connection) -> Result<Vec<String>> {
    let text = "SELECT time_zone FROM usage_zones ORDER BY time_zone";
    let sql = Sql::new(connection.dialect(), text);
    let rows: Vec<Zone> = connection.load(sql).await?;
    Ok(rows.into_iter().map(|row| row.time_zone).collect())
}

/// Between which times there is anything; none when there is nothing.
async fn span(connection: &mut Connection) -> Result<Option<Span>> {
    let text = "SELECT COALESCE((SELECT MIN(day_ms) FROM usage_days), -1) AS first, \
        COALESCE((SELECT MAX(quarter_ms) FROM usage_quarters), -1) AS last";
    let sql = Sql::new(connection.dialect(), text);
    let rows: Vec<Ends> = connection.load(sql).await?;
    let ends = rows.first().and_then(|span| {
        let first = TimestampMs::from_stored(span.first).ok()?;
        Some((first, TimestampMs::from_stored(span.last).ok()?))
    });
    Ok(ends.map(|(first, last)| Span {
        first: floor(first),
        last: TimestampMs(floor(last).0.saturating_add(QUARTER_MS)),
    }))
}
