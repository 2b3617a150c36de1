//! Alerts: an occasion is told once, a delivery is one sender's at a time, and what moved is looked at
//! until somebody says that he has.

use domain::alerts::{
    Alert, AlertEvent, AlertTarget, BudgetStand, DeliveryState, Matter, TargetKind, TargetName,
};
use domain::ids::{AlertId, AlertTargetId, OrganizationId};
use domain::money::NanoUsd;
use domain::policies::BudgetMode;
use domain::sealed::Sealed;
use domain::spend::{ScopeKind, SpendScope};
use domain::stamps::Stamps;
use domain::time::TimestampMs;
use serde_json::Map;
use store::alerts::{AlertFilter, Outcome, Queued, TargetFilter};
use store::locks::Job;
use store::page::Page;

use crate::changes::{change, everything, organization, within};
use crate::entries::{append, entry};
use crate::setup::on_both;

const NOON: TimestampMs = TimestampMs(1_795_348_800_000);
const LEASE_MS: u64 = 20_000;

fn alert(organization: &OrganizationId, percent: u8, ends: Option<TimestampMs>) -> Alert {
    Alert {
        id: AlertId::generate(),
        organization_id: Some(organization.clone()),
        team_id: None,
        at: NOON,
        matter: Matter::Budget(Box::new(BudgetStand {
            event: AlertEvent::ThresholdCrossed,
            scope: SpendScope::new(ScopeKind::Key, "key_1"),
            name: "a \u{1f600} key".to_owned(),
            model: None,
            mode: BudgetMode::Enforce,
            percent,
            spent: NanoUsd(9),
            limit: NanoUsd(10),
            window: ends.map(|_| "1d".to_owned()),
            window_starts_at: ends.map(|_| TimestampMs(7)),
            window_ends_at: ends,
            key_hash: None,
            user_id: None,
            user_email: None,
        })),
    }
}

fn queued(alert: &Alert, targets: &[&str]) -> Queued {
    Queued {
        alert: alert.clone(),
        targets: targets.iter().copied().map(TargetName::of_file).collect(),
    }
}

fn target(organization: Option<&OrganizationId>, name: &str) -> AlertTarget {
    AlertTarget {
        id: AlertTargetId::generate(),
        organization_id: organization.cloned(),
        name: name.to_owned(),
        kind: TargetKind::Slack,
        monthly: false,
        of_platform: organization.is_none(),
        info: Map::from_iter([("host".to_owned(), "example.com".into())]),
        sealed_settings: Sealed::new("v1:sealed"),
        stamps: Stamps::now("test"),
    }
}

fn later(by_ms: u64) -> TimestampMs {
    TimestampMs(NOON.0 + by_ms)
}

on_both! {
    async fn an_occasion_is_queued_once_however_often_it_is_seen(store) {
        let acme = organization(store, "Acme").await;
        let first = alert(&acme, 50, None);
        let again = alert(&acme, 50, None);
        let other = alert(&acme, 80, None);
        let both = [queued(&first, &["ops"]), queued(&again, &["ops"])];
        assert_eq!(store.queue_alerts(&both).await.unwrap(), std::slice::from_ref(&first));
        let both = [queued(&again, &["ops"]), queued(&other, &["ops", "chat"])];
        assert_eq!(store.queue_alerts(&both).await.unwrap(), std::slice::from_ref(&other));
        let due = store.claim_deliveries(NOON, LEASE_MS, 9).await.unwrap();
        let mut ids: Vec<&str> = due.iter().map(|one| one.alert.id.as_str()).collect();
        ids.sort_unstable();
        let mut wanted = [first.id.as_str(), other.id.as_str(), other.id.as_str()];
        wanted.sort_unstable();
        assert_eq!(ids, wanted);
    }

    async fn a_delivery_is_one_senders_until_its_lease_ends(store) {
        let acme = organization(store, "Acme").await;
        let one = alert(&acme, 50, None);
        store.queue_alerts(&[queued(&one, &["ops"])]).await.unwrap();
        let mine = store.claim_deliveries(NOON, LEASE_MS, 9).await.unwrap();
        assert_eq!((mine.len(), mine[0].attempt), (1, 1));
        assert_eq!(mine[0].alert, one);
        let soon = later(LEASE_MS - 1);
        assert!(store.claim_deliveries(soon, LEASE_MS, 9).await.unwrap().is_empty());
        let theirs = store.claim_deliveries(later(LEASE_MS), LEASE_MS, 9).await.unwrap();
        assert_eq!((theirs.len(), theirs[0].attempt), (1, 2));
        // Whoever is late says nothing that counts any more.
        store.delivery_ended(&mine[0], soon, Outcome::Dead("late".to_owned())).await.unwrap();
        store.delivery_ended(&theirs[0], later(LEASE_MS), Outcome::Sent).await.unwrap();
        let filter = AlertFilter { scope: everything(), ..AlertFilter::default() };
        let told = store.alerts(&filter, &Page::first(9)).await.unwrap().items;
        assert_eq!(told[0].deliveries[0].state, DeliveryState::Sent);
        assert_eq!(told[0].deliveries[0].attempts, 2);
        assert_eq!(told[0].deliveries[0].last_error, None);
    }

    async fn what_was_not_taken_waits_until_its_time_and_what_is_dead_is_never_tried(store) {
        let acme = organization(store, "Acme").await;
        let both = [queued(&alert(&acme, 50, None), &["a"]), queued(&alert(&acme, 80, None), &["b"])];
        store.queue_alerts(&both).await.unwrap();
        let due = store.claim_deliveries(NOON, LEASE_MS, 9).await.unwrap();
        let again = Outcome::Again(later(50_000), "status 500".to_owned());
        store.delivery_ended(&due[0], NOON, again).await.unwrap();
        store.delivery_ended(&due[1], NOON, Outcome::Dead("gone".to_owned())).await.unwrap();
        assert!(store.claim_deliveries(later(49_999), LEASE_MS, 9).await.unwrap().is_empty());
        let retried = store.claim_deliveries(later(u32::MAX.into()), LEASE_MS, 9).await.unwrap();
        assert_eq!(retried.len(), 1);
        assert_eq!(retried[0].id, due[0].id);
    }

    async fn senders_at_the_same_time_share_what_is_due(store) {
        let acme = organization(store, "Acme").await;
        let all: Vec<Queued> = (1..=40).map(|percent| queued(&alert(&acme, percent, None), &["a"])).collect();
        store.queue_alerts(&all).await.unwrap();
        let claim = || store.claim_deliveries(NOON, LEASE_MS, 12);
        let (a, b, c, d) = tokio::join!(claim(), claim(), claim(), claim());
        let taken = [a, b, c, d].map(Result::unwrap);
        let mut ids: Vec<String> = taken.iter().flatten().map(|one| one.id.to_string()).collect();
        let rest = store.claim_deliveries(NOON, LEASE_MS, 99).await.unwrap();
        ids.extend(rest.iter().map(|one| one.id.to_string()));
        assert_eq!(ids.len(), 40);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 40);
    }

    async fn alerts_and_targets_are_listed_within_a_scope(store) {
        let (acme, bolt) = (organization(store, "Acme").await, organization(store, "Bolt").await);
        let (ours, theirs, all) = (target(Some(&acme), "ours"), target(Some(&bolt), "theirs"), target(None, "all"));
        for one in [&ours, &theirs, &all] {
            change!(store, insert_alert_target(one)).unwrap();
        }
        let names = async |filter: TargetFilter| -> Vec<String> {
            let found = store.alert_targets(&filter, &Page::first(9)).await.unwrap();
            let mut names: Vec<String> = found.items.into_iter().map(|one| one.name).collect();
            names.sort();
            names
        };
        let mine = TargetFilter { scope: within(&acme), ..TargetFilter::default() };
        assert_eq!(names(mine).await, ["ours"]);
        assert!(names(TargetFilter::default()).await.is_empty());
        let seen = TargetFilter { scope: everything(), ..TargetFilter::default() };
        assert_eq!(names(seen).await, ["all", "ours", "theirs"]);
        let mut hearers = store.hearers(Some(&acme), &Page::first(9)).await.unwrap().items;
        hearers.sort_by(|one, other| one.name.cmp(&other.name));
        assert_eq!(hearers, [all.clone(), ours.clone()]);
        assert_eq!(store.hearers(None, &Page::first(9)).await.unwrap().items, [all]);
        assert_eq!(store.alert_target(ours.id.as_str()).await.unwrap(), Some(ours.clone()));
        change!(store, delete_alert_target(&ours.id)).unwrap();
        assert_eq!(store.alert_target(ours.id.as_str()).await.unwrap(), None);

        let told = [queued(&alert(&acme, 50, None), &[]), queued(&alert(&bolt, 80, None), &[])];
        store.queue_alerts(&told).await.unwrap();
        let filter = AlertFilter { scope: within(&bolt), ..AlertFilter::default() };
        let listed = store.alerts(&filter, &Page::first(9)).await.unwrap().items;
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].alert, told[1].alert);
        let none = store.alerts(&AlertFilter::default(), &Page::first(9)).await.unwrap();
        assert!(none.items.is_empty());
    }

    async fn windows_that_are_over_are_forgotten_and_budgets_without_one_stay_told(store) {
        let acme = organization(store, "Acme").await;
        let (life, over) = (alert(&acme, 50, None), alert(&acme, 80, Some(NOON)));
        let both = [queued(&life, &["ops"]), queued(&over, &["ops"])];
        store.queue_alerts(&both).await.unwrap();
        assert_eq!(store.forget_alerts(NOON).await.unwrap(), 0);
        assert_eq!(store.forget_alerts(later(1)).await.unwrap(), 1);
        assert!(store.queue_alerts(&[queued(&life, &["ops"])]).await.unwrap().is_empty());
        let due = store.claim_deliveries(NOON, LEASE_MS, 9).await.unwrap();
        assert_eq!(due.len(), 1, "the deliveries of what is forgotten go with it");
    }

    async fn what_moved_is_noted_with_the_batch_until_it_is_forgotten(store) {
        let mut whole = entry("key_a", NOON.0, 5);
        whole.payer.user_id = Some("user_a".to_owned());
        whole.payer.end_user = Some("someone".to_owned());
        whole.payer.tags = vec!["nightly".to_owned()];
        append(store, "one", vec![whole, entry("key_b", NOON.0, 7)]).await;
        let moved = store.moved(9).await.unwrap();
        assert_eq!(moved.notes.len(), 1);
        let wanted = [
            SpendScope::new(ScopeKind::Key, "key_a"),
            SpendScope::new(ScopeKind::Key, "key_b"),
            SpendScope::new(ScopeKind::User, "user_a"),
            SpendScope::new(ScopeKind::Organization, "org_a"),
            SpendScope::member("org_a", "user_a"),
            SpendScope::end_user("org_a", "someone"),
            SpendScope::tag("org_a", "nightly"),
        ];
        for scope in &wanted {
            assert!(moved.scopes.contains(scope), "{scope:?}");
        }
        assert_eq!(moved.scopes.len(), wanted.len());
        append(store, "two", vec![entry("key_b", NOON.0 + 1, 7)]).await;
        store.forget_moves(&moved.notes).await.unwrap();
        let rest = store.moved(9).await.unwrap();
        assert_eq!(rest.notes.len(), 1);
        assert!(rest.scopes.contains(&wanted[1]) && !rest.scopes.contains(&wanted[0]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_one_nodes_at_a_time_and_the_next_ones_when_it_ends_or_dies() {
    let fresh = crate::setup::postgres().await;
    let store = &fresh.store;
    let mine = store.try_job(Job::Alerts).await.unwrap();
    assert!(mine.is_some());
    assert!(store.try_job(Job::Alerts).await.unwrap().is_none());
    let other = store.try_job(Job::Days).await.unwrap();
    assert!(other.is_some(), "another job is another lock");
    mine.unwrap().end().await.unwrap();
    let next = store.try_job(Job::Alerts).await.unwrap();
    assert!(next.is_some());
    // As when its node dies: the connection closes.
    drop(next);
    let freed = async {
        while store.try_job(Job::Alerts).await.unwrap().is_none() {
            tokio::task::yield_now().await;
        }
    };
    let freed = tokio::time::timeout(std::time::Duration::from_secs(10), freed).await;
    assert!(freed.is_ok());
}
