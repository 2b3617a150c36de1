//! Which keys are let in, and what the others are told.

use std::sync::Arc;

use data_plane::authenticate::CallerKind;
use domain::directory::{KeyGrant, Levels};
use domain::keys::{KeyHash, PlainKey};
use domain::policies::Policy;
use domain::time::TimestampMs;
use serde_json::json;

use crate::node::{self, AWAY, HERE, MASTER, told};
use crate::store::MemoryStore;
use crate::things;

const KEY: &str = "sk-known-key-of-acme";

#[tokio::test]
async fn a_known_key_is_let_in_with_all_that_is_above_it() {
    let following = node::with_keys(vec![things::full_key(KEY)]).await;
    let caller = following.knock(KEY).await.ok().unwrap();
    let CallerKind::Key(standing) = caller.kind() else {
        panic!("not as a key");
    };
    assert_eq!(standing.grant.id.as_str(), format!("key_{KEY}"));
    assert_eq!(standing.team.as_ref().unwrap().id.as_str(), "team_a");
    assert_eq!(standing.project.as_ref().unwrap().id.as_str(), "proj_a");
    assert_eq!(standing.user.as_ref().unwrap().id.as_str(), "user_a");
    assert!(standing.team_member.is_some() && standing.organization_member.is_some());
    assert_eq!(caller.organization_id(), "acme");
    assert!(!caller.sees_the_platform());
    let master = following.knock(MASTER).await.ok().unwrap();
    assert!(matches!(master.kind(), CallerKind::Master));
    assert_eq!(master.organization_id(), "default");
}

#[tokio::test]
async fn unknown_and_mistyped_keys_are_invalid_and_a_typo_costs_no_question() {
    let following = node::with_keys(vec![things::key(KEY)]).await;
    assert_eq!(
        following.answer("sk-nobodys-key").await,
        (401, "invalid_key")
    );
    assert_eq!(
        following
            .store
            .questions
            .load(std::sync::atomic::Ordering::SeqCst),
        1
    );
    let mut typo = PlainKey::generate().unwrap().expose().to_owned();
    let last = if typo.ends_with('a') { "b" } else { "a" };
    typo.replace_range(typo.len() - 1.., last);
    assert_eq!(following.answer(&typo).await, (401, "invalid_key"));
    assert_eq!(following.answer("a-password").await, (401, "invalid_key"));
    assert_eq!(
        following
            .store
            .questions
            .load(std::sync::atomic::Ordering::SeqCst),
        1
    );
}

#[tokio::test]
async fn a_block_anywhere_above_a_key_refuses_it_and_says_where() {
    type Block = fn(&mut Levels, &mut KeyGrant);
    let blocks: [(Block, &str); 5] = [
        (|_, key| key.blocked = true, "/key/unblock"),
        (|levels, _| levels.projects[0].blocked = true, "project"),
        (|levels, _| levels.teams[0].blocked = true, "team"),
        (
            |levels, _| levels.organizations[1].blocked = true,
            "organization",
        ),
        (|levels, _| levels.users[0].blocked = true, "owner"),
    ];
    for (block, word) in blocks {
        let (mut levels, mut key) = (things::levels(), things::full_key(KEY));
        block(&mut levels, &mut key);
        let store = Arc::new(MemoryStore::new(levels, vec![key]));
        let following = node::following(store, node::settings(), None).await;
        let refused = following.knock(KEY).await.err().unwrap();
        assert_eq!(refused.status_and_code().code, "blocked_key", "{word}");
        assert!(refused.to_string().contains(word), "{refused}");
    }
}

#[tokio::test]
async fn both_secrets_work_while_a_key_is_rotated_and_the_old_one_not_after() {
    let now = TimestampMs::now();
    let rotated = |old_ends_at: u64| KeyGrant {
        secrets: vec![
            (KeyHash::of("sk-new-secret"), None),
            (KeyHash::of(KEY), Some(TimestampMs(old_ends_at))),
        ],
        ..things::key(KEY)
    };
    let mut following = node::with_keys(vec![rotated(now.0 + 3_600_000)]).await;
    assert_eq!(following.answer(KEY).await, (200, ""));
    assert_eq!(following.answer("sk-new-secret").await, (200, ""));
    let over = following.store.put_key(rotated(now.0 - 1));
    following.until(over).await;
    assert_eq!(following.answer(KEY).await, (401, "expired_key"));
    assert_eq!(following.answer("sk-new-secret").await, (200, ""));
    let expired = following.store.put_key(KeyGrant {
        expires_at: Some(TimestampMs(now.0 - 1)),
        ..rotated(now.0 + 3_600_000)
    });
    following.until(expired).await;
    assert_eq!(
        following.answer("sk-new-secret").await,
        (401, "expired_key")
    );
}

#[tokio::test]
async fn a_key_is_good_for_its_addresses_and_paths_only() {
    let policy: Policy = serde_json::from_value(json!({
        "allowed_addresses": ["10.0.0.0/24"],
        "allowed_routes": ["llm_api_routes"],
    }))
    .unwrap();
    let key = KeyGrant {
        policy: Arc::new(policy),
        ..things::key(KEY)
    };
    let following = node::with_keys(vec![key]).await;
    let at = |path, peer| following.knock_at(path, KEY, peer);
    assert_eq!(told(at("/v1/models", AWAY).await), (200, ""));
    assert_eq!(told(at("/metrics", AWAY).await), (403, "route_not_allowed"));
    assert_eq!(
        told(at("/v1/models", HERE).await),
        (403, "address_not_allowed")
    );
}

#[tokio::test]
async fn without_a_master_key_a_virtual_key_counts_as_itself_and_other_words_pass() {
    let blocked = KeyGrant {
        blocked: true,
        ..things::key("sk-blocked-key")
    };
    let store = Arc::new(MemoryStore::new(
        things::levels(),
        vec![things::key(KEY), blocked],
    ));
    let following = node::following(store, data_plane::settings::Settings::default(), None).await;
    let at = |key, peer| following.knock_at("/v1/chat/completions", key, peer);
    let caller = at(KEY, HERE).await.ok().unwrap();
    assert_eq!(caller.as_str(), "virtual_key");
    assert_eq!(told(at("sk-blocked-key", HERE).await), (401, "blocked_key"));
    assert_eq!(
        at("sk-anything", HERE).await.ok().unwrap().as_str(),
        "anonymous"
    );
    assert_eq!(told(at("sk-anything", AWAY).await), (401, "missing_key"));
    assert_eq!(told(at(KEY, AWAY).await), (200, ""));
}

#[tokio::test]
async fn every_use_of_a_secret_is_told_to_the_store_once() {
    let following = node::with_keys(vec![things::key(KEY)]).await;
    for _ in 0..5 {
        assert_eq!(following.answer(KEY).await, (200, ""));
    }
    let (node, store) = following.end().await;
    assert_eq!(store.uses_of(KeyHash::of(KEY)), 5);
    node.tenants.uses.tell(&*store).await;
    assert_eq!(store.uses_of(KeyHash::of(KEY)), 5);
}

#[tokio::test]
async fn uses_are_kept_while_the_store_is_away() {
    let following = node::with_keys(vec![things::key(KEY)]).await;
    following
        .store
        .away
        .store(true, std::sync::atomic::Ordering::SeqCst);
    assert_eq!(following.answer(KEY).await, (200, ""));
    let (node, store) = following.end().await;
    store.away.store(false, std::sync::atomic::Ordering::SeqCst);
    node.tenants.uses.tell(&*store).await;
    assert_eq!(store.uses_of(KeyHash::of(KEY)), 1);
}
