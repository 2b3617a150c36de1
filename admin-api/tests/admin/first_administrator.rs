//! The first administrator is made with a token, once.

use admin_api::actions::setup::first_token;
use serde_json::json;

use crate::browser::Browser;
use crate::setup::served;

const PASSWORD: &str = "seven brown owls at noon";

#[tokio::test]
async fn the_token_of_the_first_start_makes_one_administrator_who_can_sign_in() {
    let admin = served().await;
    let mut browser = Browser::at(&admin);
    let needed = browser.get("/api/v1/setup").await.is(200);
    assert_eq!(needed.body, json!({"needed": true}));
    let token = first_token(&admin.store).await.unwrap().unwrap();
    let body = json!({"token": token.expose(), "email": "Ada@Example.com",
        "password": PASSWORD, "name": "Ada"});
    let entries = admin.entries().await;
    let post = async |body| browser.send("POST", "/api/v1/setup", &[], Some(body)).await;
    let made = post(body.clone()).await.is(201);
    assert_eq!(made.body["email"], "ada@example.com");
    assert_eq!(admin.entries().await, entries + 1);
    assert_eq!(admin.audited(1).await[0].0, "setup.complete");
    assert!(!made.text.contains(PASSWORD));

    post(body).await.is(401);
    assert!(first_token(&admin.store).await.unwrap().is_none());
    let needed = browser.get("/api/v1/setup").await.is(200);
    assert_eq!(needed.body, json!({"needed": false}));
    let person = json!({"email": "ada@example.com", "password": PASSWORD});
    browser.sign_in(person).await.is(201);
    let me = browser.get("/api/v1/sessions/current").await.is(200);
    assert_eq!(me.body["platform_role"], "platform_admin");
}

#[tokio::test]
async fn a_wrong_or_an_older_token_makes_nobody() {
    let admin = served().await;
    let older = first_token(&admin.store).await.unwrap().unwrap();
    let newer = first_token(&admin.store).await.unwrap().unwrap();
    let browser = Browser::at(&admin);
    let ask = async |token: &str, password: &str| {
        let body = json!({"token": token, "email": "ada@example.com", "password": password});
        let reply = browser.send("POST", "/api/v1/setup", &[], Some(body)).await;
        reply.status
    };
    assert_eq!(ask(older.expose(), PASSWORD).await, 401);
    assert_eq!(ask("hg-setup-0", PASSWORD).await, 401);
    assert_eq!(ask(newer.expose(), "short").await, 400);
    assert_eq!(ask(newer.expose(), PASSWORD).await, 201);
}

#[tokio::test]
async fn of_two_who_use_the_token_at_once_one_becomes_administrator() {
    let admin = served().await;
    let token = first_token(&admin.store).await.unwrap().unwrap();
    let browser = Browser::at(&admin);
    let ask = async |email: &str| {
        let body = json!({"token": token.expose(), "email": email, "password": PASSWORD});
        let reply = browser.send("POST", "/api/v1/setup", &[], Some(body)).await;
        reply.status
    };
    let (one, other) = tokio::join!(ask("ada@example.com"), ask("bob@example.com"));
    let mut statuses = [one, other];
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201, "{statuses:?}");
    assert!([401, 409].contains(&statuses[1]), "{statuses:?}");
}
