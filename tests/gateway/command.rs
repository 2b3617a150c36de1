//! The binary's commands, run to their end on a data folder of their own.

use std::process::Stdio;

use harness::gateway::Builder;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// With what the stores of these tests encrypt.
const ENCRYPTION_KEY: &str = "6b1f4a0c9d2e7853b1c0f2a4968d7e5c3a1b0f9e8d7c6b5a4938271605f4e3d2";

/// A data folder and what is set in the environment.
pub struct Folder {
    directory: TempDir,
    variables: Vec<(String, String)>,
}

/// What a command said.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub out: String,
    pub notes: String,
}

impl Folder {
    /// An empty folder.
    pub fn new() -> Self {
        let folder = Self {
            directory: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        };
        folder.with("HEADGATE_ENCRYPTION_KEY", ENCRYPTION_KEY)
    }

    /// The same with a variable.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without a variable.
    pub fn without(mut self, name: &str) -> Self {
        self.variables.retain(|(known, _value)| known != name);
        self
    }

    /// Where it is.
    pub fn path(&self) -> String {
        self.directory.path().join("data").display().to_string()
    }

    /// A gateway on it.
    pub fn gateway(&self, mut builder: Builder) -> Builder {
        for (name, value) in &self.variables {
            builder = builder.variable(name, value);
        }
        builder.argument("--data-dir").argument(self.path())
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Done {
        self.run_with(arguments, "").await
    }

    /// The same with this on standard input.
    pub async fn run_with(&self, arguments: &[&str], input: &str) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_headgate"));
        command
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.directory.path())
            .args(arguments)
            .args(["--data-dir", &self.path()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that reads nothing may have closed it.
        let _unread = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        Done {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            notes: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command that has to succeed, for its JSON.
    pub async fn json(&self, arguments: &[&str]) -> Value {
        let done = self.run(&[arguments, &["--json"]].concat()).await;
        assert_eq!(done.code, 0, "{arguments:?}: {done:?}");
        serde_json::from_str(&done.out).unwrap()
    }
}
