//! Which data planes may serve together.

use harness::gateway::Builder;
use harness::postgres::{Database, Postgres};

const ENCRYPTION_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A node with counters in memory.
fn alone(database: &Database) -> Builder {
    Builder::of(env!("CARGO_BIN_EXE_headgate"))
        .variable("DATABASE_URL", &database.url())
        .variable("HEADGATE_ENCRYPTION_KEY", ENCRYPTION_KEY)
}

#[tokio::test]
async fn a_second_data_plane_without_shared_counters_does_not_start() {
    let postgres = Postgres::own().await;
    let database = postgres.database().await;
    let first = alone(&database).start().await;
    let refused = alone(&database).run_to_end().await;
    assert_eq!(refused.code, Some(78), "{refused:?}");
    assert!(refused.output.contains("REDIS_URL"), "{refused:?}");
    // An admin side counts nothing.
    let admin = alone(&database).argument("--role=admin").start().await;
    admin.stop().await;
    // One that has ended is no reason, nor is one that was killed.
    first.stop().await;
    let third = alone(&database).start().await;
    third.signal("KILL");
    third.ended().await;
    let fourth = alone(&database).start().await;
    fourth.stop().await;
}
