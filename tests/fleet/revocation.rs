//! From the moment on at which the administrator has the answer, nobody passes with what was taken
//! away, at any node.

use std::sync::Arc;
use std::time::{Duration, Instant};

use harness::fleet::Fleet;
use harness::redis::Redis;
use http::Method;
use serde_json::{Value, json};

use crate::accounts::{self, Key, Limits, Shape};
use crate::load::{Asked, Load, Terms, statuses};
use crate::setup::{self, fleet, number, until};

/// So many requests are refused after each answer; five kinds of taking away.
fn wanted() -> u64 {
    number("HEADGATE_REVOKED_REQUESTS", 2_000)
}

/// A key of its own in an organization and a team of its own, asked with at every node.
async fn asked_with(fleet: &Arc<Fleet>, limits: Limits) -> (Key, Load) {
    let one = Shape {
        organizations: 1,
        teams: 1,
        keys: 1,
    };
    let mut keys = accounts::make(fleet, one, limits).await;
    let terms = Terms {
        callers: 16,
        pace: Duration::from_millis(1),
        seed: 1,
    };
    let load = Load::begin(fleet, &keys, terms);
    load.has_asked(200).await;
    (keys.remove(0), load)
}

/// Waits until so many more have been asked, and sees that none of those passed.
async fn none_passes(name: &str, since: Instant, load: Load) {
    let before = load.asked();
    // Those that were asked before are answered before their callers ask again.
    load.has_asked(before + wanted() + 16).await;
    let asked = load.end().await;
    let (before, after): (Vec<Asked>, Vec<Asked>) =
        asked.into_iter().partition(|one| one.at < since);
    println!(
        "revocation: {name}: {:?} before, {:?} after",
        statuses(&before),
        statuses(&after)
    );
    let passed = after.iter().filter(|one| one.status == Some(200)).count();
    assert!(
        before.iter().any(|one| one.status == Some(200)),
        "{name}: nobody ever passed"
    );
    assert!(after.len() as u64 >= wanted());
    let last = after
        .iter()
        .filter(|one| one.status == Some(200))
        .map(|one| one.at - since)
        .max();
    assert_eq!(
        passed,
        0,
        "{name}: of {}, the last after {last:?}",
        after.len()
    );
    let other = after.iter().find(|one| one.status != Some(401));
    assert!(other.is_none(), "{name}: {other:?}");
}

async fn posted(fleet: &Fleet, path: &str, body: &Value) -> Instant {
    let done = fleet.admin().post(path, body).await;
    assert_eq!(done.status, 200, "{path}: {}", done.text());
    Instant::now()
}

const UNLIMITED: Limits = Limits {
    organization_nanousd: None,
    team_nanousd: None,
    key_nanousd: None,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_block_of_a_key_was_answered_nobody_passes_with_it_at_any_node() {
    let _turn = setup::turn().await;
    let fleet = Arc::new(fleet(Redis::one().await, 4).await);
    for key_nanousd in [None, Some(1_000_000_000_000)] {
        let limits = Limits {
            key_nanousd,
            ..UNLIMITED
        };
        let (key, load) = asked_with(&fleet, limits).await;
        let since = posted(&fleet, "/key/block", &json!({"key": key.secret})).await;
        none_passes("block of a key", since, load).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_key_was_deleted_nobody_passes_with_it_at_any_node() {
    let _turn = setup::turn().await;
    let fleet = Arc::new(fleet(Redis::one().await, 4).await);
    let (key, load) = asked_with(&fleet, UNLIMITED).await;
    let since = posted(&fleet, "/key/delete", &json!({"keys": [key.secret]})).await;
    none_passes("deleted key", since, load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_block_of_a_team_was_answered_none_of_its_keys_passes() {
    let _turn = setup::turn().await;
    let fleet = Arc::new(fleet(Redis::one().await, 4).await);
    let (key, load) = asked_with(&fleet, UNLIMITED).await;
    let since = posted(&fleet, "/team/block", &json!({"team_id": key.team_id})).await;
    none_passes("block of a team", since, load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_block_of_an_organization_was_answered_none_of_its_keys_passes() {
    let _turn = setup::turn().await;
    let fleet = Arc::new(fleet(Redis::one().await, 4).await);
    let (key, load) = asked_with(&fleet, UNLIMITED).await;
    let path = format!("/api/v1/organizations/{}", key.organization_id);
    let body = json!({"blocked": true}).to_string();
    let changed = fleet.admin().call(Method::PATCH, &path, body.into()).await;
    let since = Instant::now();
    let changed = changed.whole().await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    none_passes("block of an organization", since, load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_key_was_made_to_expire_nobody_passes_with_it() {
    let _turn = setup::turn().await;
    let fleet = Arc::new(fleet(Redis::one().await, 4).await);
    let (key, load) = asked_with(&fleet, UNLIMITED).await;
    let body = json!({"key": key.secret, "duration": "2s"});
    let since = posted(&fleet, "/key/update", &body).await + Duration::from_secs(2);
    until("the key expires", || async {
        match Instant::now() > since {
            true => Ok(()),
            false => Err("it lives".to_owned()),
        }
    })
    .await;
    none_passes("expiry", since, load).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_let_in_again_passes_at_every_node() {
    let _turn = setup::turn().await;
    let fleet = Arc::new(fleet(Redis::one().await, 4).await);
    let (key, load) = asked_with(&fleet, UNLIMITED).await;
    posted(&fleet, "/key/block", &json!({"key": key.secret})).await;
    posted(&fleet, "/key/unblock", &json!({"key": key.secret})).await;
    posted(&fleet, "/key/delete", &json!({"keys": [key.secret]})).await;
    posted(
        &fleet,
        &format!("/api/v1/keys/{}/restore", key.id),
        &json!({}),
    )
    .await;
    accounts::known(&fleet, std::slice::from_ref(&key)).await;
    drop(load.end().await);
    let again = Terms {
        callers: 16,
        pace: Duration::from_millis(1),
        seed: 2,
    };
    let load = Load::begin(&fleet, &[key], again);
    load.has_asked(500).await;
    let asked = load.end().await;
    let refused = asked.iter().find(|one| one.status != Some(200));
    assert!(refused.is_none(), "{refused:?}");
}
