//! Signing in at an identity provider: who comes in, who does not, and what they may do then. The
//! provider is one that a test makes say anything; the real one is in the gateway's tests.

use std::sync::Arc;

use admin_api::identity::SignIn;
use admin_api::identity::settings::{IssuerSource, NewPeople, ProviderSettings, SignInSettings};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::UserId;
use domain::keys::Secret;
use domain::time::TimestampMs;
use harness::issuer::{Issuer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::browser::{Browser, Reply};
use crate::setup::{Served, nobody, served_by};

/// A provider, an admin side that knows it, and its key.
pub struct World {
    /// The provider.
    pub issuer: Issuer,
    /// Its key.
    pub key: SigningKey,
    /// The admin side.
    pub admin: Served,
}

/// A browser on its way, and what it was told to bring back.
pub struct Way {
    /// The browser.
    pub browser: Browser,
    /// Its cookie.
    pub flow: String,
    /// What comes back.
    pub state: String,
    /// What the token repeats.
    pub nonce: String,
    challenge: String,
}

fn settings(issuer: &Issuer) -> ProviderSettings {
    ProviderSettings {
        name: "sso".to_owned(),
        title: "Acme".to_owned(),
        issuer: IssuerSource::Named(issuer.url()),
        client_id: "headgate".to_owned(),
        client_secret: Some(Secret::new("s3cret/with+signs")),
        scopes: vec!["openid".to_owned(), "email".to_owned()],
        is_litellms: false,
        email_domains: Vec::new(),
        new_people: NewPeople::Everyone,
        trusts_email: false,
        name_claim: "name".to_owned(),
        groups_claim: "groups".to_owned(),
        roles: Vec::new(),
    }
}

impl World {
    pub async fn new(change: impl FnOnce(&mut ProviderSettings)) -> Self {
        Self::with(true, change).await
    }

    pub async fn with(password: bool, change: impl FnOnce(&mut ProviderSettings)) -> Self {
        let key = SigningKey::new("k1");
        let issuer = Issuer::start(&key).await;
        let mut provider = settings(&issuer);
        change(&mut provider);
        let sign_in = SignInSettings {
            password,
            providers: vec![provider],
        };
        let admin = served_by(|settings| {
            settings.sign_in = Arc::new(SignIn::new(sign_in, &nobody()).unwrap());
        })
        .await;
        Self { issuer, key, admin }
    }

    /// Goes to the provider.
    pub async fn depart(&self) -> Way {
        let browser = Browser::at(&self.admin);
        let reply = browser.get("/ui/sign-in/sso?next=/ui/keys").await.is(303);
        let flow = reply.header("set-cookie").split(';').next().unwrap();
        assert!(reply.header("set-cookie").contains("HttpOnly"));
        let location = reply.header("location");
        assert!(location.starts_with(&format!("{}/authorize?", self.issuer.url())));
        let member = |name: &str| {
            let found = location.split(['?', '&']).find_map(|pair| {
                let (one, value) = pair.split_once('=')?;
                (one == name).then(|| value.to_owned())
            });
            found.unwrap_or_else(|| panic!("no {name} in {location}"))
        };
        assert_eq!(member("code_challenge_method"), "S256");
        Way {
            flow: flow.to_owned(),
            state: member("state"),
            nonce: member("nonce"),
            challenge: member("code_challenge"),
            browser,
        }
    }

    pub fn claims(&self, way: &Way, more: Value) -> Value {
        let now = TimestampMs::now().0 / 1_000;
        let mut claims = json!({
            "iss": self.issuer.url(), "aud": "headgate", "sub": "u-1", "nonce": way.nonce,
            "iat": now, "exp": now + 300, "email": "ada@example.com", "email_verified": true,
            "name": "Ada", "groups": [],
        });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    /// Comes back with this token.
    pub async fn arrive(&self, way: &Way, token: &str) -> Reply {
        self.issuer.gives(token);
        let path = format!("/ui/sign-in/sso/callback?code=c-1&state={}", way.state);
        way.browser
            .send("GET", &path, &[("cookie", &way.flow)], None)
            .await
    }

    /// The whole way with these claims over the usual ones.
    pub async fn sign_in(&self, more: Value) -> Reply {
        let way = self.depart().await;
        let token = self.key.sign(&self.claims(&way, more));
        self.arrive(&way, &token).await
    }

    /// Asserts that these claims lead to a page with this code, and into the audit trail.
    #[track_caller]
    pub fn refused(reply: &Reply, status: u16, code: &str) {
        assert_eq!(reply.status, status, "{}", reply.text);
        assert!(reply.text.contains(code), "{}", reply.text);
        let cookies = reply.headers.get_all("set-cookie");
        assert!(
            cookies
                .iter()
                .all(|cookie| !cookie.to_str().unwrap().starts_with("hg_session=")),
            "a session began"
        );
    }

    pub async fn trail(&self) -> Vec<String> {
        let entries = self.admin.audited(100).await;
        entries
            .into_iter()
            .map(|(action, _object)| action)
            .collect()
    }

    /// Somebody who has an account already.
    pub async fn person(&self, email: &str) -> UserId {
        let made = self
            .admin
            .post("/api/v1/users", json!({"email": email}))
            .await
            .ok();
        UserId::new(made["id"].as_str().unwrap())
    }
}

/// The session of somebody who came in.
pub async fn session(world: &World, reply: &Reply) -> Value {
    assert_eq!(reply.status, 303, "{}", reply.text);
    let cookies = reply.headers.get_all("set-cookie");
    let cookie = cookies.iter().find_map(|cookie| {
        let text = cookie.to_str().unwrap();
        text.starts_with("hg_session=")
            .then(|| text.split(';').next().unwrap())
    });
    let mut browser = Browser::at(&world.admin);
    browser.cookie = cookie.map(str::to_owned);
    browser.get("/api/v1/sessions/current").await.is(200).body
}

#[tokio::test]
async fn somebody_new_comes_in_and_is_known_the_second_time() {
    let world = World::new(|_usual| {}).await;
    let first = world.sign_in(json!({})).await;
    assert_eq!(first.header("location"), "/ui/keys");
    session(&world, &first).await;
    let ada = world
        .admin
        .store
        .user_by_email("ada@example.com")
        .await
        .unwrap();
    let ada = ada.unwrap();
    assert_eq!(ada.name.as_deref(), Some("Ada"));
    // Another address, and the same person.
    let second = world
        .sign_in(json!({"email": "lovelace@example.com"}))
        .await;
    session(&world, &second).await;
    let known = world.admin.store.identities_of(&ada.id).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(world.admin.store.sessions(&ada.id).await.unwrap().len(), 2);
    let trail = world.trail().await;
    assert_eq!(
        trail[..3],
        ["session.create", "session.create", "user.create"]
    );
}

#[tokio::test]
async fn the_code_is_bound_to_the_browser_by_pkce_and_to_us_by_the_secret() {
    let world = World::new(|_usual| {}).await;
    let way = world.depart().await;
    let token = world.key.sign(&world.claims(&way, json!({})));
    world.arrive(&way, &token).await.is(303);
    let body = world.issuer.exchanged().pop().unwrap();
    let verifier = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("code_verifier="));
    let challenge = Sha256::digest(verifier.unwrap().as_bytes());
    assert_eq!(URL_SAFE_NO_PAD.encode(challenge), way.challenge);
    assert!(body.contains("grant_type=authorization_code") && body.contains("code=c-1"));
    assert!(!body.contains("s3cret"), "the secret goes in the header");
}

#[tokio::test]
async fn a_token_that_is_not_for_this_sign_in_opens_nothing() {
    let world = World::new(|_usual| {}).await;
    let now = TimestampMs::now().0 / 1_000;
    for wrong in [
        json!({"nonce": "another"}),
        json!({"aud": "another"}),
        json!({"iss": "https://evil.example"}),
        json!({"exp": now - 120}),
        json!({"iat": now + 600}),
        json!({"nbf": now + 600}),
        json!({"azp": "another"}),
        json!({"aud": ["headgate", "another"]}),
    ] {
        World::refused(&world.sign_in(wrong).await, 403, "sign_in_token");
    }
    let way = world.depart().await;
    let claims = world.claims(&way, json!({}));
    let unsigned = world.key.unsigned(&json!({"alg": "none"}), &claims);
    World::refused(&world.arrive(&way, &unsigned).await, 403, "sign_in_token");
    let way = world.depart().await;
    let confused = world.key.confused(&world.claims(&way, json!({})));
    World::refused(&world.arrive(&way, &confused).await, 403, "sign_in_token");
    assert!(!world.admin.store.has_people().await.unwrap());
    let trail = world.trail().await;
    let noted = trail.iter().filter(|action| *action == "session.refused");
    assert_eq!(noted.count(), 10);
}

#[tokio::test]
async fn an_answer_counts_once_and_in_its_own_browser() {
    let world = World::new(|_usual| {}).await;
    let way = world.depart().await;
    let token = world.key.sign(&world.claims(&way, json!({})));
    world.arrive(&way, &token).await.is(303);
    World::refused(&world.arrive(&way, &token).await, 400, "sign_in_state");
    // Another browser, which was made to open the address.
    let (mine, theirs) = (world.depart().await, world.depart().await);
    let token = world.key.sign(&world.claims(&theirs, json!({})));
    let mixed = Way {
        flow: mine.flow,
        ..theirs
    };
    World::refused(&world.arrive(&mixed, &token).await, 400, "sign_in_state");
    let bare = Browser::at(&world.admin);
    let path = "/ui/sign-in/sso/callback?code=c&state=x";
    World::refused(&bare.get(path).await, 400, "sign_in_state");
    assert_eq!(
        world.issuer.exchanged().len(),
        1,
        "no code was brought for them"
    );
}

#[tokio::test]
async fn keys_that_change_are_fetched_anew_and_unknown_ones_are_refused() {
    let world = World::new(|_usual| {}).await;
    world.sign_in(json!({})).await.is(303);
    let newer = SigningKey::new("k2");
    let way = world.depart().await;
    let token = newer.sign(&world.claims(&way, json!({})));
    let refused = world.arrive(&way, &token).await;
    // It had fetched them a moment ago, and does not ask at every token.
    World::refused(&refused, 403, "sign_in_token");
    assert_eq!(world.issuer.keys_asked(), 1);
    // Another process, which knows the old ones for long enough.
    let world = World::new(|_usual| {}).await;
    world.issuer.publishes(&[&world.key, &newer]);
    let way = world.depart().await;
    let token = newer.sign(&world.claims(&way, json!({})));
    world.arrive(&way, &token).await.is(303);
}

#[tokio::test]
async fn a_provider_that_is_away_or_talks_nonsense_signs_nobody_in() {
    let world = World::new(|_usual| {}).await;
    world.issuer.goes_away(true);
    let browser = Browser::at(&world.admin);
    let away = browser.get("/ui/sign-in/sso").await;
    World::refused(&away, 502, "sign_in_provider_unavailable");
    world.issuer.goes_away(false);
    world.issuer.pads(400_000);
    let huge = browser.get("/ui/sign-in/sso").await;
    World::refused(&huge, 502, "sign_in_provider_unavailable");
    world.issuer.pads(0);
    world.issuer.says(json!({"issuer": "https://evil.example"}));
    let other = browser.get("/ui/sign-in/sso").await;
    World::refused(&other, 502, "sign_in_provider_unavailable");
    world
        .issuer
        .says(json!({"token_endpoint": "http://evil.example/token"}));
    let unsafe_one = browser.get("/ui/sign-in/sso").await;
    World::refused(&unsafe_one, 502, "sign_in_provider_unavailable");
    let unknown = browser.get("/ui/sign-in/another").await;
    World::refused(&unknown, 404, "sign_in_unknown_provider");
    world.issuer.says(json!({}));
    let way = world.depart().await;
    world.issuer.goes_away(true);
    let gone = world.arrive(&way, "").await;
    World::refused(&gone, 502, "sign_in_provider_unavailable");
}
