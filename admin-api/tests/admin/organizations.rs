//! What becomes of an organization from its making to its end.

use domain::permissions::Role;
use serde_json::{Value, json};

use crate::setup::{Served, served};

/// The organization `acme`, as LiteLLM's clients make it.
async fn acme(admin: &Served) -> Value {
    let body = json!({"organization_id": "acme", "organization_alias": "Acme", "max_budget": 100, "budget_duration": "30d", "models": ["gpt-4o"]});
    admin.post("/organization/new", body).await.ok()
}

/// A team `t` and an administrator in `acme`; the answer to the latter.
async fn filled(admin: &Served) -> Value {
    let team = json!({"team_id": "t", "organization_id": "acme"});
    admin.post("/team/new", team).await.ok();
    let member = json!({"organization_id": "acme", "member": {"role": "org_admin", "user_email": "o@example.com"}});
    admin.post("/organization/member_add", member).await.ok()
}

#[tokio::test]
async fn an_organization_is_made_and_keeps_what_a_change_does_not_name() {
    let admin = served().await;
    let made = acme(&admin).await;
    assert_eq!(made["organization_id"], "acme");
    assert_eq!(made["litellm_budget_table"]["max_budget"], 100);
    let body = json!({"organization_id": "acme", "organization_alias": "Acme Ltd"});
    let changed = admin
        .ask(&admin.master, "PATCH", "/organization/update", Some(body))
        .await
        .ok();
    assert_eq!(changed["organization_alias"], "Acme Ltd");
    assert_eq!(changed["max_budget"], 100);
}

#[tokio::test]
async fn an_organization_shows_its_people_and_teams() {
    let admin = served().await;
    acme(&admin).await;
    let added = filled(&admin).await;
    assert_eq!(
        added["updated_organization_memberships"][0]["user_role"],
        "org_admin"
    );
    let info = admin
        .get("/organization/info?organization_id=acme")
        .await
        .ok();
    assert_eq!(info["members"][0]["user_email"], "o@example.com");
    assert_eq!(info["teams"][0]["team_id"], "t");
    let several = json!({"organizations": ["acme"]});
    let several = admin.post("/organization/info", several).await.ok();
    assert_eq!(several[0], info);
    let body =
        json!({"organization_id": "acme", "user_email": "o@example.com", "role": "internal_user"});
    let path = "/organization/member_update";
    let changed = admin.ask(&admin.master, "PATCH", path, Some(body)).await;
    assert_eq!(changed.ok()["user_role"], "internal_user");
}

#[tokio::test]
async fn an_organization_is_removed_only_when_it_is_empty_and_never_the_default_one() {
    let admin = served().await;
    acme(&admin).await;
    filled(&admin).await;
    let gone = || Some(json!({"organization_ids": ["acme"]}));
    let ask = |path: &'static str, body| admin.ask(&admin.master, "DELETE", path, body);
    let said = ask("/organization/delete", gone()).await.refused(409);
    assert!(said.contains("teams"), "{said}");
    ask("/api/v1/organizations/acme", None).await.refused(409);
    let team = json!({"team_ids": ["t"]});
    admin.post("/team/delete", team).await.ok();
    ask("/organization/delete", gone()).await.refused(409);
    let body = Some(json!({"organization_id": "acme", "user_email": "o@example.com"}));
    ask("/organization/member_delete", body).await.ok();
    let before = admin.entries().await;
    let deleted = ask("/organization/delete", gone()).await.ok();
    assert_eq!(deleted[0]["organization_id"], "acme");
    assert_eq!(admin.entries().await, before + 1);
    let all = admin.get("/organization/list").await.ok();
    assert_eq!(all.as_array().unwrap().len(), 1);
    let body = Some(json!({"organization_ids": ["default"]}));
    ask("/organization/delete", body).await.refused(409);
}

#[tokio::test]
async fn its_own_administrator_makes_an_organization_narrower_and_not_wider() {
    let admin = served().await;
    let body = json!({"organization_id": "acme", "organization_alias": "Acme", "max_budget": 100, "models": ["gpt-4o", "o3"]});
    admin.post("/organization/new", body).await.ok();
    let acme = admin.store.organization("acme").await.unwrap().unwrap().id;
    let chief = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let key = admin.key_of(&chief, &acme).await;
    for wider in [
        json!({"organization_id": "acme", "models": []}),
        json!({"organization_id": "acme", "max_budget": 101}),
        json!({"organization_id": "acme", "max_budget": null}),
    ] {
        admin
            .ask(&key, "PATCH", "/organization/update", Some(wider))
            .await
            .refused(400);
    }
    let narrower = json!({"organization_id": "acme", "models": ["o3"], "max_budget": 50});
    admin
        .ask(&key, "PATCH", "/organization/update", Some(narrower))
        .await
        .ok();
    let body = Some(json!({"organization_ids": ["acme"]}));
    admin
        .ask(&key, "DELETE", "/organization/delete", body)
        .await
        .refused(403);
}
