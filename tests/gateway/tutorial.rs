//! The tutorial's three files, as they stand in `examples/`.

use harness::answer::Answer;
use harness::gateway::{Builder, TestGateway};
use harness::provider::RefusingAddress;

use crate::setup::{CHAT, ask, ask_streamed, gateway};

const FIRST: &str = "examples/tutorial.yaml";
const SECOND: &str = "examples/reliability.yaml";

fn example(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) => panic!("{path}: {error}"),
    }
}

/// The file as it stands, with the providers' addresses from the environment. Only the address
/// that the file itself names, of a machine that is not here, is replaced.
fn tutorial(path: &str) -> Builder {
    let yaml = example(path).replace("http://host.docker.internal:11434", "UPSTREAM/ollama");
    gateway()
        .config(&yaml)
        .variable("OPENAI_API_KEY", "sk-openai")
        .variable("ANTHROPIC_API_KEY", "sk-ant")
        .variable("OPENAI_BASE_URL", "UPSTREAM/openai/v1")
        .variable("ANTHROPIC_BASE_URL", "UPSTREAM/anthropic")
}

async fn reliable() -> TestGateway {
    let gateway = tutorial(SECOND).start().await;
    gateway
        .upstream("anthropic")
        .answers(Answer::text("from Claude"));
    gateway
}

#[tokio::test]
async fn each_model_of_the_first_file_reaches_its_provider() {
    let gateway = tutorial(FIRST).start().await;
    for (model, lane, asked) in [
        ("gpt-4o", "openai", "gpt-4o"),
        ("claude-3-sonnet", "anthropic", "claude-3-5-sonnet-20240620"),
        ("local-llama", "ollama", "llama3"),
    ] {
        let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
        assert_eq!(reply.content(), format!("Hello from {lane}"));
        assert_eq!(gateway.upstream(lane).last().json()["model"], asked);
    }
}

#[tokio::test]
async fn the_tutorials_curl_works_without_v1_and_without_a_key() {
    let gateway = tutorial(FIRST).start().await;
    let body = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"Why use a gateway?"}]}"#;
    let reply = gateway
        .anonymous()
        .post_bytes("/chat/completions", body)
        .await;
    assert_eq!(reply.content(), "Hello from openai");
    let request = gateway.upstream("openai").last();
    assert_eq!(request.target, "/openai/v1/chat/completions");
    assert_eq!(request.header("authorization"), Some("Bearer sk-openai"));
}

#[tokio::test]
async fn any_key_will_do_on_a_laptop_without_a_master_key() {
    let gateway = tutorial(FIRST).start().await;
    let caller = gateway.with_key("sk-anything");
    let reply = caller
        .post("/chat/completions", &ask("claude-3-sonnet"))
        .await;
    assert_eq!(reply.content(), "Hello from anthropic");
    let request = gateway.upstream("anthropic").last();
    assert_eq!(request.header("x-api-key"), Some("sk-ant"));
    assert_eq!(request.header("anthropic-version"), Some("2023-06-01"));
    assert!(
        request
            .headers
            .iter()
            .all(|(_, value)| !value.contains("sk-anything"))
    );
}

#[tokio::test]
async fn a_setting_that_litellm_does_not_have_warns_and_changes_nothing() {
    let gateway = reliable().await;
    gateway.printed("enable_fallbacks").await;
    for _ in 0..4 {
        let reply = gateway
            .anonymous()
            .post(CHAT, &ask("high-reliability-model"))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text());
    }
}

#[tokio::test]
async fn when_openai_fails_the_caller_gets_claudes_answer_and_notices_nothing() {
    for failure in [
        Answer::error(500, "broken"),
        Answer::error(429, "too many"),
        Answer::close(),
        Answer::body(503, "text/html", "<html>down</html>"),
        Answer::body(200, "text/html", "<html>hello</html>"),
    ] {
        let gateway = reliable().await;
        gateway.upstream("openai").answers(failure.clone());
        for _ in 0..3 {
            let reply = gateway
                .anonymous()
                .post(CHAT, &ask("high-reliability-model"))
                .await;
            assert_eq!(reply.content(), "from Claude", "after {failure:?}");
            let reply = gateway
                .anonymous()
                .post(CHAT, &ask_streamed("high-reliability-model"))
                .await;
            assert_eq!(
                harness::events::text(&reply.body),
                "from Claude",
                "after {failure:?}"
            );
        }
    }
}

#[tokio::test]
async fn when_openai_refuses_connections_the_caller_gets_claudes_answer() {
    let refusing = RefusingAddress::take();
    let gateway = tutorial(SECOND)
        .variable("OPENAI_BASE_URL", &format!("{}/v1", refusing.url()))
        .start()
        .await;
    gateway
        .upstream("anthropic")
        .answers(Answer::text("from Claude"));
    for _ in 0..3 {
        let reply = gateway
            .anonymous()
            .post(CHAT, &ask("high-reliability-model"))
            .await;
        assert_eq!(reply.content(), "from Claude");
    }
}

#[tokio::test]
async fn when_openai_hangs_the_caller_gets_claudes_answer_after_the_timeout() {
    // The file names no timeout; a short one in the environment's place keeps the test short.
    let yaml = example(SECOND).replace("router_settings:", "router_settings:\n  timeout: 1");
    let gateway = tutorial(SECOND).config(&yaml).start().await;
    gateway.upstream("openai").answers(Answer::hang());
    gateway
        .upstream("anthropic")
        .answers(Answer::text("from Claude"));
    for _ in 0..3 {
        let reply = gateway
            .anonymous()
            .post(CHAT, &ask("high-reliability-model"))
            .await;
        assert_eq!(reply.content(), "from Claude");
    }
}

#[tokio::test]
async fn the_compose_services_arguments_and_environment_start_it() {
    let compose = example("examples/docker-compose.tutorial.yaml");
    assert!(
        compose.contains(r#"["--config", "/app/config.yaml""#),
        "{compose}"
    );
    let gateway = tutorial(FIRST)
        .variable(
            "DATABASE_URL",
            "postgresql://llmproxy:dbpassword9090@db:5432/litellm",
        )
        .start()
        .await;
    gateway.printed("DATABASE_URL").await;
    let reply = gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    assert_eq!(reply.content(), "Hello from openai");
}
