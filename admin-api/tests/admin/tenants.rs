//! A tenant sees nothing of another: foreign things answer as missing ones.

use domain::permissions::Role;
use serde_json::{Value, json};

use crate::setup::{Served, served};

/// Method, path and body of a request.
type Asked = (&'static str, String, Option<Value>);

/// The body of a request about the thing of this name.
type BodyAbout<'a> = &'a dyn Fn(&str) -> Value;

/// Replaces what was asked for, so that the answers to two names can be compared.
fn without(text: &str, name: &str) -> String {
    text.replace(name, "…")
}

/// The administrator of `acme`, beside `bolt`, which has a team and a person; the administrator's key.
async fn beside_another_tenant(admin: &Served) -> String {
    let acme = admin.organization("acme").await;
    admin.organization("bolt").await;
    for (team, organization) in [("bolts", "bolt"), ("acmes", "acme")] {
        let body = json!({"team_id": team, "organization_id": organization});
        admin.post("/team/new", body).await.ok();
    }
    let body = json!({"user_id": "bob", "organizations": ["bolt"], "auto_create_key": false});
    admin.post("/user/new", body).await.ok();
    let person = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    admin.key_of(&person, &acme).await
}

/// One request about a foreign thing, and the same about a thing that is not there.
async fn both_are_missing(admin: &Served, key: &str, about: impl Fn(&str) -> Asked, name: &str) {
    let (method, path, body) = about(name);
    let foreign = admin.ask(key, method, &path, body).await;
    assert_eq!(foreign.status, 404, "{method} {path}: {}", foreign.text);
    let (method, path_of_none, body) = about("missing");
    let missing = admin.ask(key, method, &path_of_none, body).await;
    assert_eq!(foreign.status, missing.status, "{method} {path}");
    assert_eq!(
        without(&foreign.text, name),
        without(&missing.text, "missing"),
        "{method} {path}"
    );
}

#[tokio::test]
async fn a_foreign_thing_in_a_path_answers_as_a_missing_one() {
    let admin = served().await;
    let key = beside_another_tenant(&admin).await;
    for (method, before, after, name) in [
        ("GET", "/team/info?team_id=", "", "bolts"),
        ("GET", "/api/v1/teams/", "", "bolts"),
        ("GET", "/api/v1/teams/", "/members", "bolts"),
        ("DELETE", "/api/v1/teams/", "", "bolts"),
        ("GET", "/api/v1/organizations/", "/members", "bolt"),
        ("GET", "/organization/info?organization_id=", "", "bolt"),
        ("GET", "/user/info?user_id=", "", "bob"),
        ("GET", "/api/v1/users/", "", "bob"),
    ] {
        let about = |id: &str| (method, format!("{before}{id}{after}"), None);
        both_are_missing(&admin, &key, about, name).await;
    }
}

#[tokio::test]
async fn a_foreign_thing_in_a_body_answers_as_a_missing_one() {
    let admin = served().await;
    let key = beside_another_tenant(&admin).await;
    let add = |team: &str, user: &str| json!({"team_id": team, "member": {"role": "user", "user_id": user}});
    let requests: [(&str, BodyAbout, &str); 5] = [
        (
            "/team/update",
            &|team| json!({"team_id": team, "max_budget": 1}),
            "bolts",
        ),
        (
            "/team/member_delete",
            &|user| json!({"team_id": "acmes", "user_id": user}),
            "bob",
        ),
        ("/team/member_add", &|user| add("acmes", user), "bob"),
        ("/team/member_add", &|team| add(team, "bob"), "bolts"),
        (
            "/api/v1/projects",
            &|team| json!({"team_id": team, "name": "P"}),
            "bolts",
        ),
    ];
    for (path, body, name) in requests {
        let about = |id: &str| ("POST", path.to_owned(), Some(body(id)));
        both_are_missing(&admin, &key, about, name).await;
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

#[tokio::test]
async fn a_tenant_chooses_ids_of_budgets_without_learning_what_others_chose() {
    let admin = served().await;
    let key = beside_another_tenant(&admin).await;
    for organization in ["bolt", "default"] {
        let body = json!({"budget_id": "small", "organization_id": organization, "max_budget": 3});
        admin.post("/budget/new", body).await.ok();
    }
    let ask = async |path: &'static str, body| admin.ask(&key, "POST", path, Some(body)).await;
    let about = |id: &str| {
        let body = json!({"budget_id": id, "max_budget": 9});
        ("POST", "/budget/update".to_owned(), Some(body))
    };
    both_are_missing(&admin, &key, about, "small").await;
    let made = ask(
        "/budget/new",
        json!({"budget_id": "small", "max_budget": 5}),
    )
    .await;
    assert_eq!(made.ok()["organization_id"], "acme");
    let twice = ask("/budget/new", json!({"budget_id": "small"})).await;
    twice.refused(400);
    let body = json!({"budget_id": "small", "max_budget": 7});
    let changed = ask("/budget/update", body).await.ok();
    assert_eq!(
        (&changed["organization_id"], &changed["max_budget"]),
        (&json!("acme"), &json!(7))
    );
    let shown = ask("/budget/info", json!({"budgets": ["small"]}))
        .await
        .ok();
    assert_eq!(shown.as_array().unwrap().len(), 1);
    assert_eq!(shown[0]["id"], changed["id"]);
    ask("/budget/delete", json!({"id": "small"})).await.ok();
    ask("/budget/delete", json!({"id": "small"}))
        .await
        .refused(404);
    // Who sees all of them means the one of LiteLLM's own place, where there is one.
    let shown = admin
        .post("/budget/info", json!({"budgets": ["small"]}))
        .await
        .ok();
    assert_eq!(
        (&shown[0]["organization_id"], &shown[0]["max_budget"]),
        (&json!("default"), &json!(3))
    );
}

#[tokio::test]
async fn a_team_may_have_the_id_that_another_tenant_chose_and_is_meant_by_its_own() {
    let admin = served().await;
    let key = beside_another_tenant(&admin).await;
    let ask = async |path: &'static str, body| admin.ask(&key, "POST", path, Some(body)).await;
    let made = ask(
        "/team/new",
        json!({"team_id": "bolts", "team_alias": "Ours"}),
    )
    .await;
    made.ok();
    ask("/team/new", json!({"team_id": "bolts"}))
        .await
        .refused(409);
    let shown = admin
        .ask(&key, "GET", "/team/info?team_id=bolts", None)
        .await
        .ok();
    assert_eq!(shown["team_info"]["team_alias"], "Ours");
    let made = ask("/key/generate", json!({"team_id": "bolts"})).await.ok();
    assert_eq!(made["organization_id"], "acme");
    ask("/team/delete", json!({"team_ids": ["bolts"]}))
        .await
        .ok();
    ask("/team/delete", json!({"team_ids": ["bolts"]}))
        .await
        .refused(404);
    let left = admin.get("/team/info?team_id=bolts").await.ok();
    assert_eq!(left["team_info"]["organization_id"], "bolt");
}

#[tokio::test]
async fn what_points_to_a_budget_means_that_of_its_own_organization() {
    let admin = served().await;
    beside_another_tenant(&admin).await;
    let mut ids = Vec::new();
    for organization in ["default", "bolt", "acme"] {
        let body = json!({"external_id": "small", "organization_id": organization});
        let made = admin.post("/api/v1/budgets", body).await.ok();
        ids.push(made["id"].clone());
    }
    for (place, own) in ["default", "bolt", "acme"].into_iter().zip(&ids) {
        let policy = json!({"budget_id": "small"});
        for (path, body) in [
            (
                "/api/v1/keys",
                json!({"organization_id": place, "policy": policy}),
            ),
            (
                "/api/v1/teams",
                json!({"organization_id": place, "name": "T", "policy": policy}),
            ),
            (
                "/api/v1/tags",
                json!({"organization_id": place, "name": "t", "policy": policy}),
            ),
        ] {
            let made = admin.post(path, body).await.ok();
            let shown = match path {
                "/api/v1/keys" => &made["details"],
                _ => &made,
            };
            assert_eq!(&shown["policy"]["budget_id"], own, "{path} {place}: {made}");
        }
        for (other, foreign) in ["default", "bolt", "acme"].into_iter().zip(&ids) {
            let body = json!({"organization_id": place, "policy": {"budget_id": foreign}});
            let made = admin.post("/api/v1/keys", body).await;
            let expected = if other == place { 201 } else { 404 };
            assert_eq!(made.status, expected, "{place} {other}: {}", made.text);
        }
    }
}
