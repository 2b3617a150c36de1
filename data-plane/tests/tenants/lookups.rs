//! What unknown keys may cost, and whom they may not disturb.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use domain::directory::KeyGrant;
use domain::keys::KeyHash;
use tokio::task::JoinSet;

use crate::node::{self, AWAY, told};
use crate::things;

const KEY: &str = "sk-known-key-of-acme";

#[tokio::test]
async fn ten_thousand_unknown_keys_are_64_questions_at_most_and_known_keys_wait_for_none() {
    let following = Arc::new(node::with_keys(vec![things::key(KEY)]).await);
    let store = &following.store;
    let all = u32::try_from(store.permits.available_permits()).unwrap();
    let held = store.permits.acquire_many(all).await.unwrap();
    let mut callers = JoinSet::new();
    for number in 0..10_000 {
        let following = Arc::clone(&following);
        callers.spawn(async move { following.answer(&format!("sk-unknown-{number}")).await });
    }
    while store.under_way.load(SeqCst) < 64 {
        tokio::task::yield_now().await;
    }
    let known = std::pin::pin!(following.knock(KEY));
    let polled = known.poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Ok(_))), "it waited");
    drop(held);
    let mut counted = [0, 0];
    while let Some(answer) = callers.join_next().await {
        match answer.unwrap() {
            (401, "invalid_key") => counted[0] += 1,
            (503, "keys_unavailable") => counted[1] += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(store.most_under_way.load(SeqCst), 64);
    assert_eq!(counted[0] + counted[1], 10_000);
    assert!(counted[0] >= 64 + 1_024, "those in the queue are answered");
}

#[tokio::test]
async fn one_unknown_key_many_times_is_one_question() {
    let following = Arc::new(node::with_keys(vec![]).await);
    let store = &following.store;
    let mut callers = JoinSet::new();
    for _ in 0..500 {
        let following = Arc::clone(&following);
        callers.spawn(async move { following.answer("sk-unknown").await });
    }
    while let Some(answer) = callers.join_next().await {
        assert_eq!(answer.unwrap(), (401, "invalid_key"));
    }
    assert_eq!(following.answer("sk-unknown").await, (401, "invalid_key"));
    assert_eq!(store.questions.load(SeqCst), 1);
}

#[tokio::test]
async fn a_key_made_elsewhere_works_at_once_though_it_was_unknown_a_moment_ago() {
    let mut following = node::with_keys(vec![]).await;
    assert_eq!(following.answer(KEY).await, (401, "invalid_key"));
    let made = following.store.put_key(things::key(KEY));
    following.until(made).await;
    assert_eq!(following.answer(KEY).await, (200, ""));
}

#[tokio::test]
async fn with_the_store_away_unknown_keys_are_neither_refused_nor_let_in() {
    let following = node::with_keys(vec![things::key(KEY)]).await;
    following.store.away.store(true, SeqCst);
    assert_eq!(
        following.answer("sk-unknown").await,
        (503, "keys_unavailable")
    );
    assert_eq!(following.answer(KEY).await, (200, ""));
    following.store.away.store(false, SeqCst);
    assert_eq!(following.answer("sk-unknown").await, (401, "invalid_key"));
}

#[tokio::test]
async fn a_key_that_is_blocked_while_it_is_asked_for_does_not_live_on() {
    let mut following = node::with_keys(vec![]).await;
    let store = Arc::clone(&following.store);
    let made = store.put_key(things::key(KEY));
    following.until(made).await;
    let lookups = Arc::clone(following.node.tenants.lookups().unwrap());
    let all = u32::try_from(store.permits.available_permits()).unwrap();
    let held = store.permits.acquire_many(all).await.unwrap();
    let asked =
        tokio::runtime::Handle::current().spawn(async move { lookups.ask(KeyHash::of(KEY)).await });
    while store.under_way.load(SeqCst) < 1 {
        tokio::task::yield_now().await;
    }
    let blocked = store.put_key(KeyGrant {
        blocked: true,
        ..things::key(KEY)
    });
    following.until(blocked).await;
    drop(held);
    let answer = asked.await.unwrap();
    let data_plane::tenants::lookups::Answer::Found(found) = answer else {
        panic!("it is there");
    };
    assert!(found.grant.blocked, "the answer was overtaken");
    assert_eq!(told(following.knock(KEY).await), (401, "blocked_key"));
}

#[tokio::test]
async fn what_a_look_up_costs() {
    const KEYS: usize = 100_000;
    let secret = |number: usize| format!("sk-key-of-the-benchmark-{number:08}");
    let keys = (0..KEYS).map(|number| things::full_key(&secret(number)));
    let following = node::with_keys(keys.collect()).await;
    let secrets: Vec<String> = (0..KEYS).map(secret).collect();
    let (state, mut found) = (following.node.state(), 0);
    for round in ["cold", "warm"] {
        let begun = Instant::now();
        for secret in &secrets {
            let held = state.known.find(&KeyHash::of(secret));
            let standing = held.and_then(|held| held.standing(state.known.tree()));
            found += usize::from(standing.is_some());
        }
        let each_ns = begun.elapsed().as_nanos() / 100_000;
        println!("{round}: {each_ns} ns for hash, look-up and levels, of {KEYS} keys");
    }
    assert_eq!(found, 2 * KEYS);
    let before = following.store.questions.load(SeqCst);
    let again = following.knock_at("/v1/models", &secrets[7], AWAY).await;
    assert_eq!(told(again), (200, ""));
    assert_eq!(following.store.questions.load(SeqCst), before);
}
