//! A tenant sees nothing of another: foreign things answer as missing ones.

use domain::permissions::Role;
use serde_json::{Value, json};

use crate::setup::served;

/// Replaces what was asked for, so that the answers to two names can be compared.
fn without(text: &str, name: &str) -> String {
    text.replace(name, "…")
}

#[tokio::test]
async fn a_foreign_thing_answers_as_a_missing_one() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    admin.organization("bolt").await;
    for (path, body) in [
        (
            "/team/new",
            json!({"team_id": "bolts", "organization_id": "bolt"}),
        ),
        (
            "/user/new",
            json!({"user_id": "bob", "organizations": ["bolt"], "auto_create_key": false}),
        ),
        (
            "/team/new",
            json!({"team_id": "acmes", "organization_id": "acme"}),
        ),
    ] {
        admin.post(path, body).await.ok();
    }
    let person = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let key = admin.key_of(&person, &acme).await;
    let member = |team: &str, user: &str| json!({"team_id": team, "user_id": user});
    let add = |team: &str, user: &str| json!({"team_id": team, "member": {"role": "user", "user_id": user}});
    let put = |team: &str| json!({"team_id": team, "max_budget": 1});
    let pairs: Vec<(
        &str,
        fn(&str) -> String,
        Option<Value>,
        Option<Value>,
        &str,
        &str,
    )> = vec![
        (
            "GET",
            |id| format!("/team/info?team_id={id}"),
            None,
            None,
            "bolts",
            "missing",
        ),
        (
            "GET",
            |id| format!("/api/v1/teams/{id}"),
            None,
            None,
            "bolts",
            "missing",
        ),
        (
            "GET",
            |id| format!("/api/v1/teams/{id}/members"),
            None,
            None,
            "bolts",
            "missing",
        ),
        (
            "DELETE",
            |id| format!("/api/v1/teams/{id}"),
            None,
            None,
            "bolts",
            "missing",
        ),
        (
            "GET",
            |id| format!("/api/v1/organizations/{id}/members"),
            None,
            None,
            "bolt",
            "missing",
        ),
        (
            "GET",
            |id| format!("/organization/info?organization_id={id}"),
            None,
            None,
            "bolt",
            "missing",
        ),
        (
            "GET",
            |id| format!("/user/info?user_id={id}"),
            None,
            None,
            "bob",
            "missing",
        ),
        (
            "GET",
            |id| format!("/api/v1/users/{id}"),
            None,
            None,
            "bob",
            "missing",
        ),
        (
            "POST",
            |_id| "/team/update".to_owned(),
            Some(put("bolts")),
            Some(put("missing")),
            "bolts",
            "missing",
        ),
        (
            "POST",
            |_id| "/team/member_delete".to_owned(),
            Some(member("acmes", "bob")),
            Some(member("acmes", "missing")),
            "bob",
            "missing",
        ),
        (
            "POST",
            |_id| "/team/member_add".to_owned(),
            Some(add("acmes", "bob")),
            Some(add("acmes", "missing")),
            "bob",
            "missing",
        ),
        (
            "POST",
            |_id| "/team/member_add".to_owned(),
            Some(add("bolts", "bob")),
            Some(add("missing", "bob")),
            "bolts",
            "missing",
        ),
        (
            "POST",
            |_id| "/api/v1/projects".to_owned(),
            Some(json!({"team_id": "bolts", "name": "P"})),
            Some(json!({"team_id": "missing", "name": "P"})),
            "bolts",
            "missing",
        ),
    ];
    for (method, path, theirs, missing, foreign_name, missing_name) in pairs {
        let foreign = admin.ask(&key, method, &path(foreign_name), theirs).await;
        let missing = admin.ask(&key, method, &path(missing_name), missing).await;
        let shown = path(foreign_name);
        assert_eq!(foreign.status, 404, "{method} {shown}: {}", foreign.text);
        assert_eq!(foreign.status, missing.status, "{method} {shown}");
        assert_eq!(
            without(&foreign.text, foreign_name),
            without(&missing.text, missing_name),
            "{method} {shown}"
        );
    }
}

#[tokio::test]
async fn lists_show_a_tenant_their_own() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    admin.organization("bolt").await;
    for body in [
        json!({"team_id": "canary-team", "organization_id": "bolt"}),
        json!({"team_id": "acmes", "organization_id": "acme"}),
    ] {
        admin.post("/team/new", body).await.ok();
    }
    // Somebody of ours who is also in a foreign team: that they are is not ours to know.
    let body = json!({"user_id": "both", "teams": ["canary-team"], "organizations": ["acme"], "auto_create_key": false});
    admin.post("/user/new", body).await.ok();
    let body =
        json!({"user_id": "canary-person", "organizations": ["bolt"], "auto_create_key": false});
    admin.post("/user/new", body).await.ok();
    let person = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let key = admin.key_of(&person, &acme).await;
    for path in [
        "/team/list",
        "/v2/team/list",
        "/team/list?organization_id=bolt",
        "/api/v1/teams?limit=200",
        "/api/v1/teams?user_id=both",
        "/user/list",
        "/user/list?organization_ids=bolt",
        "/user/list?team=canary-team",
        "/user/info?user_id=both",
        "/api/v1/users",
        "/api/v1/users?team_id=canary-team",
        "/organization/list",
        "/api/v1/organizations",
        "/organization/info?organization_id=acme",
        "/api/v1/me",
    ] {
        let answer = admin.ask(&key, "GET", path, None).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert!(!answer.text.contains("canary"), "{path}: {}", answer.text);
        assert!(!answer.text.contains("bolt"), "{path}: {}", answer.text);
    }
    let listed = admin
        .ask(&key, "GET", "/user/list?team=canary-team", None)
        .await
        .ok();
    assert_eq!(listed["total"], 0);
    let shown = admin
        .ask(&key, "GET", "/user/info?user_id=both", None)
        .await
        .ok();
    assert_eq!(
        shown["user_info"]["organization_memberships"][0]["organization_id"],
        "acme"
    );
}

#[tokio::test]
async fn everybody_sees_themself_and_what_they_may() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let person = admin.person(None, Some((Role::Member, &acme, None))).await;
    let key = admin.key_of(&person, &acme).await;
    let own = admin.ask(&key, "GET", "/user/info", None).await.ok();
    assert_eq!(own["user_id"], person.as_str());
    assert_eq!(own["keys"].as_array().unwrap().len(), 1);
    let me = admin.ask(&key, "GET", "/api/v1/me", None).await.ok();
    assert_eq!(me["user"]["id"], person.as_str());
    assert_eq!(me["roles"][0]["role"], "member");
    assert_eq!(me["permissions"]["keys.write"], "own");
    assert_eq!(me["permissions"]["teams.create"], Value::Null);
    admin
        .ask(&key, "POST", "/user/new", Some(json!({})))
        .await
        .refused(403);
    let people = admin.ask(&key, "GET", "/api/v1/users", None).await.ok();
    assert_eq!(people["items"].as_array().unwrap().len(), 1);
    let master = admin.get("/api/v1/me").await.ok();
    assert_eq!(master["kind"], "master_key");
    assert_eq!(master["permissions"]["users.write"], "everything");
}
