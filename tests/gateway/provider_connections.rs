//! Connections to providers: kept, shared, and replaced when they turn out to be closed.

use harness::answer::Answer;
use harness::gateway::TestGateway;
use harness::tls::Certificate;

use crate::setup::{CHAT, ask, ask_streamed, entry, gateway, models, openai, start};

const ANSWER: &str = r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#;

#[tokio::test]
async fn a_whole_answer_leaves_its_connection_for_the_next() {
    let gateway = start(&models(&[openai("m", "kept", "")])).await;
    for _ in 0..12 {
        let whole = gateway.anonymous().post(CHAT, &ask("m")).await;
        assert_eq!(whole.content(), "Hello from kept");
    }
    // Each runtime keeps its own; there is one for each core.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let connections = gateway.upstream("kept").connections();
    assert!(connections <= cores, "{connections} on {cores} cores");
}

#[tokio::test]
async fn a_kept_connection_that_its_provider_has_closed_costs_no_request() {
    let gateway = start(&models(&[openai("m", "closing", ", num_retries: 0")])).await;
    let length = ANSWER.len();
    // It promises to stay open, and closes.
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{ANSWER}"
    );
    gateway.upstream("closing").answers(Answer::socket(answer));
    for _ in 0..12 {
        let reply = gateway.anonymous().post(CHAT, &ask("m")).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.content(), "hi");
    }
}

#[tokio::test]
async fn the_operators_own_host_header_reaches_the_provider() {
    let more = ", extra_headers: {Host: models.internal}";
    let gateway = start(&models(&[openai("m", "named", more)])).await;
    let reply = gateway.anonymous().post(CHAT, &ask("m")).await;
    assert_eq!(reply.status, 200);
    let request = gateway.upstream("named").last();
    assert_eq!(request.header("host"), Some("models.internal"));
}

/// A gateway whose provider is another gateway, by TLS; that one speaks HTTP/2 to whoever can.
async fn behind_another() -> (TestGateway, TestGateway, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let certificate = Certificate::make_in(directory.path());
    let provider = gateway()
        .config(&models(&[openai("gpt-4o", "far", "")]))
        .argument("--ssl-certfile")
        .argument(certificate.certificate_path.to_string_lossy())
        .argument("--ssl-keyfile")
        .argument(certificate.key_path.to_string_lossy())
        .start()
        .await;
    let base = format!("{}/v1", provider.url());
    let model = entry("m", "openai/gpt-4o", &base, "");
    let settings = "litellm_settings: {ssl_verify: false}\n";
    let near = start(&(models(&[model]) + settings)).await;
    (near, provider, directory)
}

#[tokio::test]
async fn a_provider_that_speaks_http_2_answers_many_at_once() {
    let (gateway, provider, _directory) = behind_another().await;
    for _ in 0..2 {
        let streamed = gateway.anonymous().post(CHAT, &ask_streamed("m")).await;
        assert_eq!(
            harness::events::text(&streamed.body),
            "Hello from far",
            "{}",
            gateway.output()
        );
    }
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let caller = gateway.anonymous();
        asking.spawn(async move { caller.post(CHAT, &ask("m")).await.content() });
    }
    while let Some(content) = asking.join_next().await {
        assert_eq!(content.unwrap(), "Hello from far");
    }
    assert_eq!(provider.upstream("far").requests().len(), 22);
}
