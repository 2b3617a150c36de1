//! With Redis away, money that nobody can count is refused, rates are held by each node's share, and
//! who has neither budget nor limit notices nothing. Nobody waits for Redis.

use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::connection::Connection;
use harness::fleet::Fleet;
use harness::redis::Redis;
use serde_json::json;

use crate::accounts::{self, Key, Limits, Shape};
use crate::load::{Asked, Load, Terms, statuses};
use crate::setup::{self, Question, fleet, until};

/// The limit of the key with a rate; each of four nodes has a fourth of it.
const REQUESTS_PER_MINUTE: u64 = 400;

/// The longest that Redis may delay an answer, and what a busy machine takes beside.
const LONGEST: Duration = Duration::from_millis(250 + 250);

/// How Redis goes, and comes back.
#[derive(Clone, Copy, Debug)]
enum Outage {
    /// Its process stops: connections stay, and nothing comes.
    Hangs,
    /// It is killed, and comes back with what it had.
    Dies,
}

impl Outage {
    async fn begin(self, fleet: &Fleet) {
        match self {
            Self::Hangs => fleet.redis.pause(0).await,
            Self::Dies => fleet.redis.kill(0).await,
        }
    }

    async fn end(self, fleet: &Fleet) {
        match self {
            Self::Hangs => fleet.redis.resume(0).await,
            Self::Dies => fleet.redis.start(0).await,
        }
    }

    /// Within which time money is counted again.
    fn patience(self) -> Duration {
        match self {
            Self::Hangs => Duration::from_secs(2),
            // A new memory is not trusted before every node has said what it has under way.
            Self::Dies => Duration::from_secs(5),
        }
    }
}

struct Keys {
    free: Key,
    paying: Key,
    limited: Key,
}

async fn keys(fleet: &Fleet) -> Keys {
    let shape = Shape {
        organizations: 1,
        teams: 1,
        keys: 3,
    };
    let limits = Limits {
        key_nanousd: Some(1_000_000_000_000),
        ..Limits::default()
    };
    let mut keys = accounts::make(fleet, shape, limits).await;
    let (limited, free, paying) = (keys.remove(2), keys.remove(1), keys.remove(0));
    let body = json!({"key": limited.secret, "rpm_limit": REQUESTS_PER_MINUTE});
    let changed = fleet.admin().post("/key/update", &body).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    Keys {
        free,
        paying,
        limited,
    }
}

fn question(key: &Key) -> Vec<u8> {
    let question = Question {
        key: &key.secret,
        bill: &key.bill,
        call_id: "away",
        limit_tokens: Some(1),
        stream: false,
    };
    question.bytes()
}

async fn ask(connection: &mut Connection, key: &Key) -> (u16, String, Duration) {
    let started = Instant::now();
    let answered = connection.ask(&question(key)).await.unwrap();
    (answered.status, answered.text(), started.elapsed())
}

/// Waits until a key is answered at every node.
async fn answered_everywhere(fleet: &Fleet, key: &Key) {
    for address in fleet.addresses() {
        until("every node answers", || async {
            match ask(&mut Connection::to(address), key).await {
                (200, ..) => Ok(()),
                (status, text, _) => Err(format!("{status} {text}")),
            }
        })
        .await;
    }
}

/// Money is refused at every node, and at once.
async fn money_is_refused(fleet: &Fleet, paying: &Key) {
    for address in fleet.addresses() {
        let mut connection = Connection::to(address);
        for _ in 0..20 {
            let (status, text, took) = ask(&mut connection, paying).await;
            assert_eq!(status, 503, "{text}");
            assert!(text.contains("counters_unavailable"), "{text}");
            assert!(took < LONGEST, "money is refused after {took:?}");
        }
    }
}

/// Every node lets its share of the rate through, and no more.
async fn rates_are_shared(fleet: &Fleet, limited: &Key) {
    let share = REQUESTS_PER_MINUTE / fleet.count() as u64;
    for address in fleet.addresses() {
        let mut connection = Connection::to(address);
        let started = Instant::now();
        let mut passed = 0;
        for _ in 0..share * 3 / 2 {
            let (status, text, took) = ask(&mut connection, limited).await;
            assert!([200, 429].contains(&status), "{status} {text}");
            assert!(took < LONGEST, "a rate is known after {took:?}");
            passed += u64::from(status == 200);
        }
        let came_in = started.elapsed().as_secs() * share / 60 + 2;
        assert!(
            (share..=share + came_in).contains(&passed),
            "{passed} of {share} passed in {:?}",
            started.elapsed()
        );
    }
}

fn slowest(asked: &[Asked]) -> Duration {
    asked.iter().map(|one| one.took).max().unwrap_or_default()
}

async fn goes_and_comes_back(outage: Outage) {
    let _turn = setup::turn().await;
    let fleet = Arc::new(fleet(Redis::durable().await, 4).await);
    let keys = keys(&fleet).await;
    for key in [&keys.free, &keys.paying, &keys.limited] {
        answered_everywhere(&fleet, key).await;
    }
    let terms = Terms {
        callers: 4,
        pace: Duration::from_millis(20),
        seed: 1,
    };
    let unaffected = Load::begin(&fleet, std::slice::from_ref(&keys.free), terms);
    unaffected.has_asked(50).await;
    outage.begin(&fleet).await;
    money_is_refused(&fleet, &keys.paying).await;
    rates_are_shared(&fleet, &keys.limited).await;
    outage.end(&fleet).await;
    let back = Instant::now();
    answered_everywhere(&fleet, &keys.paying).await;
    let (after, free) = (back.elapsed(), unaffected.end().await);
    println!(
        "redis {outage:?}: money again after {after:?}; without limits {:?}, the slowest {:?}",
        statuses(&free),
        slowest(&free)
    );
    assert!(after < outage.patience(), "money is back after {after:?}");
    let refused = free.iter().find(|one| one.status != Some(200));
    assert!(refused.is_none(), "{refused:?}");
    assert!(slowest(&free) < LONGEST, "{:?}", slowest(&free));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_hangs_delays_nobody_and_counts_again_within_two_seconds() {
    goes_and_comes_back(Outage::Hangs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_dies_delays_nobody_and_counts_again_within_five_seconds() {
    goes_and_comes_back(Outage::Dies).await;
}
