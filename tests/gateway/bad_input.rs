//! Callers who send what they should not: a clear error at once, and everybody else unharmed.

use std::time::Duration;

use harness::answer::Answer;
use harness::caller::Reply;
use harness::gateway::TestGateway;
use serde_json::json;

use crate::setup::{CHAT, anthropic, ask, models, openai, start};

async fn start_two() -> TestGateway {
    start(&models(&[
        openai("gpt-4o", "openai", ""),
        anthropic("claude", "anthropic", ""),
    ]))
    .await
}

async fn is_alive(gateway: &TestGateway) {
    let reply = gateway.anonymous().post(CHAT, &ask("gpt-4o")).await;
    assert_eq!(reply.content(), "Hello from openai");
}

fn is_bad_request(reply: &Reply, what: &str) {
    assert_eq!(reply.status, 400, "{what}: {}", reply.text());
    let (kind, _, message) = reply.error();
    assert_eq!(kind, "invalid_request_error", "{what}");
    assert!(!message.is_empty(), "{what}");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_a_400() {
    let gateway = start_two().await;
    for body in [
        "",
        " ",
        "{",
        "{\"model\": ",
        "[]",
        "\"x\"",
        "5",
        "null",
        "true",
        "{\"model\":\"gpt-4o\",}",
        "{'model':'gpt-4o'}",
        "{\"model\":\"gpt-4o\",\"messages\":[]} trailing",
        "\u{feff}",
        "{\"model\":\"gpt-4o\",\"messages\":[NaN]}",
        "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"\\ud800\\q\"}]}",
    ] {
        let reply = gateway.anonymous().post_bytes(CHAT, body).await;
        is_bad_request(&reply, body);
    }
    assert_eq!(gateway.upstream("openai").requests().len(), 0);
    is_alive(&gateway).await;
}

#[tokio::test]
async fn a_member_of_the_wrong_type_or_missing_is_a_400_that_names_it() {
    let gateway = start_two().await;
    let messages = json!([{"role": "user", "content": "x"}]);
    for (param, body) in [
        ("model", json!({"messages": messages})),
        ("model", json!({"model": 5, "messages": messages})),
        ("model", json!({"model": ["gpt-4o"], "messages": messages})),
        ("model", json!({"model": null, "messages": messages})),
        ("model", json!({"model": "", "messages": messages})),
        ("messages", json!({"model": "gpt-4o"})),
        ("messages", json!({"model": "gpt-4o", "messages": "hi"})),
        ("messages", json!({"model": "claude", "messages": {"a": 1}})),
        ("messages", json!({"model": "claude", "messages": [1]})),
        ("messages", json!({"model": "gpt-4o", "messages": []})),
        (
            "stream",
            json!({"model": "gpt-4o", "messages": messages, "stream": "yes"}),
        ),
    ] {
        let reply = gateway.anonymous().post(CHAT, &body).await;
        is_bad_request(&reply, &body.to_string());
        let json = reply.json();
        let named = json["error"]["param"].as_str().unwrap_or_default();
        assert!(named.starts_with(param), "{body}: {json}");
    }
    assert_eq!(gateway.upstream("openai").requests().len(), 0);
}

#[tokio::test]
async fn json_nested_too_deep_is_refused_and_the_stack_holds() {
    let gateway = start_two().await;
    let deep = |open: &str, close: &str, count: usize| {
        format!("{}1{}", open.repeat(count), close.repeat(count))
    };
    for body in [
        "[".repeat(100_000),
        deep("[", "]", 100_000),
        format!(
            "{{\"model\":\"gpt-4o\",\"messages\":{}}}",
            deep("{\"a\":", "}", 100_000)
        ),
        format!(
            "{{\"model\":\"gpt-4o\",\"metadata\":{},\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}]}}",
            deep("[", "]", 100_000)
        ),
        format!(
            "{{\"model\":\"gpt-4o\",\"x\":{},\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}]}}",
            deep("[", "]", 129)
        ),
        format!(
            "{{\"model\":\"claude\",\"x\":{},\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}]}}",
            deep("[", "]", 129)
        ),
    ] {
        let reply = gateway.anonymous().post_bytes(CHAT, body.clone()).await;
        is_bad_request(&reply, &body[..60]);
    }
    is_alive(&gateway).await;
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_are_a_400() {
    let gateway = start_two().await;
    for model in ["gpt-4o", "claude"] {
        for bad in [&b"\xff"[..], b"\xc3\x28", b"\xed\xa0\x80", b"\xf0\x9f\x9a"] {
            let mut body =
                format!("{{\"model\":\"{model}\",\"messages\":[{{\"role\":\"user\",\"content\":\"")
                    .into_bytes();
            body.extend_from_slice(bad);
            body.extend_from_slice(b"\"}]}");
            let reply = gateway.anonymous().post_bytes(CHAT, body).await;
            is_bad_request(&reply, &format!("{model} {bad:?}"));
        }
    }
    assert_eq!(gateway.upstream("openai").requests().len(), 0);
}

#[tokio::test]
async fn a_name_with_nul_or_line_ends_makes_no_header_and_no_crash() {
    let yaml = models(&[
        crate::setup::entry("wild/*", "openai/*", "UPSTREAM/openai/v1", ""),
        crate::setup::entry("g/*", "gemini/*", "UPSTREAM/gemini/v1beta", ""),
    ]);
    let gateway = start(&yaml).await;
    for name in [
        "wild/\0",
        "wild/x\r\nx-evil: 1",
        "g/\0",
        "g/x\r\nx-evil: 1",
        "g/../../admin",
        "g/x?y=z#",
        "wild/\u{2028}",
        "no\0pe",
    ] {
        let reply = gateway.anonymous().post(CHAT, &ask(name)).await;
        assert!(reply.status < 500, "{name:?}: {}", reply.text());
        assert!(reply.headers.get("x-evil").is_none());
    }
    for lane in ["openai", "gemini"] {
        for request in gateway.upstream(lane).requests() {
            assert!(request.header("x-evil").is_none(), "{request:?}");
            assert!(
                request.target.starts_with("/openai/v1/")
                    || request.target.starts_with("/gemini/v1beta/models/"),
                "{}",
                request.target
            );
            assert!(!request.target.contains("/admin"), "{}", request.target);
        }
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_before_it_has_come() {
    let gateway = start_two().await;
    for head in [
        format!("content-length: {}", 20 * 1024 * 1024 + 1),
        "content-length: 99999999999999".to_owned(),
    ] {
        let mut raw = gateway.raw().await;
        raw.send(format!(
            "POST {CHAT} HTTP/1.1\r\nhost: {}\r\n{head}\r\n\r\n{{",
            gateway.address()
        ))
        .await;
        assert!(raw.read_until("}}").await, "{}", raw.text());
        assert!(
            raw.text().starts_with("HTTP/1.1 413"),
            "{head}: {}",
            raw.text()
        );
        assert!(
            raw.text().contains("invalid_request_error"),
            "{}",
            raw.text()
        );
    }
    is_alive(&gateway).await;
}

#[tokio::test]
async fn a_body_of_unknown_length_is_refused_where_the_limit_is_passed() {
    let gateway = start_two().await;
    let mut raw = gateway.raw().await;
    raw.send(format!(
        "POST {CHAT} HTTP/1.1\r\nhost: {}\r\ntransfer-encoding: chunked\r\n\r\n",
        gateway.address()
    ))
    .await;
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let mut sent = 0;
    while sent < 2000 && raw.send(&chunk).await {
        sent += 1;
    }
    // 20 MiB are 320 chunks; what lies in the sockets' buffers comes on top.
    assert!(sent < 600, "{sent} chunks of 64 KiB were taken");
    is_alive(&gateway).await;
}

#[tokio::test]
async fn a_prompt_of_4_mb_and_an_answer_of_2_mb_pass() {
    let gateway = start_two().await;
    let long = "y".repeat(4_000_000);
    for (model, lane) in [("gpt-4o", "openai"), ("claude", "anthropic")] {
        gateway
            .upstream(lane)
            .answers(Answer::text(&"x".repeat(2_000_000)));
        let body = json!({"model": model, "messages": [{"role": "user", "content": long}]});
        assert_eq!(
            gateway.anonymous().post(CHAT, &body).await.content().len(),
            2_000_000,
            "{model}"
        );
        assert!(
            gateway.upstream(lane).last().body.len() > 4_000_000,
            "{model}"
        );
    }
}

#[tokio::test]
async fn headers_without_end_are_refused() {
    let gateway = start_two().await;
    let long = format!("x-pad: {}\r\n", "a".repeat(64 * 1024));
    let many = "x-pad: a\r\n".repeat(10_000);
    for flood in [long.repeat(20), many] {
        let mut raw = gateway.raw().await;
        raw.send(format!(
            "GET /health/liveliness HTTP/1.1\r\nhost: x\r\n{flood}\r\n"
        ))
        .await;
        let answer = raw.read_to_end().await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    is_alive(&gateway).await;
}

#[tokio::test]
async fn a_caller_who_sends_headers_slowly_is_cut_and_holds_up_nobody() {
    let gateway = start_two().await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut raw = gateway.raw().await;
        raw.send("POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n")
            .await;
        slow.push(raw);
    }
    is_alive(&gateway).await;
    let started = tokio::time::Instant::now();
    for raw in slow {
        let answer = raw.read_to_end().await;
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
            "{answer}"
        );
    }
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn a_caller_who_sends_a_body_slowly_is_cut() {
    let gateway = start_two().await;
    let mut raw = gateway.raw().await;
    raw.send(format!(
        "POST {CHAT} HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000\r\n\r\n{{",
        gateway.address()
    ))
    .await;
    let answer = raw.read_to_end().await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
    assert_eq!(gateway.upstream("openai").requests().len(), 0);
}

#[tokio::test]
async fn a_silent_connection_is_cut() {
    let gateway = start_two().await;
    let raw = gateway.raw().await;
    let answer = raw.read_to_end().await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 408"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_body_called_something_else_is_still_read() {
    let gateway = start_two().await;
    let caller = gateway
        .anonymous()
        .with_header("content-type", "application/x-www-form-urlencoded");
    let reply = caller.post_bytes(CHAT, ask("gpt-4o").to_string()).await;
    assert!(reply.status < 500, "{}", reply.text());
}

#[tokio::test]
async fn a_compressed_body_is_refused_and_not_guessed_at() {
    let gateway = start_two().await;
    let caller = gateway.anonymous().with_header("content-encoding", "gzip");
    let reply = caller
        .post_bytes(CHAT, &b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"[..])
        .await;
    assert!(matches!(reply.status, 400 | 415), "{}", reply.text());
}
