//! Targets of alerts: what a tenant may name, and what is never shown.

use std::path::Path;

use admin_api::alerts::mail::{Letter, send};
use admin_api::alerts::{MailServer, MailTls};
use domain::keys::Secret;
use domain::permissions::Role;
use harness::smtp;
use harness::tls::Certificate;
use serde_json::json;

use crate::setup::{Served, served};

/// Hands a letter to a server on this machine, as somebody who trusts that certificate.
async fn mailed(port: u16, tls: MailTls, trusted: Option<&Path>) -> Result<(), String> {
    let server = MailServer {
        host: "127.0.0.1".to_owned(),
        port,
        login: Some(("gateway".to_owned(), Secret::new("open sesame"))),
        sender: "The gateway <gateway@example.com>".to_owned(),
        tls,
        authorities_file: trusted.map(Path::to_path_buf),
        verify_certificates: true,
    };
    let letter = Letter {
        id: "<alert_1@headgate>".to_owned(),
        recipients: vec![
            "ada@example.com".to_owned(),
            "Bob <bob@example.com>".to_owned(),
        ],
        subject: "Budget of key s\u{f8}ren: 80 % spent".to_owned(),
        text: "One line.\n.\nAnd another.".to_owned(),
    };
    let sent = tokio::task::spawn_blocking(move || send(&server, letter));
    sent.await.unwrap()
}

#[tokio::test]
async fn a_letter_goes_over_starttls_to_a_server_that_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = Certificate::make_in(folder.path());
    let server = smtp::MailServer::start_with_tls(&certificate).await;
    let trusted = certificate.certificate_path.as_path();
    mailed(server.port(), MailTls::StartTls, Some(trusted))
        .await
        .unwrap();
    let letter = server.arrived(1).await.remove(0);
    assert_eq!(letter.recipients, ["ada@example.com", "bob@example.com"]);
    assert!(
        letter.text.contains("One line.\n.\nAnd another."),
        "{}",
        letter.text
    );
    let refused = mailed(server.port(), MailTls::StartTls, None).await;
    assert!(refused.is_err(), "nobody vouches for that certificate");
}

#[tokio::test]
async fn a_server_without_tls_gets_neither_letter_nor_password_when_tls_is_demanded() {
    let server = smtp::MailServer::start().await;
    let refused = mailed(server.port(), MailTls::StartTls, None).await;
    assert!(refused.is_err());
    mailed(server.port(), MailTls::Off, None).await.unwrap();
    assert_eq!(
        server.arrived(1).await.len(),
        1,
        "the first one had nothing"
    );
}

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
        made["details"]["policy"]["budgets"][0]["alert_at_percent"],
        json!([10, 90])
    );
    let change = json!({"key": made["key"], "max_budget": 7});
    admin.post("/key/update", change).await.ok();
    let path = format!("/api/v1/keys/{}", made["details"]["id"].as_str().unwrap());
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
