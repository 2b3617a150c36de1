//! Single keys on their pages: one like another, cheap models, spend that begins anew; and whose they
//! are when a person goes.

use serde_json::json;

use crate::browser::Browser;
use crate::forms::{a_person, a_team, told};
use crate::setup::{Served, served};

async fn key_of(admin: &Served, body: serde_json::Value) -> String {
    let made = admin.post("/api/v1/keys", body).await.ok();
    made["details"]["id"].as_str().unwrap().to_owned()
}

/// The id of the newest key of an alias.
async fn alias(browser: &Browser, alias: &str) -> String {
    let page = browser.get(&format!("/ui/keys?q={alias}")).await.is(200);
    let (_before, rest) = page.text.split_once("/ui/keys/key_").unwrap();
    let end = rest.find('"').unwrap();
    format!("key_{}", &rest[..end])
}

#[tokio::test]
async fn a_key_like_another_has_what_the_form_shows_and_what_it_does_not() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let body = json!({"alias": "first", "team_id": team, "policy": {
        "budgets": [{"limit_usd": "7", "window": "1mo"}], "metadata": {"note": "kept"}}});
    let first = key_of(&admin, body).await;
    let page = browser.get(&format!("/ui/keys/{first}")).await.is(200);
    let like = format!("/ui/keys/new?from={first}");
    assert!(page.text.contains(&like));
    let form = browser.get(&like).await.is(200);
    assert!(form.text.contains("value=\"first-2\"") && form.text.contains("value=\"7\""));
    let typed = [
        ("name", "second"),
        ("team", team.as_str()),
        ("from", first.as_str()),
        ("budget", "7"),
        ("period", "1mo"),
    ];
    browser.submit("/ui/keys", &typed).await.is(200);
    let second = alias(&browser, "second").await;
    let second = told(&admin, &format!("/api/v1/keys/{second}")).await;
    assert_eq!(second["policy"]["budgets"][0]["limit_usd"], "7");
    assert_eq!(second["policy"]["metadata"]["note"], "kept");
    let foreign = browser.get("/ui/keys/new?from=key_none").await;
    assert_eq!(foreign.status, 404);
}

#[tokio::test]
async fn spend_of_a_key_begins_anew_with_a_reason_in_the_audit_trail() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let key = key_of(&admin, json!({"alias": "one", "team_id": team})).await;
    let path = format!("/ui/keys/{key}/reset-spend");
    browser.get(&path).await.is(200);
    let reason = [("reason", "An invoice was split.")];
    browser.submit(&path, &reason).await.is(303);
    let trail = admin.audit_text().await;
    assert!(trail.contains("key.reset_spend") && trail.contains("An invoice was split."));
}

#[tokio::test]
async fn where_no_model_is_cheap_no_key_of_all_models_is_made() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let typed = [("name", "thrifty"), ("team", &team), ("cheap", "on")];
    let refused = browser.submit("/ui/keys", &typed).await.is(422);
    assert!(refused.text.contains("No model of these is known"));
}

#[tokio::test]
async fn keys_of_who_is_deactivated_go_to_the_team_of_each() {
    let admin = served().await;
    let (browser, team) = a_team(&admin).await;
    let person = a_person(&admin, "ada@example.com").await;
    let path = format!("/api/v1/teams/{team}/members/{person}");
    let role = Some(json!({"role": "member"}));
    admin.ask(&admin.master, "PUT", &path, role).await.ok();
    let body = json!({"alias": "of-the-team", "team_id": team, "user_id": person});
    let of_team = key_of(&admin, body).await;
    let path = format!("/ui/people/{person}/deactivate");
    let asked = browser.get(&path).await.is(200);
    assert!(asked.text.contains("of-the-team"));
    browser.submit(&path, &[("to", "person")]).await.is(422);
    browser.submit(&path, &[("to", "team")]).await.is(303);
    let now = told(&admin, &format!("/api/v1/keys/{of_team}")).await;
    assert_eq!(now["user_id"], serde_json::Value::Null);
    assert_eq!(now["team_id"], team.as_str());
}

#[tokio::test]
async fn what_is_refused_is_said_in_the_language_of_the_page() {
    let admin = served().await;
    let (mut browser, _team) = a_team(&admin).await;
    let cookie = browser.cookie.clone().unwrap();
    browser.cookie = Some(format!("{cookie}; hg_lang=de"));
    let refused = browser.submit("/ui/keys", &[("team", "")]).await.is(422);
    assert!(refused.text.contains("Dem Schlüssel einen Namen geben"));
}
