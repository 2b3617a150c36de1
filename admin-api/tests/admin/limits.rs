//! Shared budgets, end users and tags, and what the store knows of spend.

use domain::permissions::Role;
use serde_json::json;

use crate::setup::served;

#[tokio::test]
async fn a_shared_budget_is_found_by_the_id_that_its_maker_chose() {
    let admin = served().await;
    let body = json!({"budget_id": "gold", "max_budget": 10.5, "budget_duration": "30d",
        "rpm_limit": 7, "allowed_models": ["fast"]});
    let made = admin.post("/budget/new", body.clone()).await.ok();
    assert_eq!(made["budget_id"], "gold");
    assert_eq!(made["max_budget"], 10.5);
    assert!(made["budget_reset_at"].is_string());
    admin.post("/budget/new", body).await.refused(400);
    let change = json!({"budget_id": "gold", "max_budget": 20});
    let changed = admin.post("/budget/update", change).await.ok();
    assert_eq!(
        (&changed["max_budget"], &changed["rpm_limit"]),
        (&json!(20), &json!(7))
    );
    let info = admin
        .post("/budget/info", json!({"budgets": ["gold", "none"]}))
        .await
        .ok();
    assert_eq!(info.as_array().unwrap().len(), 1);
    assert_eq!(admin.get("/budget/list").await.ok()[0]["budget_id"], "gold");
    let settings = admin.get("/budget/settings?budget_id=gold").await.ok();
    assert_eq!(settings[0]["field_value"], 20);
    let id = made["id"].as_str().unwrap();
    let shown = admin.get(&format!("/api/v1/budgets/{id}")).await.ok();
    assert_eq!(shown["policy"]["budgets"][0]["limit_usd"], "20");

    let customer = json!({"user_id": "ann", "budget_id": "gold"});
    let customer = admin.post("/customer/new", customer).await.ok();
    assert_eq!(customer["budget_id"], "gold");
    admin
        .post("/budget/delete", json!({"id": "gold"}))
        .await
        .ok();
    assert_eq!(admin.audited(1).await[0].0, "budget.delete");
}

#[tokio::test]
async fn end_users_are_made_changed_blocked_and_removed() {
    let admin = served().await;
    let made = admin
        .post("/customer/new", json!({"user_id": "ann", "alias": "Ann"}))
        .await;
    assert_eq!(made.ok()["user_id"], "ann");
    let again = admin
        .post("/end_user/new", json!({"user_id": "ann"}))
        .await
        .refused(400);
    assert!(again.contains("ann"), "{again}");
    let both = json!({"user_id": "bob", "max_budget": 1, "budget_id": "b"});
    admin.post("/customer/new", both).await.refused(400);
    let change = json!({"user_id": "ann", "max_budget": 3, "default_model": "fast"});
    let changed = admin.post("/customer/update", change).await.ok();
    assert_eq!(changed["litellm_budget_table"]["max_budget"], 3);
    assert_eq!(
        (&changed["alias"], &changed["default_model"]),
        (&json!("Ann"), &json!("fast"))
    );
    let before = admin.entries().await;
    let blocked = json!({"user_ids": ["ann", "new"]});
    let blocked = admin.post("/customer/block", blocked).await.ok();
    assert_eq!(blocked["blocked_users"].as_array().unwrap().len(), 2);
    let info = admin.get("/customer/info?end_user_id=new").await.ok();
    assert_eq!(info["blocked"], true);
    admin
        .post("/customer/unblock", json!({"user_ids": ["ann"]}))
        .await
        .ok();
    assert_eq!(
        admin.get("/end_user/info?end_user_id=ann").await.ok()["blocked"],
        false
    );
    assert_eq!(
        admin
            .get("/customer/list")
            .await
            .ok()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    admin
        .post("/customer/delete", json!({"user_ids": ["ann", "none"]}))
        .await
        .refused(404);
    let gone = admin
        .post("/customer/delete", json!({"user_ids": ["ann", "new"]}))
        .await
        .ok();
    assert_eq!(gone["deleted_customers"], 2);
    assert_eq!(
        admin.entries().await,
        before + 3,
        "one entry for each change"
    );
}

#[tokio::test]
async fn end_users_tags_and_budgets_of_a_foreign_organization_are_missing() {
    let admin = served().await;
    let (acme, foreign) = (
        admin.organization("acme").await,
        admin.organization("foreign").await,
    );
    let person = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let key = admin.key_of(&person, &acme).await;
    let of_both = |name: &str| {
        [&acme, &foreign].map(|of| json!({"user_id": name, "name": name, "organization_id": of}))
    };
    for body in of_both("same") {
        admin.post("/customer/new", body.clone()).await.ok();
        admin.post("/tag/new", body).await.ok();
    }
    let own = admin
        .ask(&key, "GET", "/customer/info?end_user_id=same", None)
        .await
        .ok();
    assert_eq!(own["organization_id"], acme.as_str());
    let only = json!({"user_id": "only", "name": "only", "organization_id": foreign});
    admin.post("/customer/new", only.clone()).await.ok();
    admin.post("/tag/new", only).await.ok();
    let budget = json!({"budget_id": "b", "organization_id": foreign, "max_budget": 1});
    admin.post("/budget/new", budget).await.ok();
    admin
        .ask(&key, "GET", "/customer/info?end_user_id=only", None)
        .await
        .refused(404);
    assert_eq!(admin.audited(1).await[0].0, "access.denied");
    let asked = |body| Some(body);
    for (path, body) in [
        ("/customer/update", json!({"user_id": "only", "alias": "x"})),
        ("/customer/delete", json!({"user_ids": ["only"]})),
        ("/tag/update", json!({"name": "only", "description": "x"})),
        ("/tag/delete", json!({"name": "only"})),
        ("/tag/info", json!({"names": ["only"]})),
        ("/budget/update", json!({"budget_id": "b", "max_budget": 9})),
        ("/budget/delete", json!({"id": "b"})),
    ] {
        admin
            .ask(&key, "POST", path, asked(body))
            .await
            .refused(404);
    }
    for path in [
        "/customer/list",
        "/tag/list",
        "/budget/list",
        "/api/v1/end-users",
        "/api/v1/tags",
    ] {
        let listed = admin.ask(&key, "GET", path, None).await;
        assert!(!listed.text.contains("foreign"), "{path}: {}", listed.text);
    }
}

#[tokio::test]
async fn tags_have_budgets_and_keep_their_names() {
    let admin = served().await;
    let body = json!({"name": "prod", "description": "d", "max_budget": 4, "models": ["m"]});
    let made = admin.post("/tag/new", body).await.ok();
    assert_eq!(made["tag"]["litellm_budget_table"]["max_budget"], 4);
    admin
        .post("/tag/new", json!({"name": "prod"}))
        .await
        .refused(400);
    admin
        .post("/tag/update", json!({"name": "prod", "description": "e"}))
        .await
        .ok();
    let info = admin
        .post("/tag/info", json!({"names": ["prod"]}))
        .await
        .ok();
    assert_eq!(info["prod"]["description"], "e");
    assert_eq!(info["prod"]["models"], json!(["m"]));
    let patch = json!({"policy": {"limits": {"rpm": 3}}});
    let changed = admin
        .ask(&admin.master, "PATCH", "/api/v1/tags/prod", Some(patch))
        .await
        .ok();
    assert_eq!(changed["policy"]["limits"]["rpm"], 3);
    assert_eq!(changed["policy"]["models"], json!(["m"]));
    admin
        .post("/tag/delete", json!({"name": "prod"}))
        .await
        .ok();
    assert_eq!(admin.get("/tag/list").await.ok(), json!([]));
}

#[tokio::test]
async fn spend_is_what_was_booked_and_nothing_else() {
    let admin = served().await;
    assert_eq!(admin.get("/global/spend").await.ok()["spend"], 0);
    let key = admin
        .post("/key/generate", json!({"key_alias": "a"}))
        .await
        .ok();
    let token = key["token"].as_str().unwrap();
    let path = format!("/key/{token}/reset_spend");
    admin.post(&path, json!({"reset_to": 0})).await.ok();
    // Of what was used lately: nothing was.
    let top = admin.get("/global/spend/keys?limit=5").await.ok();
    assert_eq!(top, json!([]));
    assert_eq!(admin.get("/spend/keys").await.ok()[0]["token"], token);
    assert_eq!(admin.get("/spend/logs").await.ok(), json!([]));
    admin
        .get("/spend/logs?api_key=sk-hg-nobody")
        .await
        .refused(404);
    admin.get("/spend/users").await.ok();
}
