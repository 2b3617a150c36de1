//! Policy templates: they fill in and cap, for everybody.

use domain::ids::{OrganizationId, TemplateId};
use domain::permissions::Role;
use domain::policies::{Policy, RateLimits};
use domain::stamps::Stamps;
use domain::templates::Template;
use serde_json::{Value, json};

use crate::setup::{Served, served, served_with};

/// Makes an organization with a template for its development keys; the template.
async fn with_development(admin: &Served) -> (OrganizationId, Value) {
    let acme = admin.organization("acme").await;
    let template = json!({
        "organization_id": acme, "environment": "development", "name": "Development",
        "defaults": {"models": ["small"], "tags": ["dev"], "metadata": {"cost_center": "7"}},
        "default_lifetime": "30d",
        "caps": {"budgets": [{"limit_usd": "50", "window": "1mo"}]},
        "longest_lifetime": "90d",
    });
    let made = admin.post("/api/v1/templates", template.clone()).await.ok();
    assert_eq!(admin.audited(1).await[0].0, "template.create");
    admin.post("/api/v1/templates", template).await.refused(409);
    (acme, made)
}

#[tokio::test]
async fn a_template_fills_in_what_the_maker_of_a_key_leaves_out() {
    let admin = served().await;
    let (acme, made) = with_development(&admin).await;
    let key =
        json!({"organization_id": acme, "environment": "development", "metadata": {"own": 1}});
    let row = admin.post("/key/generate", key).await.ok();
    assert_eq!(row["models"], json!(["small"]));
    assert_eq!(row["tags"], json!(["dev"]));
    assert_eq!(row["metadata"], json!({"own": 1, "cost_center": "7"}));
    assert_eq!(row["max_budget"], 50);
    assert_eq!(row["budget_duration"], "1mo");
    assert!(row["expires"].is_string());

    for spelt in ["Development", " development ", "DEVELOPMENT"] {
        let key = json!({"organization_id": acme, "environment": spelt});
        let row = admin.post("/key/generate", key).await.ok();
        assert_eq!(row["max_budget"], 50, "{spelt}");
        assert_eq!(row["environment"], spelt);
    }
    let again = json!({"organization_id": acme, "environment": "Development", "name": "Again"});
    admin.post("/api/v1/templates", again).await.refused(409);

    // Keys of another environment, and of another organization, are not its.
    let other = json!({"organization_id": acme, "environment": "production"});
    let row = admin.post("/key/generate", other).await.ok();
    assert_eq!(
        (&row["max_budget"], &row["expires"]),
        (&json!(null), &json!(null))
    );
    let row = admin
        .post("/key/generate", json!({"environment": "development"}))
        .await
        .ok();
    assert_eq!(row["max_budget"], json!(null));

    let path = format!("/api/v1/templates/{}", made["id"].as_str().unwrap());
    let patch = json!({"caps": {"budgets": null}, "longest_lifetime": null});
    let changed = admin
        .ask(&admin.master, "PATCH", &path, Some(patch))
        .await
        .ok();
    assert_eq!(changed["caps"]["budgets"], json!([]));
    assert_eq!(changed["default_lifetime"], "30d");
    assert_eq!(
        admin.ask(&admin.master, "DELETE", &path, None).await.status,
        204
    );
    admin.get(&path).await.refused(404);
}

#[tokio::test]
async fn more_than_a_template_allows_is_refused_whoever_asks_and_when() {
    let admin = served().await;
    let (acme, _) = with_development(&admin).await;
    let with = |name: &str, value: Value| {
        let mut body = json!({"organization_id": acme, "environment": "development"});
        body[name] = value;
        body
    };
    let said = admin
        .post("/key/generate", with("duration", json!("91d")))
        .await
        .refused(400);
    assert!(
        said.contains("90d") && said.contains("Development"),
        "{said}"
    );
    admin
        .post("/key/generate", with("duration", json!("-1")))
        .await
        .refused(400);
    let mut wide = with("max_budget", json!(60));
    wide["budget_duration"] = json!("1mo");
    let said = admin.post("/key/generate", wide).await.refused(400);
    assert!(said.contains("50"), "{said}");

    let row = admin
        .post("/key/generate", with("metadata", json!({})))
        .await
        .ok();
    let change = json!({"key": row["token"], "max_budget": 60});
    admin.post("/key/update", change.clone()).await.refused(400);
    admin.post("/key/regenerate", change).await.refused(400);
    let change = json!({"key": row["token"], "max_budget": null});
    let changed = admin.post("/key/update", change).await.ok();
    assert_eq!(changed["max_budget"], 50);
    let forever = json!({"key": row["token"], "duration": "-1"});
    admin.post("/key/update", forever).await.refused(400);
}

#[tokio::test]
async fn templates_are_their_organizations_own() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let rival = admin.organization("rival").await;
    let head = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let member = admin.person(None, Some((Role::Member, &acme, None))).await;
    let head = admin.key_of(&head, &acme).await;
    let member = admin.key_of(&member, &acme).await;
    let theirs = json!({"organization_id": rival, "name": "Theirs"});
    let theirs = admin.post("/api/v1/templates", theirs).await.ok();
    let path = format!("/api/v1/templates/{}", theirs["id"].as_str().unwrap());

    let own = admin
        .ask(
            &head,
            "POST",
            "/api/v1/templates",
            Some(json!({"name": "Own"})),
        )
        .await
        .ok();
    assert_eq!(own["organization_id"], "acme");
    for key in [&head, &member] {
        admin.ask(key, "GET", &path, None).await.refused(404);
        let listed = admin.ask(key, "GET", "/api/v1/templates", None).await.ok();
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    }
    let body = json!({"organization_id": rival, "name": "Mine"});
    admin
        .ask(&head, "POST", "/api/v1/templates", Some(body))
        .await
        .refused(404);
    admin.ask(&head, "DELETE", &path, None).await.refused(404);
    admin
        .ask(
            &member,
            "POST",
            "/api/v1/templates",
            Some(json!({"name": "No"})),
        )
        .await
        .refused(403);
    let bad = json!({"name": "Bad", "default_lifetime": "soon"});
    admin
        .ask(&head, "POST", "/api/v1/templates", Some(bad))
        .await
        .refused(400);
}

#[tokio::test]
async fn the_configurations_template_holds_for_every_organization() {
    let template = Template {
        id: TemplateId::generate(),
        organization_id: OrganizationId::default_one(),
        environment: None,
        name: "configuration".to_owned(),
        defaults: Policy {
            models: vec!["small".to_owned()],
            ..Policy::default()
        },
        default_lifetime: None,
        caps: Policy {
            limits: RateLimits {
                rpm: Some(60),
                ..RateLimits::default()
            },
            ..Policy::default()
        },
        longest_lifetime: Some("30d".to_owned()),
        stamps: Stamps::default(),
    };
    let admin = served_with(Some(template)).await;
    let acme = admin.organization("acme").await;
    let row = admin
        .post("/key/generate", json!({"organization_id": acme}))
        .await
        .ok();
    assert_eq!(row["models"], json!(["small"]));
    assert_eq!(row["rpm_limit"], 60);
    assert!(row["expires"].is_string());
    let wide = json!({"rpm_limit": 61});
    admin.post("/key/generate", wide.clone()).await.refused(400);
    admin
        .post("/api/v1/keys", json!({"policy": {"limits": {"rpm": 61}}}))
        .await
        .refused(400);
}
