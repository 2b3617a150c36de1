//! Jobs of the admin side: they run without being asked, and end when they are told to.

use std::sync::Arc;
use std::time::Duration;

use admin_api::jobs::{JobSettings, Jobs};
use domain::ids::{KeyId, OrganizationId};
use domain::sealed::{EncryptionKey, KeyRing};
use domain::time::TimestampMs;
use store::Store;
use store::page::Page;
use store::requests::RequestFilter;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::ledger::{Whose, append, plain};
use crate::setup::{everything, nobody, served};

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

#[tokio::test]
async fn requests_past_their_retention_go_and_jobs_end_when_told() {
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
    let gone = async {
        while listed(&admin.store).await != 1
            || !admin.store.moved(1).await.unwrap().notes.is_empty()
        {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(20), gone).await;
    assert!(
        in_time.is_ok(),
        "the old one goes, and what moved is looked at"
    );
    stop.send_replace(true);
    let ended = tokio::time::timeout(Duration::from_secs(5), running.join_next()).await;
    ended.expect("they end").unwrap().unwrap();
}
