//! Jobs of the admin side: they run without being asked, and end when they are told to.

use std::sync::Arc;
use std::time::Duration;

use admin_api::jobs::{JobSettings, Jobs};
use domain::actors::Actor;
use domain::blocks::BlockLevel;
use domain::deleted_keys::Deletion;
use domain::ids::{KeyId, OrganizationId};
use domain::sealed::{EncryptionKey, KeyRing};
use domain::time::TimestampMs;
use serde_json::json;
use store::page::Page;
use store::requests::RequestFilter;
use store::{Event, Store};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::ledger::{Whose, append, plain};
use crate::setup::{Served, everything, nobody, served};

const DAY_MS: u64 = 86_400_000;

async fn listed(store: &Store) -> usize {
    let filter = RequestFilter {
        scope: everything(),
        ..RequestFilter::default()
    };
    store
        .requests(&filter, &Page::first(9))
        .await
        .unwrap()
        .items
        .len()
}

/// A key that was deleted so many days ago.
async fn deleted(admin: &Served, days: u64) -> String {
    let made = admin.post("/api/v1/keys", json!({})).await.ok();
    let id = made["details"]["id"].as_str().unwrap();
    let deletion = Deletion {
        at: TimestampMs(TimestampMs::now().0 - days * DAY_MS),
        by: "test".to_owned(),
        level: BlockLevel::Platform,
    };
    let mut change = admin.store.begin().await.unwrap();
    change.delete_key(&KeyId::new(id), &deletion).await.unwrap();
    let event = Event::default();
    change.commit(&Actor::system(), event).await.unwrap();
    id.to_owned()
}

#[tokio::test]
async fn requests_and_deleted_keys_past_their_time_go_and_jobs_end_when_told() {
    let admin = served().await;
    let whose = Whose {
        organization: OrganizationId::default_one(),
        team: None,
        user: None,
        key: Some(KeyId::new("key_a")),
    };
    let now = TimestampMs::now();
    let old = plain(1, TimestampMs(now.0 - 10 * DAY_MS), &whose);
    let new = plain(2, now, &whose);
    append(&admin.store, "strand", vec![old, new]).await;
    assert_eq!(listed(&admin.store).await, 2);
    let (gone, kept) = (deleted(&admin, 31).await, deleted(&admin, 29).await);
    let settings = JobSettings {
        alerts: Arc::default(),
        keys: KeyRing::new(EncryptionKey::generate().unwrap(), Vec::new()),
        trust: nobody(),
        requests_kept_ms: Some(2 * DAY_MS),
        metrics: Arc::default(),
    };
    let jobs = Jobs::new(Arc::clone(&admin.store), settings).unwrap();
    let (stop, asked) = watch::channel(false);
    let mut running = JoinSet::new();
    running.spawn(jobs.run(asked));
    let month_ago = TimestampMs(now.0 - 30 * DAY_MS);
    let left = async {
        while listed(&admin.store).await != 1
            || admin.store.has_keys_deleted_by(month_ago).await.unwrap()
            || !admin.store.moved(1).await.unwrap().notes.is_empty()
        {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), left).await;
    assert!(
        in_time.is_ok(),
        "the old one goes, and what moved is looked at"
    );
    let purged = admin.audited(50).await;
    let purged: Vec<_> = purged
        .iter()
        .filter(|(action, _)| action == "key.purge")
        .collect();
    assert_eq!(purged, [&("key.purge".to_owned(), gone)]);
    assert!(admin.store.deleted_key(&kept).await.unwrap().is_some());
    stop.send_replace(true);
    let ended = tokio::time::timeout(Duration::from_secs(5), running.join_next()).await;
    ended.expect("they end").unwrap().unwrap();
}
