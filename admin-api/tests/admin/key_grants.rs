//! Who may make keys for whom, and how wide.

use domain::ids::{OrganizationId, UserId};
use domain::permissions::{PlatformRole, Role};
use domain::policies::{Policy, RateLimits};
use serde_json::json;

use crate::setup::{Served, served};

#[tokio::test]
async fn a_member_makes_keys_for_themself_in_their_team() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let team = admin.team(&acme, Policy::default()).await;
    let sibling = admin.team(&acme, Policy::default()).await;
    let place = Some((Role::Member, &acme, Some(&team)));
    let member = admin.person(None, place).await;
    let other = admin.person(None, place).await;
    let key = admin.key_of(&member, &acme).await;
    let ask = async |body| admin.ask(&key, "POST", "/key/generate", Some(body)).await;

    let row = ask(json!({"team_id": team})).await.ok();
    assert_eq!(row["user_id"], json!(member));
    assert_eq!(row["organization_id"], "acme");
    // Without a team, where the organization says so.
    let told = ask(json!({})).await.refused(403);
    assert!(told.contains("members_may_create_keys"), "{told}");
    let body = json!({"policy": {"members_may_create_keys": true}});
    let path = "/api/v1/organizations/acme";
    admin
        .ask(&admin.master, "PATCH", path, Some(body))
        .await
        .ok();
    let row = ask(json!({})).await.ok();
    assert_eq!(
        (&row["user_id"], &row["organization_id"]),
        (&json!(member), &json!("acme"))
    );
    // And in a team, unless it says no.
    let body = json!({"policy": {"members_may_create_keys": false}});
    let path = format!("/api/v1/teams/{team}");
    admin
        .ask(&admin.master, "PATCH", &path, Some(body))
        .await
        .ok();
    let told = ask(json!({"team_id": team})).await.refused(403);
    assert!(told.contains("this team"), "{told}");
    ask(json!({"team_id": sibling})).await.refused(404);
    ask(json!({"team_id": team, "user_id": other}))
        .await
        .refused(404);
    ask(json!({"organization_id": "default"}))
        .await
        .refused(404);

    let theirs = admin.key_of(&other, &acme).await;
    for (path, body) in [
        ("/key/update", json!({"key": theirs, "max_budget": 1})),
        ("/key/block", json!({"key": theirs})),
        ("/key/delete", json!({"keys": [theirs]})),
        ("/key/regenerate", json!({"key": theirs})),
    ] {
        admin.ask(&key, "POST", path, Some(body)).await.refused(404);
    }
    let spend = format!("/key/{key}/reset_spend");
    let reset = admin
        .ask(&key, "POST", &spend, Some(json!({"reset_to": 0})))
        .await;
    reset.refused(403);
}

#[tokio::test]
async fn members_of_the_default_organization_make_keys_of_their_own_as_in_litellm() {
    let admin = served().await;
    let body = json!({"user_id": "ann", "user_role": "internal_user"});
    let made = admin.post("/user/new", body).await.ok();
    let session = admin
        .key_of(
            &made_id(&admin, "ann").await,
            &OrganizationId::default_one(),
        )
        .await;
    let ask = async |body| {
        admin
            .ask(&session, "POST", "/key/generate", Some(body))
            .await
    };
    assert!(made["key"].is_string());
    let row = ask(json!({})).await.ok();
    assert_eq!(
        (&row["user_id"], &row["organization_id"]),
        (&json!("ann"), &json!("default"))
    );
    let body = json!({"policy": {"members_may_create_keys": false}});
    admin
        .ask(
            &admin.master,
            "PATCH",
            "/api/v1/organizations/default",
            Some(body),
        )
        .await
        .ok();
    ask(json!({})).await.refused(403);
}

/// Our id of a person.
async fn made_id(admin: &Served, id: &str) -> UserId {
    admin.store.user(id).await.unwrap().unwrap().id
}

#[tokio::test]
async fn a_team_admin_makes_keys_for_their_team_and_no_other() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let team = admin.team(&acme, Policy::default()).await;
    let sibling = admin.team(&acme, Policy::default()).await;
    let head = admin
        .person(None, Some((Role::TeamAdmin, &acme, Some(&team))))
        .await;
    let member = admin
        .person(None, Some((Role::Member, &acme, Some(&team))))
        .await;
    let stranger = admin
        .person(None, Some((Role::Member, &acme, Some(&sibling))))
        .await;
    let key = admin.key_of(&head, &acme).await;
    let ask = async |body| admin.ask(&key, "POST", "/key/generate", Some(body)).await;

    let row = ask(json!({"team_id": team})).await.ok();
    assert!(row["user_id"].is_null());
    let row = ask(json!({"team_id": team, "user_id": member})).await.ok();
    // The head of a team does not get a key that acts for somebody else.
    assert_eq!(row["allowed_routes"], json!(["llm_api_routes"]));
    let wide = json!({"team_id": team, "user_id": member, "allowed_routes": ["/key/*"]});
    ask(wide).await.refused(400);
    ask(json!({"team_id": team, "user_id": stranger}))
        .await
        .refused(404);
    ask(json!({"team_id": sibling})).await.refused(404);

    // Nor by rotating one, or by widening its routes.
    let acting = admin
        .post("/key/generate", json!({"team_id": team, "user_id": member}))
        .await
        .ok();
    let token = &acting["token"];
    let rotate = admin
        .ask(&key, "POST", "/key/regenerate", Some(json!({"key": token})))
        .await;
    rotate.refused(400);
    let limit = json!({"key": token, "rpm_limit": 5});
    admin
        .ask(&key, "POST", "/key/update", Some(limit))
        .await
        .ok();
    let narrow = json!({"key": token, "allowed_routes": ["llm_api_routes"]});
    admin
        .ask(&key, "POST", "/key/regenerate", Some(narrow))
        .await
        .ok();
}

#[tokio::test]
async fn a_key_of_nobody_and_a_viewer_make_none() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let plain = admin.post("/key/generate", json!({})).await.ok();
    let viewer = admin.person(None, Some((Role::Viewer, &acme, None))).await;
    let auditor = admin
        .person(Some(PlatformRole::PlatformAuditor), None)
        .await;
    let keys = [
        plain["key"].as_str().unwrap().to_owned(),
        admin.key_of(&viewer, &acme).await,
        admin.key_of(&auditor, &acme).await,
    ];
    for key in &keys {
        for path in [
            "/key/generate",
            "/api/v1/keys",
            "/key/delete",
            "/key/update",
            "/key/block",
        ] {
            admin
                .ask(key, "POST", path, Some(json!({"key": key})))
                .await
                .refused(403);
        }
    }
    let made = admin
        .post("/api/v1/keys", json!({"user_id": viewer}))
        .await
        .ok();
    assert_eq!(
        made["details"]["policy"]["allowed_routes"],
        json!(["llm_api_routes"])
    );
}

#[tokio::test]
async fn a_key_of_another_organization_is_missing() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let rival = admin.organization("rival").await;
    let head = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let key = admin.key_of(&head, &acme).await;
    let body = json!({"organization_id": rival, "key_alias": "secret-plan"});
    let theirs = admin.post("/key/generate", body).await.ok();
    let (id, plain) = (theirs["id"].as_str().unwrap(), &theirs["key"]);
    for (method, path, body) in [
        ("GET", format!("/key/info?key={id}"), json!({})),
        ("POST", "/v2/key/info".to_owned(), json!({"keys": [plain]})),
        (
            "POST",
            "/key/update".to_owned(),
            json!({"key": plain, "max_budget": 1}),
        ),
        ("POST", "/key/block".to_owned(), json!({"key": plain})),
        ("POST", "/key/delete".to_owned(), json!({"keys": [plain]})),
        (
            "POST",
            "/key/delete".to_owned(),
            json!({"key_aliases": ["secret-plan"]}),
        ),
        ("POST", "/key/regenerate".to_owned(), json!({"key": plain})),
        (
            "POST",
            format!("/key/{id}/reset_spend"),
            json!({"reset_to": 0}),
        ),
        ("GET", format!("/api/v1/keys/{id}"), json!({})),
        (
            "PATCH",
            format!("/api/v1/keys/{id}"),
            json!({"alias": "mine"}),
        ),
        ("DELETE", format!("/api/v1/keys/{id}"), json!({})),
        ("POST", format!("/api/v1/keys/{id}/rotate"), json!({})),
        ("POST", format!("/api/v1/keys/{id}/block"), json!({})),
    ] {
        let answer = admin.ask(&key, method, &path, Some(body)).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn lists_show_no_key_of_another_organization() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let rival = admin.organization("rival").await;
    let head = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let key = admin.key_of(&head, &acme).await;
    let body = json!({"organization_id": rival, "key_alias": "secret-plan"});
    admin.post("/key/generate", body).await.ok();
    for path in [
        "/key/list?return_full_object=true",
        "/key/aliases",
        "/api/v1/keys",
    ] {
        let answer = admin.ask(&key, "GET", path, None).await;
        assert!(
            !answer.text.contains("secret-plan"),
            "{path}: {}",
            answer.text
        );
        answer.ok();
    }
    let moved = json!({"key": key, "organization_id": rival});
    admin
        .ask(&key, "POST", "/key/update", Some(moved))
        .await
        .refused(404);
}

#[tokio::test]
async fn nobody_grants_models_that_the_team_does_not_have() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let policy = Policy {
        models: vec!["gpt-4o".to_owned(), "claude-*".to_owned()],
        limits: RateLimits {
            rpm: Some(100),
            ..RateLimits::default()
        },
        ..Policy::default()
    };
    let team = admin.team(&acme, policy).await;
    let body = json!({"team_id": team, "models": ["gpt-4o", "o3"]});
    let said = admin.post("/key/generate", body).await.refused(400);
    assert!(said.contains("o3"), "{said}");
    let body = json!({"team_id": team, "models": ["claude-3-sonnet"], "rpm_limit": 500});
    // Those who run the platform may set more than the team has; it does not get more by that.
    let row = admin.post("/key/generate", body.clone()).await.ok();
    let change = json!({"key": row["token"], "models": ["o3"]});
    admin.post("/key/update", change).await.refused(400);

    let head = admin
        .person(None, Some((Role::TeamAdmin, &acme, Some(&team))))
        .await;
    let key = admin.key_of(&head, &acme).await;
    let said = admin
        .ask(&key, "POST", "/key/generate", Some(body))
        .await
        .refused(400);
    assert!(said.contains("100"), "{said}");
}

#[tokio::test]
async fn a_key_makes_none_that_may_call_more_than_it() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let body = json!({"policy": {"members_may_create_keys": true}});
    let path = "/api/v1/organizations/acme";
    admin
        .ask(&admin.master, "PATCH", path, Some(body))
        .await
        .ok();
    let member = admin.person(None, Some((Role::Member, &acme, None))).await;
    let body =
        json!({"user_id": member, "organization_id": acme, "allowed_routes": ["/key/generate"]});
    let narrow = admin.post("/key/generate", body).await.ok();
    let narrow = narrow["key"].as_str().unwrap();
    let ask = async |key, body| admin.ask(key, "POST", "/key/generate", Some(body)).await;

    let row = ask(narrow, json!({})).await.ok();
    assert_eq!(row["allowed_routes"], json!(["llm_api_routes"]));
    ask(narrow, json!({"allowed_routes": ["/key/generate"]}))
        .await
        .ok();
    ask(narrow, json!({"allowed_routes": ["/key/update"]}))
        .await
        .refused(400);
    ask(narrow, json!({"allowed_routes": ["management_routes"]}))
        .await
        .refused(400);
    admin
        .ask(narrow, "POST", "/key/update", Some(json!({"key": narrow})))
        .await
        .refused(403);

    let wide = admin.key_of(&member, &acme).await;
    let own = json!({"allowed_routes": ["/key/info", "/key/generate"]});
    ask(&wide, own).await.ok();
    // Of the last only the route that resets spend is not theirs: that is enough.
    let beyond = [
        "/api/v1/organizations",
        "/*",
        "*",
        "management_routes",
        "/key/*",
    ];
    for route in beyond {
        ask(&wide, json!({"allowed_routes": [route]}))
            .await
            .refused(400);
    }
}

#[tokio::test]
async fn more_money_for_a_time_is_not_given_by_those_who_may_not_reset_spend() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let team = admin.team(&acme, Policy::default()).await;
    let head = admin
        .person(None, Some((Role::TeamAdmin, &acme, Some(&team))))
        .await;
    let key = admin.key_of(&head, &acme).await;
    let row = json!({"team_id": team, "max_budget": 5, "spend": 3});
    let row = admin
        .ask(&key, "POST", "/key/generate", Some(row))
        .await
        .ok();
    let more = json!({"key": row["token"], "temp_budget_increase": 5, "temp_budget_expiry": "1h"});
    admin
        .ask(&key, "POST", "/key/update", Some(more.clone()))
        .await
        .refused(403);
    let less = json!({"key": row["token"], "spend": 0});
    admin
        .ask(&key, "POST", "/key/update", Some(less))
        .await
        .refused(403);
    admin.post("/key/update", more).await.ok();
}
