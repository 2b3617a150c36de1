//! Alerts of budgets in the whole gateway: each threshold is told once, whatever is restarted or killed,
//! and reaches its target when that is there.

use domain::alerts::signature;
use domain::keys::Secret;
use harness::answer::Answer;
use harness::caller::Caller;
use harness::gateway::{Builder, TestGateway};
use harness::ledger::Tokens;
use harness::receiver::{Reaction, Received, Receiver};
use harness::smtp::MailServer;
use serde_json::{Value, json};

use crate::setup::{CHAT, ask, gateway, models, openai};

const MASTER_KEY: &str = "sk-master-0123456789-0123456789";

/// A thousandth of a dollar for a token, in or out.
const PRICES: &str = ", input_cost_per_token: 0.001, output_cost_per_token: 0.001";

/// A gateway with this configuration beside its one model.
fn with(more: &str) -> Builder {
    let file = format!("{}{more}", models(&[openai("priced", "openai", PRICES)]));
    gateway()
        .config(&file)
        .variable("HEADGATE_MASTER_KEY", MASTER_KEY)
}

/// A gateway that posts to this receiver, signed.
fn posting_to(receiver: &Receiver) -> Builder {
    let url = receiver.url();
    with(&format!(
        "headgate:\n  alert_targets:\n    - {{name: ops, kind: webhook, url: \"{url}\", secret: hush}}\n"
    ))
}

fn master(gateway: &TestGateway) -> Caller {
    gateway.with_key(MASTER_KEY)
}

async fn made(gateway: &TestGateway, path: &str, body: Value) -> Value {
    let made = master(gateway).post(path, &body).await;
    assert!(made.status < 300, "{}", made.text());
    made.json()
}

async fn key(gateway: &TestGateway, body: Value) -> String {
    let made = made(gateway, "/key/generate", body).await;
    made["key"].as_str().unwrap().to_owned()
}

/// So many requests with this key, each of 18 tokens: 0.018 dollars.
async fn spend(gateway: &TestGateway, key: &str, requests: usize) {
    gateway
        .upstream("openai")
        .answers(Answer::text("Hello").tokens(Tokens::new(11, 7)));
    for _ in 0..requests {
        let reply = gateway.with_key(key).post(CHAT, &ask("priced")).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

/// Whose alerts arrived, and at how many percent.
fn told(received: &[Received]) -> Vec<(String, u64)> {
    let told = received.iter().map(|message| {
        let body = message.json();
        let name = body["scope"]["name"].as_str().unwrap().to_owned();
        (name, body["percent"].as_u64().unwrap())
    });
    told.collect()
}

/// Waits until the first alert's first delivery `is_so`.
async fn delivery(gateway: &TestGateway, is_so: impl Fn(&Value) -> bool) -> Value {
    let found = async {
        loop {
            let listed = master(gateway).get("/api/v1/alerts").await.json();
            let delivery = &listed["items"][0]["deliveries"][0];
            if is_so(delivery) {
                return delivery.clone();
            }
            tokio::task::yield_now().await;
        }
    };
    harness::deadline::within("a delivery is as it should be", found).await
}

#[tokio::test]
async fn each_threshold_is_told_once_and_not_again_after_a_restart() {
    let receiver = Receiver::start().await;
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().to_string_lossy().into_owned();
    let started = || {
        posting_to(&receiver)
            .variable("HEADGATE_DATA_DIR", &data_dir)
            .start()
    };
    let first = started().await;
    let ci = key(&first, json!({"max_budget": 0.2, "key_alias": "ci"})).await;
    spend(&first, &ci, 6).await;
    let received = receiver.arrived(1).await;
    let body = received[0].json();
    assert_eq!(body["event"], "threshold_crossed");
    assert_eq!(body["event_group"], "key");
    assert_eq!(body["key_alias"], "ci");
    assert_eq!(body["max_budget"], 0.2);
    spend(&first, &ci, 3).await;
    receiver.arrived(2).await;
    first.stop().await;

    let second = started().await;
    // It spends on, so its budget is looked at again; then another one is the next to be told.
    spend(&second, &ci, 1).await;
    let other = key(&second, json!({"max_budget": 0.1, "key_alias": "other"})).await;
    spend(&second, &other, 3).await;
    let received = receiver.arrived(3).await;
    let wanted = [("ci", 50), ("ci", 80), ("other", 50)];
    assert_eq!(
        told(&received),
        wanted.map(|(name, percent)| (name.to_owned(), percent))
    );
}

#[tokio::test]
async fn a_target_that_is_added_to_the_file_hears_without_a_restart() {
    let receiver = Receiver::start().await;
    let gateway = with("").start().await;
    let file = models(&[openai("priced", "openai", PRICES)]);
    let url = receiver.url();
    gateway.write_config(&format!(
        "{file}headgate:\n  alert_targets:\n    - {{name: ops, kind: webhook, url: \"{url}\"}}\n"
    ));
    gateway.signal("HUP");
    gateway.printed("the configuration has been reloaded").await;
    let ci = key(&gateway, json!({"max_budget": 0.1, "key_alias": "ci"})).await;
    spend(&gateway, &ci, 3).await;
    let received = receiver.arrived(1).await;
    assert_eq!(received[0].json()["key_alias"], "ci");
}

#[tokio::test]
async fn a_message_is_signed_with_the_targets_secret() {
    let receiver = Receiver::start().await;
    let gateway = posting_to(&receiver).start().await;
    let ci = key(&gateway, json!({"max_budget": 0.1})).await;
    spend(&gateway, &ci, 3).await;
    let message = receiver.arrived(1).await.remove(0);
    let header = message.header("x-headgate-signature");
    let (time, signed) = header.split_once(",v1=").unwrap();
    let at_s: u64 = time.trim_start_matches("t=").parse().unwrap();
    assert_eq!(signed, signature(&Secret::new("hush"), at_s, &message.body));
    assert_eq!(
        message.header("x-headgate-alert-id"),
        message.json()["id"].as_str().unwrap()
    );
}

#[tokio::test]
async fn a_receiver_that_is_away_gets_its_alert_when_it_is_back() {
    let mut receiver = Receiver::closed().await;
    let gateway = posting_to(&receiver).start().await;
    let ci = key(&gateway, json!({"max_budget": 0.1, "key_alias": "ci"})).await;
    spend(&gateway, &ci, 3).await;
    let waiting = delivery(&gateway, |one| !one["last_error"].is_null()).await;
    assert_eq!(waiting["state"], "waiting");
    assert_eq!(waiting["target"], "file:ops");
    receiver.reacts(Reaction::Status(503));
    receiver.open().await;
    let refused = receiver.arrived(1).await;
    receiver.reacts(Reaction::Status(204));
    let taken = receiver.arrived(refused.len() + 1).await;
    let sent = delivery(&gateway, |one| one["state"] == "sent").await;
    assert!(sent["attempts"].as_u64().unwrap() >= 3, "{sent}");
    let ids: Vec<Value> = taken.iter().map(|one| one.json()["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn an_alert_survives_a_kill_while_it_is_sent() {
    let receiver = Receiver::start().await;
    receiver.reacts(Reaction::Hang);
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().to_string_lossy().into_owned();
    let started = || {
        posting_to(&receiver)
            .variable("HEADGATE_DATA_DIR", &data_dir)
            .start()
    };
    let first = started().await;
    let ci = key(&first, json!({"max_budget": 0.1, "key_alias": "ci"})).await;
    spend(&first, &ci, 3).await;
    receiver.arrived(1).await;
    first.signal("KILL");
    first.ended().await;
    receiver.reacts(Reaction::Status(200));
    let second = started().await;
    // The same alert, under the same id: whoever has seen it can drop it.
    let received = receiver.arrived(2).await;
    assert_eq!(received[0].json()["id"], received[1].json()["id"]);
    let sent = delivery(&second, |one| one["state"] == "sent").await;
    assert_eq!(sent["attempts"], 2);
}

#[tokio::test]
async fn litellms_ways_of_alerting_work_as_they_stand() {
    let (slack, webhook, mail) = (
        Receiver::start().await,
        Receiver::start().await,
        MailServer::start().await,
    );
    let gateway =
        with("general_settings:\n  alerting: [\"slack\", \"webhook\", \"email\"]\n  alert_types: [\"budget_alerts\"]\n")
            .variable("SLACK_WEBHOOK_URL", &slack.url())
            .variable("WEBHOOK_URL", &webhook.url())
            .variable("SMTP_HOST", "127.0.0.1")
            .variable("SMTP_PORT", &mail.port().to_string())
            .variable("SMTP_USERNAME", "gateway")
            .variable("SMTP_PASSWORD", "open sesame")
            .variable("SMTP_SENDER_EMAIL", "gateway@example.com")
            .variable("SMTP_TLS", "False")
            .start()
            .await;
    let person = made(
        &gateway,
        "/user/new",
        json!({"user_email": "ada@example.com"}),
    )
    .await;
    let own = json!({"soft_budget": 0.03, "max_budget": 5, "key_alias": "<ada>", "user_id": person["user_id"]});
    let own = key(&gateway, own).await;
    spend(&gateway, &own, 2).await;

    let said = slack.arrived(1).await.remove(0).json();
    let text = said["text"].as_str().unwrap();
    assert!(text.contains("&lt;ada&gt; has spent 100 %"), "{text}");
    let body = webhook.arrived(1).await.remove(0).json();
    assert_eq!(body["event"], "soft_budget_crossed");
    assert_eq!(body["soft_budget"], 0.03);
    assert_eq!(body["user_email"], "ada@example.com");
    let letter = mail.arrived(1).await.remove(0);
    assert_eq!(letter.sender, "gateway@example.com");
    assert_eq!(letter.recipients, ["ada@example.com"]);
    // base64 of "\0gateway\0open sesame"
    assert_eq!(letter.login, "AGdhdGV3YXkAb3BlbiBzZXNhbWU=");
    assert!(letter.text.contains("Subject: "), "{}", letter.text);
    let id = body["id"].as_str().unwrap();
    assert!(
        letter.text.contains(&format!("<{id}@headgate>")),
        "{}",
        letter.text
    );
}

#[tokio::test]
async fn an_organization_hears_of_its_own_budgets_through_a_target_of_the_api() {
    let (ours, all) = (Receiver::start().await, Receiver::start().await);
    let gateway = with("").start().await;
    let acme = made(&gateway, "/api/v1/organizations", json!({"name": "Acme"})).await;
    let target = json!({"name": "ops", "kind": "webhook", "url": ours.url(), "secret": "hush", "organization_id": acme["id"]});
    let target = made(&gateway, "/api/v1/alerts/targets", target).await;
    assert_eq!(target["host"], "127.0.0.1");
    assert!(!target.to_string().contains("hush"), "{target}");
    let of_all = json!({"name": "all", "kind": "webhook", "url": all.url()});
    made(&gateway, "/api/v1/alerts/targets", of_all).await;
    let path = format!("/api/v1/alerts/targets/{}", target["id"].as_str().unwrap());
    let tried = made(&gateway, &format!("{path}/test"), json!({})).await;
    assert_eq!(tried["delivered"], true);
    assert_eq!(ours.arrived(1).await[0].json()["event"], "test");

    let strangers = key(
        &gateway,
        json!({"max_budget": 0.1, "key_alias": "strangers"}),
    )
    .await;
    spend(&gateway, &strangers, 3).await;
    all.arrived(1).await;
    let of_acme = json!({"max_budget": 0.1, "key_alias": "acme", "organization_id": acme["id"]});
    let of_acme = key(&gateway, of_acme).await;
    spend(&gateway, &of_acme, 3).await;
    let heard = all.arrived(2).await;
    assert_eq!(
        told(&heard),
        [("strangers".to_owned(), 50), ("acme".to_owned(), 50)]
    );
    let heard = ours.arrived(2).await;
    assert_eq!(told(&heard[1..]), [("acme".to_owned(), 50)]);
    let operator = master(&gateway);
    let deleted = operator.call(http::Method::DELETE, &path, bytes::Bytes::new());
    assert_eq!(deleted.await.whole().await.status, 204);
}
