//! OpenAI's dialect to a provider of the same dialect: bytes in, the same bytes out.

use harness::answer::Answer;
use harness::events;
use serde_json::json;

use crate::setup::{CHAT, models, openai, start};

/// Key order, number spellings, white space, escapes, unknown fields and duplicate members that
/// no serializer would keep.
const ODD_BODY: &str = "{ \"zeta\":1e+2, \"messages\" : [ {\"content\":\"caf\\u00e9 \\/ \\ud83d\\ude80 \u{1f680}\",\"role\":\"user\",\"name\":null} ],\r\n\t\"temperature\":0.70, \"seed\":12345678901234567890123, \"model\" : \"m\\u0079-model\" , \"x\":{\"b\":1,\"a\":-0.0,\"a\":2.50E-3},\"x\":[ ],\"logit_bias\":{\"50256\":-100.000} }\n";

async fn start_my_model() -> harness::gateway::TestGateway {
    start(&models(&[openai("my-model", "openai", "")])).await
}

#[tokio::test]
async fn a_requests_bytes_go_out_unchanged_but_for_the_models_name() {
    let gateway = start_my_model().await;
    let reply = gateway.anonymous().post_bytes(CHAT, ODD_BODY).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let expected = ODD_BODY.replace("\"m\\u0079-model\"", "\"gpt-4o\"");
    let sent = gateway.upstream("openai").last().body;
    assert_eq!(String::from_utf8_lossy(&sent), expected);
}

#[tokio::test]
async fn a_streamed_requests_bytes_go_out_with_nothing_added_but_the_wish_for_usage() {
    let gateway = start_my_model().await;
    let body = r#"{"model":"my-model", "stream" :true,"messages":[{"role":"user","content":"x"}],"n":1.0}"#;
    gateway.anonymous().post_bytes(CHAT, body).await;
    let sent = gateway.upstream("openai").last();
    assert_eq!(
        sent.json()["stream_options"],
        json!({"include_usage": true})
    );
    let sent = String::from_utf8_lossy(&sent.body).into_owned();
    let wish = r#""stream_options":{"include_usage":true}"#;
    let without = sent
        .replace(&format!(",{wish}"), "")
        .replace(&format!("{wish},"), "");
    assert_eq!(without, body.replace("my-model", "gpt-4o"));
}

#[tokio::test]
async fn a_request_that_asks_for_usage_itself_is_not_touched() {
    let gateway = start_my_model().await;
    let body = r#"{"model":"my-model","stream":true,"stream_options":{"include_usage":true, "x":1},"messages":[{"role":"user","content":"x"}]}"#;
    gateway.anonymous().post_bytes(CHAT, body).await;
    let sent = gateway.upstream("openai").last().body;
    assert_eq!(
        String::from_utf8_lossy(&sent),
        body.replace("my-model", "gpt-4o")
    );
}

#[tokio::test]
async fn an_answers_bytes_come_back_unchanged() {
    let gateway = start_my_model().await;
    let odd = "{\"usage\":{\"total_tokens\":3,\"completion_tokens\":1, \"prompt_tokens\":2.0e0},\n \"choices\" :[{\"x\\u0041\":1e5,\"message\":{\"content\":\"\\ud83d\\ude80 \u{e9}\",\"role\":\"assistant\"},\"dup\":1,\"dup\":2}],\"model\":\"gpt-4o-2024-08-06\"}\r\n";
    gateway
        .upstream("openai")
        .answers(Answer::body(200, "application/json", odd));
    let reply = gateway.anonymous().post_bytes(CHAT, ODD_BODY).await;
    assert_eq!(reply.text(), odd);
    assert_eq!(reply.header("content-type"), "application/json");
}

/// What a provider may write and no serializer would.
fn odd_stream() -> Vec<String> {
    let chunk = |content: &str| {
        format!(
            "data:{{\"choices\":[{{\"delta\":{{\"content\":\"{content}\"}}, \"x\":1E0}}],\"usage\":null}}"
        )
    };
    let usage = "data: {\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":3,\"total_tokens\":5},\"choices\":[]}";
    vec![
        ": welcome\n\n".to_owned(),
        format!("{}\r\n\r\n", chunk("\\u00e9")),
        format!("event: x\r{}\r\r", chunk("\u{1f680}")),
        format!("id: 7\n{}\n\n", chunk("c")),
        format!("{usage}\n\n"),
        "data: [DONE]\n\n".to_owned(),
    ]
}

/// Leaves out the comment lines that the gateway adds.
fn without_our_comments(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body).into_owned();
    let is_ours = |event: &&str| event.starts_with(": x-headgate-");
    let events = text.split_inclusive("\n\n").filter(|event| !is_ours(event));
    events.collect()
}

#[tokio::test]
async fn a_streams_bytes_come_back_unchanged_to_a_caller_who_asked_for_usage() {
    let gateway = start_my_model().await;
    gateway
        .upstream("openai")
        .answers(Answer::stream("text/event-stream", odd_stream()));
    let body = r#"{"model":"my-model","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"x"}]}"#;
    let reply = gateway.anonymous().post_bytes(CHAT, body).await;
    assert_eq!(without_our_comments(&reply.body), odd_stream().concat());
}

#[tokio::test]
async fn the_usage_that_only_we_asked_for_is_kept_from_the_caller() {
    let gateway = start_my_model().await;
    gateway
        .upstream("openai")
        .answers(Answer::stream("text/event-stream", odd_stream()));
    let body = r#"{"model":"my-model","stream":true,"messages":[{"role":"user","content":"x"}]}"#;
    let reply = gateway.anonymous().post_bytes(CHAT, body).await;
    let chunks = events::chunks(&reply.body);
    assert!(
        chunks.iter().all(|chunk| chunk["choices"]
            .as_array()
            .is_some_and(|choices| !choices.is_empty())),
        "{}",
        reply.text()
    );
    let mut expected = odd_stream();
    expected.remove(4);
    assert_eq!(without_our_comments(&reply.body), expected.concat());
}

#[tokio::test]
async fn a_megabyte_passes_unchanged_in_both_directions() {
    let gateway = start_my_model().await;
    let text: String = (0..1 << 20)
        .map(|index| char::from(b'a' + (index % 23) as u8))
        .collect();
    let answer = format!(
        "{{\"choices\":[{{\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\"}}}}]}}"
    );
    gateway
        .upstream("openai")
        .answers(Answer::body(200, "application/json", answer.clone()));
    let body = format!(
        "{{\"messages\":[{{\"role\":\"user\",\"content\":\"{text}\"}}],\"model\":\"my-model\"}}"
    );
    let reply = gateway.anonymous().post_bytes(CHAT, body.clone()).await;
    assert!(reply.text() == answer, "the answer changed");
    let sent = gateway.upstream("openai").last().body;
    assert!(
        sent == body.replace("my-model", "gpt-4o").as_bytes(),
        "the request changed"
    );
}

#[tokio::test]
async fn a_member_that_we_read_may_not_stand_twice() {
    let gateway = start_my_model().await;
    for twice in [
        r#"{"model":"my-model","model":"other","messages":[]}"#,
        r#"{"model":"my-model","messages":[{"role":"user","content":"x"}],"stream":false,"stream":true}"#,
        r#"{"model":"my-model","messages":[{"role":"user","content":"x"}],"messages":[{"role":"user","content":"y"}]}"#,
        r#"{"model":"my-model","messages":[{"role":"user","content":"x"}],"max_tokens":1,"max_tokens":100000}"#,
    ] {
        let reply = gateway.anonymous().post_bytes(CHAT, twice).await;
        assert_eq!(
            (reply.status, reply.error().0.as_str()),
            (400, "invalid_request_error"),
            "{twice}"
        );
    }
    assert_eq!(gateway.upstream("openai").requests().len(), 0);
}

#[tokio::test]
async fn a_body_in_chunks_is_as_good_as_one_with_a_length() {
    let gateway = start_my_model().await;
    let body = r#"{"model":"my-model","messages":[{"role":"user","content":"x"}]}"#;
    let mut raw = gateway.raw().await;
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n",
        gateway.address()
    );
    raw.send(head).await;
    for piece in body.as_bytes().chunks(7) {
        let chunk = format!(
            "{:x}\r\n{}\r\n",
            piece.len(),
            String::from_utf8_lossy(piece)
        );
        raw.send(chunk).await;
    }
    raw.send("0\r\n\r\n").await;
    let answer = raw.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let sent = gateway.upstream("openai").last().body;
    assert_eq!(
        String::from_utf8_lossy(&sent),
        body.replace("my-model", "gpt-4o")
    );
}

#[tokio::test]
async fn a_providers_own_refusal_comes_back_with_its_words() {
    let gateway = start_my_model().await;
    let refusal = Answer::error(400, "zork is not a parameter").code("unknown_parameter");
    gateway.upstream("openai").answers(refusal);
    let reply = gateway.anonymous().post_bytes(CHAT, ODD_BODY).await;
    let (kind, code, message) = reply.error();
    assert_eq!(
        (reply.status, kind.as_str(), code.as_str()),
        (400, "invalid_request_error", "unknown_parameter")
    );
    assert!(message.contains("zork is not a parameter"), "{message}");
    assert_eq!(gateway.upstream("openai").requests().len(), 1);
}
