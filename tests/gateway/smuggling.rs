//! Request smuggling: where two readers could see two requests, there is none.

use harness::gateway::TestGateway;

use crate::setup::{CHAT, ask, start_with_gpt_4o};

const BODY: &str = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"x"}]}"#;
const SMUGGLED: &str = "GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n";

/// Sends and gives what came back until the gateway closed the connection.
async fn exchange(gateway: &TestGateway, bytes: &[u8]) -> String {
    let mut raw = gateway.raw().await;
    raw.send(bytes).await;
    raw.read_to_end().await
}

fn post(headers: &str, body: &str) -> String {
    format!(
        "POST {CHAT} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n{headers}\r\n{body}"
    )
}

/// Requests whose length two readers could see differently, the smuggled one behind them.
fn ambiguous_lengths() -> Vec<(&'static str, String)> {
    let length = BODY.len();
    let plain = format!("{BODY}{SMUGGLED}");
    let chunked = format!("{length:x}\r\n{BODY}\r\n0\r\n\r\n{SMUGGLED}");
    let bad_size = format!("zz\r\n{BODY}\r\n0\r\n\r\n{SMUGGLED}");
    let long_size = format!("{}1\r\n{BODY}\r\n0\r\n\r\n{SMUGGLED}", "0".repeat(100));
    let with_length = |value: &str, body: &str| post(&format!("content-length: {value}\r\n"), body);
    let with_coding =
        |value: &str, body: &str| post(&format!("transfer-encoding: {value}\r\n"), body);
    let both = format!("content-length: {length}\r\ntransfer-encoding: chunked\r\n");
    let two = format!("content-length: {length}\r\ncontent-length: 5\r\n");
    vec![
        ("both lengths", post(&both, &chunked)),
        ("two lengths", post(&two, &plain)),
        (
            "a list of lengths",
            with_length(&format!("{length}, 5"), &plain),
        ),
        (
            "a signed length",
            with_length(&format!("+{length}"), &plain),
        ),
        (
            "a hexadecimal length",
            with_length(&format!("0x{length:x}"), &plain),
        ),
        ("a negative length", with_length("-1", &plain)),
        ("an unknown coding", with_coding("xchunked", &chunked)),
        ("chunked twice", with_coding("chunked, chunked", &chunked)),
        ("a second coding", with_coding("gzip, chunked", &chunked)),
        (
            "chunked and identity",
            with_coding("chunked, identity", &chunked),
        ),
        ("a bad chunk size", with_coding("chunked", &bad_size)),
        ("an endless chunk size", with_coding("chunked", &long_size)),
    ]
}

/// Requests with headers that two readers could split differently.
fn ambiguous_headers() -> Vec<(&'static str, String)> {
    let length = BODY.len();
    let plain = format!("{BODY}{SMUGGLED}");
    let with = |header: &str| post(&format!("{header}\r\ncontent-length: {length}\r\n"), &plain);
    vec![
        (
            "a space before the colon",
            with("transfer-encoding : chunked"),
        ),
        ("a folded line", with("x-a: b\r\n c: d")),
        ("a NUL in a header", with("x-a: a\0b")),
        ("a NUL in a header's name", with("x-\0a: b")),
        ("a bare CR in a header", with("x-a: a\rb")),
    ]
}

#[tokio::test]
async fn ambiguous_framing_is_refused_and_nothing_after_it_is_answered() {
    let gateway = start_with_gpt_4o().await;
    for (what, request) in [ambiguous_lengths(), ambiguous_headers()].concat() {
        let answer = exchange(&gateway, request.as_bytes()).await;
        let answers = answer.matches("HTTP/1.1 ").count();
        let refused = answer.is_empty() || answer.starts_with("HTTP/1.1 4");
        assert!(refused, "{what}: {answer}");
        assert_eq!(answers, usize::from(!answer.is_empty()), "{what}: {answer}");
    }
    assert_eq!(gateway.upstream("openai").requests().len(), 0);
    let reply = gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    assert_eq!(reply.content(), "Hello from openai");
}

#[tokio::test]
async fn a_request_line_that_is_none_is_refused() {
    let gateway = start_with_gpt_4o().await;
    for line in [
        "GET /v1/models HTTP/1.1 extra",
        "GET  /v1/models HTTP/1.1",
        "GET /v1/models",
        "GET /v1/mod\0els HTTP/1.1",
        "G\0ET /v1/models HTTP/1.1",
        "GET /v1/models HTTP/9.9",
        "\x16\x03\x01\x02\0\x01\0\x01\u{fc}\x03\x03",
    ] {
        let answer = exchange(&gateway, format!("{line}\r\nhost: x\r\n\r\n").as_bytes()).await;
        assert!(
            answer.is_empty()
                || answer.starts_with("HTTP/1.1 4")
                || answer.starts_with("HTTP/1.1 505"),
            "{line:?}: {answer}"
        );
    }
}

#[tokio::test]
async fn one_connection_carries_one_answer_for_each_request() {
    let gateway = start_with_gpt_4o().await;
    let request = |close: &str| post(&format!("{close}content-length: {}\r\n", BODY.len()), BODY);
    let both = request("") + &request("connection: close\r\n");
    let answer = exchange(&gateway, both.as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200").count(), 2, "{answer}");
    assert_eq!(gateway.upstream("openai").requests().len(), 2);
}

#[tokio::test]
async fn a_request_without_a_host_or_with_two_is_refused() {
    let gateway = start_with_gpt_4o().await;
    for head in ["", "host: a\r\nhost: b\r\n"] {
        let answer = exchange(
            &gateway,
            format!("GET /v1/models HTTP/1.1\r\n{head}connection: close\r\n\r\n").as_bytes(),
        )
        .await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{head:?}: {answer}"
        );
    }
}
