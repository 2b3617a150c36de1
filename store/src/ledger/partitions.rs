//! Days of rows: partitions in Postgres, made when first needed, and dropped whole.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::ids::RequestId;
use domain::ledger::RequestEntry;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::Connection;
use crate::error::Result;
use crate::sql::{Dialect, Sql};

const DAY_MS: u64 = 86_400_000;

/// The number of the lock under which partitions are made and dropped.
const LOCK: i64 = 0x6865_6164_6c65_6467;

/// How many rows SQLite deletes at a time: it has one writer.
const AT_ONCE: i64 = 5_000;

/// A table that is kept by days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Table {
    Requests,
    Attempts,
}

impl Table {
    const ALL: [Self; 2] = [Self::Requests, Self::Attempts];

    const fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Attempts => "attempts",
        }
    }
}

/// Partitions that are known to be there.
#[derive(Default)]
pub(crate) struct Partitions(Mutex<BTreeSet<(Table, u64)>>);

impl Partitions {
    fn has(&self, day: (Table, u64)) -> bool {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.contains(&day)
    }

    fn add(&self, day: (Table, u64)) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(day);
    }

    /// Asks the database again.
    pub(super) fn forget(&self) {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.clear();
    }
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

impl Store {
    /// Makes the partitions that rows need.
    pub(super) async fn make_partitions_of(&self, entries: &[RequestEntry]) -> Result<()> {
        let mut days = BTreeSet::new();
        for entry in entries {
            days.insert((Table::Requests, entry.at.0 / DAY_MS));
            let attempts = entry.attempts.iter();
            days.extend(attempts.map(|one| (Table::Attempts, one.reserved_at.0 / DAY_MS)));
        }
        self.make_partitions(days).await
    }

    /// Makes the partitions of a day and of those after it, so that nobody has to wait for them.
    /// SQLite has none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prepare_days(&self, from: TimestampMs, days: u64) -> Result<()> {
        let first = from.0 / DAY_MS;
        let days = (first..first.saturating_add(days))
            .flat_map(|day| Table::ALL.map(|table| (table, day)));
        self.make_partitions(days.collect()).await
    }

    async fn make_partitions(&self, mut days: BTreeSet<(Table, u64)>) -> Result<()> {
        days.retain(|day| !self.partitions.has(*day));
        if days.is_empty() || self.writer.is_some() {
            return Ok(());
        }
        let mut connection = self.connect().await?;
        for day in days {
            if let Err(cause) = make(&mut connection, day).await {
                connection.close();
                return Err(cause);
            }
            self.partitions.add(day);
        }
        Ok(())
    }

    /// Drops requests and attempts that are older than this, by whole days of UTC. Roll-ups stay.
    /// Gives how many days (Postgres) or rows (SQLite) went.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn drop_rows_before(&self, time: TimestampMs) -> Result<u64> {
        let day = time.0 / DAY_MS;
        match self.writer {
            None => self.drop_partitions(day).await,
            Some(_) => {
                self.delete_rows(TimestampMs(day.saturating_mul(DAY_MS)))
                    .await
            }
        }
    }

    async fn drop_partitions(&self, before: u64) -> Result<u64> {
        let mut connection = self.connect().await?;
        let mut dropped = 0;
        for table in Table::ALL {
            let mut sql = Sql::new(
                Dialect::Postgres,
                "SELECT c.relname::text AS name FROM pg_inherits i \
                 JOIN pg_class c ON c.oid = i.inhrelid \
                 WHERE i.inhparent = to_regclass(",
            );
            sql.text(table.name()).push(") AND c.relname < ");
            sql.text(&partition(table, before)).push(" ORDER BY 1");
            let names: Vec<Named> = connection.load(sql).await?;
            for Named { name } in names {
                // Named by `partition`: nothing to quote.
                let text = format!("DROP TABLE IF EXISTS {name}");
                connection
                    .execute(Sql::new(Dialect::Postgres, &text))
                    .await?;
                dropped += 1;
            }
        }
        self.partitions.forget();
        Ok(dropped)
    }

    async fn delete_rows(&self, before: TimestampMs) -> Result<u64> {
        let mut deleted = 0;
        for table in Table::ALL {
            loop {
                let _writing = self.writing().await;
                let mut connection = self.connect().await?;
                let name = table.name();
                let text =
                    format!("DELETE FROM {name} WHERE rowid IN (SELECT rowid FROM {name} WHERE ");
                let mut sql = Sql::new(Dialect::Sqlite, &text);
                match table {
                    Table::Requests => sql.push("id < ").text(RequestId::new(before, 0).as_str()),
                    Table::Attempts => sql.push("reserved_at_ms < ").number(before.to_stored()),
                };
                sql.push(" LIMIT ").number(AT_ONCE).push(")");
                let rows = connection.execute(sql).await?;
                deleted += u64::try_from(rows).unwrap_or(0);
                if rows == 0 {
                    break;
                }
            }
        }
        Ok(deleted)
    }
}

/// The partition's name: it sorts by its day.
fn partition(table: Table, day: u64) -> String {
    let date = TimestampMs(day.saturating_mul(DAY_MS)).to_rfc3339();
    let date: String = date.chars().take(10).filter(char::is_ascii_digit).collect();
    format!("{}_{date}", table.name())
}

/// Makes a partition that is not there. It is made beside the table and then attached, which stops
/// neither readers nor writers of the others.
async fn make(connection: &mut Connection, (table, day): (Table, u64)) -> Result<()> {
    connection.begin_writing().await?;
    let mut sql = Sql::new(Dialect::Postgres, "SELECT pg_advisory_xact_lock(");
    sql.number(LOCK).push(")");
    connection.execute(sql).await?;
    let (name, partition) = (table.name(), partition(table, day));
    let mut sql = Sql::new(
        Dialect::Postgres,
        "SELECT COUNT(*) AS rows FROM pg_inherits WHERE inhrelid = to_regclass(",
    );
    sql.text(&partition).push(")");
    let there: Vec<Counted> = connection.load(sql).await?;
    if there.iter().all(|there| there.rows == 0) {
        let (from, to) = (
            day.saturating_mul(DAY_MS),
            day.saturating_add(1).saturating_mul(DAY_MS),
        );
        for text in [
            format!("CREATE TABLE IF NOT EXISTS {partition} (LIKE {name} INCLUDING ALL)"),
            format!(
                "ALTER TABLE {name} ATTACH PARTITION {partition} FOR VALUES FROM ({from}) TO ({to})"
            ),
        ] {
            connection
                .execute(Sql::new(Dialect::Postgres, &text))
                .await?;
        }
    }
    connection.commit().await
}
