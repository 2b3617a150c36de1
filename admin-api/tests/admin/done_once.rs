//! A POST with an `Idempotency-Key` is done once.

use serde_json::{Value, json};

use crate::browser::{Browser, Reply};
use crate::setup::{Served, served};

const PATH: &str = "/api/v1/keys";

async fn post(admin: &Served, bearer: &str, key: &str, body: Value) -> Reply {
    let bearer = format!("Bearer {bearer}");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
    let browser = Browser::at(admin);
    browser.send("POST", PATH, &headers, Some(body)).await
}

#[tokio::test]
async fn the_same_request_again_gets_the_same_answer_and_changes_nothing() {
    let admin = served().await;
    let body = json!({"alias": "one"});
    let first = post(&admin, &admin.master, "k1", body.clone())
        .await
        .is(201);
    let entries = admin.entries().await;
    let again = post(&admin, &admin.master, "k1", body.clone())
        .await
        .is(201);
    assert_eq!(first.text, again.text);
    assert!(first.body["key"].is_string(), "{}", first.text);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!(admin.entries().await, entries);

    let other = post(&admin, &admin.master, "k1", json!({"alias": "two"})).await;
    let other = other.is(409);
    assert_eq!(other.body["code"], "idempotency_conflict");
    let fresh = post(&admin, &admin.master, "k2", json!({"alias": "two"})).await;
    assert_ne!(fresh.is(201).text, first.text);
}

#[tokio::test]
async fn a_key_belongs_to_one_actor() {
    let admin = served().await;
    let person = admin
        .person(Some(domain::permissions::PlatformRole::PlatformAdmin), None)
        .await;
    let theirs = admin
        .key_of(&person, &domain::ids::OrganizationId::default_one())
        .await;
    let one = post(&admin, &admin.master, "k", json!({})).await.is(201);
    let two = post(&admin, &theirs, "k", json!({})).await.is(201);
    assert_ne!(one.text, two.text);
    post(&admin, "sk-of-nobody-at-all", "k", json!({}))
        .await
        .is(401);
}

#[tokio::test]
async fn what_was_refused_may_be_tried_again_with_the_same_key() {
    let admin = served().await;
    let wrong = json!({"alias": 7});
    post(&admin, &admin.master, "k", wrong).await.is(400);
    post(&admin, &admin.master, "k", json!({})).await.is(201);
}

#[tokio::test]
async fn of_many_at_once_one_is_done() {
    let admin = served().await;
    let ask = || post(&admin, &admin.master, "k", json!({"alias": "one"}));
    let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
    let mut keys = Vec::new();
    for reply in [a, b, c, d] {
        assert!([201, 409].contains(&reply.status), "{}", reply.text);
        if reply.status == 201 {
            keys.push(reply.body["key"].clone());
        }
    }
    keys.dedup();
    assert_eq!(keys.len(), 1, "{keys:?}");
    let listed = admin.get("/api/v1/keys?search=one").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");
}
