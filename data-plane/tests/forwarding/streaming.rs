//! Bodies pass while they come, within the bounds of every body.

use std::time::Duration;

use data_plane::settings::Settings;
use harness::raw::RawCaller;
use serde_json::json;

use crate::admin::Admin;
use crate::setup::{DataPlane, settings};

const HEAD: &str = "POST /api/echo HTTP/1.1\r\nhost: localhost\r\n";

#[tokio::test]
async fn each_piece_comes_back_before_the_next_is_sent() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let mut raw = RawCaller::connect(plane.address).await;
    raw.send(format!("{HEAD}transfer-encoding: chunked\r\n\r\n"))
        .await;
    assert!(raw.read_until("HTTP/1.1 200 OK").await);
    for word in ["first", "second", "third"] {
        raw.send(format!("{:x}\r\n{word}\r\n", word.len())).await;
        assert!(raw.read_until(word).await, "{}", raw.text());
    }
    raw.send("0\r\n\r\n").await;
    let text = raw.read_to_end().await;
    assert!(text.ends_with("0\r\n\r\n"), "{text}");
    // The connection cannot serve again once its answer began before the request's end.
    assert!(text.contains("connection: close"), "{text}");
}

#[tokio::test]
async fn one_connection_serves_one_forwarded_request_after_the_other() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let mut raw = RawCaller::connect(plane.address).await;
    for number in 0..5 {
        let body = format!("body-{number}");
        let length = body.len();
        raw.send(format!(
            "POST /key/generate HTTP/1.1\r\nhost: localhost\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
        .await;
        assert!(raw.read_until(&body).await, "{}", raw.text());
    }
    assert!(!raw.text().contains("connection: close"), "{}", raw.text());
}

#[tokio::test]
async fn a_large_body_arrives_whole() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let body = "0123456789abcdef".repeat(512 << 10);
    let reply = plane
        .anonymous()
        .post_bytes("/api/echo", body.clone())
        .await;
    assert!(reply.is_whole && reply.body == body.as_bytes());
    let told = plane
        .anonymous()
        .post("/key/generate", &json!({"a": 1}))
        .await;
    assert_eq!(told.json()["body"], r#"{"a":1}"#);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_announced_or_not() {
    let small = Settings {
        max_request_bytes: 1 << 10,
        ..settings()
    };
    let plane = DataPlane::start_with(small, true, false);
    let _admin = Admin::listen(&plane.socket);
    let reply = plane
        .anonymous()
        .post_bytes("/key/generate", "x".repeat(1025))
        .await;
    assert_eq!(
        (reply.status, reply.error().1.as_str()),
        (413, "request_too_large")
    );
    let mut raw = RawCaller::connect(plane.address).await;
    let chunk = "x".repeat(1025);
    raw.send(format!(
        "POST /key/generate HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n401\r\n{chunk}\r\n0\r\n\r\n"
    ))
    .await;
    let text = raw.read_to_end().await;
    assert!(text.starts_with("HTTP/1.1 413"), "{text}");
    assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{text}");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let hasty = Settings {
        request_body_timeout: Duration::from_millis(50),
        ..settings()
    };
    let plane = DataPlane::start_with(hasty, true, false);
    let _admin = Admin::listen(&plane.socket);
    let mut raw = RawCaller::connect(plane.address).await;
    raw.send("POST /key/generate HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\nhalf")
        .await;
    let text = raw.read_to_end().await;
    assert!(
        text.starts_with("HTTP/1.1 408") && text.contains("request_timeout"),
        "{text}"
    );
}

#[tokio::test]
async fn an_answer_that_comes_before_the_body_reaches_the_caller() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let mut raw = RawCaller::connect(plane.address).await;
    raw.send("POST /api/refuse HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\nbegun")
        .await;
    let text = raw.read_to_end().await;
    assert!(
        text.starts_with("HTTP/1.1 401") && text.ends_with("\"refused\""),
        "{text}"
    );
    assert!(text.contains("connection: close"), "{text}");
}

#[tokio::test]
async fn a_caller_who_waits_for_a_word_before_its_body_gets_it() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let mut raw = RawCaller::connect(plane.address).await;
    raw.send(format!(
        "{HEAD}expect: 100-continue\r\ncontent-length: 4\r\n\r\n"
    ))
    .await;
    assert!(raw.read_until("100 Continue").await);
    raw.send("body").await;
    assert!(raw.read_until("\r\n\r\nbody").await, "{}", raw.text());
}

#[tokio::test]
async fn ambiguous_framing_is_refused_here_too() {
    let plane = DataPlane::start();
    let _admin = Admin::listen(&plane.socket);
    let mut raw = RawCaller::connect(plane.address).await;
    raw.send(format!(
        "{HEAD}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /ui HTTP/1.1\r\nhost: x\r\n\r\n"
    ))
    .await;
    let text = raw.read_to_end().await;
    assert!(text.starts_with("HTTP/1.1 400"), "{text}");
    assert_eq!(text.matches("HTTP/1.1 ").count(), 1, "{text}");
}
