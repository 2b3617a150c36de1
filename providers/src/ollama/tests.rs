//! What callers are promised of Ollama, beside the golden cases.

use domain::routing::ParameterPolicy;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Ollama;
use crate::Provider;
use crate::chat::{
    ChatApi, ChatCall, ChatEvent, Delta, FinishReason, MediaSource, Message, Part, Role, Tool,
    ToolCall, ToolChoice,
};
use crate::completions::CompletionCall;
use crate::embeddings::EmbeddingCall;
use crate::failure::FailureKind;
use crate::wire::{Malformed, Stamp, Target, Untranslatable, WireBody};

fn stamp() -> Stamp {
    Stamp {
        request_id: "req_1".to_owned(),
        created_s: 7,
        model: "llama3".to_owned(),
    }
}

fn with_target<T>(model: &str, rules: &ParameterPolicy, run: impl FnOnce(&Target<'_>) -> T) -> T {
    let extra_body = Map::new();
    run(&Target {
        model,
        base_url: "http://localhost:11434",
        api_key: None,
        api_version: None,
        organization: None,
        max_output_tokens: None,
        reasons: false,
        parameters: rules,
        extra_body: &extra_body,
    })
}

fn json_of(body: Result<WireBody, Untranslatable>) -> Value {
    serde_json::from_slice(&body.unwrap().bytes).unwrap()
}

fn encoded(model: &str, call: &ChatCall) -> Result<WireBody, Untranslatable> {
    let rules = ParameterPolicy::default();
    with_target(model, &rules, |target| Ollama.encode(call, target))
}

fn message(role: Role, content: Vec<Part>) -> Message {
    Message {
        role,
        content,
        name: None,
        tool_calls: Vec::new(),
        tool_call_id: None,
        refusal: None,
        thinking: Vec::new(),
        cache_control: None,
        extra: Map::new(),
    }
}

fn text(text: &str) -> Part {
    Part::Text {
        text: text.to_owned(),
        cache_control: None,
    }
}

fn chat(messages: Vec<Message>) -> ChatCall {
    ChatCall {
        messages,
        ..ChatCall::default()
    }
}

fn function(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        description: None,
        parameters: None,
        strict: None,
        cache_control: None,
        native: None,
    }
}

#[test]
fn an_image_at_an_address_is_refused_by_its_place() {
    let image = Part::Image {
        source: MediaSource::Url("https://x.example/a.png".to_owned()),
        detail: None,
        cache_control: None,
    };
    let error = encoded(
        "m",
        &chat(vec![message(Role::User, vec![text("a"), image])]),
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("messages[0].content[1].image_url")
    );
}

#[test]
fn which_tools_may_be_called_is_honoured_or_refused() {
    let call = |choice| ChatCall {
        tools: vec![function("f"), function("g")],
        tool_choice: Some(choice),
        ..chat(vec![message(Role::User, vec![text("x")])])
    };
    let offered = |choice| {
        let body = json_of(encoded("m", &call(choice)));
        body["tools"].as_array().map_or(0, Vec::len)
    };
    let allowed = |required| ToolChoice::Allowed {
        names: vec!["g".to_owned()],
        required,
    };
    assert_eq!(offered(ToolChoice::Auto), 2);
    assert_eq!(offered(ToolChoice::None), 0);
    assert_eq!(offered(allowed(false)), 1);
    for choice in [
        ToolChoice::Required,
        ToolChoice::Function("g".to_owned()),
        allowed(true),
    ] {
        let error = encoded("m", &call(choice)).unwrap_err();
        assert!(error.to_string().contains("`tool_choice`"));
    }
}

#[test]
fn how_hard_to_think_is_a_level_for_gpt_oss_and_yes_or_no_for_others() {
    let think = |model: &str, effort: &str| {
        let call = ChatCall {
            reasoning_effort: Some(effort.to_owned()),
            ..chat(Vec::new())
        };
        json_of(encoded(model, &call))["think"].clone()
    };
    assert_eq!(think("qwen3", "none"), json!(false));
    assert_eq!(think("qwen3", "low"), json!(true));
    assert_eq!(think("gpt-oss:20b", "minimal"), json!("low"));
    assert_eq!(think("gpt-oss:20b", "xhigh"), json!("high"));
}

#[test]
fn several_answers_are_refused_unless_they_may_be_dropped() {
    let call = ChatCall {
        n: Some(2),
        ..chat(Vec::new())
    };
    assert!(encoded("m", &call).unwrap_err().to_string().contains("`n`"));
    let rules = ParameterPolicy {
        drop_unsupported: true,
        ..ParameterPolicy::default()
    };
    let body = with_target("m", &rules, |target| Ollama.encode(&call, target));
    assert_eq!(body.unwrap().dropped, ["n"]);
}

#[test]
fn a_completion_goes_to_generate_with_its_suffix() {
    let completions = Ollama.completions().unwrap();
    let rules = ParameterPolicy::default();
    let call = CompletionCall {
        prompts: vec!["def f(".to_owned()],
        suffix: Some("return x".to_owned()),
        max_tokens: Some(9),
        stop: vec!["Z".to_owned()],
        openai_parameters: Map::from_iter([("temperature".to_owned(), json!(0))]),
        extra: Map::from_iter([("raw".to_owned(), json!(true))]),
        ..CompletionCall::default()
    };
    let body = with_target("m", &rules, |target| completions.encode(&call, target));
    assert_eq!(
        json_of(body),
        json!({
            "model": "m", "prompt": "def f(", "suffix": "return x", "stream": false, "raw": true,
            "options": {"num_predict": 9, "stop": ["Z"], "temperature": 0},
        })
    );
    let several = CompletionCall {
        prompts: vec!["a".to_owned(), "b".to_owned()],
        ..CompletionCall::default()
    };
    let refused = with_target("m", &rules, |target| completions.encode(&several, target));
    assert!(refused.unwrap_err().to_string().contains("`prompt`"));
    let body = br#"{"model":"m","response":"x)","done":true,"done_reason":"length","prompt_eval_count":3,"eval_count":2}"#;
    let answer = completions.decode(body, &stamp()).unwrap();
    assert_eq!(answer.choices[0].text.as_deref(), Some("x)"));
    assert_eq!(answer.choices[0].finish, FinishReason::Length);
}

#[test]
fn embeddings_go_out_as_a_list_and_come_back_with_their_count() {
    let embeddings = Ollama.embeddings().unwrap();
    let rules = ParameterPolicy::default();
    let call = EmbeddingCall {
        inputs: vec!["a".to_owned(), "b".to_owned()],
        dimensions: Some(2),
        ..EmbeddingCall::default()
    };
    let body = with_target("m", &rules, |target| embeddings.encode(&call, target));
    assert_eq!(
        json_of(body),
        json!({"model": "m", "input": ["a", "b"], "dimensions": 2})
    );
    let body = br#"{"model":"m","embeddings":[[1,0.5],[2,3]],"prompt_eval_count":5}"#;
    let answer = embeddings.decode(body, &stamp()).unwrap();
    assert_eq!(answer.vectors, [vec![1.0, 0.5], vec![2.0, 3.0]]);
    assert_eq!(answer.usage.unwrap().input_tokens, 5);
}

#[test]
fn an_answer_that_is_an_error_or_nothing_is_malformed() {
    for body in [
        b"{\"error\":\"boom\"}".as_slice(),
        b"{}",
        b"<html>",
        b"{\"done\":true}",
    ] {
        assert!(matches!(
            Ollama.decode(body, &stamp()),
            Err(Malformed::Answer(_))
        ));
    }
}

#[test]
fn a_prompt_that_is_too_long_is_known_by_ollamas_words() {
    let body = br#"{"error":"the input length exceeds the context length"}"#;
    assert_eq!(Ollama.failure(400, body).kind, FailureKind::ContextWindow);
    let body = br#"{"error":"model 'llama3' not found"}"#;
    assert_eq!(Ollama.failure(404, body).kind, FailureKind::NotFound);
}

fn read(pieces: &[&[u8]]) -> (Vec<ChatEvent>, Result<(), Malformed>) {
    let (mut reader, mut events) = (Ollama.events(&stamp()), Vec::new());
    for piece in pieces {
        if let Err(error) = reader.push(piece, &mut events) {
            return (events, Err(error));
        }
    }
    let end = reader.end(&mut events);
    (events, end)
}

const STREAM: &str = concat!(
    "{\"model\":\"llama3\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"Hm\"},\"done\":false}\n",
    "{\"model\":\"llama3\",\"message\":{\"role\":\"assistant\",\"content\":\"thr\u{e9}e \u{1f680}\"},\"done\":false}\r\n",
    "{\"model\":\"llama3\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}},{\"id\":\"call_x\",\"function\":{\"name\":\"g\",\"arguments\":{}}}]},\"done\":false}\n",
    "{\"model\":\"llama3\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":3,\"eval_count\":2}\n",
);

#[test]
fn a_stream_gives_thoughts_text_calls_finish_and_usage() {
    let (events, end) = read(&[STREAM.as_bytes()]);
    assert_eq!(end, Ok(()));
    let delta = |delta| ChatEvent::Delta { choice: 0, delta };
    let start = |index, id: &str, name: &str| {
        delta(Delta::ToolCallStart {
            index,
            id: id.to_owned(),
            name: name.to_owned(),
            signature: None,
        })
    };
    let arguments = |index, json: &str| {
        delta(Delta::ToolCallArguments {
            index,
            json: json.to_owned(),
        })
    };
    let (usages, rest): (Vec<_>, Vec<_>) = events
        .into_iter()
        .partition(|event| matches!(event, ChatEvent::Usage(_)));
    assert!(matches!(&usages[..], [ChatEvent::Usage(usage)] if usage.total_tokens() == 5));
    assert_eq!(
        rest,
        [
            ChatEvent::Start {
                id: "req_1".to_owned(),
                model: "llama3".to_owned()
            },
            delta(Delta::Reasoning("Hm".to_owned())),
            delta(Delta::Text("thr\u{e9}e \u{1f680}".to_owned())),
            start(0, "call_req_1_0", "f"),
            arguments(0, "{\"a\":1}"),
            start(1, "call_x", "g"),
            arguments(1, "{}"),
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
        // The last line end may be missing, nothing else.
        if cut + 1 < bytes.len() {
            assert_eq!(read(&[head]).1, Err(Malformed::Truncated), "end at {cut}");
        }
    }
}

#[test]
fn an_error_in_a_stream_ends_it_with_ollamas_words() {
    let (events, end) = read(&[b"{\"error\":\"out of memory\"}\n{\"done\":true}\n"]);
    assert_eq!(end, Ok(()));
    assert_eq!(
        events,
        [ChatEvent::Error {
            message: "out of memory".to_owned(),
            error_type: None
        }]
    );
}

fn any_message() -> impl Strategy<Value = Message> {
    let role = prop::sample::select(vec![
        Role::System,
        Role::Developer,
        Role::User,
        Role::Assistant,
    ]);
    let image = "[A-Za-z0-9]{4}".prop_map(|data| Part::Image {
        source: MediaSource::Base64 {
            media_type: "image/png".to_owned(),
            data,
        },
        detail: None,
        cache_control: None,
    });
    let part = prop_oneof!["[a-z]{1,8}".prop_map(|said| text(&said)), image];
    let call = ("[a-z]{1,5}", "[a-z]{1,5}").prop_map(|(id, value)| ToolCall {
        name: format!("fn_{id}"),
        arguments: json!({"v": value}).to_string(),
        id,
        signature: None,
    });
    let parts = prop::collection::vec(part, 0..4);
    let calls = prop::collection::vec(call, 0..3);
    (role, parts, calls).prop_map(|(role, parts, calls)| Message {
        tool_calls: if role == Role::Assistant {
            calls
        } else {
            Vec::new()
        },
        ..message(role, parts)
    })
}

proptest! {
    #[test]
    fn every_message_arrives_with_its_text_images_and_calls(messages in prop::collection::vec(any_message(), 0..6)) {
        let body = json_of(encoded("m", &chat(messages.clone())));
        let written = body["messages"].as_array().unwrap();
        prop_assert_eq!(written.len(), messages.len());
        for (written, message) in written.iter().zip(&messages) {
            let mut texts = Vec::new();
            let mut images = Vec::new();
            for part in &message.content {
                match part {
                    Part::Text { text, .. } => texts.push(text.as_str()),
                    Part::Image { source: MediaSource::Base64 { data, .. }, .. } => images.push(json!(data)),
                    _ => unreachable!(),
                }
            }
            prop_assert_eq!(&written["content"], &json!(texts.join("\n")));
            prop_assert_eq!(written["images"].as_array().cloned().unwrap_or_default(), images);
            let calls: Vec<Value> = message.tool_calls.iter().map(|call| {
                let arguments: Value = serde_json::from_str(&call.arguments).unwrap();
                json!({"id": call.id, "function": {"name": call.name, "arguments": arguments}})
            }).collect();
            prop_assert_eq!(written["tool_calls"].as_array().cloned().unwrap_or_default(), calls);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0..200_usize) {
        let _ = Ollama.decode(&bytes, &stamp());
        let (head, tail) = bytes.split_at(cut.min(bytes.len()));
        let _ = read(&[head, tail]);
    }
}
