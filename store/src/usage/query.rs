//! The query behind a report: roll-ups of the pieces of each bucket, added up by groups.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::time::TimestampMs;
use serde_json::Value;

use crate::Store;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::ledger::{MEASURES, Measures};
use crate::sql::{Dialect, Sql};
use crate::usage::conditions::{push_filters, push_scope};
use crate::usage::extent::{Extent, extent};
use crate::usage::pieces::{Bounds, Pieces, Rollup, ceil, floor, sign};
use crate::usage::{Bucket, Dimension, UsageOrder, UsageQuery, UsageReport, UsageRow, UsageSums};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    rank: i64,
    #[diesel(sql_type = BigInt)]
    bucket_ms: i64,
    /// A JSON array of the groups' words.
    #[diesel(sql_type = Text)]
    words: String,
    /// A JSON array of the sums, in the order of [`MEASURES`].
    #[diesel(sql_type = Text)]
    sums: String,
}

impl Store {
    /// Adds usage up.
    ///
    /// # Errors
    /// When the database does not answer, or `after` is no row of such a report.
    pub async fn usage(&self, query: &UsageQuery) -> Result<UsageReport> {
        let (from, to) = (floor(query.from), ceil(query.to));
        let _turn = self.reporting().await;
        let mut connection = self.connect().await?;
        connection.begin_reading().await?;
        match read(&mut connection, query, (from, to)).await {
            Ok((rows, next, total)) => {
                connection.end_reading().await?;
                Ok(UsageReport {
                    rows,
                    next,
                    total,
                    from,
                    to,
                })
            }
            Err(cause) => {
                connection.close();
                Err(cause)
            }
        }
    }
}

type Page = (Vec<UsageRow>, Option<String>, Option<UsageSums>);

async fn read(
    connection: &mut Connection,
    query: &UsageQuery,
    (from, to): (TimestampMs, TimestampMs),
) -> Result<Page> {
    let Some(of) = extent(connection).await? else {
        return Ok((Vec::new(), None, query.total.then(UsageSums::default)));
    };
    let (from, to) = (from.max(of.span.first), to.min(of.span.last));
    if from >= to {
        return Ok((Vec::new(), None, query.total.then(UsageSums::default)));
    }
    let (rows, next) = match first_groups(connection, query, (from, to), &of).await? {
        Some((of_these, next)) => {
            let (rows, _end) = rows(connection, &of_these, (from, to), &of).await?;
            (rows, next)
        }
        None => rows(connection, query, (from, to), &of).await?,
    };
    let total = match query.total {
        true => Some(total(connection, query, (from, to), &of).await?),
        false => None,
    };
    Ok((rows, next, total))
}

/// The rows of a page, and the cursor of what follows.
async fn rows(
    connection: &mut Connection,
    query: &UsageQuery,
    (from, to): (TimestampMs, TimestampMs),
    of: &Extent,
) -> Result<(Vec<UsageRow>, Option<String>)> {
    let ranges = buckets(query, from, to);
    let mut sql = Sql::new(connection.dialect(), "");
    let pieces = Pieces::of(rollup(query), &of.zones, &ranges, of.span);
    page(&mut sql, query, (pieces, &MEASURES))?;
    connection.add_up(!is_narrow(query)).await?;
    let rows: Vec<Row> = connection.load(sql).await?;
    let (rows, next) = cut(rows, query)?;
    let in_buckets = query.bucket.is_some();
    let shown = rows.into_iter().map(|row| shown(row, in_buckets));
    Ok((shown.collect::<Result<_>>()?, next))
}

/// Rows cut to the page, and the cursor of what follows.
fn cut(mut rows: Vec<Row>, query: &UsageQuery) -> Result<(Vec<Row>, Option<String>)> {
    let limit = usize::try_from(query.limit).unwrap_or(0);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_last| more).map(cursor).transpose()?;
    Ok((rows, next))
}

/// The most groups that are read one by one.
const MOST_FIRST: i64 = 1_000;

/// The same query of the groups that are on its page, and the cursor of what follows. Where there may
/// be thousands of groups, to order them takes one figure of each; all of them are added up for those
/// that are shown.
async fn first_groups(
    connection: &mut Connection,
    query: &UsageQuery,
    (from, to): (TimestampMs, TimestampMs),
    of: &Extent,
) -> Result<Option<(UsageQuery, Option<String>)>> {
    use Dimension::{EndUser, Key, User};
    let &[by @ (EndUser | Key | User)] = query.group_by.as_slice() else {
        return Ok(None);
    };
    if query.bucket.is_some() || query.limit > MOST_FIRST || is_narrow(query) {
        return Ok(None);
    }
    let ranges = buckets(query, from, to);
    let mut sql = Sql::new(connection.dialect(), "");
    let pieces = Pieces::of(rollup(query), &of.zones, &ranges, of.span);
    page(&mut sql, query, (pieces, ranked_by(query.order)))?;
    connection.add_up(true).await?;
    let (rows, next) = cut(connection.load(sql).await?, query)?;
    let words = rows.iter().map(words).collect::<Result<Vec<_>>>()?;
    let words = words.into_iter().flatten().collect();
    let mut of_these = UsageQuery {
        after: None,
        ..query.clone()
    };
    of_these.filters.push((by, words));
    Ok(Some((of_these, next)))
}

async fn total(
    connection: &mut Connection,
    query: &UsageQuery,
    (from, to): (TimestampMs, TimestampMs),
    of: &Extent,
) -> Result<UsageSums> {
    let query = UsageQuery {
        filters: query.filters.clone(),
        zone: query.zone.clone(),
        ..UsageQuery::sum(query.scope.clone(), from, to)
    };
    let (rows, _next) = rows(connection, &query, (from, to), of).await?;
    let row = rows.into_iter().next();
    Ok(row.map(|row| row.sums).unwrap_or_default())
}

/// The least roll-up that knows what is asked.
fn rollup(query: &UsageQuery) -> Rollup {
    let filtered = query.filters.iter().map(|(dimension, _words)| *dimension);
    let asked = filtered.chain(query.group_by.iter().copied());
    Rollup::knowing(&query.scope, asked)
}

/// The buckets of a range; one when there are none.
fn buckets(query: &UsageQuery, from: TimestampMs, to: TimestampMs) -> Vec<Bounds> {
    let Some(window) = query.bucket.and_then(Bucket::window) else {
        return vec![Bounds {
            bucket: from,
            from,
            to,
        }];
    };
    let mut buckets = Vec::new();
    let mut at = from;
    while at < to {
        let bounds = window.bounds(at, &query.zone, TimestampMs(0));
        let ends_at = bounds.ends_at.min(to);
        buckets.push(Bounds {
            bucket: bounds.starts_at,
            from: at,
            to: ends_at,
        });
        if ends_at <= at {
            break;
        }
        at = ends_at;
    }
    buckets
}

/// The groups of a query, outermost first, each under its name.
fn keys(query: &UsageQuery) -> Vec<(Dimension, String)> {
    let names = (0..).map(|number| format!("k{number}"));
    query.group_by.iter().copied().zip(names).collect()
}

fn page(sql: &mut Sql, query: &UsageQuery, (pieces, measures): (Pieces, &[&str])) -> Result<()> {
    let keys = keys(query);
    let names: Vec<&str> = keys
        .iter()
        .map(|(_dimension, name)| name.as_str())
        .collect();
    let array = match sql.dialect() {
        Dialect::Postgres => "json_build_array",
        Dialect::Sqlite => "json_array",
    };
    let (words, sums) = (names.join(", "), measures.join(", "));
    sql.push(&format!(
        "SELECT rank, bucket_ms, CAST({array}({words}) AS TEXT) AS words, \
         CAST({array}({sums}) AS TEXT) AS sums FROM (SELECT *, {} AS rank FROM (",
        rank(query.order)
    ));
    grouped(sql, query, (pieces, measures));
    sql.push(") AS added) AS ranked");
    let order: Vec<&str> = ["rank", "bucket_ms"].into_iter().chain(names).collect();
    if let Some(after) = &query.after {
        push_after(sql, after, &order)?;
    }
    sql.push(&format!(" ORDER BY {} LIMIT ", order.join(", ")));
    sql.number(query.limit.saturating_add(1));
    Ok(())
}

/// What has to be added up for an order; requests and attempts tell whether there is anything at all.
const fn ranked_by(order: UsageOrder) -> &'static [&'static str] {
    match order {
        UsageOrder::Time | UsageOrder::NewestFirst | UsageOrder::Requests => {
            &["requests", "attempts"]
        }
        UsageOrder::Charge => &["requests", "attempts", "charge_nanousd"],
        UsageOrder::Failures => &["requests", "attempts", "failures"],
        UsageOrder::Tokens => &MEASURES,
    }
}

/// By which number rows are ordered first, the least in front.
const fn rank(order: UsageOrder) -> &'static str {
    match order {
        UsageOrder::Time => "CAST(0 AS BIGINT)",
        UsageOrder::NewestFirst => "-bucket_ms",
        UsageOrder::Charge => "-charge_nanousd",
        UsageOrder::Requests => "-requests",
        UsageOrder::Failures => "-failures",
        UsageOrder::Tokens => {
            "-(input_tokens + cache_read_tokens + cache_write_tokens + cache_write_1h_tokens \
             + audio_input_tokens + image_input_tokens + output_tokens + reasoning_tokens \
             + audio_output_tokens)"
        }
    }
}

/// The sums of each bucket and group.
fn grouped(sql: &mut Sql, query: &UsageQuery, (pieces, measures): (Pieces, &[&str])) {
    let names: Vec<String> = keys(query).into_iter().map(|(_, name)| name).collect();
    let list: String = names.iter().map(|name| format!(", {name}")).collect();
    let sums = measures.iter();
    let sums = sums.map(|sum| format!("CAST(SUM({sum}) AS BIGINT) AS {sum}"));
    let sums: Vec<String> = sums.collect();
    // One row needs no groups, for which SQLite would sort all that is added up.
    let one = query.bucket.is_none() && names.is_empty();
    let bucket = match one {
        true => "MIN(bucket_ms) AS bucket_ms",
        false => "bucket_ms",
    };
    sql.push(&format!(
        "SELECT {bucket}{list}, {} FROM (",
        sums.join(", ")
    ));
    let by_tags = query.group_by.contains(&Dimension::Tag);
    let (rollup, sign) = (pieces.rollup, sign(&pieces));
    let mut joint = "";
    for (table, given) in rollup.tables().iter().zip(pieces.listed) {
        if given.is_empty() {
            continue;
        }
        sql.push(joint);
        joint = " UNION ALL ";
        part(sql, query, (sign, measures));
        given.push(sql, rollup.dimensions(), *table, !is_narrow(query));
        if by_tags {
            sql.push(" JOIN usage_dimension_tags g ON g.dimension_id = d.id");
        }
        sql.push(" WHERE ");
        push_scope(sql, &query.scope);
        push_filters(sql, &query.filters, by_tags);
    }
    sql.push(") AS parts");
    if !one {
        sql.push(&format!(" GROUP BY bucket_ms{list}"));
    }
    // What was added and taken away again is nothing.
    sql.push(" HAVING SUM(parts.requests) <> 0 OR SUM(parts.attempts) <> 0");
}

/// Whether little of what lies in the range is asked for.
fn is_narrow(query: &UsageQuery) -> bool {
    use Dimension::{EndUser, Key, Project, User};
    let narrow = [EndUser, Key, Project, User];
    let filters = query.filters.iter();
    filters
        .map(|(one, _words)| one)
        .any(|one| narrow.contains(one))
}

/// The columns of one part.
fn part(sql: &mut Sql, query: &UsageQuery, (sign, measures): (&str, &[&str])) {
    // By bytes, as SQLite orders: cursors and pages are the same on both.
    let by_bytes = match sql.dialect() {
        Dialect::Postgres => " COLLATE \"C\"",
        Dialect::Sqlite => "",
    };
    let words: String = keys(query)
        .into_iter()
        .map(|(dimension, name)| format!(", {}{by_bytes} AS {name}", dimension.column()))
        .collect();
    let sums = measures.iter();
    let sums: Vec<String> = sums.map(|sum| format!("q.{sum}{sign} AS {sum}")).collect();
    sql.push(&format!("SELECT s.bucket_ms{words}, {}", sums.join(", ")));
}

fn push_after(sql: &mut Sql, after: &str, order: &[&str]) -> Result<()> {
    let unknown = || StoreError::Query("`after` is no row of this report".to_owned());
    let Ok(Value::Array(place)) = serde_json::from_str(after) else {
        return Err(unknown());
    };
    if place.len() != order.len() {
        return Err(unknown());
    }
    sql.push(&format!(" WHERE ({}) > (", order.join(", ")));
    for (index, value) in place.iter().enumerate() {
        if index > 0 {
            sql.push(", ");
        }
        match (value.as_i64(), value.as_str()) {
            (Some(number), _) => sql.number(number),
            (None, Some(text)) => sql.text(text),
            (None, None) => return Err(unknown()),
        };
    }
    sql.push(")");
    Ok(())
}

fn words(row: &Row) -> Result<Vec<String>> {
    serde_json::from_str(&row.words).map_err(|unread| StoreError::Query(unread.to_string()))
}

fn cursor(row: &Row) -> Result<String> {
    let numbers = [Value::from(row.rank), Value::from(row.bucket_ms)];
    let words = words(row)?.into_iter().map(Value::from);
    let place: Vec<Value> = numbers.into_iter().chain(words).collect();
    Ok(Value::from(place).to_string())
}

fn shown(row: Row, in_buckets: bool) -> Result<UsageRow> {
    let groups = words(&row)?;
    let sums: Measures =
        serde_json::from_str(&row.sums).map_err(|unread| StoreError::Query(unread.to_string()))?;
    let bucket = TimestampMs(u64::try_from(row.bucket_ms).unwrap_or(0));
    Ok(UsageRow {
        bucket_starts_at: in_buckets.then_some(bucket),
        groups,
        sums: sums.into(),
    })
}
