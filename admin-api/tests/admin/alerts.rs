//! Targets of alerts: what a tenant may name, and what is never shown.

use domain::permissions::Role;
use serde_json::json;

use crate::setup::{Served, served};

async fn tenant(admin: &Served) -> String {
    let acme = admin.organization("acme").await;
    let place = Some((Role::OrganizationAdmin, &acme, None));
    let person = admin.person(None, place).await;
    admin.key_of(&person, &acme).await
}

#[tokio::test]
async fn a_tenant_names_public_addresses_only() {
    let admin = served().await;
    let key = tenant(&admin).await;
    let with = |url: &str| json!({"name": "ops", "kind": "webhook", "url": url});
    let path = "/api/v1/alerts/targets";
    for url in [
        "http://127.0.0.1:8080/hook",
        "http://10.0.0.5/hook",
        "http://[::1]/hook",
        "http://169.254.169.254/latest",
        "ftp://example.com/hook",
        "https://user:secret@example.com/hook",
        "",
    ] {
        let refused = admin.ask(&key, "POST", path, Some(with(url))).await;
        assert!(refused.refused(400).contains("url"), "{url}");
    }
    let public = with("https://example.com/hook");
    let made = admin.ask(&key, "POST", path, Some(public)).await.ok();
    assert_eq!(made["organization_id"], "acme");
    let operators = admin.post(path, with("http://10.0.0.5/hook")).await.ok();
    assert!(operators["organization_id"].is_null());
    let metadata = admin.post(path, with("http://169.254.169.254/")).await;
    assert!(metadata.refused(400).contains("metadata"));
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_called_for_a_tenant() {
    let admin = served().await;
    let key = tenant(&admin).await;
    let target = json!({"name": "ops", "kind": "slack", "url": "http://localhost:9/hook"});
    let made = admin
        .ask(&key, "POST", "/api/v1/alerts/targets", Some(target))
        .await
        .ok();
    let path = format!(
        "/api/v1/alerts/targets/{}/test",
        made["id"].as_str().unwrap()
    );
    let tried = admin.ask(&key, "POST", &path, Some(json!({}))).await.ok();
    assert_eq!(tried["delivered"], false);
    assert_eq!(tried["error"], "it cannot be reached");
}

#[tokio::test]
async fn the_address_and_the_secret_of_a_target_are_never_shown() {
    let admin = served().await;
    let target = json!({
        "name": "ops", "kind": "webhook", "secret": "hush-hush",
        "url": "https://example.com/services/T0/B0/very-private",
    });
    let path = "/api/v1/alerts/targets";
    let made = admin.post(path, target).await;
    let listed = admin.get(path).await;
    let id = made.body["id"].as_str().unwrap().to_owned();
    let trail = admin.audit_text().await;
    assert!(trail.contains("alert_target.create") && trail.contains(&id));
    for text in [&made.text, &listed.text, &trail] {
        assert!(
            !text.contains("hush-hush") && !text.contains("very-private"),
            "{text}"
        );
    }
    assert_eq!(made.body["signed"], true);
    assert_eq!(made.body["host"], "example.com");
}

#[tokio::test]
async fn e_mail_without_a_server_is_refused_and_says_what_to_set() {
    let admin = served().await;
    let target = json!({"name": "ops", "kind": "email", "recipients": ["a@example.com"]});
    let refused = admin.post("/api/v1/alerts/targets", target).await;
    assert!(refused.refused(400).contains("SMTP_HOST"));
}

#[tokio::test]
async fn thresholds_of_a_budget_are_kept_and_survive_a_change_through_litellms_routes() {
    let admin = served().await;
    let budget = json!({"limit_usd": "5", "alert_at_percent": [90, 10, 90]});
    let key = json!({"policy": {"budgets": [budget]}});
    let made = admin.post("/api/v1/keys", key).await.ok();
    assert_eq!(
        made["policy"]["budgets"][0]["alert_at_percent"],
        json!([10, 90])
    );
    let change = json!({"key": made["key"], "max_budget": 7});
    admin.post("/key/update", change).await.ok();
    let path = format!("/api/v1/keys/{}", made["id"].as_str().unwrap());
    let shown = admin.get(&path).await.ok();
    assert_eq!(shown["policy"]["budgets"][0]["limit_usd"], "7");
    assert_eq!(
        shown["policy"]["budgets"][0]["alert_at_percent"],
        json!([10, 90])
    );
    for wrong in [
        json!([0]),
        json!([201]),
        json!([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
    ] {
        let budget = json!({"limit_usd": "5", "alert_at_percent": wrong});
        let key = json!({"policy": {"budgets": [budget]}});
        let refused = admin.post("/api/v1/keys", key).await;
        assert!(refused.refused(400).contains("alert_at_percent"));
    }
}
