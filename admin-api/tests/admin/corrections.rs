//! Charges that are corrected: both figures are kept, and what is added up follows.

use domain::ledger::ORPHANED;
use domain::permissions::Role;
use domain::time::TimestampMs;
use serde_json::{Value, json};

use crate::ledger::{Whose, append, begins, plain};
use crate::setup::{Served, served};

const RANGE: &str = "from=2026-03-27&until=2026-03-28&time_zone=UTC";

async fn whose(admin: &Served) -> Whose {
    Whose {
        organization: admin.organization("org_acme").await,
        team: None,
        user: None,
        key: None,
    }
}

async fn total(admin: &Served) -> Value {
    let report = admin.get(&format!("/api/v1/usage?{RANGE}")).await.ok();
    report["total"].clone()
}

#[tokio::test]
async fn a_corrected_price_changes_what_is_added_up_and_keeps_the_old_figure() {
    let admin = served().await;
    let whose = whose(&admin).await;
    let at = begins();
    let late = TimestampMs(at.0 + 86_400_000);
    append(
        &admin.store,
        "strand",
        vec![plain(1, at, &whose), plain(2, late, &whose)],
    )
    .await;
    let body = |dry_run: bool| {
        json!({"from": "2026-03-27T00:00:00Z", "until": "2026-03-28T00:00:00Z",
            "provider": "openai", "model": "gpt-4o-mini", "reason": "The list was wrong.",
            "price": {"input_usd_per_million": "1000", "output_usd_per_million": "2000"},
            "dry_run": dry_run})
    };
    // 10 x $0.001 + 5 x $0.002.
    let expect = json!({"attempts": 1, "old_usd": "0.2", "new_usd": "0.02", "dry_run": true});
    let tried = admin.post("/api/v1/repricings", body(true)).await.ok();
    assert_eq!(tried, expect);
    assert_eq!(total(&admin).await["charge_usd"], "0.2");
    let done = admin.post("/api/v1/repricings", body(false)).await.ok();
    assert_eq!(done["new_usd"], "0.02");
    assert_eq!(total(&admin).await["charge_usd"], "0.02");
    assert_eq!(admin.audited(1).await[0].0, "spend.reprice");
    let listed = admin.get("/api/v1/requests").await.ok();
    let id = listed["items"][1]["id"].as_str().unwrap();
    let shown = admin.get(&format!("/api/v1/requests/{id}")).await.ok();
    let correction = &shown["attempts"][0]["corrections"][0];
    assert_eq!(
        (&correction["old_usd"], &correction["new_usd"]),
        (&json!("0.2"), &json!("0.02"))
    );
    assert_eq!(correction["reason"], "The list was wrong.");
    assert_eq!(shown["request"]["charge_usd"], "0.02");
    let again = admin.post("/api/v1/repricings", body(false)).await.ok();
    assert_eq!(again["attempts"], 0);

    let mut unknown = body(true);
    unknown["price"] = json!({"output_usd_per_million": "1"});
    admin.post("/api/v1/repricings", unknown).await.refused(400);
    let mut endless = body(true);
    endless["until"] = json!("2027-03-28T00:00:00Z");
    admin.post("/api/v1/repricings", endless).await.refused(400);
}

#[tokio::test]
async fn an_orphan_is_listed_until_somebody_settles_it() {
    let admin = served().await;
    let whose = whose(&admin).await;
    let mut entry = plain(1, begins(), &whose);
    entry.attempts[0].outcome = ORPHANED.to_owned();
    entry.attempts[0].usage = domain::usage::Usage::default();
    let id = entry.id.clone();
    append(&admin.store, "strand", vec![entry]).await;
    assert_eq!(total(&admin).await["orphaned_usd"], "0.2");
    let listed = admin.get("/api/v1/orphans").await.ok();
    let orphan = &listed["items"][0];
    assert_eq!(
        (&orphan["request_id"], &orphan["held_usd"]),
        (&json!(id), &json!("0.2"))
    );
    let table = admin.get("/api/v1/orphans?format=csv").await.text;
    assert!(table.contains(&id) && table.contains(",0.2"), "{table}");

    let path = format!("/api/v1/orphans/{id}/1/settle");
    let body = json!({"charge_usd": "0.05", "reason": "The provider's bill says so."});
    let admin_of = admin
        .person(
            None,
            Some((Role::OrganizationAdmin, &whose.organization, None)),
        )
        .await;
    let key = admin.key_of(&admin_of, &whose.organization).await;
    admin
        .ask(&key, "POST", &path, Some(body.clone()))
        .await
        .refused(403);
    let settled = admin.post(&path, body.clone()).await.ok();
    assert_eq!(settled, json!({"old_usd": "0.2", "new_usd": "0.05"}));
    assert_eq!(admin.audited(1).await[0].0, "spend.settle_orphan");
    let after = total(&admin).await;
    assert_eq!(
        (&after["charge_usd"], &after["orphaned_usd"]),
        (&json!("0.05"), &json!("0"))
    );
    admin.post(&path, body).await.refused(404);
    assert_eq!(admin.get("/api/v1/orphans").await.ok()["items"], json!([]));
    let no_reason = json!({"charge_usd": "0", "reason": " "});
    admin.post(&path, no_reason).await.refused(400);
}
