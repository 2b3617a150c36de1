//! The end: what runs is finished, nothing new is begun.

use std::time::{Duration, Instant};

use harness::answer::Answer;
use harness::deadline::within;
use harness::events;
use harness::gate::Gate;
use http::Method;

use crate::setup::{
    CHAT, ask, ask_streamed, models, openai, settlements, start, start_with_gpt_4o,
};

#[tokio::test]
async fn sigterm_finishes_a_running_stream_and_exits_with_0() {
    let gateway = start_with_gpt_4o().await;
    let gate = Gate::closed();
    gateway
        .upstream("openai")
        .answers(Answer::text("abcd").pause_after(3, &gate));
    let mut stream = gateway
        .anonymous()
        .stream(CHAT, &ask_streamed("gpt-4o"))
        .await;
    stream.read_until(r#""b""#).await;
    gateway.signal("TERM");
    // Nothing new is begun: at the latest when the listener is closed, connections are refused.
    let refused = async {
        loop {
            let body = ask("gpt-4o").to_string().into();
            match gateway.anonymous().try_call(Method::POST, CHAT, body).await {
                Ok(answer) if answer.status == 200 => tokio::task::yield_now().await,
                Ok(_) | Err(_) => return,
            }
        }
    };
    within("new requests are refused", refused).await;
    gate.open();
    let reply = stream.whole().await;
    assert_eq!(events::text(&reply.body), "abcd");
    assert_eq!(reply.events().last().unwrap(), "[DONE]");
    assert!(reply.is_whole);
    let exit = gateway.ended().await;
    assert_eq!(exit.code, Some(0), "{}", exit.output);
}

#[tokio::test]
async fn an_idle_gateway_ends_at_once_and_closes_idle_connections() {
    for signal in ["TERM", "INT"] {
        let gateway = start_with_gpt_4o().await;
        let mut idle = gateway.raw().await;
        idle.send("GET /health/liveliness HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await;
        assert!(idle.read_until("200 OK").await);
        gateway.signal(signal);
        idle.read_to_end().await;
        let exit = gateway.ended().await;
        assert_eq!(exit.code, Some(0), "{signal}: {}", exit.output);
    }
}

#[tokio::test]
async fn what_was_answered_before_the_end_is_settled_before_the_end() {
    let gateway = start_with_gpt_4o().await;
    for _ in 0..20 {
        assert_eq!(
            gateway.anonymous().post(CHAT, &ask("gpt-4o")).await.status,
            200
        );
    }
    let exit = gateway.stop().await;
    assert_eq!(
        (exit.code, settlements(&exit.log).len()),
        (Some(0), 20),
        "{}",
        exit.output
    );
}

#[tokio::test]
async fn an_open_live_list_ends_at_once_when_the_gateway_is_asked_to_end() {
    const MASTER: &str = "sk-shutdown-tests-0c9d1f3b5a7e";
    let models = models(&[openai("gpt-4o", "openai", "")]);
    let yaml = format!("{models}general_settings: {{master_key: {MASTER}}}\n");
    let gateway = start(&yaml).await;
    let body = serde_json::json!({"master_key": MASTER});
    let signed_in = gateway.anonymous().post("/api/v1/sessions", &body).await;
    let cookie = signed_in.headers["set-cookie"].to_str().unwrap();
    let reader = gateway
        .anonymous()
        .with_header("cookie", cookie.split(';').next().unwrap())
        .with_header("accept", "text/event-stream");
    let list = reader.call(Method::GET, "/ui/requests/tail", bytes::Bytes::new());
    let list = list.await;
    assert_eq!(list.status, 200);
    let began = Instant::now();
    gateway.signal("TERM");
    let read = list.whole().await;
    assert!(read.is_whole, "the stream has a proper end");
    assert_eq!(gateway.ended().await.code, Some(0));
    assert!(began.elapsed() < Duration::from_secs(10));
}
