//! What is written in OpenAI's dialect reads back as it was.

use bytes::Bytes;
use domain::keys::Secret;
use domain::routing::ParameterPolicy;
use domain::usage::Usage;
use proptest::option::of;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::Provider;
use crate::chat::{
    ChatAnswer, ChatApi, ChatCall, ChatEvent, Choice, Delta, EventReader, FinishReason,
    MediaSource, Message, Part, ResponseFormat, Role, Thinking, Tool, ToolCall, ToolChoice,
};
use crate::embeddings::{EmbeddingAnswer, EmbeddingsApi, VectorEncoding};
use crate::openai::body::{BodyKind, CallerBody};
use crate::openai::embeddings::Embeddings;
use crate::openai::write_stream::StreamWriter;
use crate::openai::{CHAT, OpenAi, stream, write};
use crate::wire::{Operation, Stamp, Target};

fn stamp() -> Stamp {
    Stamp {
        request_id: "req".to_owned(),
        created_s: 1,
        model: "m".to_owned(),
    }
}

fn with_target<T>(base_url: &str, run: impl FnOnce(&Target<'_>) -> T) -> T {
    run(&Target {
        model: "m",
        base_url,
        api_key: Some(&Secret::new("k")),
        api_version: None,
        organization: Some("org"),
        max_output_tokens: None,
        reasons: false,
        parameters: &ParameterPolicy::default(),
        extra_body: &Map::new(),
    })
}

fn word() -> impl Strategy<Value = String> {
    "[a-z\\\\\"é🚀\n ]{1,8}"
}

fn mark() -> impl Strategy<Value = Option<Value>> {
    of(Just(json!({"type": "ephemeral"})))
}

fn part() -> impl Strategy<Value = Part> {
    let text = (word(), mark()).prop_map(|(text, cache_control)| Part::Text {
        text,
        cache_control,
    });
    let source = prop_oneof![
        "[A-Za-z0-9+/]{4}".prop_map(|data| MediaSource::Base64 {
            media_type: "image/png".to_owned(),
            data,
        }),
        "[a-z]{3}".prop_map(|path| MediaSource::Url(format!("https://x.invalid/{path}"))),
    ];
    let image = (source, of(Just("low".to_owned())), mark());
    let image = image.prop_map(|(source, detail, cache_control)| Part::Image {
        source,
        detail,
        cache_control,
    });
    let file = (word(), mark()).prop_map(|(id, cache_control)| Part::File {
        file: Map::from_iter([("file_id".to_owned(), id.into())]),
        cache_control,
    });
    prop_oneof![
        text,
        image,
        file,
        (word(), word()).prop_map(|(data, format)| Part::Audio { data, format }),
        word().prop_map(Part::Refusal),
        Just(Part::Other(
            json!({"type": "video_url", "video_url": {"url": "x"}})
        )),
    ]
}

fn thinking() -> impl Strategy<Value = Thinking> {
    prop_oneof![
        (word(), word()).prop_map(|(text, signature)| Thinking::Signed { text, signature }),
        word().prop_map(|data| Thinking::Redacted { data }),
    ]
}

fn tool_call() -> impl Strategy<Value = ToolCall> {
    (word(), word(), word(), of(word())).prop_map(|(id, name, arguments, signature)| ToolCall {
        id,
        name,
        arguments,
        signature,
    })
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(vec![
        Role::System,
        Role::Developer,
        Role::User,
        Role::Assistant,
        Role::Tool,
    ])
}

fn message() -> impl Strategy<Value = Message> {
    let said = (
        role(),
        prop::collection::vec(part(), 0..3),
        of(word()),
        of(word()),
    );
    let did = (
        prop::collection::vec(tool_call(), 0..3),
        prop::collection::vec(thinking(), 0..3),
        of(word()),
        mark(),
        any::<bool>(),
    );
    (said, did).prop_map(|((role, content, name, refusal), did)| {
        let (tool_calls, thinking, tool_call_id, cache_control, odd) = did;
        let extra = odd.then(|| ("odd".to_owned(), json!([1])));
        Message {
            role,
            content,
            name,
            tool_calls,
            tool_call_id,
            refusal,
            thinking,
            cache_control,
            extra: extra.into_iter().collect(),
        }
    })
}

fn tool() -> impl Strategy<Value = Tool> {
    (word(), of(word()), any::<bool>(), of(any::<bool>()), mark()).prop_map(
        |(name, description, schema, strict, cache_control)| Tool {
            name,
            description,
            parameters: schema.then(|| json!({"type": "object"})),
            strict,
            cache_control,
            native: None,
        },
    )
}

fn choice() -> impl Strategy<Value = ToolChoice> {
    prop_oneof![
        Just(ToolChoice::Auto),
        Just(ToolChoice::None),
        Just(ToolChoice::Required),
        word().prop_map(ToolChoice::Function),
        (prop::collection::vec(word(), 0..3), any::<bool>())
            .prop_map(|(names, required)| ToolChoice::Allowed { names, required }),
    ]
}

fn format() -> impl Strategy<Value = ResponseFormat> {
    prop_oneof![
        Just(ResponseFormat::Text),
        Just(ResponseFormat::JsonObject),
        (word(), of(any::<bool>()), of(word())).prop_map(|(name, strict, description)| {
            ResponseFormat::JsonSchema {
                name,
                schema: json!({"type": "object", "properties": {}}),
                strict,
                description,
            }
        }),
    ]
}

fn call() -> impl Strategy<Value = ChatCall> {
    let asked = (
        prop::collection::vec(message(), 1..4),
        prop::collection::vec(tool(), 1..3),
        of(choice()),
        of(format()),
        of(Just(false)),
    );
    let set = (
        of(any::<u64>()),
        of(any::<i32>()),
        prop::collection::vec(word(), 0..3),
        of(2..9_u64),
        of(word()),
    );
    let more = (any::<bool>(), any::<bool>(), any::<bool>(), of(word()));
    (asked, set, more).prop_map(|(asked, set, more)| {
        let (messages, tools, tool_choice, response_format, parallel_tool_calls) = asked;
        let (max_tokens, number, stop, n, user) = set;
        let (stream, labelled, odd, reasoning_effort) = more;
        let map = |wanted: bool, name: &str, value: Value| {
            let member = wanted.then(|| (name.to_owned(), value));
            member.into_iter().collect::<Map<_, _>>()
        };
        ChatCall {
            messages,
            tools,
            tool_choice,
            parallel_tool_calls,
            response_format,
            max_tokens,
            temperature: number.map(Into::into),
            top_p: number.map(Into::into),
            stop,
            seed: number.map(Into::into),
            n,
            user,
            metadata: labelled.then(|| map(true, "a", "b".into())),
            reasoning_effort,
            thinking: labelled.then(|| json!({"type": "enabled", "budget_tokens": 1024})),
            stream,
            openai_parameters: map(odd, "logit_bias", json!({"5": 1})),
            extra: map(odd, "top_k", 5.into()),
        }
    })
}

fn usage() -> impl Strategy<Value = Usage> {
    let count = || 0..1000_u64;
    let input = (count(), count(), count(), count(), count(), count());
    (input, (1..1000_u64, count(), count())).prop_map(|(input, output)| Usage {
        input_tokens: input.0,
        cache_read_tokens: input.1,
        cache_write_tokens: input.2,
        cache_write_1h_tokens: input.3,
        audio_input_tokens: input.4,
        image_input_tokens: input.5,
        output_tokens: output.0,
        reasoning_tokens: output.1,
        audio_output_tokens: output.2,
        ..Usage::default()
    })
}

fn finish() -> impl Strategy<Value = FinishReason> {
    prop::sample::select(vec![
        FinishReason::Stop,
        FinishReason::Length,
        FinishReason::ToolCalls,
        FinishReason::ContentFilter,
    ])
}

fn answer() -> impl Strategy<Value = ChatAnswer> {
    let choice = (
        (of(word()), of(word()), of(word())),
        prop::collection::vec(thinking(), 0..3),
        prop::collection::vec(tool_call(), 0..3),
        finish(),
    );
    let choice = choice.prop_map(
        |((text, reasoning, refusal), thinking, tool_calls, finish)| Choice {
            text,
            reasoning,
            thinking,
            tool_calls,
            refusal,
            finish,
            logprobs: None,
        },
    );
    let choices = prop::collection::vec(choice, 0..3);
    (word(), any::<u32>(), choices, of(usage()), of(word())).prop_map(
        |(id, created_s, choices, usage, system_fingerprint)| ChatAnswer {
            id,
            model: "m".to_owned(),
            created_s: created_s.into(),
            choices,
            usage,
            service_tier: None,
            system_fingerprint,
        },
    )
}

fn delta() -> impl Strategy<Value = Delta> {
    prop_oneof![
        word().prop_map(Delta::Text),
        word().prop_map(Delta::Reasoning),
        word().prop_map(Delta::Refusal),
        thinking().prop_map(Delta::ThinkingEnd),
    ]
}

proptest! {
    #[test]
    fn a_call_reads_back_as_it_was_written(call in call(), own in any::<bool>()) {
        let base_url = if own { "https://api.openai.com/v1" } else { "http://localhost/v1" };
        let body = with_target(base_url, |target| CHAT.encode(&call, target)).unwrap();
        let read = CallerBody::read(Bytes::from(body.bytes), BodyKind::Chat).unwrap();
        prop_assert_eq!(read.model.as_deref(), Some("m"));
        prop_assert_eq!(read.include_usage, call.stream);
        prop_assert_eq!(read.chat_call().unwrap(), call);
    }

    #[test]
    fn an_answer_reads_back_as_it_was_written(answer in answer()) {
        let read = CHAT.decode(&write::chat_answer(&answer), &stamp()).unwrap();
        prop_assert_eq!(read, answer);
    }

    #[test]
    fn a_stream_reads_back_as_it_was_written(
        deltas in prop::collection::vec((0..2_u32, delta()), 1..8),
        reason in finish(),
        usage in of(usage()),
    ) {
        let mut events = vec![ChatEvent::Start { id: "i".to_owned(), model: "m".to_owned() }];
        events.extend(deltas.iter().map(|(choice, delta)| ChatEvent::Delta {
            choice: *choice,
            delta: delta.clone(),
        }));
        events.push(ChatEvent::Delta {
            choice: 0,
            delta: Delta::ToolCallStart {
                index: 0,
                id: "c".to_owned(),
                name: "f".to_owned(),
                signature: Some("s".to_owned()),
            },
        });
        events.push(ChatEvent::Delta {
            choice: 0,
            delta: Delta::ToolCallArguments { index: 0, json: "{}".to_owned() },
        });
        for choice in [0, 1] {
            events.push(ChatEvent::Finish { choice, reason });
        }
        events.extend(usage.map(ChatEvent::Usage));
        events.push(ChatEvent::Done);
        let mut writer = StreamWriter::new(BodyKind::Chat, &stamp(), true);
        let mut bytes = Vec::new();
        for event in &events {
            writer.write(event, &mut bytes);
        }
        let (mut reader, mut read) = (stream::Events::new(&stamp()), Vec::new());
        reader.push(&bytes, &mut read).unwrap();
        reader.end(&mut read).unwrap();
        prop_assert_eq!(read, events);
    }

    #[test]
    fn vectors_read_back_in_either_encoding(
        vectors in prop::collection::vec(prop::collection::vec(any::<f32>().prop_filter("finite", |x| x.is_finite()), 0..4), 0..3),
        base64 in any::<bool>(),
    ) {
        let answer = EmbeddingAnswer {
            vectors,
            model: "m".to_owned(),
            usage: Some(Usage { input_tokens: 3, ..Usage::default() }),
        };
        let encoding = if base64 { VectorEncoding::Base64 } else { VectorEncoding::Float };
        let bytes = write::embedding_answer(&answer, encoding);
        let read = Embeddings.decode(&bytes, &stamp()).unwrap();
        prop_assert_eq!(read, answer);
    }
}

#[test]
fn a_call_goes_to_the_operators_address_with_his_credential() {
    let address = |base_url: &str, operation| {
        with_target(base_url, |target| OpenAi.address(operation, target))
    };
    let chat = address("https://h.invalid/v1/", Operation::ChatStream);
    assert_eq!(chat.url, "https://h.invalid/v1/chat/completions");
    let header = |name: &str| {
        let found = chat.headers.iter().find(|(header, _)| *header == name);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(header("authorization"), Some("Bearer k"));
    assert_eq!(header("openai-organization"), Some("org"));
    assert_eq!(header("accept"), Some("text/event-stream"));
    assert_eq!(header("content-type"), Some("application/json"));
    assert!(
        address("http://h", Operation::Completion)
            .url
            .ends_with("h/completions")
    );
    assert!(
        address("http://h", Operation::Embeddings)
            .url
            .ends_with("h/embeddings")
    );
}
