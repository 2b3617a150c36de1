//! What is known follows the store, forward only, and whole.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use domain::deployments::StoredDeployment;
use domain::directory::{Delta, Revision, Snapshot};
use domain::ids::{DeploymentId, TeamId};
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use serde_json::Map;

use data_plane::tenants::known::Known;

use crate::node;
use crate::things;

const KEY: &str = "sk-known-key-of-acme";

fn stored(name: &str) -> StoredDeployment {
    StoredDeployment {
        id: DeploymentId::new(format!("stored-{name}")),
        organization_id: None,
        model_name: name.to_owned(),
        params: Map::new(),
        sealed_params: None,
        info: Map::new(),
        blocked: false,
        stamps: Stamps::default(),
    }
}

#[tokio::test]
async fn deleted_keys_and_changed_teams_hold_from_the_revision_on_that_changed_them() {
    let mut following = node::with_keys(vec![things::full_key(KEY)]).await;
    assert_eq!(following.answer(KEY).await, (200, ""));
    let blocked = following
        .store
        .change_levels(|levels| levels.teams[0].blocked = true);
    following.until(blocked).await;
    assert_eq!(following.answer(KEY).await, (401, "blocked_key"));
    let unblocked = following
        .store
        .change_levels(|levels| levels.teams[0].blocked = false);
    following.until(unblocked).await;
    assert_eq!(following.answer(KEY).await, (200, ""));
    let deleted = following.store.delete_key(&things::key(KEY).id);
    following.until(deleted).await;
    assert_eq!(following.answer(KEY).await, (401, "invalid_key"));
}

#[tokio::test]
async fn a_store_that_remembers_no_changes_is_read_anew() {
    let mut following = node::with_keys(vec![]).await;
    following.store.forgets_changes.store(true, SeqCst);
    let made = following.store.put_key(things::key(KEY));
    following.until(made).await;
    assert_eq!(following.node.state().known.key_count(), 1);
}

#[tokio::test]
async fn changes_of_another_process_are_found_by_asking() {
    let mut following = node::with_keys(vec![]).await;
    let made = following
        .store
        .quietly(|store| store.put_key(things::key(KEY)));
    following.until(made).await;
    assert_eq!(following.node.state().known.key_count(), 1);
}

#[tokio::test]
async fn models_added_at_run_time_are_routed_together_with_what_allows_them() {
    let mut following = node::with_keys(vec![things::key(KEY)]).await;
    let before = following.node.state();
    let named = following.store.put_key(things::key("sk-second-key"));
    following.until(named).await;
    let after_a_key = following.node.state();
    assert!(
        Arc::ptr_eq(&before.table, &after_a_key.table),
        "a key changes no route"
    );
    let added = following
        .store
        .change_levels(|levels| levels.deployments.push(stored("new-model")));
    following.until(added).await;
    let state = following.node.state();
    assert!(state.table.find("new-model", "acme").is_some());
    assert_eq!(state.known.levels().deployments.len(), 1);
    assert!(before.table.find("new-model", "acme").is_none());
}

#[tokio::test]
async fn readers_see_key_and_team_of_one_revision_whenever_they_look() {
    let mut following = node::with_keys(vec![]).await;
    let node = Arc::clone(&following.node);
    let reader = std::thread::spawn(move || {
        let mut seen = Revision(0);
        while seen < Revision(201) {
            let state = node.state();
            let revision = state.known.revision().unwrap();
            assert!(revision >= seen, "it went back");
            seen = revision;
            for grant in state.known.keys() {
                let team = grant.team_id.clone().unwrap();
                assert!(state.known.tree().team(&team).is_some(), "{revision:?}");
            }
        }
    });
    let mut last = Revision(0);
    for number in 0..100 {
        let name = format!("team_{number}");
        following
            .store
            .change_levels(|levels| levels.teams.push(things::team("acme", &name)));
        let mut key = things::key(&format!("sk-of-{name}"));
        key.team_id = Some(TeamId::new(name));
        last = following.store.put_key(key);
        if number % 10 == 0 {
            following.until(last).await;
        }
    }
    following.until(last).await;
    assert!(
        tokio::task::spawn_blocking(|| reader.join())
            .await
            .unwrap()
            .is_ok()
    );
}

#[test]
fn an_older_revision_never_replaces_a_newer_one() {
    let known = Known::of(Snapshot {
        revision: Revision(5),
        levels: things::levels(),
        keys: vec![things::key(KEY)],
        complete: true,
    });
    let delta = |revision| Delta {
        revision: Revision(revision),
        keys: vec![(things::key(KEY).id, None)],
        ..Delta::default()
    };
    for revision in [3, 4, 5] {
        assert!(known.advanced(delta(revision), TimestampMs(1)).is_none());
    }
    let later = known.advanced(delta(6), TimestampMs(1)).unwrap();
    assert_eq!((known.key_count(), later.key_count()), (1, 0));
}

#[tokio::test]
async fn a_store_put_back_to_an_older_day_does_not_bring_a_deleted_key_back() {
    let mut following = node::with_keys(vec![things::key(KEY)]).await;
    let deleted = following.store.delete_key(&things::key(KEY).id);
    following.until(deleted).await;
    following.store.restore(Revision(0));
    let mut polls = following.store.polls.subscribe();
    // It is told by a commit; two more questions later the first one's answer has been taken.
    following.store.put_key(things::key("sk-other-key"));
    for _ in 0..2 {
        polls.changed().await.unwrap();
    }
    let (node, _store) = following.end().await;
    assert_eq!(node.state().known.revision(), Some(deleted));
    assert_eq!(node.state().known.key_count(), 0);
}

#[test]
fn when_not_all_keys_are_held_every_refused_one_is() {
    let known = Known::of(Snapshot {
        revision: Revision(1),
        levels: things::levels(),
        keys: vec![],
        complete: false,
    });
    let mut blocked = things::key("sk-blocked-key");
    blocked.blocked = true;
    let keys = vec![
        (blocked.id.clone(), Some(blocked.clone())),
        (things::key(KEY).id, Some(things::key(KEY))),
    ];
    let delta = Delta {
        revision: Revision(2),
        levels: None,
        keys,
    };
    let known = known.advanced(delta, TimestampMs(1)).unwrap();
    assert_eq!(known.key_count(), 1);
    assert!(known.find(&blocked.secrets[0].0).is_some());
}

#[test]
fn ten_thousand_changes_one_by_one_leave_what_the_last_of_each_key_said() {
    let mut known = Known::of(Snapshot {
        revision: Revision(0),
        levels: things::levels(),
        keys: (0..100)
            .map(|number| things::key(&format!("sk-key-{number}")))
            .collect(),
        complete: true,
    });
    let mut last = std::collections::BTreeMap::new();
    for round in 0..10_000_i64 {
        let mut key = things::key(&format!("sk-key-{}", (round * 7_919) % 6_000));
        key.blocked = round % 2 == 0;
        let stays = round % 5 != 0;
        let delta = Delta {
            revision: Revision(round + 1),
            levels: None,
            keys: vec![(key.id.clone(), stays.then(|| key.clone()))],
        };
        known = known.advanced(delta, TimestampMs(1)).unwrap();
        last.insert(key.secrets[0].0, stays.then_some(key.blocked));
    }
    for (hash, expected) in &last {
        let found = known.find(hash).map(|held| held.grant.blocked);
        assert_eq!(found, *expected);
    }
    let untouched = (0..100).map(|number| things::key(&format!("sk-key-{number}")).secrets[0].0);
    let untouched = untouched.filter(|hash| !last.contains_key(hash)).count();
    let left = last.values().flatten().count();
    assert_eq!(known.key_count(), left + untouched);
}
