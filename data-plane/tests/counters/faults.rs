//! Redis does not answer: nothing hangs, nothing is held twice, and everything goes on afterwards.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use data_plane::counters::Away;
use data_plane::counters::operation::{Bucket, Reserved, Slot};
use harness::deadline::within;
use harness::redis::Redis as Servers;

use crate::fleet::{LONGEST, Ledger, Node, ORGANIZATION, SCOPES};

const LIMIT: i64 = 1_000_000;

/// A node whose counters are open.
async fn opened(servers: &Servers) -> Arc<Node> {
    let node = Node::start(servers.url(), 0, &Arc::new(Ledger::default()));
    let opened = async {
        for scope in SCOPES {
            while node.open(scope).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    };
    within("the counters are open", opened).await;
    node
}

fn reserved(servers: &Servers) -> i64 {
    let key = format!("h1:{{o:{ORGANIZATION}}}:b:{}/life", SCOPES[0]);
    servers.says(0, &["HGET", &key, "r"])
}

#[tokio::test]
async fn a_redis_that_says_nothing_is_away_at_once_and_comes_back() {
    let servers = Servers::one().await;
    let node = opened(&servers).await;
    servers.pause(0).await;
    let mut at_once = 0;
    for _ in 0..10 {
        let started = Instant::now();
        assert_eq!(node.reserve(&node.ask(1_000, LIMIT)).await, Err(Away));
        let took = started.elapsed();
        assert!(took < LONGEST, "{took:?}");
        at_once += u32::from(took < Duration::from_millis(20));
    }
    assert!(at_once >= 3, "{at_once}");
    servers.resume(0).await;
    let resumed = Instant::now();
    let answers = async {
        while node.reserve(&node.ask(0, LIMIT)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within("it answers again", answers).await;
    assert!(
        resumed.elapsed() < Duration::from_secs(2),
        "{:?}",
        resumed.elapsed()
    );
    // What was perhaps held is given back.
    let released = async {
        while reserved(&servers) != 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within("what nobody uses is released", released).await;
}

#[tokio::test]
async fn what_was_asked_for_a_caller_who_went_away_is_released() {
    let servers = Servers::one().await;
    let node = opened(&servers).await;
    servers.pause(0).await;
    for _ in 0..20 {
        let ask = node.ask(1_000, LIMIT);
        let mut asked = Box::pin(node.reserve(&ask));
        let sent = poll_fn(|context| Poll::Ready(asked.as_mut().poll(context))).await;
        drop(asked);
        assert!(sent.is_pending(), "{sent:?}");
    }
    servers.resume(0).await;
    let kept = node.ask(7, LIMIT);
    let answers = async {
        while node.reserve(&kept).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within("it answers again", answers).await;
    let released = async {
        while reserved(&servers) != 7 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within("only what is used stays held", released).await;
}

#[tokio::test]
async fn settles_wait_for_redis_and_count_once() {
    let servers = Servers::one().await;
    let node = opened(&servers).await;
    let asks: Vec<_> = (0..50).map(|_| node.ask(1_000, LIMIT)).collect();
    for ask in &asks {
        assert!(matches!(node.reserve(ask).await, Ok(Reserved::Admitted(_))));
    }
    assert_eq!(reserved(&servers), 50_000);
    servers.pause(0).await;
    for ask in &asks {
        node.settle(ask, 700);
    }
    servers.resume(0).await;
    let settled = async {
        while node.redis.pending(&ORGANIZATION.into()) != (0, 0) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    within("everything is settled", settled).await;
    let key = format!("h1:{{o:{ORGANIZATION}}}:b:{}/life", SCOPES[0]);
    let fields: Vec<i64> = servers.says(0, &["HMGET", &key, "s", "r", "x"]);
    assert_eq!(fields, [35_000, 0, 0]);
}

#[tokio::test]
async fn rates_are_limited_here_while_redis_is_away() {
    let node = Node::start("redis://127.0.0.1:1", 0, &Arc::new(Ledger::default()));
    let mut admitted = 0;
    for _ in 0..10 {
        let mut ask = node.ask(1_000, LIMIT);
        ask.buckets.push(Bucket {
            name: "key:k/rpm".into(),
            cost: 1,
            capacity: 4,
            tick_ms: 60_000,
            ticks: 60,
        });
        ask.slots.push(Slot {
            name: "key:k/parallel".into(),
            limit: 100,
        });
        assert_eq!(node.reserve(&ask).await, Err(Away));
        let answer = node.redis.reserve_locally(&ask);
        admitted += u32::from(matches!(answer, Reserved::Admitted(_)));
    }
    assert_eq!(admitted, 4);
}
