//! Deployments: added, shown to those who may use them, changed, removed; their secrets never.

use domain::permissions::Role;
use domain::policies::Policy;
use serde_json::json;

use crate::setup::served;

const SECRET: &str = "sk-provider-SECRET-1234567890";

fn gpt() -> serde_json::Value {
    json!({
        "model_name": "fast",
        "litellm_params": {
            "model": "openai/gpt-4o", "api_base": "http://127.0.0.1:9/v1", "api_key": SECRET,
            "extra_headers": {"x-team": "team-SECRET"},
        },
        "model_info": {"base_model": "gpt-4o"},
    })
}

#[tokio::test]
async fn a_deployment_is_added_and_its_secrets_are_never_shown() {
    let admin = served().await;
    let made = admin.post("/model/new", gpt()).await;
    assert!(!made.text.contains("SECRET"), "{}", made.text);
    let made = made.ok();
    let id = made["model_id"].as_str().unwrap().to_owned();
    assert_eq!(
        admin.audited(1).await,
        [("deployment.create".to_owned(), id.clone())]
    );

    for path in [
        "/model/info",
        "/v1/model/info",
        "/v2/model/info",
        "/api/v1/deployments",
        &format!("/api/v1/deployments/{id}"),
    ] {
        let shown = admin.get(path).await;
        assert!(shown.text.contains("fast"), "{path}: {}", shown.text);
        assert!(!shown.text.contains("SECRET"), "{path}: {}", shown.text);
        assert!(
            !shown.text.contains("v1:"),
            "no ciphertext: {path}: {}",
            shown.text
        );
    }
    let row = admin.get("/model/info").await.ok()["data"][0].clone();
    assert_eq!(row["model_info"]["id"], id.as_str());
    assert_eq!(row["model_info"]["db_model"], true);
    assert_eq!(row["model_info"]["mode"], "chat");
    assert_eq!(
        row["model_info"]["input_cost_per_token"],
        json!(0.000_002_5)
    );
    assert_eq!(row["litellm_params"]["api_key"], "********");
    assert_eq!(row["litellm_params"]["api_base"], "http://127.0.0.1:9/v1");
}

#[tokio::test]
async fn each_change_of_a_deployment_keeps_the_rest_and_writes_one_entry() {
    let admin = served().await;
    let made = admin.post("/model/new", gpt()).await.ok();
    let id = made["model_id"].as_str().unwrap().to_owned();
    let before = admin.entries().await;
    let change = json!({"litellm_params": {"rpm": 5, "api_key": "********"}});
    let path = format!("/model/{id}/update");
    let changed = admin
        .ask(&admin.master, "PATCH", &path, Some(change))
        .await
        .ok();
    assert_eq!(changed["litellm_params"]["rpm"], 5);
    assert_eq!(changed["litellm_params"]["model"], "openai/gpt-4o");
    let change = json!({"model_name": "faster", "model_info": {"id": id, "tier": "paid"}});
    let changed = admin.post("/model/update", change).await.ok();
    assert_eq!(changed["model_name"], "faster");
    assert_eq!(changed["model_info"]["tier"], "paid");
    admin.post("/model/block", json!({"id": id})).await.ok();
    let shown = admin.get(&format!("/api/v1/deployments/{id}")).await.ok();
    assert_eq!(shown["blocked"], true);
    assert_eq!(shown["api_key_set"], true);
    assert_eq!(shown["secret_members"], json!(["api_key", "extra_headers"]));
    admin.post("/model/unblock", json!({"id": id})).await.ok();
    admin.post("/model/delete", json!({"id": id})).await.ok();
    assert_eq!(
        admin.entries().await,
        before + 5,
        "one entry for each change"
    );
    assert_eq!(
        admin.audited(1).await,
        [("deployment.delete".to_owned(), id.clone())]
    );
    admin
        .post("/model/delete", json!({"id": id}))
        .await
        .refused(404);
    let trail = admin.audit_text().await;
    assert!(!trail.contains("SECRET"), "{trail}");
}

#[tokio::test]
async fn what_the_gateway_could_not_serve_or_may_not_call_is_refused() {
    let admin = served().await;
    let with = |name: &str, value: serde_json::Value| {
        let mut body = gpt();
        body["litellm_params"][name] = value;
        body
    };
    let said = admin
        .post("/model/new", with("model", json!("nobody/x")))
        .await
        .refused(400);
    assert!(said.contains("nobody"), "{said}");
    for address in [
        "http://169.254.169.254/latest",
        "http://2852039166/",
        "http://[::ffff:169.254.169.254]/v1",
        "file:///etc/passwd",
        "https://user:pass@example.com/v1",
    ] {
        let refused = admin
            .post("/model/new", with("api_base", json!(address)))
            .await;
        let said = refused.refused(400);
        assert!(said.contains("api_base"), "{address}: {said}");
    }
    admin
        .post("/model/new", with("litellm_credential_name", json!("none")))
        .await
        .refused(400);
    admin
        .post("/model/new", json!({"model_name": "x"}))
        .await
        .refused(400);
    let mut of_team = gpt();
    of_team["model_info"]["team_id"] = json!("t");
    admin.post("/model/new", of_team).await.refused(400);
    assert_eq!(admin.get("/model/info").await.ok()["data"], json!([]));
}

#[tokio::test]
async fn a_caller_sees_the_models_that_they_may_use_and_no_address() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    let person = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let administrator = admin.key_of(&person, &acme).await;
    admin.post("/model/new", gpt()).await.ok();
    let mut other = gpt();
    other["model_name"] = json!("slow");
    admin.post("/model/new", other).await.ok();
    let foreign = admin.organization("foreign").await;
    let theirs = json!({"model_name": "theirs", "organization_id": foreign,
        "params": {"model": "openai/gpt-4o", "api_key": SECRET}});
    let theirs = admin.post("/api/v1/deployments", theirs).await.ok();

    let body = json!({"organization_id": acme, "models": ["fast"]});
    let key = admin.post("/key/generate", body).await.ok();
    let key = key["key"].as_str().unwrap();
    for path in ["/model/info", "/v2/model/info", "/model_group/info"] {
        let shown = admin.ask(key, "GET", path, None).await;
        assert!(shown.text.contains("fast"), "{path}: {}", shown.text);
        for hidden in ["slow", "theirs", "127.0.0.1"] {
            assert!(
                !shown.text.contains(hidden),
                "{path}: {hidden}: {}",
                shown.text
            );
        }
    }
    let shown = admin
        .ask(&administrator, "GET", "/api/v1/deployments", None)
        .await;
    assert!(shown.text.contains("slow"), "{}", shown.text);
    assert!(!shown.text.contains("theirs") && !shown.text.contains("127.0.0.1"));
    let path = format!("/api/v1/deployments/{}", theirs["id"].as_str().unwrap());
    admin
        .ask(&administrator, "GET", &path, None)
        .await
        .refused(404);
    admin
        .ask(&administrator, "POST", "/model/new", Some(gpt()))
        .await
        .refused(403);
    admin
        .ask(&administrator, "GET", "/health", None)
        .await
        .refused(403);
    admin
        .ask(&administrator, "GET", "/credentials", None)
        .await
        .refused(403);
}

#[tokio::test]
async fn health_calls_each_deployment_and_tells_no_word_of_the_provider() {
    let admin = served().await;
    let provider = harness::provider::ScriptedProvider::start().await;
    let refusing = provider.lane("refusing");
    refusing.answers(harness::answer::Answer::error(401, "bad key sk-prov"));
    for (name, lane) in [("good", "good"), ("bad", "refusing")] {
        let base = format!("{}/{lane}/v1", provider.url());
        let body = json!({"model_name": name, "litellm_params": {
            "model": "openai/gpt-4o", "api_base": base, "api_key": SECRET}});
        admin.post("/model/new", body).await.ok();
    }
    let health = admin.get("/health").await;
    assert!(!health.text.contains("sk-prov"), "{}", health.text);
    let health = health.ok();
    assert_eq!(health["healthy_count"], 1, "{health}");
    assert_eq!(health["unhealthy_count"], 1);
    assert_eq!(health["healthy_endpoints"][0]["model_name"], "good");
    let asked = provider.lane("good").last();
    assert_eq!(
        asked.header("authorization").unwrap(),
        format!("Bearer {SECRET}")
    );
    let is_type = |name: &str| name.eq_ignore_ascii_case("content-type");
    let types = asked
        .headers
        .iter()
        .filter(|(name, _)| is_type(name))
        .count();
    assert_eq!(types, 1, "some servers refuse a second content type");
    let error = health["unhealthy_endpoints"][0]["error"].as_str().unwrap();
    assert!(
        error.contains("credential") && error.contains("401"),
        "{error}"
    );
    let one = admin.get("/health?model=good").await.ok();
    assert_eq!(
        (&one["healthy_count"], &one["unhealthy_count"]),
        (&json!(1), &json!(0))
    );
}

#[tokio::test]
async fn a_group_of_stored_deployments_stands_for_its_models_in_what_may_be_granted() {
    let admin = served().await;
    let acme = admin.organization("acme").await;
    for (name, group) in [("newest", "beta"), ("older", "stable")] {
        let body = json!({"model_name": name, "model_info": {"access_groups": [group]},
            "litellm_params": {"model": "openai/gpt-4o", "api_key": "sk-of-it"}});
        admin.post("/model/new", body).await.ok();
    }
    let policy = Policy {
        models: vec!["beta".to_owned()],
        ..Policy::default()
    };
    let team = admin.team(&acme, policy).await;
    let head = admin
        .person(None, Some((Role::TeamAdmin, &acme, Some(&team))))
        .await;
    let key = admin.key_of(&head, &acme).await;
    for (models, status) in [
        (["newest"], 200),
        (["beta"], 200),
        (["older"], 400),
        (["stable"], 400),
    ] {
        let body = json!({"team_id": team, "models": models});
        let made = admin.ask(&key, "POST", "/key/generate", Some(body)).await;
        assert_eq!(made.status, status, "{models:?}: {}", made.text);
    }
}
