//! What callers are promised of Gemini's answers, whole and streamed.

use proptest::prelude::*;
use serde_json::json;

use super::stamp;
use crate::chat::{ChatApi, ChatEvent, Delta, FinishReason};
use crate::gemini::Gemini;
use crate::wire::Malformed;

#[test]
fn log_probabilities_come_back_in_openais_shape() {
    let body = br#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP","logprobsResult":{"chosenCandidates":[{"token":"a","logProbability":-0.25}],"topCandidates":[{"candidates":[{"token":"a","logProbability":-0.25}]}]}}]}"#;
    let answer = Gemini.decode(body, &stamp()).unwrap();
    let token = json!({"bytes": [97], "token": "a", "logprob": -0.25});
    let mut chosen = token.clone();
    chosen["top_logprobs"] = json!([token]);
    assert_eq!(
        answer.choices[0].logprobs,
        Some(json!({"content": [chosen], "refusal": null}))
    );
}

#[test]
fn a_blocked_prompt_is_a_choice_with_a_content_filter() {
    let body = br#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}}"#;
    let answer = Gemini.decode(body, &stamp()).unwrap();
    assert_eq!(answer.choices[0].finish, FinishReason::ContentFilter);
    assert_eq!(answer.usage.unwrap().input_tokens, 4);
    let sse = [b"data: ".as_slice(), body, b"\r\n\r\n"].concat();
    let (events, end) = read(&[&sse]);
    assert_eq!(end, Ok(()));
    assert!(events.contains(&ChatEvent::Finish {
        choice: 0,
        reason: FinishReason::ContentFilter
    }));
}

#[test]
fn an_answer_without_candidates_is_malformed_and_not_empty() {
    for body in [b"{}".as_slice(), b"[]", b"<html>", b"{\"candidates\":[]}"] {
        assert!(matches!(
            Gemini.decode(body, &stamp()),
            Err(Malformed::Answer(_))
        ));
    }
}

fn read(pieces: &[&[u8]]) -> (Vec<ChatEvent>, Result<(), Malformed>) {
    let (mut reader, mut events) = (Gemini.events(&stamp()), Vec::new());
    for piece in pieces {
        if let Err(error) = reader.push(piece, &mut events) {
            return (events, Err(error));
        }
    }
    let end = reader.end(&mut events);
    (events, end)
}

const STREAM: &str = concat!(
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hm\",\"thought\":true}]},\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":3,\"totalTokenCount\":3},\"responseId\":\"r1\",\"modelVersion\":\"g\"}\r\n\r\n",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"thr\u{e9}e \u{1f680}\"}]},\"index\":0}]}\r\n\r\n",
    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":1}},\"thoughtSignature\":\"c2ln\"},{\"functionCall\":{\"name\":\"g\"}}]},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":3,\"candidatesTokenCount\":2,\"thoughtsTokenCount\":1,\"totalTokenCount\":6}}\r\n\r\n",
);

#[test]
fn a_stream_gives_thoughts_text_calls_finish_and_usage() {
    let (events, end) = read(&[STREAM.as_bytes()]);
    assert_eq!(end, Ok(()));
    let deltas: Vec<Delta> = events
        .iter()
        .filter_map(|event| match event {
            ChatEvent::Delta { choice: 0, delta } => Some(delta.clone()),
            _ => None,
        })
        .collect();
    let start = |index, id: &str, name: &str, signature: Option<&str>| Delta::ToolCallStart {
        index,
        id: id.to_owned(),
        name: name.to_owned(),
        signature: signature.map(str::to_owned),
    };
    let arguments = |index, json: &str| Delta::ToolCallArguments {
        index,
        json: json.to_owned(),
    };
    assert_eq!(
        deltas,
        [
            Delta::Reasoning("Hm".to_owned()),
            Delta::Text("thr\u{e9}e \u{1f680}".to_owned()),
            start(0, "call_req_1_0", "f", Some("c2ln")),
            arguments(0, "{\"a\":1}"),
            start(1, "call_req_1_1", "g", None),
            arguments(1, "{}"),
        ]
    );
    let (usages, rest): (Vec<_>, Vec<_>) = events
        .into_iter()
        .filter(|event| !matches!(event, ChatEvent::Delta { .. }))
        .partition(|event| matches!(event, ChatEvent::Usage(_)));
    assert!(matches!(&usages[..], [ChatEvent::Usage(usage)] if usage.total_tokens() == 6));
    assert_eq!(
        rest,
        [
            ChatEvent::Start {
                id: "r1".to_owned(),
                model: "g".to_owned()
            },
            ChatEvent::Finish {
                choice: 0,
                reason: FinishReason::ToolCalls
            },
            ChatEvent::Done,
        ]
    );
}

#[test]
fn every_cut_gives_the_same_events_and_a_missing_end_is_noticed() {
    let bytes = STREAM.as_bytes();
    let whole = read(&[bytes]);
    for cut in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(cut);
        assert_eq!(read(&[head, tail]), whole, "cut at {cut}");
        // The last line ends may be missing, nothing else.
        if cut + 4 < bytes.len() {
            assert_eq!(read(&[head]).1, Err(Malformed::Truncated), "end at {cut}");
        }
    }
}

#[test]
fn an_error_in_a_stream_ends_it_with_the_vendors_words() {
    let bytes = b"data: {\"error\":{\"code\":503,\"message\":\"overloaded\",\"status\":\"UNAVAILABLE\"}}\r\n\r\ndata: {\"candidates\":[]}\r\n\r\n";
    let (events, end) = read(&[bytes]);
    assert_eq!(end, Ok(()));
    assert_eq!(
        events,
        [ChatEvent::Error {
            message: "overloaded".to_owned(),
            error_type: Some("UNAVAILABLE".to_owned())
        }]
    );
}

#[test]
fn broken_json_in_a_stream_is_malformed() {
    assert!(matches!(
        read(&[b"data: {this is not json\n\n"]).1,
        Err(Malformed::Answer(_))
    ));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..200_usize) {
        let _ = Gemini.decode(&bytes, &stamp());
        let sse = [b"data: ".as_slice(), &bytes, b"\n\n"].concat();
        let (head, tail) = sse.split_at(cut.min(sse.len()));
        let _ = read(&[head, tail]);
    }
}
