//! Redis is emptied or fails over while callers go on: the counters are made anew from the ledger, to
//! the nano-dollar, and money is counted again within 5 s.

use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::connection::Connection;
use harness::fleet::Fleet;
use harness::redis::Redis;

use crate::accounts::{self, Key, Limits, Shape};
use crate::books;
use crate::load::{Load, Terms, statuses};
use crate::setup::{self, Question, fleet, number, until};

/// How long money may not be counted, and what a busy machine takes beside.
const LONGEST: Duration = Duration::from_secs(5 + 2);

/// Far more than is spent: what is tested is that it is counted.
const PLENTY_NANOUSD: u64 = 1_000_000_000_000;

/// Waits until every key is paid for at every node.
async fn paid_everywhere(fleet: &Fleet, keys: &[Key]) {
    for address in fleet.addresses() {
        for key in keys {
            let question = Question {
                key: &key.secret,
                bill: &key.bill,
                call_id: "again",
                limit_tokens: Some(1),
                stream: false,
            };
            until("money is counted again", || async {
                let answered = Connection::to(address).ask(&question.bytes()).await;
                match answered {
                    Ok(answered) if answered.status == 200 => Ok(()),
                    Ok(answered) => Err(answered.text()),
                    Err(error) => Err(error.to_string()),
                }
            })
            .await;
        }
    }
}

/// How often Redis is lost.
fn rounds() -> u64 {
    number("HEADGATE_REDIS_LOSSES", 2)
}

async fn survives<L: Future<Output = ()>>(
    redis: Redis,
    rounds: u64,
    lose: impl Fn(Arc<Fleet>) -> L,
) {
    let _turn = setup::turn().await;
    let fleet = Arc::new(fleet(redis, 4).await);
    let shape = Shape {
        organizations: 2,
        teams: 1,
        keys: 2,
    };
    let limits = Limits {
        organization_nanousd: Some(PLENTY_NANOUSD),
        team_nanousd: Some(PLENTY_NANOUSD),
        key_nanousd: Some(PLENTY_NANOUSD),
    };
    let keys = accounts::make(&fleet, shape, limits).await;
    paid_everywhere(&fleet, &keys).await;
    let terms = Terms {
        callers: 12,
        pace: Duration::from_millis(20),
        seed: 1,
    };
    for round in 0..rounds {
        let load = Load::begin(&fleet, &keys, terms);
        load.has_asked(300).await;
        lose(Arc::clone(&fleet)).await;
        let lost = Instant::now();
        paid_everywhere(&fleet, &keys).await;
        let back = lost.elapsed();
        load.has_asked(load.asked() + 300).await;
        let asked = load.end().await;
        println!(
            "redis lost, round {round}: money again after {back:?}, {:?}",
            statuses(&asked)
        );
        assert!(back < LONGEST, "money is counted again after {back:?}");
        // Two organizations, a team of each, a key of each team.
        books::agree(&fleet, &keys, 6).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_redis_is_filled_from_the_ledger_within_five_seconds() {
    survives(Redis::one().await, rounds(), |fleet| async move {
        fleet.redis.says::<()>(0, &["FLUSHALL"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_comes_back_empty_is_filled_from_the_ledger_within_five_seconds() {
    survives(Redis::one().await, rounds(), |fleet| async move {
        fleet.redis.kill(0).await;
        fleet.redis.start(0).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_over_redis_is_filled_from_the_ledger_within_five_seconds() {
    survives(Redis::guarded().await, 1, |fleet| async move {
        fleet.redis.kill(0).await;
        fleet.redis.until_primary(1).await;
    })
    .await;
}
