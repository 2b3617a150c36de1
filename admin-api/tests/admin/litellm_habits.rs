//! What scripts written for LiteLLM send, and what they count on.

use domain::permissions::Role;
use serde_json::{Value, json};

use crate::keys::made;
use crate::setup::{Served, served};

async fn info(admin: &Served, key: &Value) -> Value {
    let key = key.as_str().unwrap();
    let answer = admin.get(&format!("/key/info?key={key}")).await.ok();
    answer["info"].clone()
}

#[tokio::test]
async fn a_key_type_of_default_leaves_the_routes_of_a_key_alone() {
    let admin = served().await;
    let routes = json!(["/v1/embeddings"]);
    let body = json!({"allowed_routes": routes, "key_type": "default"});
    let (_, row) = made(&admin, body).await;
    assert_eq!(row["allowed_routes"], routes);
    let change = json!({"key": row["token"], "key_type": "default"});
    let row = admin.post("/key/update", change.clone()).await.ok();
    assert_eq!(row["allowed_routes"], routes);
    let row = admin.post("/key/regenerate", change).await.ok();
    assert_eq!(row["allowed_routes"], routes);
    let change = json!({"key": row["token"], "key_type": "read_only"});
    let row = admin.post("/key/update", change).await.ok();
    assert_eq!(row["allowed_routes"], json!(["info_routes"]));
}

#[tokio::test]
async fn only_minus_one_takes_the_end_of_a_key_away() {
    let admin = served().await;
    let (_, row) = made(&admin, json!({"duration": "2h"})).await;
    let (token, expires) = (&row["token"], &row["expires"]);
    for said in [json!(null), json!(""), json!(" ")] {
        let change = json!({"key": token, "duration": said});
        let row = admin.post("/key/update", change).await.ok();
        assert_eq!(&row["expires"], expires, "{said}");
    }
    let change = json!({"key": token, "duration": "-1"});
    let row = admin.post("/key/update", change).await.ok();
    assert_eq!(row["expires"], Value::Null);
}

#[tokio::test]
async fn a_budgets_window_outlives_the_budget_and_may_come_before_it() {
    let admin = served().await;
    let body = json!({"max_budget": 5, "budget_duration": "30d"});
    let (_, row) = made(&admin, body).await;
    let change = |budget: Value| json!({"key": row["token"], "max_budget": budget});
    let without = admin.post("/key/update", change(json!(null))).await.ok();
    assert_eq!(without["max_budget"], Value::Null);
    assert_eq!(without["budget_duration"], "30d");
    let with = admin.post("/key/update", change(json!(7))).await.ok();
    assert_eq!(with["max_budget"], 7);
    assert_eq!(with["budget_duration"], "30d");
    assert!(with["budget_reset_at"].is_string());

    let team = json!({"team_id": "blue", "budget_duration": "7d"});
    admin.post("/team/new", team).await.ok();
    let team = json!({"team_id": "blue", "max_budget": 3});
    let team = admin.post("/team/update", team).await.ok();
    assert_eq!(team["data"]["max_budget"], 3);
    assert_eq!(team["data"]["budget_duration"], "7d");
    let none = json!({"team_id": "blue", "max_budget": null, "budget_duration": null});
    let team = admin.post("/team/update", none).await.ok();
    assert_eq!(team["data"]["budget_duration"], Value::Null);
}

#[tokio::test]
async fn a_person_whom_nobody_made_is_made_with_their_first_key() {
    let admin = served().await;
    let (_, row) = made(&admin, json!({"user_id": "ann@script"})).await;
    assert_eq!(row["user_id"], "ann@script");
    assert_eq!(admin.audited(1).await[0].0, "key.create");
    let person = admin.get("/user/info?user_id=ann@script").await.ok();
    assert_eq!(person["keys"].as_array().unwrap().len(), 1);
    let (_, again) = made(&admin, json!({"user_id": "ann@script"})).await;
    assert_eq!(again["user_id"], "ann@script");

    // Who may not make people names those who are there.
    let acme = admin.organization("acme").await;
    let head = admin
        .person(None, Some((Role::OrganizationAdmin, &acme, None)))
        .await;
    let head = admin.key_of(&head, &acme).await;
    let body = json!({"user_id": "bob@script", "organization_id": acme});
    let refused = admin.ask(&head, "POST", "/key/generate", Some(body)).await;
    assert!(refused.refused(404).contains("bob@script"));
    let v1 = json!({"user_id": "bob@script"});
    admin.post("/api/v1/keys", v1).await.refused(404);
}

#[tokio::test]
async fn tags_and_limits_in_metadata_count_where_no_member_says_them() {
    let admin = served().await;
    let metadata = json!({"tags": ["a"], "model_rpm_limit": {"gpt-4o": 5},
        "model_tpm_limit": {"gpt-4o": 900}, "note": "x"});
    let (_, row) = made(&admin, json!({"metadata": metadata})).await;
    assert_eq!(row["metadata"], metadata);
    assert_eq!(row["tags"], json!(["a"]));
    assert_eq!(row["model_rpm_limit"], json!({"gpt-4o": 5}));
    assert_eq!(row["model_tpm_limit"], json!({"gpt-4o": 900}));
    let more = json!({"key": row["token"], "tags": ["b"], "metadata": {"tags": ["c"]}});
    let row = admin.post("/key/update", more).await.ok();
    assert_eq!(row["tags"], json!(["b"]));
    assert_eq!(row["metadata"]["tags"], json!(["b"]));
    assert_eq!(row["model_rpm_limit"], json!({"gpt-4o": 5}));
    // What only bears the name is a note.
    let note = json!({"key": row["token"], "metadata": {"tags": "none"}});
    let row = admin.post("/key/update", note).await.ok();
    assert_eq!(row["metadata"], json!({"tags": "none"}));
    assert_eq!(row["tags"], json!(["b"]));
}

#[tokio::test]
async fn a_part_of_an_alias_is_not_looked_for_in_ids() {
    let admin = served().await;
    let (_, row) = made(&admin, json!({"key_alias": "Nightly build"})).await;
    made(&admin, json!({"key_alias": "other"})).await;
    made(&admin, json!({})).await;
    let found = |part: &str| {
        let path = format!("/key/list?substring_matching=true&key_alias={part}");
        let admin = &admin;
        async move { admin.get(&path).await.ok()["keys"].clone() }
    };
    assert_eq!(found("nightly").await, json!([row["token"]]));
    assert_eq!(found("key_").await, json!([]));
}

#[tokio::test]
async fn keys_are_answered_under_the_names_by_which_they_were_asked_for() {
    let admin = served().await;
    let (one, _) = made(&admin, json!({"key_alias": "one"})).await;
    let (two, row) = made(&admin, json!({"key_alias": "two"})).await;
    made(&admin, json!({"key_alias": "three"})).await;
    let several = admin
        .post(
            "/v2/key/info",
            json!({"keys": [one, "sk-not-there-0000000", row["token"]]}),
        )
        .await
        .ok();
    assert_eq!(several["key"], json!([one, row["token"]]));
    assert_eq!(several["info"][0]["key_alias"], "one");
    assert_eq!(several["info"][1]["key_alias"], "two");
    let gone = admin
        .post("/key/delete", json!({"keys": [one, row["token"], two]}))
        .await
        .ok();
    assert_eq!(gone, json!({"deleted_keys": [one, row["token"], two]}));
    let aliases = json!({"key_aliases": ["three"]});
    let gone = admin.post("/key/delete", aliases).await.ok();
    assert_eq!(gone, json!({"deleted_keys": ["three"]}));
}

#[tokio::test]
async fn an_empty_name_is_none() {
    let admin = served().await;
    let team = json!({"team_alias": "green", "organization_id": "", "budget_id": ""});
    let team = admin.post("/team/new", team).await.ok();
    let same = json!({"team_id": team["team_id"], "organization_id": ""});
    admin.post("/team/update", same).await.ok();
    let model = json!({"model_name": "m", "litellm_params":
        {"model": "openai/gpt-4o", "api_key": "x", "litellm_credential_name": ""}});
    admin.post("/model/new", model).await.ok();
    let key = json!({"user_id": "", "team_id": "", "budget_id": "", "budget_duration": ""});
    made(&admin, key).await;
}

#[tokio::test]
async fn a_temporary_increase_is_shown_and_may_not_be_over_as_it_begins() {
    let admin = served().await;
    let body = json!({"max_budget": 5, "metadata": {"n": 1}, "allowed_addresses": ["10.0.0.1"]});
    let (_, row) = made(&admin, body).await;
    let key = &row["token"];
    let more =
        |until: &str| json!({"key": key, "temp_budget_increase": 2.5, "temp_budget_expiry": until});
    let over = admin
        .post("/key/update", more("2020-01-01T00:00:00Z"))
        .await;
    assert!(over.refused(400).contains("over already"));
    admin.post("/key/update", more("24h")).await.ok();
    let shown = info(&admin, key).await;
    assert_eq!(shown["allowed_addresses"], json!(["10.0.0.1"]));
    assert_eq!(shown["metadata"]["n"], 1);
    assert_eq!(shown["metadata"]["temp_budget_increase"], 2.5);
    assert!(shown["metadata"]["temp_budget_expiry"].is_string());
    // Who writes the metadata back that they have read changes nothing by it.
    let same = json!({"key": key, "metadata": shown["metadata"]});
    let row = admin.post("/key/update", same).await.ok();
    assert_eq!(row["metadata"], shown["metadata"]);
    let id = shown["id"].as_str().unwrap();
    let key = admin.get(&format!("/api/v1/keys/{id}")).await.ok();
    assert_eq!(key["policy"]["metadata"], json!({"n": 1}));
    assert_eq!(key["policy"]["budgets"][0]["increase"]["by_usd"], "2.5");
}
