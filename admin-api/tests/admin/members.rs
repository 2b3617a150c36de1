//! Who is in a team or an organization, and who may say so.

use domain::ids::TeamId;
use domain::permissions::Role;
use domain::policies::Policy;
use serde_json::{Value, json};

use crate::setup::served;

#[tokio::test]
async fn members_of_a_team_are_added_changed_and_removed() {
    let admin = served().await;
    admin.post("/team/new", json!({"team_id": "t"})).await.ok();
    let member = json!([{"role": "admin", "user_id": "anna", "user_email": "anna@example.com"}, {"role": "user", "user_email": "Ben@example.com"}]);
    let before = admin.entries().await;
    let body = json!({"team_id": "t", "member": member, "max_budget_in_team": 2.5});
    let added = admin.post("/team/member_add", body).await.ok();
    assert_eq!(admin.entries().await, before + 1);
    assert_eq!(added["updated_users"][0]["user_id"], "anna");
    assert_eq!(added["members_with_roles"].as_array().unwrap().len(), 2);
    let info = admin.get("/team/info?team_id=t").await.ok();
    let budget = &info["team_memberships"][0]["litellm_budget_table"];
    assert_eq!(budget["max_budget"], 2.5);
    let body = json!({"team_id": "t", "user_email": "ben@EXAMPLE.com", "role": "admin", "max_budget_in_team": 3});
    let changed = admin.post("/team/member_update", body).await.ok();
    assert_eq!(changed["max_budget_in_team"], 3);
    assert_eq!(changed["role"], "admin");
    let body = json!({"user_id": "anna", "team_id": "t"});
    let key = admin.post("/key/generate", body.clone()).await.ok();
    let before = admin.entries().await;
    let left = admin.post("/team/member_delete", body.clone()).await.ok();
    assert_eq!(admin.entries().await, before + 1);
    assert_eq!(left["members_with_roles"].as_array().unwrap().len(), 1);
    let key = format!("/key/info?key={}", key["token"].as_str().unwrap());
    admin.get(&key).await.refused(404);
    admin.post("/team/member_delete", body).await.refused(404);
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let policy = Policy {
        models: vec!["gpt-4o".to_owned()],
        ..Policy::default()
    };
    let team = admin.team(&acme, policy).await;
    let lead = admin
        .person(None, Some((Role::TeamAdmin, &acme, Some(&team))))
        .await;
    let chief = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let member = admin
        .person(None, Some((Role::Member, &acme, Some(&team))))
        .await;
    let lead_key = admin.key_of(&lead, &acme).await;
    let chief_key = admin.key_of(&chief, &acme).await;
    let member_key = admin.key_of(&member, &acme).await;
    let in_team = |id: &str| format!("/api/v1/teams/{team}/members/{id}");
    let in_acme = |id: &str| format!("/api/v1/organizations/{acme}/members/{id}");
    let put =
        async |key: &str, path: &str, body: Value| admin.ask(key, "PUT", path, Some(body)).await;
    let role = |word: &str| json!({"role": word});
    // Who runs a team makes others run it, and nobody run the organization.
    let path = in_team(member.as_str());
    let answer = put(&lead_key, &path, role("organization_admin")).await;
    answer.refused(400);
    put(&lead_key, &path, role("team_admin")).await.ok();
    put(&lead_key, &path, role("member")).await.ok();
    let path = in_acme(lead.as_str());
    let answer = put(&lead_key, &path, role("organization_admin")).await;
    answer.refused(403);
    // A member gives nothing, to themself either.
    let path = in_team(member.as_str());
    let answer = put(&member_key, &path, role("team_admin")).await;
    answer.refused(403);
    // Who runs an organization is not the platform's.
    let path = format!("/api/v1/users/{chief}");
    let body = Some(json!({"platform_role": "platform_admin"}));
    let answer = admin.ask(&chief_key, "PATCH", &path, body).await;
    answer.refused(403);
    // What a member may is within the team.
    let wider = json!({"role": "member", "policy": {"models": ["o3"]}});
    let answer = put(&lead_key, &in_team(member.as_str()), wider).await;
    answer.refused(400);
}

#[tokio::test]
async fn a_team_administrator_does_not_lift_their_own_limit() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let team = admin.team(&acme, Policy::default()).await;
    let lead = admin
        .person(None, Some((Role::TeamAdmin, &acme, Some(&team))))
        .await;
    let path = format!("/api/v1/teams/{team}/members/{lead}");
    let limited = json!({"policy": {"limits": {"rpm": 5}}});
    admin
        .ask(&admin.master, "PUT", &path, Some(limited))
        .await
        .ok();
    let key = admin.key_of(&lead, &acme).await;
    for wider in [
        json!({"policy": {}}),
        json!({"policy": {"limits": {"rpm": 6}}}),
    ] {
        admin
            .ask(&key, "PUT", &path, Some(wider))
            .await
            .refused(400);
    }
    let narrower = json!({"policy": {"limits": {"rpm": 4}}});
    let shown = admin.ask(&key, "PUT", &path, Some(narrower)).await.ok();
    assert_eq!(shown["policy"]["limits"]["rpm"], 4);
    assert_eq!(shown["role"], "team_admin");
}

#[tokio::test]
async fn who_leaves_an_organization_leaves_its_teams_and_loses_its_keys() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let team: TeamId = admin.team(&acme, Policy::default()).await;
    let chief = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let chief_key = admin.key_of(&chief, &acme).await;
    let path = |rest: &str| format!("/api/v1/organizations/acme/members/{rest}");
    let body = Some(json!({"role": "member"}));
    let added = admin
        .ask(&chief_key, "PUT", &path("new@example.com"), body)
        .await
        .ok();
    let id = added["user_id"].as_str().unwrap().to_owned();
    let body = Some(json!({}));
    let in_team = format!("/api/v1/teams/{team}/members/{id}");
    admin.ask(&chief_key, "PUT", &in_team, body).await.ok();
    let key = admin.key_of(&domain::ids::UserId::new(&id), &acme).await;
    admin.ask(&key, "GET", "/api/v1/me", None).await.ok();
    let before = admin.entries().await;
    let left = admin.ask(&chief_key, "DELETE", &path(&id), None).await;
    assert_eq!((left.status, admin.entries().await), (204, before + 1));
    admin
        .ask(&key, "GET", "/api/v1/me", None)
        .await
        .refused(401);
    let members = admin
        .get(&format!("/api/v1/teams/{team}/members"))
        .await
        .ok();
    assert_eq!(members, json!({"items": []}));
    let shown: Value = admin.get(&format!("/api/v1/users/{id}")).await.ok();
    assert_eq!(shown["roles"], json!([]));
}
