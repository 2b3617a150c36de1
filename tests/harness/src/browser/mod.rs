//! A real Chromium, driven over the WebDriver protocol: pages are opened, clicked and typed into as
//! people do it.
//!
//! The protocol is JSON over HTTP (W3C WebDriver, chapter 6 and on); what only Chromium can be asked
//! (sizes below 500 px, colour schemes, scripting switched off) goes through ChromeDriver's
//! `goog/cdp/execute` to the DevTools protocol. A client of others' would bring a licence that
//! `deny.toml` does not allow.

mod driver;
mod keys;
pub mod pages;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub use self::driver::{Driver, is_installed};
pub use self::keys::Key;

use crate::deadline::within;

/// How W3C names an element in JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// How often a page is looked at while something is awaited.
const LOOK: Duration = Duration::from_millis(25);

/// An open browser with one page. Dropping it ends it.
pub struct Browser {
    driver: Driver,
    session: String,
}

impl Browser {
    /// Starts a browser with an empty profile.
    ///
    /// # Panics
    /// When there is none, or it does not start.
    pub async fn start() -> Self {
        let driver = Driver::start().await;
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
            "--force-color-profile=srgb",
            "--remote-debugging-pipe",
            "--window-size=1440,960",
        ];
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "unhandledPromptBehavior": "ignore",
            "goog:chromeOptions": {"args": arguments, "binary": driver::program("chromium")},
            "goog:loggingPrefs": {"browser": "ALL"},
        }}});
        let made = driver.ask("POST", "/session", Some(wanted)).await;
        let session = made["sessionId"].as_str().expect("a session has an id");
        Self {
            session: session.to_owned(),
            driver,
        }
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        self.driver.ask("POST", &path, Some(body)).await
    }

    /// Asks Chromium itself.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let body = json!({"cmd": command, "params": parameters});
        self.post("/goog/cdp/execute", body).await
    }

    /// Opens an address and waits until it is loaded.
    pub async fn open(&self, address: &str) {
        self.post("/url", json!({"url": address})).await;
    }

    /// The address that is open.
    pub async fn address(&self) -> String {
        let path = format!("/session/{}/url", self.session);
        let address = self.driver.ask("GET", &path, None).await;
        address.as_str().expect("an address is a text").to_owned()
    }

    /// Runs a script in the page: the body of a function.
    pub async fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({"script": script, "args": []}))
            .await
    }

    /// Runs a script that ends when it calls its last argument.
    pub async fn run_async(&self, script: &str) -> Value {
        self.post("/execute/async", json!({"script": script, "args": []}))
            .await
    }

    /// Runs this in every page before anything of its own.
    pub async fn run_first(&self, script: &str) {
        let parameters = json!({"source": script});
        self.devtools("Page.addScriptToEvaluateOnNewDocument", parameters)
            .await;
    }

    /// Waits for what a CSS selector finds and that is shown, and gives the first.
    ///
    /// # Panics
    /// When nothing comes.
    async fn element(&self, selector: &str) -> String {
        let looking = async {
            loop {
                let body = json!({"using": "css selector", "value": selector});
                let found = self.post("/elements", body).await;
                for element in found.as_array().into_iter().flatten() {
                    let id = element[ELEMENT].as_str().expect("it has an id").to_owned();
                    if self.is_shown(&id).await {
                        return id;
                    }
                }
                // A page tells nobody what it shows by now: it is looked at again.
                tokio::time::sleep(LOOK).await;
            }
        };
        let what = format!("`{selector}` is shown on {}", self.address().await);
        within(&what, looking).await
    }

    async fn is_shown(&self, id: &str) -> bool {
        let path = format!("/session/{}/element/{id}/displayed", self.session);
        self.driver
            .tell("GET", &path, None)
            .await
            .is_ok_and(|shown| shown == true)
    }

    /// Asks the driver something of the first element that a selector finds; again, of what took its
    /// place, when it was put anew in the meantime.
    async fn of_element(&self, selector: &str, (method, asked): (&str, &str)) -> Value {
        loop {
            let id = self.element(selector).await;
            let path = format!("/session/{}/element/{id}/{asked}", self.session);
            let body = (method == "POST").then(|| json!({}));
            match self.driver.tell(method, &path, body).await {
                Ok(told) => return told,
                Err(refused) if refused["error"] == "stale element reference" => {}
                Err(refused) => panic!("{asked} of `{selector}`: {refused}"),
            }
        }
    }

    /// Waits for something and clicks on it.
    pub async fn click(&self, selector: &str) {
        self.of_element(selector, ("POST", "click")).await;
    }

    /// Waits for a field and types into it, in place of what it had.
    pub async fn fill(&self, selector: &str, text: &str) {
        let id = self.element(selector).await;
        self.post(&format!("/element/{id}/clear"), json!({})).await;
        let body = json!({"text": text});
        self.post(&format!("/element/{id}/value"), body).await;
    }

    /// Waits for something and gives its text as it is shown.
    pub async fn text(&self, selector: &str) -> String {
        let text = self.of_element(selector, ("GET", "text")).await;
        text.as_str().expect("a text is a text").to_owned()
    }

    /// Waits until something has this in its text.
    pub async fn says(&self, selector: &str, words: &str) {
        let looking = async {
            while !self.text(selector).await.contains(words) {
                // A page tells nobody what it shows by now: it is looked at again.
                tokio::time::sleep(LOOK).await;
            }
        };
        within(&format!("`{selector}` says `{words}`"), looking).await;
    }

    /// Waits until a script gives true.
    pub async fn until(&self, what: &str, script: &str) {
        let looking = async {
            while self.run(script).await != true {
                // A page tells nobody what it shows by now: it is looked at again.
                tokio::time::sleep(LOOK).await;
            }
        };
        within(what, looking).await;
    }

    /// Presses keys, one after the other, on whatever has the focus.
    pub async fn press(&self, keys: &[Key]) {
        let actions: Vec<Value> = keys.iter().flat_map(|key| key.actions()).collect();
        let source = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.post("/actions", json!({"actions": [source]})).await;
    }

    /// Types letters, one after the other.
    pub async fn type_in(&self, text: &str) {
        let keys: Vec<Key> = text.chars().map(Key::Letter).collect();
        self.press(&keys).await;
    }

    /// Makes the page so wide and high, as small as phones are.
    pub async fn resize(&self, width: u32, height: u32) {
        let parameters =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", parameters)
            .await;
    }

    /// Has the system prefer `light` or `dark`, without movement.
    pub async fn prefer(&self, scheme: &str) {
        let features = json!({"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]});
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    /// Switches scripts of pages off, or on.
    pub async fn without_scripts(&self, off: bool) {
        let parameters = json!({"value": off});
        self.devtools("Emulation.setScriptExecutionDisabled", parameters)
            .await;
    }

    /// What pages wrote to the console since it was asked last: faults, warnings, reports.
    pub async fn console(&self) -> Vec<String> {
        let said = self.post("/se/log", json!({"type": "browser"})).await;
        let entries = said.as_array().into_iter().flatten();
        entries
            .map(|entry| format!("{}: {}", entry["level"], entry["message"]))
            .collect()
    }

    /// The whole page as a PNG picture, down to its end.
    pub async fn picture(&self) -> Vec<u8> {
        let measured = self.devtools("Page.getLayoutMetrics", json!({})).await;
        let size = &measured["cssContentSize"];
        let clip =
            json!({"x": 0, "y": 0, "scale": 1, "width": size["width"], "height": size["height"]});
        let parameters = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let taken = self.devtools("Page.captureScreenshot", parameters).await;
        let data = taken["data"].as_str().expect("a picture has data");
        STANDARD.decode(data).expect("it is base64")
    }
}
