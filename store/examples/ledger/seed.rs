//! Fills the ledger with requests of 30 days, in SQL: combinations of dimensions come from a few
//! real batches, rows and roll-ups are made of them.

use std::time::Instant;

use diesel::{Connection, SqliteConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use domain::ledger::Ledger;
use domain::time::TimestampMs;
use store::{Location, Store};

use crate::ingest::{NOON, batches};
use crate::{Outcome, directory, say};

/// Over how many days the requests lie, the last of them that of [`NOON`].
pub const DAYS: u64 = 30;
const DAY_MS: u64 = 86_400_000;
/// The first moment.
pub const FIRST: u64 = NOON / DAY_MS * DAY_MS - (DAYS - 1) * DAY_MS;

/// The columns that are added up.
const SUMS: &str = "requests, failures, attempts, input_tokens, cache_read_tokens, \
    cache_write_tokens, cache_write_1h_tokens, audio_input_tokens, image_input_tokens, \
    output_tokens, reasoning_tokens, audio_output_tokens, charge_nanousd, estimated_nanousd, \
    orphaned_nanousd, duration_ms";

/// Fills an empty ledger with so many requests of so many keys.
pub async fn seed(location: &Location, store: &Store, (rows, keys): (u64, u64)) -> Outcome {
    let begun = Instant::now();
    for batch in batches((2 * keys).max(20_000), keys, 1) {
        store.append(batch).await?;
    }
    store.prepare_days(TimestampMs(FIRST), DAYS).await?;
    let mut statements = vec![
        "DELETE FROM requests".to_owned(),
        "DELETE FROM attempts".to_owned(),
        "DELETE FROM usage_quarters".to_owned(),
        "DELETE FROM usage_days".to_owned(),
        "DELETE FROM usage_weeks".to_owned(),
        "DELETE FROM usage_totals".to_owned(),
        "DELETE FROM team_quarters".to_owned(),
        "DELETE FROM team_days".to_owned(),
        "DELETE FROM key_activity".to_owned(),
        "CREATE TABLE places AS SELECT ROW_NUMBER() OVER (ORDER BY digest) - 1 AS place, id, \
         status FROM usage_dimensions"
            .to_owned(),
        "CREATE UNIQUE INDEX places_by_place ON places (place)".to_owned(),
    ];
    let postgres = matches!(location, Location::Postgres(_));
    for day in 0..DAYS {
        statements.extend(rows_of(day, rows / DAYS, postgres));
    }
    statements.extend(rollups());
    statements.push("DROP TABLE places".to_owned());
    statements.extend(directory::directory(keys));
    statements.push("ANALYZE".to_owned());
    match location {
        Location::Postgres(url) => {
            let mut connection = AsyncPgConnection::establish(url).await?;
            for statement in &statements {
                connection.batch_execute(statement).await?;
            }
        }
        Location::Sqlite(path) => {
            let path = path.to_string_lossy();
            let mut connection = SqliteConnection::establish(&path)?;
            for statement in &statements {
                diesel::connection::SimpleConnection::batch_execute(&mut connection, statement)?;
            }
        }
    }
    say(&format!(
        "seeded {rows} requests in {} s",
        begun.elapsed().as_secs()
    ));
    Ok(())
}

/// The rows of a day.
fn rows_of(day: u64, rows: u64, postgres: bool) -> [String; 2] {
    let first = FIRST + day * DAY_MS;
    // Some are used far more than others; the same for a request and its attempt.
    let place = "((n.i * 7919 % 1009) * (n.i * 104729 % 997) * (SELECT COUNT(*) FROM places) \
        / (1009 * 997))";
    let at = format!("({first} + n.i * {DAY_MS} / {rows})");
    let id = id(&at, postgres);
    let numbers = match postgres {
        true => format!("generate_series(0::bigint, {}) AS n(i)", rows - 1),
        false => format!(
            "(WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < {}) \
             SELECT i FROM c) AS n",
            rows - 1
        ),
    };
    let from = format!("FROM {numbers} JOIN places p ON p.place = {place} ORDER BY n.i");
    let (yes, no) = if postgres {
        ("true", "false")
    } else {
        ("1", "0")
    };
    [
        format!(
            "INSERT INTO requests SELECT {id}, {at}, p.id, 'model', n.i % 2 = 0, \
             CASE WHEN p.status >= 400 THEN 'upstream_unavailable' END, 200 + n.i % 3000, \
             50, 100, 0, NULL, 1, 100 + n.i % 900, n.i % 400, 1000 + n.i % 90000 {from}"
        ),
        format!(
            "INSERT INTO attempts (request_id, number, reserved_at_ms, dimension_id, outcome, \
             status, duration_ms, first_byte_ms, input_tokens, output_tokens, estimated, \
             charge_nanousd, priced, held_nanousd) SELECT {id}, 1, {at}, p.id, \
             'ok', p.status, 200 + n.i % 3000, 100, 100 + n.i % 900, n.i % 400, {no}, \
             1000 + n.i % 90000, {yes}, 500000 {from}"
        ),
    ]
}

/// An id of its time, in Crockford's base 32, with a rest that looks random.
fn id(at: &str, postgres: bool) -> String {
    let digit = |shift: u32| {
        format!(
            "substr('0123456789abcdefghjkmnpqrstvwxyz', 1 + CAST(({at} >> {shift}) & 31 AS INTEGER), 1)"
        )
    };
    let digits: Vec<String> = (0..10).rev().map(|place| digit(place * 5)).collect();
    let rest = match postgres {
        true => "substr(md5(n.i::text), 1, 16)".to_owned(),
        false => "printf('%016x', n.i * 2654435761 % 4294967296)".to_owned(),
    };
    format!("'req_' || {} || {rest}", digits.join(" || "))
}

fn rollups() -> Vec<String> {
    let list = SUMS
        .split(", ")
        .map(|sum| format!("CAST(SUM({sum}) AS BIGINT)"));
    let sums = list.collect::<Vec<_>>().join(", ");
    let of_teams = |table: &str, of: &str, time: &str, key: &str| {
        format!(
            "INSERT INTO {table} ({key}, {SUMS}) SELECT {key}, {sums} FROM ( \
             SELECT q.{time}, d.team_dimension_id AS dimension_id, {} FROM {of} q \
             JOIN usage_dimensions d ON d.id = q.dimension_id) AS one GROUP BY 1, 2 ORDER BY 1, 2",
            SUMS.split(", ")
                .map(|sum| format!("q.{sum}"))
                .collect::<Vec<_>>()
                .join(", ")
        )
    };
    vec![
        format!(
            "INSERT INTO usage_quarters (quarter_ms, dimension_id, {SUMS}) \
             SELECT at_ms - at_ms % 900000, dimension_id, {sums} FROM ( \
             SELECT r.at_ms, r.dimension_id, 1 AS requests, \
             CASE WHEN d.status >= 400 THEN 1 ELSE 0 END AS failures, 1 AS attempts, \
             r.prompt_tokens AS input_tokens, 0 AS cache_read_tokens, 0 AS cache_write_tokens, \
             0 AS cache_write_1h_tokens, 0 AS audio_input_tokens, 0 AS image_input_tokens, \
             r.completion_tokens AS output_tokens, 0 AS reasoning_tokens, \
             0 AS audio_output_tokens, r.charge_nanousd, 0 AS estimated_nanousd, \
             0 AS orphaned_nanousd, r.duration_ms FROM requests r \
             JOIN usage_dimensions d ON d.id = r.dimension_id) AS one \
             GROUP BY 1, 2 ORDER BY 1, 2"
        ),
        format!(
            "INSERT INTO usage_days (dimension_id, day_ms, {SUMS}) \
             SELECT dimension_id, quarter_ms - quarter_ms % 86400000, {sums} \
             FROM usage_quarters GROUP BY 1, 2 ORDER BY 2, 1"
        ),
        format!(
            "INSERT INTO usage_weeks (week_ms, dimension_id, {SUMS}) \
             SELECT day_ms - day_ms % 604800000, dimension_id, {sums} \
             FROM usage_days GROUP BY 1, 2 ORDER BY 1, 2"
        ),
        "INSERT INTO usage_totals (dimension_id, charge_nanousd) \
         SELECT dimension_id, CAST(SUM(charge_nanousd) AS BIGINT) FROM usage_days GROUP BY 1"
            .to_owned(),
        of_teams(
            "team_quarters",
            "usage_quarters",
            "quarter_ms",
            "quarter_ms, dimension_id",
        ),
        of_teams("team_days", "usage_days", "day_ms", "dimension_id, day_ms"),
        "INSERT INTO key_activity (key_id, last_used_at_ms, spent_nanousd) \
         SELECT d.key_id, 0, CAST(SUM(t.charge_nanousd) AS BIGINT) FROM usage_dimensions d \
         JOIN usage_totals t ON t.dimension_id = d.id GROUP BY 1"
            .to_owned(),
    ]
}
