//! Which models a key may ask, and what it is shown of others.

use std::sync::Arc;

use bytes::Bytes;
use data_plane::admit::rights::{Rights, check};
use data_plane::call::Call;
use data_plane::endpoints::model_list;
use data_plane::error::GatewayError;
use domain::directory::{KeyGrant, Levels};
use domain::policies::Policy;
use providers::openai::body::{BodyKind, CallerBody};
use serde_json::{Value, json};

use crate::node::{self, Following, MASTER};
use crate::store::MemoryStore;
use crate::things::{self, models};

const KEY: &str = "sk-known-key-of-acme";

async fn with(policy: Policy, change: impl FnOnce(&mut Levels)) -> Following {
    let mut levels = things::levels();
    change(&mut levels);
    let key = KeyGrant {
        policy: Arc::new(policy),
        ..things::full_key(KEY)
    };
    let store = Arc::new(MemoryStore::new(levels, vec![key]));
    node::following(store, node::settings(), None).await
}

/// What a call of this key becomes: the model it is routed to, or the refusal.
async fn ask(following: &Following, key: &str, body: Value) -> Result<String, GatewayError> {
    let caller = following.knock(key).await?;
    let mut body = body;
    body["messages"] = json!([{"role": "user", "content": "hi"}]);
    let body = CallerBody::read(Bytes::from(body.to_string()), BodyKind::Chat).unwrap();
    let mut call = Call::new(body, None)?;
    check(&following.node.state(), &caller, &mut call)?;
    Ok(call.asked_model)
}

async fn asks(following: &Following, model: &str) -> Result<String, GatewayError> {
    ask(following, KEY, json!({"model": model})).await
}

async fn listed(following: &Following, key: &str) -> Vec<String> {
    let caller = following.knock(key).await.ok().unwrap();
    let state = following.node.state();
    let list = model_list::list(&state.table, &Rights::of(&state.table, &caller));
    let list: Value = serde_json::from_slice(&list).unwrap();
    let ids = list["data"].as_array().unwrap().iter();
    ids.map(|model| model["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_model_is_asked_only_when_every_level_allows_it_and_the_refusal_says_which_does_not() {
    type Limit = fn(&mut Levels);
    let limits: [(Limit, &str); 6] = [
        (
            |levels| levels.projects[0].policy = models(&["claude"]),
            "project",
        ),
        (
            |levels| levels.teams[0].policy = models(&["claude"]),
            "team",
        ),
        (
            |levels| levels.organizations[1].policy = models(&["claude"]),
            "organization",
        ),
        (
            |levels| levels.users[0].policy = models(&["claude"]),
            "owner",
        ),
        (
            |levels| levels.members[1].policy = models(&["claude"]),
            "member",
        ),
        (
            |levels| levels.teams[0].member_policy = models(&["claude"]),
            "member",
        ),
    ];
    for (limit, word) in limits {
        let following = with(models(&["gpt-4o", "claude"]), limit).await;
        let refused = asks(&following, "gpt-4o").await.err().unwrap();
        assert_eq!(refused.status_and_code().code, "model_not_allowed");
        let message = refused.to_string();
        assert!(
            message.contains("gpt-4o") && message.contains(word),
            "{message}"
        );
        assert_eq!(asks(&following, "claude").await.unwrap(), "claude");
        assert_eq!(listed(&following, KEY).await, ["claude"]);
    }
    let following = with(models(&["claude"]), |_| ()).await;
    let refused = asks(&following, "gpt-4o").await.err().unwrap();
    assert!(refused.to_string().contains("this key"));
    let body: Value = serde_json::from_slice(&refused.to_openai("req")).unwrap();
    assert_eq!(body["error"]["param"], "model");
    assert_eq!(body["error"]["type"], "permission_error");
}

#[tokio::test]
async fn lists_may_name_models_patterns_access_groups_and_litellms_words() {
    for (list, asked, allowed) in [
        (&[][..], "gpt-4o", true),
        (&["*"], "gpt-4o", true),
        (&["all-proxy-models"], "gpt-4o", true),
        (&["all-team-models"], "gpt-4o", true),
        (&["no-default-models"], "gpt-4o", false),
        (&["beta"], "fast", true),
        (&["beta"], "gpt-4o", false),
        (&["gpt-*"], "gpt-4o", true),
        (&["openai/*"], "openai/gpt-4o", true),
        (&["openai/*"], "gpt-4o", true),
        (&["openai/*"], "claude", false),
        (&["openai/*"], "fast", false),
        (&["gpt-4o"], "dep-gpt-4o-gpt-4o", true),
        (&["gpt-4"], "gpt-4o", false),
    ] {
        let following = with(models(list), |_| ()).await;
        assert_eq!(
            asks(&following, asked).await.is_ok(),
            allowed,
            "{list:?} {asked}"
        );
    }
}

#[tokio::test]
async fn a_persons_lack_of_models_does_not_bind_the_keys_of_their_team() {
    let following = with(Policy::default(), |levels| {
        levels.users[0].policy = models(&["no-default-models"]);
    })
    .await;
    assert!(asks(&following, "gpt-4o").await.is_ok());
}

#[tokio::test]
async fn aliases_of_the_key_and_then_of_the_team_are_what_is_checked_and_routed() {
    let policy = Policy {
        model_aliases: [("mine".to_owned(), "ours".to_owned())].into(),
        ..models(&["fast"])
    };
    let following = with(policy, |levels| {
        levels.teams[0].policy.model_aliases = [
            ("ours".to_owned(), "fast".to_owned()),
            ("dear".to_owned(), "gpt-4o".to_owned()),
        ]
        .into();
    })
    .await;
    assert_eq!(asks(&following, "mine").await.unwrap(), "fast");
    assert_eq!(asks(&following, "ours").await.unwrap(), "fast");
    assert!(asks(&following, "dear").await.is_err());
}

#[tokio::test]
async fn a_callers_own_fallbacks_are_checked_like_the_model() {
    let following = with(models(&["fast", "claude"]), |_| ()).await;
    for (name, target, allowed) in [
        ("fallbacks", json!(["claude"]), true),
        ("fallbacks", json!(["gpt-4o"]), false),
        ("fallbacks", json!([{"fast": ["gpt-4o"]}]), false),
        (
            "context_window_fallbacks",
            json!([{"fast": ["gpt-4o"]}]),
            false,
        ),
    ] {
        let asked = ask(&following, KEY, json!({"model": "fast", name: target})).await;
        assert_eq!(asked.is_ok(), allowed, "{name} {target}");
    }
}

#[tokio::test]
async fn a_model_that_is_not_allowed_is_refused_before_it_is_looked_for() {
    let following = with(models(&["claude"]), |_| ()).await;
    let refused = asks(&following, "no-such-model").await.err().unwrap();
    assert_eq!(refused.status_and_code().code, "model_not_allowed");
}

#[tokio::test]
async fn deployments_of_another_organization_are_not_there() {
    let mut theirs = things::key("sk-key-of-other");
    theirs.organization_id = domain::ids::OrganizationId::new("other");
    let keys = vec![things::key(KEY), theirs];
    let store = Arc::new(MemoryStore::new(things::levels(), keys));
    let following = node::following(store, node::settings(), None).await;
    let shared = ["gpt-4o", "claude", "fast"];
    assert_eq!(listed(&following, KEY).await, shared);
    assert_eq!(listed(&following, MASTER).await, shared);
    assert_eq!(
        listed(&following, "sk-key-of-other").await,
        ["gpt-4o", "claude", "fast", "secret-model"]
    );
    let state = following.node.state();
    for foreign in ["secret-model", "dep-claude-theirs"] {
        assert!(state.table.find(foreign, "acme").is_none());
        assert!(state.table.find(foreign, "other").is_some());
    }
}

#[tokio::test]
async fn a_blocked_end_user_is_refused_in_their_own_organization_only() {
    let following = with(Policy::default(), |levels| {
        let mut ann = things::end_user("acme", "ann");
        ann.blocked = true;
        let mut bob = things::end_user("acme", "bob");
        bob.policy = models(&["fast"]);
        levels.end_users = vec![ann, bob];
    })
    .await;
    let by = |key, user| ask(&following, key, json!({"model": "gpt-4o", "user": user}));
    let code =
        |asked: Result<String, GatewayError>| asked.err().map(|error| error.status_and_code().code);
    assert_eq!(code(by(KEY, "ann").await), Some("end_user_blocked"));
    assert_eq!(code(by(KEY, "bob").await), Some("model_not_allowed"));
    assert_eq!(code(by(KEY, "eve").await), None);
    assert_eq!(code(by(MASTER, "ann").await), None);
}
