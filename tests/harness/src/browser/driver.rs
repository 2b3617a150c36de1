//! ChromeDriver: a process for each browser, which ends with the test's.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;

use http::Method;
use serde_json::Value;
use tokio::process::{Child, ChildStdin, Command};
use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::deadline::within;
use crate::output::Output;

const SCRIPT: &str = include_str!("driver.sh");

/// A running ChromeDriver.
pub struct Driver {
    caller: Caller,
    _until_dropped: ChildStdin,
    _shell: Child,
    _reading: JoinSet<()>,
}

/// A program in `PATH`.
pub(super) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut folders = std::env::split_paths(&path).map(|folder| folder.join(name));
    folders.find(|file| file.is_file())
}

/// Whether there are a Chromium and its driver.
#[must_use]
pub fn is_installed() -> bool {
    program("chromedriver").is_some() && program("chromium").is_some()
}

impl Driver {
    /// Starts one on a free port.
    ///
    /// # Panics
    /// When there is none, or it does not start.
    pub async fn start() -> Self {
        let driver =
            program("chromedriver").expect("chromedriver is installed (scripts/test does it)");
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "driver.sh"])
            .arg(driver)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("there is a shell");
        let (output, mut reading) = (Output::new(), JoinSet::new());
        output.follow(shell.stdout.take().expect("it is piped"), &mut reading);
        let port = within("ChromeDriver says its port", output.find(port)).await;
        Self {
            caller: Caller::anonymous(SocketAddr::from(([127, 0, 0, 1], port))),
            _until_dropped: shell.stdin.take().expect("it is piped"),
            _shell: shell,
            _reading: reading,
        }
    }

    /// Asks it, and gives the value of its answer.
    ///
    /// # Panics
    /// When it refuses; the message says why.
    pub(super) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let told = self.tell(method, path, body).await;
        told.unwrap_or_else(|refused| panic!("{method} {path}: {refused}"))
    }

    /// Asks it; the value of its answer, or of its refusal.
    pub(super) async fn tell(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, Value> {
        let method = Method::from_bytes(method.as_bytes()).expect("it is a method");
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let answer = self.caller.call(method, path, body.into()).await;
        let reply = answer.whole().await;
        let told: Value = serde_json::from_slice(&reply.body).expect("it answers JSON");
        if reply.status == 200 {
            Ok(told["value"].clone())
        } else {
            Err(told["value"].clone())
        }
    }
}

/// The port in `ChromeDriver was started successfully on port 37523.`
fn port(output: &Output) -> Option<u16> {
    let text = output.text();
    let (_before, rest) = text.split_once("successfully on port ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
