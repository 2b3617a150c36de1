//! What becomes of a person from their making to their end.

use std::sync::Arc;

use actix_web::web;
use admin_api::acting::Acting;
use admin_api::actions::users;
use admin_api::{AdminApi, error::ActionError};
use domain::actors::Actor;
use domain::permissions::PlatformRole;
use serde_json::{Value, json};

use crate::setup::{served, settings};

#[tokio::test]
async fn a_person_is_made_with_a_key_and_goes_with_it() {
    let admin = served().await;
    let body = json!({"user_id": "anna", "user_email": "Anna@Example.com", "max_budget": 4, "models": ["gpt-4o"]});
    let before = admin.entries().await;
    let made = admin.post("/user/new", body).await.ok();
    assert_eq!(admin.entries().await, before + 1, "one change");
    let key = made["key"].as_str().unwrap();
    assert!(key.starts_with("sk-hg-"), "{key}");
    assert_eq!(made["user_id"], "anna");
    assert_eq!(made["user_email"], "anna@example.com");
    assert_eq!(made["user_role"], "internal_user");
    assert_eq!(made["max_budget"], 4);
    let info = admin.get("/user/info?user_id=anna").await.ok();
    assert_eq!(info["user_info"]["max_budget"], 4);
    assert_eq!(info["keys"].as_array().unwrap().len(), 1);
    assert_eq!(info["keys"][0]["user_id"], "anna");
    assert_eq!(info["keys"][0]["max_budget"], Value::Null);
    assert_eq!(info["keys"][0]["models"], json!(["gpt-4o"]));
    let list = admin.get("/user/list?user_ids=anna,nobody").await.ok();
    assert_eq!(list["total"], 1);
    assert_eq!(list["users"][0]["key_count"], 1);
    let own = admin.ask(key, "GET", "/user/info", None).await.ok();
    assert_eq!(own["user_id"], "anna");
    let before = admin.entries().await;
    assert_eq!(
        admin
            .post("/user/delete", json!({"user_ids": ["anna"]}))
            .await
            .ok(),
        json!(1)
    );
    assert_eq!(admin.entries().await, before + 1);
    admin.get("/user/info?user_id=anna").await.refused(404);
    admin.ask(key, "GET", "/user/info", None).await.refused(401);
}

#[tokio::test]
async fn an_address_belongs_to_one_person_in_any_case() {
    let admin = served().await;
    let body = json!({"user_email": "anna@example.com", "auto_create_key": false});
    let made = admin.post("/user/new", body).await.ok();
    assert_eq!(made["key"], Value::Null);
    let body = json!({"user_email": "ANNA@example.com", "auto_create_key": false});
    let said = admin.post("/user/new", body).await.refused(409);
    assert!(said.contains("email"), "{said}");
    let body = json!({"email": "not an address"});
    admin.post("/api/v1/users", body).await.refused(400);
}

#[tokio::test]
async fn roles_are_given_with_the_person_and_changed_later() {
    let admin = served().await;
    admin.organization("acme").await;
    let body = json!({"user_id": "oda", "user_role": "org_admin", "organizations": ["acme"], "auto_create_key": false});
    let made = admin.post("/user/new", body).await.ok();
    assert_eq!(made["user_role"], "org_admin");
    assert_eq!(
        made["organization_memberships"].as_array().unwrap().len(),
        1
    );
    let body = json!({"user_id": "oda", "user_role": "proxy_admin"});
    let changed = admin.post("/user/update", body).await.ok();
    assert_eq!(changed["data"]["user_role"], "proxy_admin");
    let shown = admin.get("/api/v1/users/oda").await.ok();
    assert_eq!(shown["platform_role"], "platform_admin");
    let listed = admin.get("/user/list?role=proxy_admin").await.ok();
    assert_eq!(listed["total"], 1);
    let body = json!({"user_role": "root"});
    admin.post("/user/new", body).await.refused(400);
    let body = json!({"organizations": ["missing"]});
    admin.post("/user/new", body).await.refused(404);
}

#[tokio::test]
async fn a_blocked_person_does_not_get_in() {
    let admin = served().await;
    let body = json!({"user_id": "anna"});
    let made = admin.post("/user/new", body).await.ok();
    let key = made["key"].as_str().unwrap();
    admin.ask(key, "GET", "/api/v1/me", None).await.ok();
    admin.post("/api/v1/users/anna/block", json!({})).await.ok();
    admin.ask(key, "GET", "/api/v1/me", None).await.refused(401);
    admin
        .post("/api/v1/users/anna/unblock", json!({}))
        .await
        .ok();
    admin.ask(key, "GET", "/api/v1/me", None).await.ok();
}

#[tokio::test]
async fn a_weak_password_is_refused_and_a_good_one_is_not_shown() {
    let admin = served().await;
    let body = json!({"user_id": "anna", "password": "short", "auto_create_key": false});
    admin.post("/user/new", body).await.refused(400);
    let body =
        json!({"user_id": "anna", "password": "a long canary of words", "auto_create_key": false});
    let made = admin.post("/user/new", body).await;
    assert!(
        made.status == 200 && !made.text.contains("canary"),
        "{}",
        made.text
    );
    let id = admin.store.user("anna").await.unwrap().unwrap().id;
    let hash = admin.store.password_hash(&id).await.unwrap().unwrap();
    assert!(hash.starts_with("$argon2id$"), "{hash}");
}

#[tokio::test]
async fn the_last_administrator_stays_while_there_is_no_master_key() {
    let admin = served().await;
    let only = admin.person(Some(PlatformRole::PlatformAdmin), None).await;
    let api = web::Data::new(AdminApi {
        store: Arc::clone(&admin.store),
        key_changes: tokio::sync::Mutex::default(),
        settings: settings(None, None),
        live: Arc::default(),
        metrics: Arc::default(),
    });
    let acting = || Acting::of(Actor::command_line(), api.clone()).unwrap();
    let refused = users::set_blocked(&acting(), only.as_str(), true).await;
    assert!(
        matches!(refused, Err(ActionError::Conflict { .. })),
        "{refused:?}"
    );
    let refused = users::delete(&acting(), &[only.to_string()]).await;
    assert!(
        matches!(refused, Err(ActionError::Conflict { .. })),
        "{refused:?}"
    );
    let other = admin.person(Some(PlatformRole::PlatformAdmin), None).await;
    users::delete(&acting(), &[only.to_string()]).await.unwrap();
    let refused = users::delete(&acting(), &[other.to_string()]).await;
    assert!(
        matches!(refused, Err(ActionError::Conflict { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn people_are_listed_by_the_role_that_is_shown_for_them() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    admin.organization("bolt").await;
    for (id, role, organization) in [
        ("root", "proxy_admin", "acme"),
        ("watch", "proxy_admin_viewer", "acme"),
        ("head", "org_admin", "acme"),
        ("ann", "internal_user", "acme"),
        ("eye", "internal_user_viewer", "acme"),
        ("foreign", "org_admin", "bolt"),
    ] {
        let body = json!({"user_id": id, "user_role": role, "organizations": [organization], "auto_create_key": false});
        admin.post("/user/new", body).await.ok();
    }
    // In `acme` they look; that they run another organization is not for `acme` to know.
    let member = json!({"organization_id": "acme", "member": {"role": "internal_user_viewer", "user_id": "foreign"}});
    admin.post("/organization/member_add", member).await.ok();
    let listed = async |key: &str, role: &str| {
        let path = format!("/user/list?role={role}");
        let listed = admin.ask(key, "GET", &path, None).await.ok();
        let users = listed["users"].as_array().unwrap().clone();
        assert_eq!(listed["total"], users.len());
        assert!(
            users.iter().all(|one| one["user_role"] == role),
            "{users:?}"
        );
        let mut ids: Vec<String> = users
            .iter()
            .map(|one| one["user_id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    let master = admin.master.clone();
    assert_eq!(listed(&master, "proxy_admin").await, ["root"]);
    assert_eq!(listed(&master, "proxy_admin_viewer").await, ["watch"]);
    assert_eq!(listed(&master, "org_admin").await, ["foreign", "head"]);
    assert_eq!(listed(&master, "internal_user").await, ["ann"]);
    assert_eq!(listed(&master, "internal_user_viewer").await, ["eye"]);
    let head = admin.store.user("head").await.unwrap().unwrap().id;
    let key = admin.key_of(&head, &acme).await;
    assert_eq!(listed(&key, "org_admin").await, ["head"]);
    assert_eq!(
        listed(&key, "internal_user_viewer").await,
        ["eye", "foreign"]
    );
    admin.get("/user/list?role=team").await.refused(400);
}
