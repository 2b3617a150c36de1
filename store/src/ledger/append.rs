//! Taking a batch: rows, roll-ups and the strand's position in one transaction.

use std::collections::{BTreeSet, HashMap};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::ledger::{Appended, Batch, Position, RequestEntry};
use domain::time::TimestampMs;

use crate::Store;
use crate::alerts::moves;
use crate::column::Column;
use crate::connection::Connection;
use crate::error::Result;
use crate::ledger::rollups::{Days, Rollups};
use crate::ledger::rows::Rows;
use crate::ledger::{dimensions, names};
use crate::sql::Sql;

/// The last day that has a partition's name: 31 December 9998. Clocks that are past it are wrong.
const LAST: TimestampMs = TimestampMs(253_370_764_799_999);

#[derive(QueryableByName)]
struct Stands {
    #[diesel(sql_type = BigInt)]
    segment: i64,
    #[diesel(sql_type = BigInt)]
    offset_bytes: i64,
}

impl Store {
    /// Takes a batch when the ledger stands where it begins.
    pub(super) async fn take(&self, mut batch: Batch) -> Result<Appended> {
        for entry in &mut batch.entries {
            entry.at = entry.at.min(LAST);
            for attempt in &mut entry.attempts {
                attempt.reserved_at = attempt.reserved_at.min(LAST);
            }
        }
        self.make_partitions_of(&batch.entries).await?;
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        match taken(&mut connection, batch, self.most_names).await {
            Ok(Appended::Taken) => {
                connection.commit().await?;
                Ok(Appended::Taken)
            }
            Ok(elsewhere) => {
                connection.close();
                Ok(elsewhere)
            }
            Err(cause) => {
                connection.close();
                // Another process may have dropped a partition that is noted as made.
                self.partitions.forget();
                Err(cause)
            }
        }
    }

    /// Up to where a strand has been taken.
    pub(super) async fn stands_at(&self, strand: &str) -> Result<Position> {
        let mut connection = self.connect().await?;
        let text = "SELECT segment, offset_bytes FROM strands WHERE strand = ";
        let mut sql = Sql::new(connection.dialect(), text);
        sql.text(strand);
        let rows: Vec<Stands> = connection.load(sql).await?;
        Ok(rows.first().map(position).unwrap_or_default())
    }
}

fn position(stands: &Stands) -> Position {
    Position {
        segment: u64::try_from(stands.segment).unwrap_or(0),
        offset_bytes: u64::try_from(stands.offset_bytes).unwrap_or(0),
    }
}

/// Writes everything in a transaction that is left open.
async fn taken(connection: &mut Connection, mut batch: Batch, most: usize) -> Result<Appended> {
    connection.begin_writing().await?;
    // The first statement writes, so that SQLite is asked for its one writer before anything is
    // read, and locks the row, so that a strand is taken by one at a time.
    let mut sql = Sql::new(
        connection.dialect(),
        "INSERT INTO strands (strand, segment, offset_bytes) VALUES (",
    );
    sql.text(&batch.strand).push(
        ", 0, 0) ON CONFLICT (strand) DO UPDATE SET segment = strands.segment \
         RETURNING segment, offset_bytes",
    );
    let stands: Vec<Stands> = connection.load(sql).await?;
    let stands = stands.first().map(position).unwrap_or_default();
    if stands != batch.from {
        return Ok(Appended::StandsAt(stands));
    }
    if !batch.entries.is_empty() {
        names::bound(connection, &mut batch.entries, most).await?;
        let numbers = write(connection, &batch.entries).await?;
        moves::note(connection, &batch, &numbers).await?;
    }
    let mut sql = Sql::new(connection.dialect(), "UPDATE strands SET segment = ");
    sql.number(batch.to.segment.to_stored())
        .push(", offset_bytes = ")
        .number(batch.to.offset_bytes.to_stored())
        .push(" WHERE strand = ")
        .text(&batch.strand);
    connection.execute(sql).await?;
    Ok(Appended::Taken)
}

/// Writes rows and roll-ups; gives the numbers of the dimensions in them.
async fn write(connection: &mut Connection, entries: &[RequestEntry]) -> Result<Vec<i64>> {
    let zones = zones(connection, entries).await?;
    let (mut rollups, mut days) = (Rollups::default(), Days::default());
    let mut places = Vec::with_capacity(entries.len());
    for entry in entries {
        let zone = zones.get(&entry.payer.organization_id);
        let zone = zone.map_or("UTC", String::as_str);
        places.push(rollups.count(entry, zone, &mut days));
    }
    let numbers = dimensions::numbers(connection, &rollups.combinations).await?;
    let number = |place: &usize| numbers.get(*place).map_or(0, |number| number.id);
    let mut rows = Rows::new();
    for (entry, (own, of_attempts)) in entries.iter().zip(&places) {
        let of_attempts: Vec<i64> = of_attempts.iter().map(number).collect();
        rows.add(entry, number(own), &of_attempts);
    }
    rows.write(connection).await?;
    rollups.write(connection, &numbers).await?;
    Ok(numbers.into_iter().map(|number| number.id).collect())
}

#[derive(QueryableByName)]
struct Zoned {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    time_zone: String,
}

/// The time zones of the organizations that pay.
async fn zones(
    connection: &mut Connection,
    entries: &[RequestEntry],
) -> Result<HashMap<String, String>> {
    let ids: BTreeSet<&str> = entries
        .iter()
        .map(|entry| entry.payer.organization_id.as_str())
        .collect();
    let text = "SELECT id, time_zone FROM organizations WHERE id";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.among(ids);
    let rows: Vec<Zoned> = connection.load(sql).await?;
    let zones = rows.into_iter().map(|row| (row.id, row.time_zone));
    Ok(zones.collect())
}
