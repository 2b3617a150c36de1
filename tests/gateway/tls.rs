//! TLS by two files, in HTTP/1.1 and HTTP/2.

use harness::caller::Caller;
use harness::events;
use harness::gateway::TestGateway;
use harness::tls::Certificate;

use crate::setup::{CHAT, ask, ask_streamed, gateway, models, openai};

async fn start(certificate_flag: &str, key_flag: &str) -> (TestGateway, Caller, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let certificate = Certificate::make_in(directory.path());
    let gateway = gateway()
        .config(&models(&[openai("gpt-4o", "openai", "")]))
        .argument(certificate_flag)
        .argument(certificate.certificate_path.to_string_lossy())
        .argument(key_flag)
        .argument(certificate.key_path.to_string_lossy())
        .start()
        .await;
    let caller = gateway.anonymous().over_tls(&certificate);
    (gateway, caller, directory)
}

#[tokio::test]
async fn a_certificate_makes_it_speak_tls_in_http_1_and_http_2() {
    let (gateway, caller, _directory) = start("--ssl-certfile", "--ssl-keyfile").await;
    assert!(
        gateway.url().starts_with("https://"),
        "{}",
        gateway.output()
    );
    for caller in [caller.clone(), caller.over_http2()] {
        assert_eq!(
            caller.post(CHAT, &ask("gpt-4o")).await.content(),
            "Hello from openai"
        );
        let reply = caller.post(CHAT, &ask_streamed("gpt-4o")).await;
        assert_eq!(events::text(&reply.body), "Hello from openai");
    }
}

#[tokio::test]
async fn litellms_spelling_of_the_flags_is_accepted() {
    let (_gateway, caller, _directory) = start("--ssl_certfile_path", "--ssl_keyfile_path").await;
    assert_eq!(
        caller.post(CHAT, &ask("gpt-4o")).await.content(),
        "Hello from openai"
    );
}

#[tokio::test]
async fn plain_http_on_a_tls_port_is_closed_and_harms_nobody() {
    let (gateway, caller, _directory) = start("--ssl-certfile", "--ssl-keyfile").await;
    let mut raw = gateway.raw().await;
    raw.send("GET /health/liveliness HTTP/1.1\r\nhost: x\r\n\r\n")
        .await;
    let answer = raw.read_to_end().await;
    assert!(!answer.contains("200"), "{answer}");
    assert_eq!(
        caller.post(CHAT, &ask("gpt-4o")).await.content(),
        "Hello from openai"
    );
}

#[tokio::test]
async fn a_certificate_that_is_none_ends_it_with_78() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("none.pem");
    std::fs::write(&path, "this is no certificate").unwrap();
    let exit = gateway()
        .argument("--ssl-certfile")
        .argument(path.to_string_lossy())
        .argument("--ssl-keyfile")
        .argument(path.to_string_lossy())
        .run_to_end()
        .await;
    assert_eq!(exit.code, Some(78), "{}", exit.output);
    assert!(exit.output.contains("none.pem"), "{}", exit.output);
}
