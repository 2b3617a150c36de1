//! Streams as they come, cut anywhere, broken anywhere.

use serde_json::{Value, json};

use super::*;
use crate::chat::FinishReason;

fn reader() -> Reader {
    Reader::new(&Stamp {
        request_id: "req-1".to_owned(),
        created_s: 7,
        model: "asked".to_owned(),
    })
}

fn wire(events: &[Value]) -> String {
    events
        .iter()
        .map(|event| {
            format!(
                "event: {}\ndata: {event}\n\n",
                event["type"].as_str().unwrap()
            )
        })
        .collect()
}

fn read(bytes: &[u8]) -> (Vec<ChatEvent>, Result<(), Malformed>) {
    let (mut reader, mut events) = (reader(), Vec::new());
    let result = reader
        .push(bytes, &mut events)
        .and_then(|()| reader.end(&mut events));
    (events, result)
}

fn message_start() -> Value {
    json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": {"input_tokens": 25, "output_tokens": 1}}})
}

fn thinking_then_two_calls() -> String {
    wire(&[
        message_start(),
        json!({"type": "ping"}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "Two c\u{ef}ties: "}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "two calls \u{1f680}."}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "EqQB"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "redacted_thinking", "data": "Emw"}}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "content_block_start", "index": 2, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "text_delta", "text": "Looking."}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "citations_delta", "citation": {"type": "page_location"}}}),
        json!({"type": "content_block_stop", "index": 2}),
        json!({"type": "content_block_start", "index": 3, "content_block": {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {}}}),
        json!({"type": "content_block_delta", "index": 3, "delta": {"type": "input_json_delta", "partial_json": "{\"query\":1}"}}),
        json!({"type": "content_block_stop", "index": 3}),
        json!({"type": "content_block_start", "index": 4, "content_block": {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {}}}),
        json!({"type": "content_block_delta", "index": 4, "delta": {"type": "input_json_delta", "partial_json": ""}}),
        json!({"type": "content_block_delta", "index": 4, "delta": {"type": "input_json_delta", "partial_json": "{\"city\": \"P"}}),
        json!({"type": "content_block_delta", "index": 4, "delta": {"type": "input_json_delta", "partial_json": "aris\"}"}}),
        json!({"type": "content_block_stop", "index": 4}),
        json!({"type": "content_block_start", "index": 5, "content_block": {"type": "tool_use", "id": "toolu_2", "name": "get_time", "input": {}}}),
        json!({"type": "content_block_stop", "index": 5}),
        json!({"type": "from_the_future", "index": 9}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null}, "usage": {"input_tokens": 30, "output_tokens": 89, "cache_read_input_tokens": 5}}),
        json!({"type": "message_stop"}),
    ])
}

#[test]
fn thinking_text_and_two_calls_come_in_order() {
    let (events, result) = read(thinking_then_two_calls().as_bytes());
    assert_eq!(result, Ok(()));
    let arguments = |index: u32, json: &str| {
        delta(Delta::ToolCallArguments {
            index,
            json: json.to_owned(),
        })
    };
    let start = |index: u32, id: &str, name: &str| {
        delta(Delta::ToolCallStart {
            index,
            id: id.to_owned(),
            name: name.to_owned(),
            signature: None,
        })
    };
    let usage = events.iter().rev().nth(1).cloned().unwrap();
    assert_eq!(
        events,
        [
            ChatEvent::Start {
                id: "msg_1".to_owned(),
                model: "claude".to_owned()
            },
            delta(Delta::Reasoning("Two c\u{ef}ties: ".to_owned())),
            delta(Delta::Reasoning("two calls \u{1f680}.".to_owned())),
            delta(Delta::ThinkingEnd(Thinking::Signed {
                text: "Two c\u{ef}ties: two calls \u{1f680}.".to_owned(),
                signature: "EqQB".to_owned()
            })),
            delta(Delta::ThinkingEnd(Thinking::Redacted {
                data: "Emw".to_owned()
            })),
            delta(Delta::Text("Looking.".to_owned())),
            start(0, "toolu_1", "get_weather"),
            arguments(0, "{\"city\": \"P"),
            arguments(0, "aris\"}"),
            start(1, "toolu_2", "get_time"),
            arguments(1, "{}"),
            ChatEvent::Finish {
                choice: 0,
                reason: FinishReason::ToolCalls
            },
            usage.clone(),
            ChatEvent::Done,
        ]
    );
    let ChatEvent::Usage(usage) = usage else {
        panic!("no usage")
    };
    assert_eq!(
        (
            usage.input_tokens,
            usage.cache_read_tokens,
            usage.output_tokens
        ),
        (30, 5, 89)
    );
}

#[test]
fn every_cut_gives_the_same_events() {
    let bytes = thinking_then_two_calls().into_bytes();
    let (whole, _) = read(&bytes);
    for cut in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(cut);
        let (mut reader, mut events) = (reader(), Vec::new());
        reader.push(head, &mut events).unwrap();
        reader.push(tail, &mut events).unwrap();
        reader.end(&mut events).unwrap();
        assert_eq!(events, whole, "cut at {cut}");
    }
}

#[test]
fn a_stream_that_stops_early_is_truncated_wherever_it_stops() {
    let bytes = thinking_then_two_calls().into_bytes();
    // The last line end and blank line may be missing.
    for end in 0..bytes.len() - 3 {
        let (events, result) = read(&bytes[..end]);
        assert_eq!(result, Err(Malformed::Truncated), "ends at {end}");
        assert!(!events.contains(&ChatEvent::Done), "ends at {end}");
    }
    for end in bytes.len() - 2..=bytes.len() {
        assert_eq!(read(&bytes[..end]).1, Ok(()), "ends at {end}");
    }
}

#[test]
fn an_error_in_the_midst_ends_the_stream() {
    let bytes = wire(&[
        message_start(),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Half"}}),
        json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        json!({"type": "message_stop"}),
    ]);
    let (events, result) = read(bytes.as_bytes());
    assert_eq!(result, Ok(()));
    assert_eq!(events.len(), 3);
    assert_eq!(
        events.last(),
        Some(&ChatEvent::Error {
            message: "Overloaded".to_owned(),
            error_type: Some("overloaded_error".to_owned())
        })
    );
}

#[test]
fn an_error_before_everything_has_no_start() {
    let bytes = wire(&[json!({"type": "error", "error": {"type": "api_error", "message": "x"}})]);
    let (events, _) = read(bytes.as_bytes());
    assert!(matches!(events.as_slice(), [ChatEvent::Error { .. }]));
}

#[test]
fn the_tool_of_a_json_answer_is_streamed_as_text() {
    let stream = |pieces: &[&str]| {
        let mut events = vec![
            message_start(),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t", "name": "headgate_json_answer", "input": {}}}),
        ];
        events.extend(pieces.iter().map(|piece| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": piece}})));
        events.push(json!({"type": "content_block_stop", "index": 0}));
        events.push(json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 3}}));
        events.push(json!({"type": "message_stop"}));
        read(wire(&events).as_bytes()).0
    };
    let events = stream(&["{\"a\"", ":1}"]);
    assert_eq!(
        events[1..3],
        [
            delta(Delta::Text("{\"a\"".to_owned())),
            delta(Delta::Text(":1}".to_owned()))
        ]
    );
    assert_eq!(
        events[3],
        ChatEvent::Finish {
            choice: 0,
            reason: FinishReason::Stop
        }
    );
    assert_eq!(stream(&[])[1], delta(Delta::Text("{}".to_owned())));
}

#[test]
fn an_input_sent_at_once_is_not_lost() {
    let (events, _) = read(
        wire(&[
            message_start(),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}}),
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_stop"}),
        ])
        .as_bytes(),
    );
    assert_eq!(
        events[2],
        delta(Delta::ToolCallArguments {
            index: 0,
            json: "{\"a\":1}".to_owned()
        })
    );
    assert_eq!(
        events[3],
        ChatEvent::Finish {
            choice: 0,
            reason: FinishReason::ToolCalls
        }
    );
}

#[test]
fn a_refusal_says_why() {
    let (events, _) = read(
        wire(&[
            message_start(),
            json!({"type": "message_delta", "delta": {"stop_reason": "refusal", "stop_details": {"type": "refusal", "category": "cyber", "explanation": "Not this."}}, "usage": {"output_tokens": 2}}),
            json!({"type": "message_stop"}),
        ])
        .as_bytes(),
    );
    assert_eq!(events[1], delta(Delta::Refusal("Not this.".to_owned())));
    assert_eq!(
        events[2],
        ChatEvent::Finish {
            choice: 0,
            reason: FinishReason::ContentFilter
        }
    );
}

#[test]
fn what_is_no_stream_of_events_is_malformed() {
    for event in [
        "data: <html>\n\n",
        "data: {\"type\":\"message_start\"}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":3,\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\"}}\n\n",
    ] {
        assert!(
            matches!(read(event.as_bytes()).1, Err(Malformed::Answer(_))),
            "{event}"
        );
    }
}

#[test]
fn endless_thinking_is_refused() {
    let mut reader = reader();
    let mut events = Vec::new();
    let start = json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}});
    reader.push(wire(&[start]).as_bytes(), &mut events).unwrap();
    let piece = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "x".repeat(512 << 10)}});
    let piece = wire(&[piece]);
    let result = (0..20).try_for_each(|_| reader.push(piece.as_bytes(), &mut events));
    assert_eq!(result, Err(Malformed::TooLarge));
}

#[test]
fn unknown_events_are_skipped_whatever_they_hold() {
    let strange =
        "event: pulse\ndata: pong\n\ndata: {\"type\":\"pulse\",\"index\":\"x\",\"usage\":7}\n\n";
    let stream = thinking_then_two_calls().replace("event: ping", &format!("{strange}event: ping"));
    assert_eq!(
        read(stream.as_bytes()),
        read(thinking_then_two_calls().as_bytes())
    );
}
