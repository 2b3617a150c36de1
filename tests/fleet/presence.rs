//! Which data planes may serve together.

use std::time::{Duration, Instant};

use harness::gateway::Builder;
use harness::postgres::{Database, Postgres};
use harness::redis::Redis;
use serde_json::json;

use crate::accounts::{self, Limits, Shape};
use crate::setup::{self, CHAT};

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

/// How long the others wait for a node that says nothing: it may be alive, and spend.
const SILENCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_was_asked_to_end_is_not_waited_for_by_a_new_budget() {
    let _turn = setup::turn().await;
    let fleet = setup::fleet(Redis::one().await, 2).await;
    let one = Shape {
        organizations: 1,
        teams: 1,
        keys: 1,
    };
    let limits = Limits {
        key_nanousd: Some(1_000_000_000),
        ..Limits::default()
    };
    let keys = accounts::make(&fleet, one, limits).await;
    let question =
        json!({"model": "priced", "messages": [{"role": "user", "content": "bill:one why?"}]});
    for node in 0..2 {
        let asked = fleet.with_key(node, &keys[0].secret);
        assert_eq!(asked.post(CHAT, &question).await.status, 200);
    }
    fleet.end(1).await;
    let ended = Instant::now();
    let new = json!({"max_budget": 1, "team_id": keys[0].team_id});
    let made = fleet.admin().post("/key/generate", &new).await.json();
    let secret = made["key"].as_str().unwrap();
    let answer = fleet.with_key(0, secret).post(CHAT, &question).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(ended.elapsed() < SILENCE / 2, "{:?}", ended.elapsed());
    fleet.stop().await;
}
