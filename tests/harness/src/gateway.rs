//! The real binary on a free port of the loopback: its answers, its output, its signals.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::deadline::within;
use crate::output::Output;
use crate::provider::{Lane, ScriptedProvider};
use crate::raw::RawCaller;

/// How to start a gateway.
#[derive(Clone)]
pub struct Builder {
    binary: PathBuf,
    config: Option<String>,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    host: String,
    provider: Option<Arc<ScriptedProvider>>,
}

/// A running gateway, and the provider that stands behind it. Dropping it kills the process.
pub struct TestGateway {
    address: SocketAddr,
    child: Child,
    output: Output,
    provider: Arc<ScriptedProvider>,
    directory: TempDir,
    is_tls: bool,
    reading: JoinSet<()>,
}

/// How a gateway ended.
#[derive(Debug)]
pub struct Exit {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Everything it printed.
    pub output: String,
    /// The lines of the output that are JSON objects.
    pub log: Vec<Value>,
}

impl Builder {
    /// Starts this binary, without a configuration file and with an empty environment.
    #[must_use]
    pub fn of(binary: &str) -> Self {
        Self {
            binary: binary.into(),
            config: None,
            arguments: Vec::new(),
            environment: Vec::new(),
            host: "127.0.0.1".to_owned(),
            provider: None,
        }
    }

    /// With a provider that others have too, in place of one of its own.
    #[must_use]
    pub fn behind(mut self, provider: &Arc<ScriptedProvider>) -> Self {
        self.provider = Some(Arc::clone(provider));
        self
    }

    /// With this file; `UPSTREAM` in it stands for the address of the scripted provider.
    #[must_use]
    pub fn config(mut self, yaml: &str) -> Self {
        self.config = Some(yaml.to_owned());
        self
    }

    /// With one more argument. `CONFIG` stands for the path of the file; where it is used, nothing
    /// else is added to the command line.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<String>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// With an environment variable; `UPSTREAM` in its value as in the file.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Listening on this address in place of 127.0.0.1.
    #[must_use]
    pub fn host(mut self, host: &str) -> Self {
        self.host = host.to_owned();
        self
    }

    /// Starts it and waits until it listens.
    ///
    /// # Panics
    /// When it does not; the message holds what it printed.
    pub async fn start(self) -> TestGateway {
        let mut gateway = self.spawn().await;
        let output = gateway.output.clone();
        tokio::select! {
            (address, is_tls) = within("the gateway prints its address", output.find(listening)) => {
                gateway.address = address;
                gateway.is_tls = is_tls;
                gateway
            }
            code = gateway.child.wait() => {
                let exit = gateway.exit(code).await;
                panic!("the gateway did not start, exit code {:?}:\n{}", exit.code, exit.output);
            }
        }
    }

    /// Starts it and waits until it ends by itself, as it must on a file that means nothing.
    pub async fn run_to_end(self) -> Exit {
        let mut gateway = self.spawn().await;
        let code = within("the gateway ends by itself", gateway.child.wait()).await;
        gateway.exit(code).await
    }

    async fn spawn(self) -> TestGateway {
        let provider = match &self.provider {
            Some(provider) => Arc::clone(provider),
            None => Arc::new(ScriptedProvider::start().await),
        };
        let directory = tempfile::tempdir().expect("the temporary directory is writable");
        let mut command = Command::new(&self.binary);
        command.env_clear().current_dir(directory.path());
        for (name, value) in &self.environment {
            command.env(name, value.replace("UPSTREAM", &provider.url()));
        }
        let path = directory.path().join("config.yaml");
        if let Some(config) = &self.config {
            write(&path, &config.replace("UPSTREAM", &provider.url()));
        }
        for argument in &self.arguments {
            command.arg(argument.replace("CONFIG", &path.to_string_lossy()));
        }
        if !self.arguments.iter().any(|argument| argument == "CONFIG") {
            if self.config.is_some() {
                command.arg("--config").arg(&path);
            }
            command.args(["--port", "0", "--host", &self.host]);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command
            .kill_on_drop(true)
            .spawn()
            .expect("the binary is there");
        let (output, mut reading) = (Output::new(), JoinSet::new());
        output.follow(child.stdout.take().expect("it is piped"), &mut reading);
        output.follow(child.stderr.take().expect("it is piped"), &mut reading);
        TestGateway {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            child,
            output,
            provider,
            directory,
            is_tls: false,
            reading,
        }
    }
}

/// The port of the first address that the gateway prints, reached by the loopback.
fn listening(output: &Output) -> Option<(SocketAddr, bool)> {
    let text = output.text();
    let start = text.find("http://").or_else(|| text.find("https://"))?;
    let is_tls = text[start..].starts_with("https");
    let authority = text[start..].split("//").nth(1)?;
    let port = authority.split(':').nth(1)?;
    let digits: String = port.chars().take_while(char::is_ascii_digit).collect();
    let port = digits.parse().ok().filter(|port| *port != 0)?;
    Some((SocketAddr::from(([127, 0, 0, 1], port)), is_tls))
}

fn write(path: &Path, text: &str) {
    // Written beside and renamed, as deployment tools do, so that no half file is ever read.
    let beside = path.with_extension("new");
    std::fs::write(&beside, text).expect("the directory is writable");
    std::fs::rename(&beside, path).expect("the directory is writable");
}

impl TestGateway {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, or `https`.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The provider that stands at `UPSTREAM/<lane>`.
    #[must_use]
    pub fn upstream(&self, lane: &str) -> Lane {
        self.provider.lane(lane)
    }

    /// The address of the scripted provider, `UPSTREAM` in the file.
    #[must_use]
    pub fn provider_url(&self) -> String {
        self.provider.url()
    }

    /// A caller without a credential.
    #[must_use]
    pub fn anonymous(&self) -> Caller {
        Caller::anonymous(self.address)
    }

    /// A caller with this key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Caller {
        self.anonymous().with_key(key)
    }

    /// A caller that sends any bytes.
    pub async fn raw(&self) -> RawCaller {
        RawCaller::connect(self.address).await
    }

    /// Everything printed so far.
    #[must_use]
    pub fn output(&self) -> String {
        self.output.text()
    }

    /// The structured log lines so far.
    #[must_use]
    pub fn log(&self) -> Vec<Value> {
        self.output.json_lines()
    }

    /// Waits for the first log line that `is_it`.
    pub async fn log_line(&self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let find = |output: &Output| output.json_lines().into_iter().find(&is_it);
        within(&format!("the log says: {what}"), self.output.find(find)).await
    }

    /// Waits until the output contains these words.
    pub async fn printed(&self, words: &str) {
        let find = |output: &Output| output.text().contains(words).then_some(());
        within(
            &format!("the output says `{words}`"),
            self.output.find(find),
        )
        .await;
    }

    /// Replaces the configuration file; `UPSTREAM` in it as at the start.
    pub fn write_config(&self, yaml: &str) {
        let path = self.directory.path().join("config.yaml");
        write(&path, &yaml.replace("UPSTREAM", &self.provider.url()));
    }

    /// Sends a signal by its name: `TERM`, `HUP`, `INT`.
    ///
    /// # Panics
    /// When the gateway has ended.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().expect("the gateway runs");
        // The shell's own `kill` is there on every machine, and it keeps unsafe code out of here.
        let status = std::process::Command::new("sh")
            .args(["-c", &format!("kill -{name} {id}")])
            .status()
            .expect("there is a shell");
        assert!(status.success(), "the gateway did not take the signal");
    }

    /// Waits until it has ended, and gives what it printed.
    pub async fn ended(mut self) -> Exit {
        let code = within("the gateway ends", self.child.wait()).await;
        self.exit(code).await
    }

    /// Ends it by SIGTERM, so that everything it had to write is written.
    pub async fn stop(self) -> Exit {
        self.signal("TERM");
        self.ended().await
    }

    /// The process's resident memory.
    ///
    /// # Panics
    /// When the gateway has ended, or the system has no /proc.
    #[must_use]
    pub fn resident_bytes(&self) -> u64 {
        let id = self.child.id().expect("the gateway runs");
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("Linux says it");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
        kib.expect("Linux says it") * 1024
    }

    async fn exit(mut self, code: std::io::Result<std::process::ExitStatus>) -> Exit {
        // The pipes end with the process; what they still hold is read first.
        while let Some(read) = within("its output ends", self.reading.join_next()).await {
            read.expect("reading a pipe does not panic");
        }
        Exit {
            code: code.expect("a child can be waited for").code(),
            output: self.output.text(),
            log: self.output.json_lines(),
        }
    }
}
