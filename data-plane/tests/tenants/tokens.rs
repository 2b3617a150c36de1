//! Which signed tokens are let in, as whom, and what the others are told.

use std::sync::Arc;

use data_plane::authenticate::CallerKind;
use data_plane::tenants::standing::Standing;
use domain::directory::Levels;
use domain::identity::callers::{CallerFields, CallerRules, TrustedIssuer};
use domain::identity::{KnownIdentity, StoredKeySet};
use domain::ids::UserId;
use domain::money::NanoUsd;
use domain::policies::{Budget, BudgetMode};
use domain::time::TimestampMs;
use harness::issuer::SigningKey;
use serde_json::{Value, json};

use crate::node::{self, Following};
use crate::store::MemoryStore;
use crate::things;

const ISSUER: &str = "https://sso.example";
const URL: &str = "https://sso.example/keys";

fn rules() -> CallerRules {
    CallerRules {
        issuers: vec![TrustedIssuer {
            issuer: Some(ISSUER.to_owned()),
            audiences: vec!["gateway".to_owned()],
            keys_url: URL.to_owned(),
        }],
        fields: CallerFields {
            team: Some("team".to_owned()),
            teams: Some("teams".to_owned()),
            user: Some("who.id".to_owned()),
            organization: Some("org".to_owned()),
            ..CallerFields::default()
        },
        allowed_routes: vec!["llm_api_routes".to_owned()],
        ..CallerRules::default()
    }
}

fn set(keys: &[&SigningKey]) -> StoredKeySet {
    let keys: Vec<Value> = keys.iter().map(|key| key.published()).collect();
    StoredKeySet {
        url: URL.to_owned(),
        document: json!({ "keys": keys }).to_string(),
    }
}

fn levels(keys: &[&SigningKey]) -> Levels {
    let mut levels = things::levels();
    levels.key_sets = vec![set(keys)];
    levels.teams.push(things::team("acme", "team_b"));
    levels.identities = vec![KnownIdentity {
        issuer: ISSUER.to_owned(),
        subject: "s-1".to_owned(),
        user_id: UserId::new("user_a"),
    }];
    levels
}

async fn node(levels: Levels, rules: CallerRules) -> Following {
    let store = Arc::new(MemoryStore::new(levels, Vec::new()));
    let mut settings = node::settings();
    settings.callers = Some(Arc::new(rules));
    node::following(store, settings, None).await
}

fn claims(more: Value) -> Value {
    let now = TimestampMs::now().0 / 1_000;
    let mut claims = json!({
        "iss": ISSUER, "aud": "gateway", "sub": "robot", "iat": now, "exp": now + 300,
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

/// What a token is let in as.
async fn standing(node: &Following, token: &str) -> Arc<Standing> {
    let caller = node.knock(token).await.ok().unwrap();
    let CallerKind::Key(standing) = caller.kind() else {
        unreachable!("not as one of a tenant")
    };
    Arc::clone(standing)
}

#[tokio::test]
async fn a_token_stands_where_its_claims_say() {
    let key = SigningKey::new("k1");
    let node = node(levels(&[&key]), rules()).await;
    let named = json!({"team": "team_a", "who": {"id": "user_a"}});
    let found = standing(&node, &key.sign(&claims(named))).await;
    assert_eq!(found.team.as_ref().unwrap().id.as_str(), "team_a");
    assert_eq!(found.user.as_ref().unwrap().id.as_str(), "user_a");
    assert_eq!(found.organization.id.as_str(), "acme");
    assert!(found.team_member.is_some());
    assert!(found.grant.id.as_str().starts_with("jwt_"));
    // Another token of the same subject is the same caller.
    let again = json!({"team": "team_a", "jti": "2"});
    let again = standing(&node, &key.sign(&claims(again))).await;
    assert_eq!(again.grant.id, found.grant.id);
    // Known by the sign-in at the console.
    let signed_in = standing(&node, &key.sign(&claims(json!({"sub": "s-1"})))).await;
    assert_eq!(signed_in.user.as_ref().unwrap().id.as_str(), "user_a");
    assert_eq!(signed_in.organization.id.as_str(), "acme");
    let of_organization = standing(&node, &key.sign(&claims(json!({"org": "other"})))).await;
    assert_eq!(of_organization.organization.id.as_str(), "other");
}

#[tokio::test]
async fn a_token_that_is_not_for_us_is_refused_and_says_so() {
    let key = SigningKey::new("k1");
    let node = node(levels(&[&key]), rules()).await;
    let now = TimestampMs::now().0 / 1_000;
    for wrong in [
        json!({"aud": "another"}),
        json!({"iss": "https://evil.example"}),
        json!({"exp": now - 120}),
        json!({"nbf": now + 600}),
        json!({"sub": ""}),
    ] {
        let mut said = claims(json!({"team": "team_a"}));
        for (name, value) in wrong.as_object().unwrap() {
            said[name] = value.clone();
        }
        let answer = node.answer(&key.sign(&said)).await;
        assert_eq!(answer, (401, "invalid_token"), "{wrong}");
    }
    let said = claims(json!({"team": "team_a"}));
    let unsigned = key.unsigned(&json!({"alg": "none"}), &said);
    assert_eq!(node.answer(&unsigned).await, (401, "invalid_token"));
    assert_eq!(
        node.answer(&key.confused(&said)).await,
        (401, "invalid_token")
    );
    assert_eq!(
        node.answer("eyJ.nonsense.here").await,
        (401, "invalid_token")
    );
    assert_eq!(node.answer("eyJ-no-token").await, (401, "invalid_key"));
}

#[tokio::test]
async fn whom_a_token_names_has_to_be_known() {
    let key = SigningKey::new("k1");
    let strict = node(levels(&[&key]), rules()).await;
    for unknown in [
        json!({}),
        json!({"team": "nope"}),
        json!({"teams": ["nope", "neither"]}),
        json!({"team": "team_a", "who": {"id": "nobody"}}),
        json!({"org": "nope"}),
        json!({"team": "team_a", "org": "other"}),
    ] {
        let answer = strict.answer(&key.sign(&claims(unknown.clone()))).await;
        assert_eq!(answer, (403, "token_not_permitted"), "{unknown}");
    }
    let lenient = CallerRules {
        unknown_people_pass: true,
        default_team: Some("team_b".to_owned()),
        ..rules()
    };
    let node = node(levels(&[&key]), lenient).await;
    let unknown = json!({"who": {"id": "nobody"}});
    let found = standing(&node, &key.sign(&claims(unknown))).await;
    assert_eq!(found.team.as_ref().unwrap().id.as_str(), "team_b");
    assert!(found.user.is_none());
}

#[tokio::test]
async fn what_is_blocked_above_a_token_blocks_it_at_once() {
    let key = SigningKey::new("k1");
    let mut node = node(levels(&[&key]), rules()).await;
    let token = key.sign(&claims(json!({"teams": ["team_a", "team_b"]})));
    let found = standing(&node, &token).await;
    assert_eq!(found.team.as_ref().unwrap().id.as_str(), "team_a");
    let mut changed = levels(&[&key]);
    changed.teams[0].blocked = true;
    let revision = node.store.change_levels(|levels| *levels = changed.clone());
    node.until(revision).await;
    // The next of its teams counts.
    let found = standing(&node, &token).await;
    assert_eq!(found.team.as_ref().unwrap().id.as_str(), "team_b");
    changed.teams[1].blocked = true;
    let revision = node.store.change_levels(|levels| *levels = changed);
    node.until(revision).await;
    assert_eq!(node.answer(&token).await, (401, "blocked_key"));
}

#[tokio::test]
async fn a_new_key_is_asked_for_once_and_waited_for() {
    let (old, new) = (SigningKey::new("k1"), SigningKey::new("k2"));
    let node = node(levels(&[&old]), rules()).await;
    let token = new.sign(&claims(json!({"team": "team_a"})));
    let store = Arc::clone(&node.store);
    let later = levels(&[&old, &new]);
    let brings = async {
        // The store is asked before the keys come.
        while store.wanted().is_empty() {
            tokio::task::yield_now().await;
        }
        store.change_levels(|levels| *levels = later);
    };
    let (answer, ()) = tokio::join!(node.answer(&token), brings);
    assert_eq!(answer, (200, ""));
    assert_eq!(node.store.wanted(), [URL]);
    let stranger = SigningKey::new("k3");
    let unknown = stranger.sign(&claims(json!({"team": "team_a"})));
    assert_eq!(node.answer(&unknown).await, (401, "invalid_token"));
    assert_eq!(node.store.wanted().len(), 1, "once in ten seconds");
}

#[tokio::test]
async fn a_withdrawn_key_opens_nothing_any_more() {
    let (old, new) = (SigningKey::new("k1"), SigningKey::new("k2"));
    let mut node = node(levels(&[&old, &new]), rules()).await;
    let token = old.sign(&claims(json!({"team": "team_a"})));
    assert_eq!(node.answer(&token).await, (200, ""));
    let revision = node.store.change_levels(|known| *known = levels(&[&new]));
    node.until(revision).await;
    assert_eq!(node.answer(&token).await, (401, "invalid_token"));
}

#[tokio::test]
async fn without_keys_a_token_is_neither_accepted_nor_refused() {
    let key = SigningKey::new("k1");
    let node = node(things::levels(), rules()).await;
    let token = key.sign(&claims(json!({"team": "team_a"})));
    assert_eq!(node.answer(&token).await, (503, "keys_unavailable"));
}

#[tokio::test]
async fn budgets_and_routes_hold_for_tokens_as_for_keys() {
    let key = SigningKey::new("k1");
    let mut levels = levels(&[&key]);
    levels.teams[0].policy.budgets.push(Budget {
        limit_nanousd: NanoUsd(1_000),
        window: None,
        mode: BudgetMode::Enforce,
        alert_at_percent: None,
        increase: None,
    });
    let node = node(levels, rules()).await;
    let token = key.sign(&claims(json!({"team": "team_a"})));
    let found = standing(&node, &token).await;
    assert_eq!(found.payer.lines.budgets.len(), 1);
    let elsewhere = node.knock_at("/v1/files", &token, node::AWAY).await;
    assert_eq!(node::told(elsewhere), (403, "route_not_allowed"));
}

#[tokio::test]
async fn without_rules_no_token_is_taken() {
    let key = SigningKey::new("k1");
    let node = node::with_keys(Vec::new()).await;
    let token = key.sign(&claims(json!({"team": "team_a"})));
    assert_eq!(node.answer(&token).await, (401, "invalid_key"));
}
