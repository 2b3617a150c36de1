//! `headgate serve --demo`: a look around, of which nothing stays.

use std::fs;
use std::net::SocketAddr;
use std::process::Stdio;

use harness::caller::Caller;
use harness::deadline::within;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A demo and what it said.
struct Demo {
    child: Child,
    said: Vec<String>,
    temporary: TempDir,
}

impl Demo {
    async fn start() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_headgate"))
            .env_clear()
            .env("TMPDIR", temporary.path())
            .current_dir(temporary.path())
            .args(["serve", "--demo", "--port", "0", "--log-level", "warn"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        let read = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                let is_last = line.contains("removed when this process ends");
                said.push(line);
                if is_last {
                    return;
                }
            }
        };
        within("the demo greets", read).await;
        Self {
            child,
            said,
            temporary,
        }
    }

    /// What stands behind these words.
    fn after(&self, words: &str) -> String {
        let mut found = self.said.iter().filter_map(|line| line.split_once(words));
        found.next().unwrap().1.trim().to_owned()
    }
}

#[tokio::test]
async fn a_demo_is_signed_in_to_goes_on_by_itself_and_leaves_nothing() {
    let mut demo = Demo::start().await;
    let address = demo.after("Console:");
    let address = address
        .trim_start_matches("http://")
        .trim_end_matches("/ui");
    let address: SocketAddr = address.parse().unwrap();
    assert!(address.ip().is_loopback());
    let caller = Caller::anonymous(address);
    let given = json!({"email": demo.after("Email:"), "password": demo.after("Password:")});
    let signed_in = caller.post("/api/v1/sessions", &given).await;
    assert!(signed_in.status < 300, "{}", signed_in.text());
    let cookie = signed_in
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let caller = caller.with_header("cookie", &cookie);
    let page = caller.get("/ui").await;
    assert_eq!(page.status, 200, "{}", page.text());
    let told = demo
        .said
        .iter()
        .find(|line| line.contains("made-up requests"));
    let requests: u64 = told.unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    assert!(requests > 10_000);
    // The trickle goes through the gateway: sooner or later its requests are in the list.
    let newest = async || {
        let told = caller.get("/api/v1/requests?limit=1").await.json();
        told["items"][0]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let first = newest().await;
    within("a request goes through the demo", async {
        while newest().await == first {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let pid = demo.child.id().unwrap().to_string();
    let asked = Command::new("kill").args(["-TERM", &pid]).status().await;
    assert!(asked.unwrap().success());
    let exit = within("the demo ends", demo.child.wait()).await.unwrap();
    assert_eq!(exit.code(), Some(0));
    let left: Vec<_> = fs::read_dir(demo.temporary.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_demo_does_not_touch_a_store_that_is_meant_seriously() {
    let temporary = tempfile::tempdir().unwrap();
    for (name, value) in [
        ("DATABASE_URL", "postgres://nobody@localhost/x"),
        ("REDIS_URL", "redis://x"),
    ] {
        let refused = Command::new(env!("CARGO_BIN_EXE_headgate"))
            .env_clear()
            .env(name, value)
            .env("TMPDIR", temporary.path())
            .args(["serve", "--demo", "--port", "0"])
            .output()
            .await
            .unwrap();
        assert_eq!(refused.status.code(), Some(78));
        let said = String::from_utf8(refused.stdout).unwrap();
        assert!(said.contains(name), "{said}");
    }
    assert_eq!(fs::read_dir(temporary.path()).unwrap().count(), 0);
}
