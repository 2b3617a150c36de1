//! Streams: as they come, to their true end, and not for nobody.

use harness::answer::{Answer, LineEnds};
use harness::events;
use harness::gate::Gate;
use harness::gateway::TestGateway;
use harness::provider::Ending;
use serde_json::json;

use crate::setup::{
    CHAT, anthropic, ask, ask_streamed, ask_with, gemini, models, ollama, openai, start,
};

/// Each model with the lane of its name.
const ALL: [&str; 4] = ["openai", "anthropic", "gemini", "ollama"];

async fn start_all() -> TestGateway {
    let entries = [
        openai("openai", "openai", ", num_retries: 0"),
        anthropic("anthropic", "anthropic", ", num_retries: 0"),
        gemini("gemini", "gemini", ", num_retries: 0"),
        ollama("ollama", "ollama", ", num_retries: 0"),
    ];
    start(&models(&entries)).await
}

#[tokio::test]
async fn every_providers_stream_comes_as_openais_chunks() {
    let gateway = start_all().await;
    for model in ALL {
        let reply = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
        assert!(
            reply
                .header("content-type")
                .starts_with("text/event-stream"),
            "{model}"
        );
        assert_eq!(reply.header("content-length"), "", "{model}");
        let events = reply.events();
        assert_eq!(
            events.iter().filter(|event| *event == "[DONE]").count(),
            1,
            "{model}"
        );
        assert_eq!(events.last().unwrap(), "[DONE]", "{model}");
        let chunks = events::chunks(&reply.body);
        assert!(
            chunks
                .iter()
                .all(|chunk| chunk["object"] == "chat.completion.chunk"),
            "{model}"
        );
        assert!(
            chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"]),
            "{model}"
        );
        assert_eq!(
            chunks[0]["choices"][0]["delta"]["role"], "assistant",
            "{model}"
        );
        assert_eq!(events::text(&reply.body), format!("Hello from {model}"));
        assert_eq!(events::finish_reasons(&reply.body), ["stop"], "{model}");
        assert!(reply.is_whole, "{model}");
    }
}

#[tokio::test]
async fn words_reach_the_caller_while_the_provider_still_speaks() {
    let gateway = start_all().await;
    for (model, pieces) in [
        ("openai", 3),
        ("anthropic", 4),
        ("gemini", 2),
        ("ollama", 2),
    ] {
        let gate = Gate::closed();
        gateway
            .upstream(model)
            .answers(Answer::text("abcd").pause_after(pieces, &gate));
        let mut stream = gateway.anonymous().stream(CHAT, &ask_streamed(model)).await;
        stream.read_until(r#""content":"b""#).await;
        gate.open();
        let reply = stream.whole().await;
        assert_eq!(events::text(&reply.body), "abcd", "{model}");
    }
}

#[tokio::test]
async fn usage_comes_last_when_it_is_asked_for_and_never_otherwise() {
    let gateway = start_all().await;
    for model in ALL {
        let asked = ask_with(
            model,
            json!({"stream": true, "stream_options": {"include_usage": true}}),
        );
        let reply = gateway.anonymous().post(CHAT, &asked).await;
        let last = events::chunks(&reply.body).pop().unwrap();
        assert_eq!(last["choices"], json!([]), "{model}");
        assert_eq!(last["usage"]["prompt_tokens"], 11, "{model}: {last}");
        assert_eq!(last["usage"]["completion_tokens"], 7, "{model}: {last}");
        let reply = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
        let chunks = events::chunks(&reply.body);
        assert!(
            chunks.iter().all(|chunk| chunk["choices"][0].is_object()),
            "{model}: {}",
            reply.text()
        );
    }
}

#[tokio::test]
async fn tool_calls_are_streamed_whole() {
    let gateway = start_all().await;
    let arguments = json!({"city": "Paris", "unit": "c"});
    for model in ALL {
        let answer = Answer::text("I look.").and_tool_call("get_weather", arguments.clone());
        gateway
            .upstream(model)
            .answers(answer.and_tool_call("get_time", json!({"tz": "CET"})));
        let reply = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
        let calls = events::tool_calls(&reply.body);
        assert_eq!(
            calls[0],
            ("get_weather".to_owned(), arguments.clone()),
            "{model}"
        );
        assert_eq!(calls[1].0, "get_time", "{model}");
        assert_eq!(events::text(&reply.body), "I look.", "{model}");
        assert_eq!(
            events::finish_reasons(&reply.body),
            ["tool_calls"],
            "{model}"
        );
    }
}

#[tokio::test]
async fn a_callers_leaving_ends_the_providers_work() {
    let gateway = start_all().await;
    for model in ALL {
        let gate = Gate::closed();
        let lane = gateway.upstream(model);
        lane.answers(Answer::text("abcdefgh").pieces(8).pause_after(4, &gate));
        let mut stream = gateway.anonymous().stream(CHAT, &ask_streamed(model)).await;
        stream.read_until(r#""content":"a""#).await;
        drop(stream);
        assert_eq!(lane.last().ended().await, Ending::PeerGone, "{model}");
    }
}

#[tokio::test]
async fn a_caller_who_leaves_before_the_first_word_ends_the_providers_work() {
    let gateway = start_all().await;
    let lane = gateway.upstream("openai");
    lane.answers(Answer::hang());
    let body = ask("openai").to_string();
    let mut raw = gateway.raw().await;
    let head = format!(
        "POST {CHAT} HTTP/1.1\r\nhost: {}\r\ncontent-length: {}\r\n\r\n{body}",
        gateway.address(),
        body.len()
    );
    raw.send(head).await;
    let request = lane.arrived(1).await.remove(0);
    drop(raw);
    assert_eq!(request.ended().await, Ending::PeerGone);
}

#[tokio::test]
async fn a_stream_cut_after_its_first_token_ends_with_an_error_and_without_done() {
    let gateway = start_all().await;
    for (model, bytes) in [
        ("openai", 700),
        ("anthropic", 900),
        ("gemini", 500),
        ("ollama", 300),
    ] {
        gateway.upstream(model).answers(
            Answer::text(&"word ".repeat(40))
                .pieces(40)
                .cut_after_bytes(bytes),
        );
        let reply = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
        let events = reply.events();
        assert!(
            !events.contains(&"[DONE]".to_owned()),
            "{model}: {}",
            reply.text()
        );
        let last = events::chunks(&reply.body).pop().unwrap();
        assert_eq!(last["error"]["type"], "upstream_error", "{model}: {last}");
        assert!(last["error"]["message"].is_string(), "{model}: {last}");
        assert!(events::finish_reasons(&reply.body).is_empty(), "{model}");
    }
}

#[tokio::test]
async fn a_stream_without_its_last_event_is_not_called_complete() {
    let gateway = start_all().await;
    for model in ["anthropic", "gemini", "ollama"] {
        gateway
            .upstream(model)
            .answers(Answer::text("abcd").without_end());
        let reply = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
        assert!(
            !reply.events().contains(&"[DONE]".to_owned()),
            "{model}: {}",
            reply.text()
        );
        let last = events::chunks(&reply.body).pop().unwrap();
        assert!(last["error"].is_object(), "{model}: {last}");
    }
}

#[tokio::test]
async fn an_openai_stream_that_finished_but_forgot_done_is_complete_for_the_caller() {
    let gateway = start_all().await;
    gateway
        .upstream("openai")
        .answers(Answer::text("abcd").without_end());
    let reply = gateway
        .anonymous()
        .post(CHAT, &ask_streamed("openai"))
        .await;
    assert_eq!(events::text(&reply.body), "abcd");
    assert_eq!(events::finish_reasons(&reply.body), ["stop"]);
}

#[tokio::test]
async fn line_ends_of_every_kind_are_understood() {
    let gateway = start_all().await;
    for model in ["openai", "anthropic", "gemini"] {
        for line_ends in [LineEnds::Lf, LineEnds::CrLf, LineEnds::Cr, LineEnds::Mixed] {
            gateway
                .upstream(model)
                .answers(Answer::text("abcd").line_ends(line_ends));
            let reply = gateway.anonymous().post(CHAT, &ask_streamed(model)).await;
            assert_eq!(
                events::text(&reply.body),
                "abcd",
                "{model} {line_ends:?}: {}",
                reply.text()
            );
            assert_eq!(
                reply.events().last().unwrap(),
                "[DONE]",
                "{model} {line_ends:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_character_cut_in_two_by_the_network_stays_whole() {
    let gateway = start_all().await;
    let lane = gateway.upstream("anthropic");
    lane.answers(Answer::text("na\u{ef}ve \u{1f680} \u{5e9}\u{5dc}"));
    let whole = gateway
        .anonymous()
        .post(CHAT, &ask_streamed("anthropic"))
        .await;
    let wanted = events::text(&whole.body);
    assert_eq!(wanted, "na\u{ef}ve \u{1f680} \u{5e9}\u{5dc}");
    let caller = harness::caller::Caller::anonymous(provider_address(&gateway));
    let recorded = caller
        .post(
            "/anthropic/v1/messages",
            &json!({"stream": true, "model": "m"}),
        )
        .await
        .body;
    let bytes: Vec<Vec<u8>> = recorded.iter().map(|byte| vec![*byte]).collect();
    lane.answers(Answer::stream("text/event-stream", bytes));
    let reply = gateway
        .anonymous()
        .post(CHAT, &ask_streamed("anthropic"))
        .await;
    assert_eq!(events::text(&reply.body), wanted);
}

fn provider_address(gateway: &TestGateway) -> std::net::SocketAddr {
    gateway
        .provider_url()
        .trim_start_matches("http://")
        .parse()
        .unwrap()
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream_reaches_the_caller_as_one() {
    let gateway = start_all().await;
    let start = r#"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}"#;
    let block =
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
    let delta =
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}"#;
    let error = r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
    let pieces = [start, block, delta, error].map(|data| format!("data: {data}\n\n"));
    gateway
        .upstream("anthropic")
        .answers(Answer::stream("text/event-stream", pieces));
    let reply = gateway
        .anonymous()
        .post(CHAT, &ask_streamed("anthropic"))
        .await;
    assert_eq!(events::text(&reply.body), "Hi");
    let last = events::chunks(&reply.body).pop().unwrap();
    assert!(last["error"]["message"].is_string(), "{last}");
    assert!(!reply.events().contains(&"[DONE]".to_owned()));
}
