//! A gateway, a browser, and somebody who is signed in.

use harness::browser::{Browser, is_installed};
use harness::caller::Caller;
use harness::gateway::{Builder, TestGateway};
use serde_json::{Value, json};

/// The operator's key.
pub const MASTER: &str = "sk-console-tests-0c9d1f3b5a7e";

/// Who is signed in.
pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "seven brown owls at noon";

/// Runs in every page before its own scripts: notes what must never happen, and what was measured.
const WATCH: &str = r"
window.__dialogs = []; window.__reports = []; window.__lcp = 0;
for (const name of ['alert', 'confirm', 'prompt', 'print']) window[name] = (text) => { window.__dialogs.push(name + ' ' + text); };
document.addEventListener('securitypolicyviolation', (e) => window.__reports.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sample));
addEventListener('error', (e) => window.__reports.push('error ' + e.message));
addEventListener('unhandledrejection', (e) => window.__reports.push('rejection ' + e.reason));
new PerformanceObserver((list) => { for (const e of list.getEntries()) window.__lcp = e.startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
";

/// The console of a running gateway.
pub struct Console {
    /// The gateway.
    pub gateway: TestGateway,
    /// The browser.
    pub browser: Browser,
    /// The operator, over the API.
    pub operator: Caller,
}

/// Starts a gateway with one model, and a browser; none where there is no browser and none is
/// demanded.
pub async fn console() -> Option<Console> {
    let is_demanded = ["CI", "HEADGATE_TEST_BROWSER"]
        .iter()
        .any(|name| std::env::var_os(name).is_some());
    if !is_demanded && !is_installed() {
        eprintln!(
            "\n!!! NOT TESTED: there is no chromium and no chromedriver here. ./scripts/test installs them. !!!\n"
        );
        return None;
    }
    let config = format!(
        "model_list:\n  - model_name: gpt-4o\n    litellm_params: {{model: openai/gpt-4o, api_key: sk-p, api_base: UPSTREAM/openai/v1}}\n\
         general_settings: {{master_key: {MASTER}}}\n"
    );
    let gateway = Builder::of(env!("CARGO_BIN_EXE_headgate")).config(&config);
    let (gateway, browser) = tokio::join!(gateway.start(), Browser::start());
    browser.run_first(WATCH).await;
    browser.prefer("light").await;
    Some(Console {
        operator: gateway.with_key(MASTER),
        gateway,
        browser,
    })
}

impl Console {
    /// Opens a page.
    pub async fn open(&self, path: &str) {
        self.browser
            .open(&format!("{}{path}", self.gateway.url()))
            .await;
    }

    /// The link that the gateway printed, by which the first administrator is made.
    pub async fn first_link(&self) -> String {
        self.gateway.printed("/ui/setup?token=").await;
        let output = self.gateway.output();
        let (_before, rest) = output.split_once("/ui/setup?token=").unwrap();
        let token: String = rest
            .chars()
            .take_while(|one| !one.is_whitespace())
            .collect();
        format!("/ui/setup?token={token}")
    }

    /// Makes the first administrator, as the API does.
    pub async fn administrator(&self) {
        let link = self.first_link().await;
        let token = link.split_once('=').unwrap().1;
        let body =
            json!({"token": token, "name": "Ada Lovelace", "email": EMAIL, "password": PASSWORD});
        let made = self.gateway.anonymous().post("/api/v1/setup", &body).await;
        assert!(made.status < 300, "{}", String::from_utf8_lossy(&made.body));
    }

    /// Signs in on the page.
    pub async fn sign_in(&self) {
        self.administrator().await;
        self.open("/ui/sign-in").await;
        self.browser.fill("#em", EMAIL).await;
        self.browser.fill("#pw", PASSWORD).await;
        self.browser.click("main form .btn-primary").await;
        self.browser.text(".app h1").await;
    }

    /// Does something over the API, as the operator.
    pub async fn api(&self, path: &str, body: Value) -> Value {
        let done = self.operator.post(path, &body).await;
        let text = String::from_utf8_lossy(&done.body).into_owned();
        assert!(done.status < 300, "POST {path} {body}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// A key of this name; its id and the key.
    pub async fn key(&self, body: Value) -> (String, String) {
        let made = self.api("/api/v1/keys", body).await;
        let id = made["details"]["id"].as_str().unwrap().to_owned();
        (id, made["key"].as_str().unwrap().to_owned())
    }

    /// Asks the file's model with a key; the status.
    pub async fn ask(&self, key: &str) -> u16 {
        self.ask_for("gpt-4o", key).await
    }

    /// Asks a model with a key; the status.
    pub async fn ask_for(&self, model: &str, key: &str) -> u16 {
        let body = json!({"model": model, "messages": [{"role": "user", "content": "Why?"}]});
        let caller = self.gateway.with_key(key);
        caller.post("/v1/chat/completions", &body).await.status
    }

    /// What went wrong in the page that is open: dialogs, reports, lines of the console.
    pub async fn faults(&self) -> Vec<String> {
        let noted = "return [...(window.__dialogs ?? []), ...(window.__reports ?? [])]";
        let noted = self.browser.run(noted).await;
        let noted = noted.as_array().cloned().unwrap_or_default();
        let mut faults: Vec<String> = noted.iter().map(ToString::to_string).collect();
        let console = self.browser.console().await.into_iter();
        // A page that says that something is missing is answered with 404.
        let is_fault = |line: &String| {
            !line.contains("Failed to load resource") && !line.starts_with("\"DEBUG\"")
        };
        faults.extend(console.filter(is_fault));
        faults
    }

    /// Things of every kind, and some requests.
    pub async fn furnish(&self) {
        let policy = json!({"budgets": [{"limit_usd": "50", "window": "1mo"}], "tags": ["eu"]});
        let team =
            json!({"name": "Support Copilot", "organization_id": "default", "policy": policy});
        let team = self.api("/api/v1/teams", team).await;
        let team = team["id"].as_str().unwrap();
        let user = json!({"email": "grace@example.com", "name": "Grace Hopper"});
        self.api("/api/v1/users", user).await;
        let policy =
            json!({"budgets": [{"limit_usd": "5", "window": "1d"}], "limits": {"rpm": 600}});
        let key = json!({"alias": "support-bot-prod", "team_id": team, "environment": "prod", "policy": policy});
        let (_id, key) = self.key(key).await;
        let (idle, _key) = self.key(json!({"alias": "unused"})).await;
        self.api(&format!("/api/v1/keys/{idle}/block"), json!({}))
            .await;
        for _number in 0..6 {
            assert_eq!(self.ask(&key).await, 200);
        }
        let unknown = json!({"model": "no-such", "messages": []});
        self.gateway
            .with_key(&key)
            .post("/v1/chat/completions", &unknown)
            .await;
        self.shipped(6).await;
    }

    /// Waits until the ledger has so many requests.
    pub async fn shipped(&self, count: usize) {
        let there = async {
            loop {
                let listed = self.operator.get("/api/v1/requests").await;
                let listed: Value = serde_json::from_slice(&listed.body).unwrap_or_default();
                if listed["items"].as_array().map_or(0, Vec::len) >= count {
                    return;
                }
                // The ledger tells nobody when it has a row: it is asked.
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        };
        harness::deadline::within("the ledger has the requests", there).await;
    }
}
