//! Postgres is killed in the middle of taking batches: nothing is lost, nothing counted twice.

use std::sync::atomic::{AtomicBool, Ordering};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use domain::audit::AuditKey;
use domain::ids::DEFAULT_ORGANIZATION;
use domain::ledger::{Appended, Ledger, Position};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use harness::postgres::{Database, Postgres};
use store::usage::UsageQuery;
use store::{Location, Store, StoreError, migrate};

use crate::changes::everything;
use crate::entries::{batch, entry};

/// 2026-11-22T12:00:00Z.
const NOON: u64 = 1_795_348_800_000;
const BATCHES: u64 = 400;
const ROWS: u64 = 50;
const KILLS: u64 = 4;

/// Ships as a node does: when an answer does not come, it asks where the ledger stands.
async fn ship(store: &Store, strand: &str, taken: &AtomicBool) -> u64 {
    let (mut from, mut unanswered) = (0, 0);
    while from < BATCHES {
        let rows = (0..ROWS).map(|row| {
            let at = NOON + from * 1_000 + row;
            entry(
                &format!("key_{}", row % 7),
                at,
                1 + i64::try_from(row).unwrap(),
            )
        });
        match store.append(batch(strand, from, rows.collect())).await {
            Ok(Appended::Taken) => {
                from += 1;
                taken.store(true, Ordering::Relaxed);
            }
            Ok(Appended::StandsAt(stands)) => from = stands.offset_bytes,
            Err(_away) => {
                unanswered += 1;
                if let Ok(Position { offset_bytes, .. }) = store.position(strand.to_owned()).await {
                    from = offset_bytes;
                }
                tokio::task::yield_now().await;
            }
        }
    }
    unanswered
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_killed_while_it_takes_batches_has_each_of_them_once() {
    let postgres = Postgres::own().await;
    let database = postgres.database().await;
    let location = Location::Postgres(database.url());
    migrate::migrate(&location).await.unwrap();
    let store = Store::open(&location, AuditKey::new([7; 32])).unwrap();
    let taken = AtomicBool::new(false);
    let kills = async {
        for _kill in 0..KILLS {
            taken.store(false, Ordering::Relaxed);
            // In the middle: some batches after the last kill.
            while !taken.load(Ordering::Relaxed) {
                tokio::task::yield_now().await;
            }
            postgres.stop().await;
            postgres.start().await;
        }
    };
    let (one, two, ()) = tokio::join!(
        ship(&store, "one", &taken),
        ship(&store, "two", &taken),
        kills
    );
    assert!(
        one + two > 0,
        "no answer was lost: it was not in the middle"
    );
    let query = UsageQuery::sum(everything(), TimestampMs(0), TimestampMs(u64::MAX));
    let report = store.usage(&query).await.unwrap();
    let sums = report.rows.first().unwrap().sums;
    let rows = 2 * BATCHES * ROWS;
    assert_eq!((sums.requests, sums.attempts), (rows, rows));
    let per_batch: u64 = (1..=ROWS).sum();
    let charge = i64::try_from(2 * BATCHES * per_batch).unwrap();
    assert_eq!(sums.charge_nanousd, NanoUsd(charge));
    for (what, count) in [("requests", rows), ("attempts", rows)] {
        let wrong = format!("DO $$ BEGIN ASSERT (SELECT COUNT(*) FROM {what}) = {count}; END $$");
        database.execute(&wrong).await;
    }
}

/// Ends whoever waits for a lock in this database, as soon as somebody does.
async fn end_who_waits(database: &Database) {
    let waits = "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity \
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database.rows(waits).await.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_the_connection_is_told_to_come_again_and_not_that_the_schema_is_wrong() {
    let database = Postgres::shared().database().await;
    let location = Location::Postgres(database.url());
    migrate::migrate(&location).await.unwrap();
    let store = Store::open(&location, AuditKey::new([7; 32])).unwrap();
    let mut holder = AsyncPgConnection::establish(&database.url()).await.unwrap();
    let hold = "BEGIN; LOCK TABLE __diesel_schema_migrations, organizations";
    holder.batch_execute(hold).await.unwrap();

    let (migrated, ()) = tokio::join!(migrate::migrate(&location), end_who_waits(&database));
    let away = |error: &StoreError| matches!(error, StoreError::Unavailable(_));
    assert!(migrated.as_ref().is_err_and(away), "{migrated:?}");
    let (pending, ()) = tokio::join!(migrate::pending(&location), end_who_waits(&database));
    assert!(pending.as_ref().is_err_and(away), "{pending:?}");
    let reading = store.organization(DEFAULT_ORGANIZATION);
    let (read, ()) = tokio::join!(reading, end_who_waits(&database));
    assert!(read.as_ref().is_err_and(away), "{read:?}");
}
