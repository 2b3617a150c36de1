//! The official Python SDKs as callers of the real binary.

use std::path::PathBuf;

use harness::clients::installed;
use tokio::process::Command;

use crate::setup::{anthropic, entry, gateway, gemini, models, ollama, openai};

/// The gateway that both SDK suites call: one model per provider, with the master key below.
pub fn yaml() -> String {
    let entries = [
        openai("gpt-4o", "openai", ""),
        anthropic("claude-3-sonnet", "anthropic", ""),
        gemini("gemini-flash", "gemini", ""),
        ollama("local-llama", "ollama", ""),
        entry(
            "text-embedding-3-small",
            "openai/text-embedding-3-small",
            "UPSTREAM/embed/v1",
            "",
        ),
        entry(
            "ollama-embed",
            "ollama/nomic-embed-text",
            "UPSTREAM/ollama-embed",
            "",
        ),
        openai("broken", "broken", ", num_retries: 0"),
    ];
    format!(
        "{}general_settings: {{master_key: {MASTER}}}\n",
        models(&entries)
    )
}

/// The key that the scripts use.
pub const MASTER: &str = "sk-sdk-tests-0c9d1f3b5a7e";

/// Runs a script of `tests/clients` against a fresh gateway; each check is one printed line.
pub async fn run(program: PathBuf, script: PathBuf) {
    let gateway = gateway().config(&yaml()).start().await;
    let weather = serde_json::json!({"city": "Paris"});
    for lane in ["openai", "anthropic", "gemini", "ollama"] {
        // The scripts ask for the weather first, then for words.
        let tool = harness::answer::Answer::tool_call("get_weather", weather.clone());
        gateway.upstream(lane).answers_once(tool);
    }
    gateway
        .upstream("broken")
        .answers(harness::answer::Answer::error(500, "broken"));
    let output = Command::new(program)
        .arg(&script)
        .env("GATEWAY_URL", gateway.url())
        .env("GATEWAY_KEY", MASTER)
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_secs(180), output).await;
    let output = output
        .expect("the script ends within three minutes")
        .expect("the script runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{}\n{text}\n{errors}\n{}",
        script.display(),
        gateway.output()
    );
    let checks = text.lines().filter(|line| line.starts_with("ok ")).count();
    assert!(checks >= 8, "only {checks} checks ran:\n{text}");
}

#[tokio::test]
async fn the_python_sdks_work_unchanged() {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients/python/sdk.py");
    run(installed("python/bin/python"), script).await;
}
