//! What the dry run of routing says is what requests then do.

use std::collections::BTreeSet;

use harness::answer::Answer;
use harness::caller::Caller;
use harness::gateway::TestGateway;
use serde_json::{Value, json};

use crate::setup::{CHAT, anthropic, ask, entry, gateway, models, openai, settlement};

const MASTER: &str = "sk-master-0123456789-0123456789";

const ROUTER: &str = "router_settings:
  num_retries: 0
  model_group_alias: {smart: m}
  fallbacks: [{m: [m, missing, spare, other]}]
  default_fallbacks: [other]
  context_window_fallbacks: [{m: [other]}]
";

/// Groups with weights, orders, a pattern, an alias, fallbacks; one model without a price.
async fn routed() -> TestGateway {
    let entries = [
        openai("m", "heavy", ", weight: 3, order: 1"),
        openai("m", "light", ", weight: 2, order: 1"),
        openai("m", "later", ", weight: 1, order: 2"),
        anthropic("spare", "spare", ""),
        openai("other", "other", ""),
        openai("mixed", "priced", ""),
        entry("mixed", "openai/nobody-knows", "UPSTREAM/unpriced/v1", ""),
        entry(
            "unpriced",
            "openai/nobody-knows",
            "UPSTREAM/unpriced/v1",
            "",
        ),
        entry("vendor/*", "openai/*", "UPSTREAM/any/v1", ""),
        entry("vendor/gpt-4*", "openai/gpt-4*", "UPSTREAM/four/v1", ""),
    ];
    gateway()
        .config(&(models(&entries) + ROUTER))
        .variable("HEADGATE_MASTER_KEY", MASTER)
        .start()
        .await
}

async fn walked(operator: &Caller, query: &str) -> Value {
    let path = format!("/api/v1/routing/dry-run?{query}");
    let told = operator.get(&path).await;
    assert_eq!(told.status, 200, "{}", told.text());
    told.json()
}

fn ids(candidates: &Value) -> Vec<String> {
    let candidates = candidates.as_array().unwrap().iter();
    candidates
        .map(|one| one["deployment_id"].as_str().unwrap().to_owned())
        .collect()
}

/// The candidates that are asked first now and then.
fn firsts(route: &Value) -> BTreeSet<String> {
    let candidates = route["candidates"].as_array().unwrap().iter();
    let is_first =
        |one: &&Value| one["share_basis_points"].as_u64().unwrap() > 0 && one["left_out"] == false;
    candidates
        .filter(is_first)
        .map(|one| one["deployment_id"].as_str().unwrap().to_owned())
        .collect()
}

async fn key(operator: &Caller, body: Value) -> (String, String) {
    let made = operator.post("/api/v1/keys", &body).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    let id = made["details"]["id"].as_str().unwrap().to_owned();
    (id, made["key"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn requests_go_to_the_group_and_the_deployments_that_the_dry_run_names() {
    let gateway = routed().await;
    let operator = gateway.with_key(MASTER);
    let stored = json!({"model_name": "m", "params": {
        "model": "openai/gpt-4o", "api_key": "sk-p", "weight": 4, "order": 1,
        "api_base": format!("{}/stored/v1", gateway.provider_url()),
    }});
    let stored = operator.post("/api/v1/deployments", &stored).await.json();
    let blocked = json!({"model_name": "m", "blocked": true, "params": {
        "model": "openai/gpt-4o", "api_key": "sk-p", "weight": 900,
        "api_base": format!("{}/blocked/v1", gateway.provider_url()),
    }});
    let blocked = operator.post("/api/v1/deployments", &blocked).await.json();
    let by_id = stored["id"].as_str().unwrap();
    let budget = json!({"policy": {"budgets": [{"limit_usd": "5", "window": "1d"}]}});
    let (with_budget, spends) = key(&operator, budget).await;
    let (free, asks) = key(&operator, json!({})).await;
    let serving = async {
        while operator.post(CHAT, &ask(by_id)).await.status != 200 {
            // The nodes follow the store within a second.
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    harness::deadline::within("the new deployment serves", serving).await;
    for (id, secret, model, group) in [
        (&free, &asks, "m", "m"),
        (&free, &asks, "smart", "m"),
        (&free, &asks, by_id, "m"),
        (&free, &asks, "vendor/gpt-4.1", "vendor/gpt-4*"),
        (&free, &asks, "vendor/o3", "vendor/*"),
        (&free, &asks, "mixed", "mixed"),
        (&with_budget, &spends, "mixed", "mixed"),
    ] {
        let told = walked(&operator, &format!("key={id}&model={model}")).await;
        assert_eq!(told["refusal"], Value::Null, "{model}: {told}");
        assert_eq!(told["route"]["group"], group, "{model}");
        let expected = firsts(&told["route"]);
        let caller = gateway.with_key(secret);
        let mut seen = BTreeSet::new();
        // Of these one in five goes to the lightest: to miss it 80 times happens once in 50 million.
        for _request in 0..80 {
            let reply = caller.post(CHAT, &ask(model)).await;
            assert_eq!(reply.status, 200, "{model}: {}", reply.text());
            assert_eq!(reply.header("x-headgate-model"), group);
            seen.insert(reply.header("x-headgate-deployment").to_owned());
        }
        assert_eq!(seen, expected, "{model}: {told}");
    }
    let told = walked(&operator, "model=m").await;
    let shares = told["route"]["candidates"].as_array().unwrap().iter();
    let shares: Vec<u64> = shares
        .map(|one| one["share_basis_points"].as_u64().unwrap())
        .collect();
    assert_eq!(shares, [4_444, 3_333, 2_222, 0]);
    assert_eq!(
        told["route"]["out_of_service"][0]["deployment_id"],
        blocked["id"]
    );
}

/// Whether the dry run says this refusal and a real request gets it.
async fn is_refused(
    gateway: &TestGateway,
    (id, secret): &(String, String),
    model: &str,
    (code, level): (&str, Option<&str>),
) {
    let operator = gateway.with_key(MASTER);
    let told = walked(&operator, &format!("key={id}&model={model}")).await;
    let expected = json!({"code": code, "level": level});
    assert_eq!(told["refusal"], expected, "{model}");
    let reply = gateway.with_key(secret).post(CHAT, &ask(model)).await;
    assert_eq!(reply.error().1, code, "{model}: {}", reply.text());
}

#[tokio::test]
async fn requests_are_refused_as_the_dry_run_says() {
    let gateway = routed().await;
    let operator = gateway.with_key(MASTER);
    let team = json!({"name": "Few", "policy": {"models": ["spare"]}});
    let team = operator.post("/api/v1/teams", &team).await.json();
    let team = team["id"].as_str().unwrap();
    let budget = json!({"policy": {"budgets": [{"limit_usd": "5", "window": "1d"}]}});
    let few = key(&operator, json!({"team_id": team})).await;
    let spends = key(&operator, budget).await;
    let narrow = key(&operator, json!({"policy": {"models": ["other"]}})).await;
    let blocked = key(&operator, json!({})).await;
    let block = format!("/api/v1/keys/{}/block", blocked.0);
    operator.post(&block, &json!({})).await;
    let of_team = ("model_not_allowed", Some("this key's team"));
    is_refused(&gateway, &few, "m", of_team).await;
    is_refused(&gateway, &few, "never-heard-of", of_team).await;
    let unknown = ("model_not_found", None);
    is_refused(&gateway, &spends, "never-heard-of", unknown).await;
    is_refused(&gateway, &spends, "unpriced", ("price_unknown", None)).await;
    let of_key = ("model_not_allowed", Some("this key"));
    is_refused(&gateway, &narrow, "m", of_key).await;
    let is_blocked = ("blocked_key", Some("this key"));
    is_refused(&gateway, &blocked, "m", is_blocked).await;
    // The team alone, as the key of a new colleague would be.
    let told = walked(&operator, &format!("team={team}&model=m")).await;
    assert_eq!(told["refusal"]["code"], "model_not_allowed");
    let two = format!("/api/v1/routing/dry-run?model=m&key={}&team={team}", few.0);
    assert_eq!(operator.get(&two).await.status, 400);
}

#[tokio::test]
async fn a_keys_own_names_for_models_count_and_the_key_itself_stays_out_of_addresses() {
    let gateway = routed().await;
    let operator = gateway.with_key(MASTER);
    let renames = json!({"policy": {"models": ["other"], "model_aliases": {"mine": "other"}}});
    let (id, secret) = key(&operator, renames).await;
    let told = walked(&operator, &format!("key={id}&model=mine")).await;
    assert_eq!(told["refusal"], Value::Null);
    assert_eq!(told["means"], "other");
    let reply = gateway.with_key(&secret).post(CHAT, &ask("mine")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-headgate-model"), "other");
    let named = format!("/api/v1/routing/dry-run?model=m&key={secret}");
    let refused = operator.get(&named).await;
    assert_eq!(refused.status, 400);
    assert!(!refused.text().contains(&secret));
}

#[tokio::test]
async fn fallbacks_are_asked_in_the_order_that_the_dry_run_names() {
    let gateway = routed().await;
    let operator = gateway.with_key(MASTER);
    let told = walked(&operator, "model=smart").await;
    let route = &told["route"];
    let first: BTreeSet<String> = ids(&route["candidates"]).into_iter().collect();
    let chain = |list: &Value| -> Vec<(String, Vec<String>)> {
        let steps = list.as_array().unwrap().iter();
        steps
            .map(|step| {
                (
                    step["group"].as_str().unwrap().to_owned(),
                    ids(&step["candidates"]),
                )
            })
            .collect()
    };
    let fallbacks = chain(&route["fallbacks"]);
    let names: Vec<&str> = fallbacks.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["missing", "spare", "other"]);
    assert!(fallbacks.first().unwrap().1.is_empty());
    for lane in ["heavy", "light", "later", "spare", "other"] {
        gateway.upstream(lane).answers(Answer::error(500, "broken"));
    }
    let reply = operator.post(CHAT, &ask("smart")).await;
    assert_eq!(reply.status, 502, "{}", reply.text());
    let settled = settlement(&gateway, reply.header("x-request-id")).await;
    let attempts = settled["attempts"].as_array().unwrap().iter();
    let asked: Vec<String> = attempts
        .map(|one| one["deployment.id"].as_str().unwrap().to_owned())
        .collect();
    let (of_group, after) = asked.split_at(first.len());
    assert_eq!(of_group.iter().cloned().collect::<BTreeSet<_>>(), first);
    let later = ids(&route["candidates"]).pop().unwrap();
    assert_eq!(of_group.last(), Some(&later), "the higher order comes last");
    let expected: Vec<String> = fallbacks.into_iter().flat_map(|(_, ids)| ids).collect();
    assert_eq!(after, expected);
    // A prompt that is too long has a list of its own.
    let long = chain(&route["context_window_fallbacks"]);
    let error = Answer::error(400, "too long").code("context_length_exceeded");
    for lane in ["heavy", "light", "later"] {
        gateway.upstream(lane).answers(error.clone());
    }
    gateway.upstream("other").answers(Answer::text("Hello"));
    let reply = operator.post(CHAT, &ask("m")).await;
    let answered = reply.header("x-headgate-deployment").to_owned();
    assert_eq!(
        (reply.status, vec![("other".to_owned(), vec![answered])]),
        (200, long)
    );
}
