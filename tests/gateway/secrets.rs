//! Nobody's secrets are where they do not belong: canaries of every kind, the real binary with all that
//! it can log, and a search through everything that it says and keeps.

use std::path::Path;
use std::time::Duration;

use admin_api::routes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::caller::Caller;
use harness::deadline::within;
use harness::gateway::TestGateway;
use harness::issuer::{Issuer, SigningKey};
use harness::receiver::Receiver;
use harness::smtp::MailServer;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::setup::{CHAT, PROVIDER_KEY, ask, gateway, models, openai};

const MASTER_KEY: &str = "sk-canary-master-key-9f2c41d07be5";
const CLIENT_SECRET: &str = "canary-client-secret-of-the-issuer";
const HOOK_SECRET: &str = "canary-secret-of-a-webhook";
const MAIL_PASSWORD: &str = "canary-password-of-the-mail-server";
const PASSWORD: &str = "a canary of a long password";
const AUDIENCE: &str = "https://gateway.example/api";

/// The file of a gateway with all that takes a secret.
fn yaml(issuer: &Issuer, hook: &str) -> String {
    let models = models(&[openai("gpt-4o", "openai", "")]);
    let issuer = issuer.url();
    format!(
        r#"{models}general_settings:
  master_key: {MASTER_KEY}
  litellm_jwtauth: {{team_id_jwt_field: team}}
headgate:
  jwt_issuers:
    - {{issuer: "{issuer}", audiences: ["{AUDIENCE}"]}}
  alert_targets:
    - {{name: ops, kind: webhook, url: "{hook}", secret: "{HOOK_SECRET}"}}
  sign_in:
    providers:
      - name: sso
        title: Acme
        issuer: "{issuer}"
        client_id: headgate
        client_secret: "{CLIENT_SECRET}"
        create_people: everyone
"#
    )
}

/// A gateway, what stands beside it, and what was planted so far.
struct Stage {
    gateway: TestGateway,
    folder: TempDir,
    issuer: Issuer,
    signing: SigningKey,
    canaries: Vec<(&'static str, String)>,
    /// What was answered where no secret has to be.
    said: Vec<String>,
    _mail: MailServer,
}

impl Stage {
    async fn new() -> Self {
        let signing = SigningKey::new("k1");
        let (issuer, mail) = (Issuer::start(&signing).await, MailServer::start().await);
        let (folder, away) = (TempDir::new().unwrap(), Receiver::closed().await);
        // Nobody listens there: what is said of a call that fails names no path either.
        let hook = format!("{}/canary-path-of-a-webhook", away.url());
        let gateway = gateway()
            .config(&yaml(&issuer, &hook))
            .variable("HEADGATE_LOG", "trace")
            .variable("HEADGATE_DATA_DIR", &folder.path().to_string_lossy())
            .variable("SMTP_HOST", "127.0.0.1")
            .variable("SMTP_PORT", &mail.port().to_string())
            .variable("SMTP_USERNAME", "gateway")
            .variable("SMTP_PASSWORD", MAIL_PASSWORD)
            .variable("SMTP_SENDER_EMAIL", "gateway@example.com")
            .variable("SMTP_TLS", "False")
            .start()
            .await;
        let login = STANDARD.encode(format!("\0gateway\0{MAIL_PASSWORD}"));
        let basic = STANDARD.encode(format!("headgate:{CLIENT_SECRET}"));
        let canaries = vec![
            ("a provider's key of the file", PROVIDER_KEY.to_owned()),
            ("the master key", MASTER_KEY.to_owned()),
            (
                "the client secret at an identity provider",
                CLIENT_SECRET.to_owned(),
            ),
            ("the same as it is sent", basic),
            ("the secret of a webhook", HOOK_SECRET.to_owned()),
            (
                "the address of a webhook",
                "canary-path-of-a-webhook".to_owned(),
            ),
            ("the password of the mail server", MAIL_PASSWORD.to_owned()),
            ("the same as it is sent", login),
            ("a person's password", PASSWORD.to_owned()),
        ];
        Self {
            gateway,
            folder,
            issuer,
            signing,
            canaries,
            said: Vec::new(),
            _mail: mail,
        }
    }

    fn plant(&mut self, what: &'static str, secret: impl Into<String>) -> String {
        let secret = secret.into();
        assert!(secret.len() > 11, "{what}: {secret} is found by chance");
        self.canaries.push((what, secret.clone()));
        secret
    }

    async fn made(&self, path: &str, body: Value) -> Value {
        let made = self.gateway.with_key(MASTER_KEY).post(path, &body).await;
        assert!(made.status < 300, "{path}: {}", made.text());
        made.json()
    }

    async fn asked(&mut self, caller: &Caller, body: &Value) -> u16 {
        let reply = caller.post(CHAT, body).await;
        self.said.push(reply.text());
        reply.status
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Keys of callers: made, chosen, rotated, unknown; and a prompt.
async fn keys(stage: &mut Stage) {
    let made = stage
        .made("/key/generate", json!({"metadata": {"note": "kept"}}))
        .await;
    let key = stage.plant("a virtual key", text(&made["key"]));
    let chosen = stage.plant("a key that its maker chose", "sk-canary-chosen-key-0123");
    stage.made("/key/generate", json!({"key": chosen})).await;
    let made = stage.made("/key/generate", json!({})).await;
    let old = stage.plant("the old secret of a rotated key", text(&made["key"]));
    let rotate = json!({"key": old, "grace_period": "1h"});
    let made = stage.made("/key/regenerate", rotate).await;
    let new = stage.plant("the new secret of a rotated key", text(&made["key"]));
    let unknown = stage.plant("a key that is unknown", "sk-canary-unknown-key-0123");
    let mut body = ask("gpt-4o");
    body["messages"][0]["content"] = stage.plant("a prompt", "canary-of-a-prompt").into();
    for (key, status) in [
        (key, 200),
        (chosen, 200),
        (old, 200),
        (new, 200),
        (unknown.clone(), 401),
    ] {
        let caller = stage.gateway.with_key(&key);
        assert_eq!(stage.asked(&caller, &body).await, status, "{key}");
    }
    let change = json!({"key": unknown, "max_budget": 1});
    let refused = stage
        .gateway
        .with_key(MASTER_KEY)
        .post("/key/update", &change)
        .await;
    stage.said.push(refused.text());
}

/// Secrets of providers that are kept in the store, and of where alerts go.
async fn kept(stage: &mut Stage) {
    let secret = stage.plant("a provider's key of the store", "sk-canary-provider-key");
    let base = format!("{}/openai/v1", stage.gateway.provider_url());
    let model = json!({"model_name": "added", "litellm_params":
        {"model": "openai/added", "api_base": base, "api_key": secret}});
    let made = stage.made("/model/new", model).await;
    stage.said.push(made.to_string());
    let caller = stage.gateway.with_key(MASTER_KEY);
    assert_eq!(stage.asked(&caller, &ask("added")).await, 200);
    let secret = stage.plant("a provider's credential", "canary-credential-value");
    let body = json!({"credential_name": "c", "credential_info": {},
        "credential_values": {"api_key": secret}});
    let made = stage.made("/credentials", body).await;
    stage.said.push(made.to_string());
    let away = Receiver::closed().await;
    let path = stage.plant("the address of a stored target", "canary-path-of-slack");
    let body = json!({"name": "chat", "kind": "slack", "url": format!("{}/{path}", away.url())});
    let target = stage.made("/api/v1/alerts/targets", body).await;
    let test = format!("/api/v1/alerts/targets/{}/test", text(&target["id"]));
    let tried = stage
        .gateway
        .with_key(MASTER_KEY)
        .post(&test, &json!({}))
        .await;
    stage.said.extend([target.to_string(), tried.text()]);
}

/// Somebody with a password who signs in; their browser.
async fn person(stage: &mut Stage) -> Caller {
    let body = json!({"user_email": "ada@example.com", "user_role": "proxy_admin",
        "password": PASSWORD, "auto_create_key": false});
    let made = stage.made("/user/new", body).await;
    stage.said.push(made.to_string());
    let anonymous = stage.gateway.anonymous();
    let wrong = stage.plant("a password that is wrong", "a canary of a wrong password");
    let body = json!({"email": "ada@example.com", "password": wrong});
    let refused = anonymous.post("/api/v1/sessions", &body).await;
    assert_eq!(refused.status, 401, "{}", refused.text());
    stage.said.push(refused.text());
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    let begun = anonymous.post("/api/v1/sessions", &body).await;
    assert!(begun.status < 300, "{}", begun.text());
    let cookie = begun
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let (_name, secret) = cookie.split_once('=').unwrap();
    stage.plant("a session's cookie", secret);
    let token = text(&begun.json()["csrf_token"]);
    // A page has it for its own browser; the walk leaves it out.
    stage.plant("a session's token", token.clone());
    let body = json!({"email": "eve@example.com"});
    let invited = stage.made("/api/v1/invitations", body).await.to_string();
    let token_of_link = invited.split("hg-inv-").nth(1).unwrap();
    let token_of_link = token_of_link.split(['"', '&', '?']).next().unwrap();
    stage.plant("an invitation", token_of_link);
    anonymous
        .with_header("cookie", &cookie)
        .with_header("x-csrf-token", &token)
}

/// A program with a signed token, and somebody who comes by the identity provider.
async fn issued(stage: &mut Stage) {
    let now = domain::time::TimestampMs::now().0 / 1_000;
    stage.made("/team/new", json!({"team_id": "blue"})).await;
    let claims = json!({"iss": stage.issuer.url(), "aud": AUDIENCE, "sub": "program",
        "iat": now, "exp": now + 600, "team": "blue"});
    let token = stage.signing.sign(&claims);
    let token = stage.plant("a signed token", token);
    let caller = stage.gateway.with_key(&token);
    let taken = async {
        while stage.asked(&caller, &ask("gpt-4o")).await != 200 {
            // The keys of the provider are fetched in the background.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    within("the token is taken", taken).await;

    let anonymous = stage.gateway.anonymous();
    let away = anonymous.get("/ui/sign-in/sso").await;
    assert_eq!(away.status, 303, "{}", away.text());
    let location = away.header("location").to_owned();
    let member = |name: &str| {
        let mut pairs = location
            .split(['?', '&'])
            .filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(one, _value)| *one == name)
            .unwrap()
            .1
            .to_owned()
    };
    let flow = away
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let claims = json!({"iss": stage.issuer.url(), "aud": "headgate", "sub": "u-1",
        "nonce": member("nonce"), "iat": now, "exp": now + 300,
        "email": "bob@example.com", "email_verified": true, "name": "Bob", "groups": []});
    let token = stage.signing.sign(&claims);
    let token = stage.plant("an identity provider's word", token);
    stage.issuer.gives(&token);
    let path = format!(
        "/ui/sign-in/sso/callback?code=canary-code-of-sign-in&state={}",
        member("state")
    );
    stage.plant("the code of a sign-in", "canary-code-of-sign-in");
    let back = anonymous.with_header("cookie", &flow).get(&path).await;
    assert!(back.status < 400, "{}: {}", back.status, back.text());
    assert!(!stage.issuer.exchanged().is_empty(), "the secret was sent");
}

/// All that an administrator reads: every list of the API and every page of the console, and what is
/// said where something is wrong.
async fn walk(stage: &mut Stage, browser: &Caller) {
    let admin = stage.gateway.with_key(MASTER_KEY);
    let gets = routes::all().filter(|route| route.method == "GET" && !route.path.contains('{'));
    let streams = |path: &str| path.ends_with("/tail") || path.ends_with("/first-request");
    let mut pages = 0;
    for route in gets.filter(|route| !streams(route.path)) {
        if route.path == "/health" {
            continue;
        }
        let is_page = route.path.starts_with("/ui");
        let reply = match is_page {
            true => browser.get(route.path).await,
            false => admin.get(route.path).await,
        };
        pages += usize::from(is_page && reply.status == 200);
        stage.said.push(reply.text());
    }
    assert!(pages > 20, "{pages} pages were read");
    for (caller, path) in [
        (&admin, "/key/generate"),
        (&admin, "/api/v1/keys"),
        (&admin, "/model/new"),
        (browser, "/api/v1/teams"),
    ] {
        let refused = caller
            .post(path, &json!({"models": 7, "name": 7, "model_name": 7}))
            .await;
        assert!(refused.status >= 400, "{path}");
        stage.said.push(refused.text());
    }
    for path in [
        "/metrics",
        "/key/list?return_full_object=true",
        "/api/v1/audit?limit=200",
    ] {
        stage.said.push(admin.get(path).await.text());
    }
}

/// Every file of the data folder but the keys that open the others, readable by their owner alone.
fn files_of(folder: &Path) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts.extend(files_of(&path));
        } else if path.extension().is_none_or(|end| end != "key") {
            texts.push(String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned());
        }
    }
    texts
}

#[tokio::test]
async fn no_secret_is_in_the_log_the_metrics_the_database_a_page_or_an_error() {
    let mut stage = Stage::new().await;
    keys(&mut stage).await;
    kept(&mut stage).await;
    let browser = person(&mut stage).await;
    issued(&mut stage).await;
    walk(&mut stage, &browser).await;
    let Stage {
        gateway,
        folder,
        canaries,
        said,
        ..
    } = stage;
    let log = gateway.stop().await.output;
    assert!(log.contains("gpt-4o"), "requests are logged: {log}");
    let files = files_of(folder.path());
    assert!(
        files.iter().any(|text| text.contains("kept")),
        "the search looks where things are"
    );
    assert!(
        said.iter().any(|text| text.contains("kept")),
        "and where they are shown"
    );
    assert!(canaries.len() >= 20, "{}", canaries.len());
    let mut found = Vec::new();
    for (what, secret) in &canaries {
        let mut look = |place: &str, text: &str| {
            let before = text.split(secret.as_str()).next().unwrap();
            if before.len() < text.len() {
                let around: Vec<char> = before.chars().rev().take(120).collect();
                let around: String = around.into_iter().rev().collect();
                found.push((*what, place.to_owned(), around));
            }
        };
        look("the log", &log);
        for text in &files {
            look("the data folder", text);
        }
        for text in said.iter().filter(|_| *what != "a session's token") {
            look("an answer", text);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
