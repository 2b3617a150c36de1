//! What becomes of a team from its making to its end.

use domain::permissions::Role;
use serde_json::{Value, json};

use crate::setup::{Served, served};

async fn made(admin: &Served, body: Value) -> String {
    let row = admin.post("/team/new", body).await.ok();
    row["team_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_team_is_made_shown_changed_listed_and_removed() {
    let admin = served().await;
    let body = json!({
        "team_id": "alpha", "team_alias": "Alpha", "models": ["gpt-4o"], "max_budget": 9,
        "metadata": {"x": 1}, "team_member_budget": 0.5, "team_member_rpm_limit": 3,
        "guardrails": ["kept"],
    });
    let row = admin.post("/team/new", body).await.ok();
    assert_eq!(row["team_id"], "alpha");
    assert_eq!(row["organization_id"], "default");
    let info = admin.get("/team/info?team_id=alpha").await.ok();
    assert_eq!(info["team_id"], "alpha");
    for (name, value) in [
        ("team_alias", json!("Alpha")),
        ("models", json!(["gpt-4o"])),
        ("max_budget", json!(9)),
        ("metadata", json!({"x": 1})),
        ("team_member_budget", json!(0.5)),
        ("team_member_rpm_limit", json!(3)),
        ("guardrails", json!(["kept"])),
        ("members_with_roles", json!([])),
        ("spend", json!(0)),
        ("blocked", json!(false)),
    ] {
        assert_eq!(info["team_info"][name], value, "{name}");
    }
    let body = json!({"team_id": "alpha", "max_budget": 11});
    let changed = admin.post("/team/update", body).await.ok();
    assert_eq!(changed["data"]["max_budget"], 11);
    assert_eq!(changed["data"]["models"], json!(["gpt-4o"]));
    let list = admin.get("/team/list").await.ok();
    assert_eq!(list[0]["team_id"], "alpha");
    let paged = admin.get("/v2/team/list?page=1&page_size=5").await.ok();
    assert_eq!(paged["total"], 1);
    assert_eq!(paged["teams"][0]["max_budget"], 11);
    let body = json!({"team_ids": ["alpha"]});
    let gone = admin.post("/team/delete", body).await.ok();
    assert_eq!(gone, json!({"deleted_teams": ["alpha"]}));
    admin.get("/team/info?team_id=alpha").await.refused(404);
}

#[tokio::test]
async fn the_same_team_is_found_by_either_id_and_by_either_way() {
    let admin = served().await;
    made(&admin, json!({"team_id": "alpha", "team_alias": "Alpha"})).await;
    let shown = admin.get("/api/v1/teams/alpha").await.ok();
    let id = shown["id"].as_str().unwrap();
    assert_eq!(admin.get(&format!("/api/v1/teams/{id}")).await.ok(), shown);
    let patch = json!({"policy": {"limits": {"rpm": 5}}});
    let path = format!("/api/v1/teams/{id}");
    let patched = admin
        .ask(&admin.master, "PATCH", &path, Some(patch))
        .await
        .ok();
    assert_eq!(patched["name"], "Alpha");
    let info = admin.get(&format!("/team/info?team_id={id}")).await.ok();
    assert_eq!(info["team_info"]["rpm_limit"], 5);
    let found = admin.get("/api/v1/teams?search=LPH&limit=1").await.ok();
    assert_eq!(found["items"][0]["id"], id);
    assert_eq!(found["next_cursor"], Value::Null);
}

#[tokio::test]
async fn an_id_that_is_taken_or_looks_like_ours_is_refused() {
    let admin = served().await;
    made(&admin, json!({"team_id": "alpha"})).await;
    let again = admin.post("/team/new", json!({"team_id": "alpha"})).await;
    again.refused(409);
    let ours = domain::ids::TeamId::generate();
    let said = admin
        .post("/team/new", json!({"team_id": ours}))
        .await
        .refused(400);
    assert!(said.contains("team_id"), "{said}");
}

#[tokio::test]
async fn a_team_takes_all_that_is_in_it_along_with_one_entry() {
    let admin = served().await;
    let team = made(&admin, json!({"team_id": "alpha"})).await;
    let project = json!({"team_id": team, "name": "P"});
    let project = admin.post("/api/v1/projects", project).await.ok();
    let body = json!({"team_id": team, "project_id": project["id"]});
    let key = admin.post("/key/generate", body).await.ok();
    let body = json!({"team_id": team, "key_alias": "robot"});
    admin.post("/key/service-account/generate", body).await.ok();
    let body = json!({"team_id": team, "member": {"role": "user", "user_email": "a@b.example"}});
    admin.post("/team/member_add", body).await.ok();
    let before = admin.entries().await;
    admin
        .post("/team/delete", json!({"team_ids": [team]}))
        .await
        .ok();
    assert_eq!(admin.entries().await, before + 1);
    assert_eq!(admin.audited(1).await[0].0, "team.delete");
    let key = format!("/key/info?key={}", key["token"].as_str().unwrap());
    admin.get(&key).await.refused(404);
    let project = format!("/api/v1/projects/{}", project["id"].as_str().unwrap());
    admin.get(&project).await.refused(404);
    let accounts = admin.get("/api/v1/service-accounts").await.ok();
    assert_eq!(accounts["items"], json!([]));
    // The person stays.
    let people = admin.get("/user/list?user_email=a@b.example").await.ok();
    assert_eq!(people["total"], 1);
    assert_eq!(people["users"][0]["teams"], json!([]));
}

#[tokio::test]
async fn of_several_teams_all_are_removed_or_none() {
    let admin = served().await;
    made(&admin, json!({"team_id": "alpha"})).await;
    let body = json!({"team_ids": ["alpha", "missing"]});
    admin.post("/team/delete", body).await.refused(404);
    admin.get("/team/info?team_id=alpha").await.ok();
    made(&admin, json!({"team_id": "beta"})).await;
    let before = admin.entries().await;
    let body = json!({"team_ids": ["alpha", "beta", "alpha"]});
    admin.post("/team/delete", body).await.ok();
    assert_eq!(admin.entries().await, before + 1);
    assert_eq!(admin.get("/team/list").await.ok(), json!([]));
}

#[tokio::test]
async fn taking_the_last_model_away_allows_none_and_not_all() {
    let admin = served().await;
    let team = made(&admin, json!({"models": ["gpt-4o"]})).await;
    let named = json!({"team_id": team, "models": ["gpt-4o"]});
    let row = admin.post("/team/model/delete", named).await.ok();
    assert_eq!(row["models"], json!(["no-default-models"]));
    let named = json!({"team_id": team, "models": ["claude", "o3", "o3"]});
    let row = admin.post("/team/model/add", named).await.ok();
    assert_eq!(row["models"], json!(["claude", "o3"]));
}

#[tokio::test]
async fn a_team_administrator_makes_the_team_narrower_and_not_wider() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let body = json!({"organization_id": "acme", "models": ["gpt-4o", "o3"], "max_budget": 10});
    let team = made(&admin, body).await;
    let id = domain::ids::TeamId::new(&team);
    let person = admin
        .person(None, Some((Role::TeamAdmin, &acme, Some(&id))))
        .await;
    let key = admin.key_of(&person, &acme).await;
    let ask = |body: Value| admin.ask(&key, "POST", "/team/update", Some(body));
    for wider in [
        json!({"team_id": team, "models": []}),
        json!({"team_id": team, "models": ["gpt-4o", "claude"]}),
        json!({"team_id": team, "max_budget": 11}),
        json!({"team_id": team, "max_budget": null}),
    ] {
        ask(wider).await.refused(400);
    }
    ask(json!({"team_id": team, "models": ["o3"], "max_budget": 5}))
        .await
        .ok();
    // A block of their own they take away again; one from further up they do not.
    let block = json!({"team_id": team});
    for path in ["/team/block", "/team/unblock"] {
        admin
            .ask(&key, "POST", path, Some(block.clone()))
            .await
            .ok();
    }
    admin.post("/team/block", block.clone()).await.ok();
    admin
        .ask(&key, "POST", "/team/unblock", Some(block.clone()))
        .await
        .refused(403);
    admin.post("/team/unblock", block).await.ok();
    // Making and removing teams is for those above.
    admin
        .ask(&key, "POST", "/team/new", Some(json!({})))
        .await
        .refused(403);
}

#[tokio::test]
async fn a_team_stays_within_its_organization() {
    let admin = served().await;
    let body = json!({"organization_alias": "A", "organization_id": "acme", "models": ["gpt-4o"], "max_budget": 10});
    admin.post("/organization/new", body).await.ok();
    let acme = admin.store.organization("acme").await.unwrap().unwrap().id;
    let person = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let key = admin.key_of(&person, &acme).await;
    let ask = |body: Value| admin.ask(&key, "POST", "/team/new", Some(body));
    ask(json!({"models": ["o3"]})).await.refused(400);
    ask(json!({"max_budget": 11})).await.refused(400);
    ask(json!({"organization_id": "default"}))
        .await
        .refused(404);
    ask(json!({"organization_id": "missing"}))
        .await
        .refused(404);
    let row = ask(json!({"team_alias": "T", "max_budget": 10})).await.ok();
    assert_eq!(row["organization_id"], "acme");
    // Whoever makes a team runs it, as with LiteLLM.
    assert_eq!(row["members_with_roles"][0]["role"], "admin");
    let move_it = json!({"team_id": row["team_id"], "organization_id": "default"});
    admin.post("/team/update", move_it).await.refused(400);
}
