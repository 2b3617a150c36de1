//! What a month came to is told when it is over: once, to who asked for it, and as the reports have it.

use std::sync::Arc;
use std::time::Duration;

use admin_api::alerts::months::Months;
use admin_api::alerts::{AlertSettings, CurrentAlerts, Destination, FileTarget};
use admin_api::jobs::{JobSettings, Jobs};
use domain::ids::{KeyId, OrganizationId, TeamId};
use domain::keys::Secret;
use domain::policies::Policy;
use domain::sealed::{EncryptionKey, KeyRing};
use domain::time::TimestampMs;
use harness::receiver::Receiver;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::every_page::administrator;
use crate::ledger::{Whose, append, plain};
use crate::setup::{Served, nobody, served};

const TARGETS: &str = "/api/v1/alerts/targets";

fn at(text: &str) -> TimestampMs {
    TimestampMs::parse_rfc3339(text).unwrap()
}

fn whose(organization: &OrganizationId, team: Option<&TeamId>) -> Whose {
    Whose {
        organization: organization.clone(),
        team: team.cloned(),
        user: None,
        key: Some(KeyId::new("key_a")),
    }
}

/// So many requests of 0.2 dollars, one in each hour from this moment on.
async fn spend(admin: &Served, of: &Whose, (from, requests): (&str, u64)) {
    let from = at(from);
    let entries = (0..requests).map(|hour| {
        let number = usize::try_from(from.0 / 3_600_000 + hour).unwrap();
        plain(number, TimestampMs(from.0 + hour * 3_600_000), of)
    });
    append(&admin.store, "strand", entries.collect()).await;
}

async fn target(admin: &Served, name: &str, more: Value) {
    let mut target = json!({"name": name, "kind": "webhook", "url": "https://example.com/hook"});
    let members = target.as_object_mut().unwrap();
    members.extend(more.as_object().unwrap().clone());
    let made = admin.post(TARGETS, target).await.ok();
    assert_eq!(made["monthly"], more.get("monthly").is_some());
}

/// Two organizations that spend in September and October; one of them, and everybody, is told of months.
async fn world() -> (Served, Months) {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let other = admin.organization("other").await;
    let team = admin.team(&acme, Policy::default()).await;
    let (of_nobody, of_team) = (whose(&acme, None), whose(&acme, Some(&team)));
    spend(&admin, &of_nobody, ("2026-09-30T20:00:00Z", 3)).await;
    // The last of these is in the next month.
    spend(&admin, &of_team, ("2026-10-31T20:00:00Z", 5)).await;
    spend(&admin, &whose(&other, None), ("2026-10-01T00:00:00Z", 2)).await;
    let finance = json!({"organization_id": "acme", "monthly": true});
    target(&admin, "finance", finance).await;
    target(&admin, "budgets only", json!({"organization_id": "other"})).await;
    target(&admin, "everybody", json!({"monthly": true})).await;
    let months = Months::new(Arc::clone(&admin.store), CurrentAlerts::default());
    (admin, months)
}

/// What was told of a month of an organization, or of all.
async fn told(admin: &Served, organization: Value, month: &str) -> Value {
    let listed = admin.get("/api/v1/alerts").await.ok();
    let told = listed["items"].as_array().unwrap();
    let is_it = |one: &&Value| one["organization_id"] == organization && one["window"] == month;
    assert_eq!(told.iter().filter(is_it).count(), 1, "{listed}");
    told.iter().find(is_it).unwrap().clone()
}

#[tokio::test]
async fn a_month_that_is_over_is_told_once_and_to_those_who_asked_for_it() {
    let (admin, mut months) = world().await;
    let early = at("2026-10-01T06:00:00Z");
    assert_eq!(months.look(early).await.unwrap(), 2, "September");
    let now = at("2026-11-01T06:00:00Z");
    assert_eq!(months.look(now).await.unwrap(), 2, "October");
    assert_eq!(months.look(now).await.unwrap(), 0, "it was told");
    let mut restarted = Months::new(Arc::clone(&admin.store), CurrentAlerts::default());
    assert_eq!(restarted.look(now).await.unwrap(), 0, "it is told once");
    let later = at("2027-02-03T00:00:00Z");
    let quiet = restarted.look(later).await.unwrap();
    assert_eq!(quiet, 0, "nothing was asked in January");
    for (whose, month) in [(json!("acme"), "2026-09"), (Value::Null, "2026-09")] {
        let told = told(&admin, whose, month).await;
        assert_eq!(told["spend_usd"], "0.6");
        assert_eq!(told["deliveries"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn what_is_told_of_a_month_is_what_its_report_says() {
    let (admin, mut months) = world().await;
    months.look(at("2026-11-01T06:00:00Z")).await.unwrap();
    let of_acme = told(&admin, json!("acme"), "2026-10").await;
    assert_eq!(of_acme["event"], "month_closed");
    assert_eq!(of_acme["spend_usd"], "0.8");
    let said = of_acme["message"].as_str().unwrap();
    for sentence in [
        "Organization spent $0.80 in 2026-10 (UTC): 4 requests",
        "In the month before it was $0.60; this is 33% more.",
        "Team: $0.80 (100%)",
    ] {
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
    let all = told(&admin, Value::Null, "2026-10").await;
    assert_eq!(all["spend_usd"], "1.2");
    let report = "/api/v1/usage?from=2026-10-01T00:00:00Z&until=2026-11-01T00:00:00Z";
    let report = admin.get(report).await.ok();
    assert_eq!(report["total"]["charge_usd"], all["spend_usd"]);
    let browser = administrator(&admin).await;
    let page = browser.get("/ui/budgets/alerts").await.is(200).text;
    assert!(page.contains("2026-10 came to $0.80"), "{page}");
    assert!(page.contains("and each month"), "{page}");
}

#[tokio::test]
async fn a_target_of_the_file_gets_the_last_month_while_jobs_run() {
    let admin = served().await;
    let receiver = Receiver::start().await;
    let of = whose(&OrganizationId::default_one(), None);
    // The month before now is over by any clock, or else the one before that is.
    const DAY_MS: u64 = 86_400_000;
    let now = TimestampMs::now().0;
    let days = (1..70_u64).map(|day| {
        let number = usize::try_from(day).unwrap();
        plain(number, TimestampMs(now - day * DAY_MS), &of)
    });
    append(&admin.store, "strand", days.collect()).await;
    let settings = AlertSettings {
        targets: vec![FileTarget {
            name: "ops".to_owned(),
            destination: Destination::Webhook {
                url: Secret::new(receiver.url()),
                secret: None,
            },
            monthly: true,
        }],
        ..AlertSettings::default()
    };
    let settings = JobSettings {
        alerts: Arc::new(arc_swap::ArcSwap::from_pointee(settings)),
        keys: KeyRing::new(EncryptionKey::generate().unwrap(), Vec::new()),
        trust: nobody(),
        requests_kept_ms: None,
        metrics: Arc::default(),
    };
    let jobs = Jobs::new(Arc::clone(&admin.store), settings).unwrap();
    let (stop, asked) = watch::channel(false);
    let mut running = JoinSet::new();
    running.spawn(jobs.run(asked));
    let body = receiver.arrived(1).await[0].json();
    assert_eq!(body["event"], "month_closed");
    assert_eq!(body["event_group"], "proxy");
    let requests = body["requests"].as_u64().unwrap();
    assert!((28..=31).contains(&requests), "{body}");
    assert_eq!(body["models"][0]["spend_usd"], body["spend_usd"]);
    stop.send_replace(true);
    let ended = tokio::time::timeout(Duration::from_secs(5), running.join_next()).await;
    ended.expect("they end").unwrap().unwrap();
}
