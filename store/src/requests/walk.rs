//! Finding few requests among many: the roll-ups tell in which quarters of an hour they are.

use std::collections::VecDeque;

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use domain::ids::RequestId;
use domain::ledger::QUARTER_MS;
use domain::time::TimestampMs;

use crate::column::Column;
use crate::connection::Connection;
use crate::error::Result;
use crate::page::Page;
use crate::requests::RequestFilter;
use crate::requests::list::{Among, Spans, read};
use crate::requests::read::Row;
use crate::sql::{Cell, Given, Kind, Sql};

/// A day of a time zone has at most this many quarters: a clock that goes back adds an hour or two.
const QUARTERS_IN_A_DAY: u64 = 104;

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    starts_ms: i64,
    #[diesel(sql_type = BigInt)]
    requests: i64,
}

impl RequestFilter {
    /// Reads a page, newest first, out of the quarters in which there is something.
    pub(super) async fn walk(&self, connection: &mut Connection, page: &Page) -> Result<Vec<Row>> {
        let needed = page.rows().saturating_add(page.skip);
        let newest = page.after.as_deref().and_then(RequestId::time_of);
        let mut days = self.days(connection, newest).await?.into_iter();
        // Of skipped rows the first are read as well, and cut off at the end.
        let whole = Page {
            limit: needed.saturating_sub(1),
            skip: 0,
            ..page.clone()
        };
        let mut quarters: VecDeque<Counted> = VecDeque::new();
        let (mut found, mut spans) = (Vec::new(), Spans::new());
        let mut at_once = needed;
        loop {
            let mut counted = 0_i64;
            while counted < at_once {
                if quarters.is_empty() {
                    let some = next_days(&mut days, at_once);
                    if some.is_empty() {
                        break;
                    }
                    quarters.extend(self.quarters(connection, &some, newest).await?);
                }
                let Some(quarter) = quarters.pop_front() else {
                    continue;
                };
                counted = counted.saturating_add(quarter.requests);
                let from = u64::try_from(quarter.starts_ms).unwrap_or(0);
                spans.push((TimestampMs(from), TimestampMs(from + QUARTER_MS)));
            }
            if counted == 0 {
                break;
            }
            found = read(connection, self, &whole, Among::Spans(&spans)).await?;
            if i64::try_from(found.len()).unwrap_or(i64::MAX) >= needed {
                break;
            }
            at_once = at_once.saturating_mul(4);
        }
        let skip = usize::try_from(page.skip).unwrap_or(0);
        Ok(found.into_iter().skip(skip).collect())
    }

    /// The days in which there is something, newest first.
    async fn days(
        &self,
        connection: &mut Connection,
        newest: Option<TimestampMs>,
    ) -> Result<Vec<Counted>> {
        let rollup = self.rollup();
        let days = rollup.days();
        let text = format!(
            "SELECT q.day_ms AS starts_ms, CAST(SUM(q.requests) AS BIGINT) AS requests \
             FROM {} d JOIN {days} q ON q.dimension_id = d.id WHERE q.requests > 0 AND ",
            rollup.dimensions()
        );
        let mut sql = Sql::new(connection.dialect(), &text);
        self.push_dimensions(&mut sql);
        if let Some(from) = self.from {
            let earlier = from.0.saturating_sub(QUARTERS_IN_A_DAY * QUARTER_MS);
            sql.push(" AND q.day_ms > ")
                .number(TimestampMs(earlier).to_stored());
        }
        if let Some(until) = self.until.into_iter().chain(newest).min() {
            sql.push(" AND q.day_ms <= ").number(until.to_stored());
        }
        sql.push(" GROUP BY q.day_ms ORDER BY q.day_ms DESC");
        connection.load(sql).await
    }

    /// The quarters of these days in which there is something, newest first.
    async fn quarters(
        &self,
        connection: &mut Connection,
        days: &[i64],
        newest: Option<TimestampMs>,
    ) -> Result<Vec<Counted>> {
        let mut given = Given::new(&[("starts_ms", Kind::Number)]);
        let mut starts: Vec<i64> = Vec::new();
        for day in days {
            let quarters = (0..QUARTERS_IN_A_DAY).map(|number| (number * QUARTER_MS).to_stored());
            starts.extend(quarters.map(|after| day.saturating_add(after)));
        }
        starts.sort_unstable();
        starts.dedup();
        let until = self.until.into_iter().chain(newest).min();
        for start in starts {
            if until.is_none_or(|until| start <= until.to_stored()) {
                given.row([Cell::from(start)]);
            }
        }
        let mut sql = Sql::new(
            connection.dialect(),
            "SELECT q.quarter_ms AS starts_ms, CAST(SUM(q.requests) AS BIGINT) AS requests FROM ",
        );
        let rollup = self.rollup();
        let quarters = rollup.quarters();
        sql.rows(given, "s").push(&format!(
            " JOIN {quarters} q ON q.quarter_ms = s.starts_ms \
             JOIN {} d ON d.id = q.dimension_id WHERE q.requests > 0 AND ",
            rollup.dimensions()
        ));
        self.push_dimensions(&mut sql);
        sql.push(" GROUP BY q.quarter_ms ORDER BY q.quarter_ms DESC");
        connection.load(sql).await
    }
}

/// As many of the next days as have so many requests together.
fn next_days(days: &mut impl Iterator<Item = Counted>, requests: i64) -> Vec<i64> {
    let (mut counted, mut some) = (0_i64, Vec::new());
    while counted < requests
        && let Some(day) = days.next()
    {
        counted = counted.saturating_add(day.requests);
        some.push(day.starts_ms);
    }
    some
}
