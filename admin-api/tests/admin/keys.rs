//! What becomes of a key from its making to its end.

use serde_json::{Value, json};

use crate::setup::{Served, served};

/// Makes a key; its text and its row.
pub async fn made(admin: &Served, body: Value) -> (String, Value) {
    let row = admin.post("/key/generate", body).await.ok();
    (row["key"].as_str().unwrap().to_owned(), row)
}

#[tokio::test]
async fn a_key_is_made_with_what_was_asked_for() {
    let admin = served().await;
    let body = json!({
        "models": ["gpt-4o"], "max_budget": 12.5, "budget_duration": "30d", "soft_budget": 10,
        "metadata": {"n": 1}, "tpm_limit": 1000, "rpm_limit": 99, "max_parallel_requests": 7,
        "key_alias": "one", "tags": ["a"], "guardrails": ["kept"], "duration": "2h",
        "model_max_budget": {"gpt-4o": {"budget_limit": 0.000000001, "time_period": "1d"}},
    });
    let (key, row) = made(&admin, body).await;
    assert!(key.starts_with("sk-hg-"), "{key}");
    for (name, value) in [
        ("models", json!(["gpt-4o"])),
        ("max_budget", json!(12.5)),
        ("soft_budget", json!(10)),
        ("budget_duration", json!("30d")),
        ("metadata", json!({"n": 1})),
        ("rpm_limit", json!(99)),
        ("max_parallel_requests", json!(7)),
        ("key_alias", json!("one")),
        ("guardrails", json!(["kept"])),
        ("duration", json!("2h")),
        ("spend", json!(0)),
        ("user_id", Value::Null),
        ("litellm_budget_table", Value::Null),
    ] {
        assert_eq!(row[name], value, "{name}");
    }
    assert!(row["expires"].as_str().unwrap().ends_with('Z'));
    assert!(row["budget_reset_at"].is_string());
    assert_eq!(row["token"], row["token_id"]);
    assert_eq!(row["token"].as_str().unwrap().len(), 64);

    let info = admin.get(&format!("/key/info?key={key}")).await.ok();
    assert_eq!(info["key"], json!(key));
    assert_eq!(info["info"]["token"], row["token"]);
    assert_eq!(info["info"]["key_alias"], "one");
    assert_eq!(info["info"]["status"], "active");
    assert_eq!(info["info"]["secrets"][0]["uses"], 0);
    let own = admin.ask(&key, "GET", "/key/info", None).await.ok();
    assert_eq!(own["info"]["token"], row["token"]);
    let health = admin.ask(&key, "POST", "/key/health", None).await.ok();
    assert_eq!(health["key"], "healthy");
}

#[tokio::test]
async fn only_the_making_and_the_rotation_show_a_key() {
    let admin = served().await;
    let (key, row) = made(&admin, json!({"key_alias": "hidden"})).await;
    let token = row["token"].as_str().unwrap();
    let id = row["id"].as_str().unwrap();
    let body = json!({"key": key});
    for answer in [
        admin.get(&format!("/key/info?key={token}")).await,
        admin.get("/key/list?return_full_object=true").await,
        admin.post("/v2/key/info", json!({"keys": [token]})).await,
        admin
            .post("/key/update", json!({"key": key, "max_budget": 3}))
            .await,
        admin.post("/key/block", body.clone()).await,
        admin.post("/key/unblock", body.clone()).await,
        admin
            .post(
                "/key/bulk_update",
                json!({"keys": [{"key": token, "max_budget": 2}]}),
            )
            .await,
        admin
            .post(&format!("/key/{key}/reset_spend"), json!({"reset_to": 0}))
            .await,
        admin.post("/api/v1/keys/find", body.clone()).await,
        admin.get(&format!("/api/v1/keys/{id}")).await,
        admin.get(&format!("/api/v1/keys/{token}")).await,
        admin.get("/api/v1/keys").await,
        admin.post("/key/delete", json!({"keys": [token]})).await,
    ] {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(!answer.text.contains(&key), "{}", answer.text);
    }
    for answer in [
        admin.get(&format!("/key/info?key={key}")).await,
        admin
            .post("/key/update", json!({"key": key, "max_budget": 1}))
            .await,
        admin.post("/key/delete", json!({"keys": [key]})).await,
        admin.post("/key/block", body.clone()).await,
        admin
            .post(&format!("/key/{key}/regenerate"), json!({}))
            .await,
        admin.post("/api/v1/keys/find", body).await,
    ] {
        assert!(!answer.text.contains(&key), "{}", answer.text);
        let said = answer.refused(404);
        assert!(said.contains("sk-..."), "{said}");
    }
    let in_path = admin.get(&format!("/api/v1/keys/{key}")).await;
    assert!(!in_path.text.contains(&key));
    in_path.refused(400);
}

#[tokio::test]
async fn every_change_is_one_audit_entry() {
    let admin = served().await;
    let (key, row) = made(&admin, json!({"max_budget": 5, "spend": 2})).await;
    let id = row["id"].as_str().unwrap();
    let (other, _) = made(&admin, json!({})).await;
    let soon = json!({"by_usd": "1", "until": "1h", "reason": "launch"});
    let steps = [
        ("/key/generate", json!({}), "key.create"),
        ("/api/v1/keys", json!({"alias": "v1"}), "key.create"),
        (
            "/key/update",
            json!({"key": key, "rpm_limit": 3}),
            "key.update",
        ),
        ("/key/block", json!({"key": key}), "key.block"),
        ("/key/unblock", json!({"key": key}), "key.unblock"),
        (
            &format!("/key/{id}/reset_spend"),
            json!({"reset_to": 1}),
            "key.reset_spend",
        ),
        (
            &format!("/api/v1/keys/{id}/reset-spend"),
            json!({"reason": "x"}),
            "key.reset_spend",
        ),
        (
            &format!("/api/v1/keys/{id}/budget-increase"),
            soon,
            "key.increase_budget",
        ),
        (&format!("/api/v1/keys/{id}/block"), json!({}), "key.block"),
        (
            &format!("/api/v1/keys/{id}/unblock"),
            json!({}),
            "key.unblock",
        ),
        (
            &format!("/api/v1/keys/{id}/rotate"),
            json!({"grace": "1h"}),
            "key.rotate",
        ),
        ("/key/regenerate", json!({"key": id}), "key.rotate"),
        (
            "/key/bulk_update",
            json!({"keys": [{"key": id, "rpm_limit": 1}, {"key": other, "rpm_limit": 1}]}),
            "key.update",
        ),
        ("/key/delete", json!({"keys": [id, other]}), "key.delete"),
    ];
    for (path, body, action) in steps {
        let before = admin.entries().await;
        admin.post(path, body).await.ok();
        assert_eq!(admin.entries().await, before + 1, "{path}");
        assert_eq!(admin.audited(1).await[0].0, action, "{path}");
    }
    // One entry names all the keys of a bulk change.
    assert!(admin.audited(1).await[0].1.contains(id));
}

#[tokio::test]
async fn a_change_takes_effect_and_leaves_the_rest() {
    let admin = served().await;
    let body = json!({"key_alias": "one", "models": ["a"], "metadata": {"x": 1}, "max_budget": 5,
        "budget_duration": "30d", "agent_id": "kept"});
    let (key, _) = made(&admin, body).await;
    let change = json!({"key": key, "models": ["b"], "metadata": {"z": 9}, "max_budget": 3,
        "duration": "1d", "agent_id": null});
    let row = admin.post("/key/update", change).await.ok();
    assert_eq!(row["models"], json!(["b"]));
    assert_eq!(row["metadata"], json!({"z": 9}));
    assert_eq!(row["max_budget"], 3);
    assert_eq!(row["budget_duration"], "30d");
    assert_eq!(row["key_alias"], "one");
    assert_eq!(row["agent_id"], Value::Null);
    assert!(row["expires"].is_string());
    let row = admin
        .post("/key/update", json!({"key": key, "duration": "-1"}))
        .await
        .ok();
    assert_eq!(row["expires"], Value::Null);

    let id = row["id"].as_str().unwrap();
    let path = format!("/api/v1/keys/{id}");
    let patch = json!({"policy": {"limits": {"rpm": 7}, "models": null}, "environment": "staging"});
    let body = admin
        .ask(&admin.master, "PATCH", &path, Some(patch))
        .await
        .ok();
    assert_eq!(body["policy"]["limits"]["rpm"], 7);
    assert_eq!(body["policy"]["models"], json!([]));
    assert_eq!(body["policy"]["budgets"][0]["limit_usd"], "3");
    assert_eq!(body["environment"], "staging");
    assert_eq!(body["alias"], "one");
}

#[tokio::test]
async fn an_alias_and_a_key_are_taken_once() {
    let admin = served().await;
    made(
        &admin,
        json!({"key_alias": "dup", "key": "sk-my-own-key-0001"}),
    )
    .await;
    let again = admin
        .post("/key/generate", json!({"key_alias": "dup"}))
        .await;
    assert_eq!(again.body["error"]["param"], "key_alias");
    again.refused(400);
    let again = admin.post("/api/v1/keys", json!({"alias": "dup"})).await;
    assert_eq!(again.body["field"], "alias");
    again.refused(409);
    let again = admin
        .post("/key/generate", json!({"key": "sk-my-own-key-0001"}))
        .await;
    assert!(!again.text.contains("0001"), "{}", again.text);
    again.refused(400);
    // The alias is free in another organization.
    let other = admin.organization("other").await;
    made(
        &admin,
        json!({"key_alias": "dup", "organization_id": other}),
    )
    .await;
}

#[tokio::test]
async fn what_means_nothing_is_a_bad_request_that_names_the_member() {
    let admin = served().await;
    let long = "x".repeat(70_000);
    for (body, field) in [
        (json!({"duration": "yesterday"}), "duration"),
        (json!({"max_budget": "lots"}), "max_budget"),
        (json!({"max_budget": -1}), "max_budget"),
        (json!({"models": "gpt-4o"}), "models"),
        (json!({"metadata": {"note": long}}), "metadata"),
        (json!({"anything": long}), "metadata"),
        (json!({"key": "too-short"}), "key"),
        (json!({"key_alias": "line\nbreak"}), "key_alias"),
        (json!({"temp_budget_increase": 1}), "temp_budget_expiry"),
    ] {
        let before = admin.entries().await;
        let answer = admin.post("/key/generate", body).await;
        assert_eq!(answer.body["error"]["param"], field, "{}", answer.text);
        answer.refused(400);
        assert_eq!(admin.entries().await, before);
    }
    for body in [
        json!({"team_id": "nope"}),
        json!({"organization_id": "nope"}),
        json!({"project_id": "nope"}),
        json!({"service_account_id": "nope"}),
        json!({"budget_id": "nope"}),
    ] {
        let said = admin.post("/key/generate", body).await.refused(404);
        assert!(said.contains("nope"), "{said}");
    }
}

#[tokio::test]
async fn a_bulk_update_changes_those_that_it_can_and_names_the_others() {
    let admin = served().await;
    let (one, _) = made(&admin, json!({})).await;
    let body = json!({"keys": [
        {"key": one, "max_budget": 2},
        {"key": "sk-unknown-key-000000", "max_budget": 2},
        {"key": one, "max_budget": "lots"},
    ]});
    let answer = admin.post("/key/bulk_update", body).await.ok();
    assert_eq!(answer["total_requested"], 3);
    assert_eq!(answer["successful_updates"][0]["key_info"]["max_budget"], 2);
    assert_eq!(answer["failed_updates"].as_array().unwrap().len(), 2);
    assert_eq!(answer["successful_updates"][0]["key"], json!(one));
    assert_eq!(answer["failed_updates"][0]["key"], "sk-unknown-key-000000");
}

#[tokio::test]
async fn a_key_of_a_service_account_belongs_to_no_person() {
    let admin = served().await;
    let organization = admin.organization("acme").await;
    let team = admin.team(&organization, Default::default()).await;
    let path = "/key/service-account/generate";
    admin
        .post(path, json!({"key_alias": "ci"}))
        .await
        .refused(400);
    let row = admin
        .post(path, json!({"key_alias": "ci", "team_id": team}))
        .await
        .ok();
    assert_eq!(row["metadata"]["service_account_id"], "ci");
    assert_eq!(row["user_id"], Value::Null);
    assert_eq!(row["organization_id"], "acme");
    let accounts = admin.get("/api/v1/service-accounts").await.ok();
    let account = &accounts["items"][0];
    assert_eq!(account["name"], "ci");
    assert_eq!(account["id"], row["service_account_id"]);

    let path = format!(
        "/api/v1/service-accounts/{}",
        account["id"].as_str().unwrap()
    );
    admin
        .ask(&admin.master, "DELETE", &path, None)
        .await
        .refused(409);
    admin
        .post("/key/delete", json!({"key_aliases": ["ci"]}))
        .await
        .ok();
    assert_eq!(
        admin.ask(&admin.master, "DELETE", &path, None).await.status,
        204
    );
    admin.get(&path).await.refused(404);
}
