//! Counts against published examples; adversarial text; estimates of whole chats.

use proptest::prelude::*;
use serde_json::json;

use super::{count, count_messages, decode};
use crate::chat::{ChatCall, MediaSource, Message, Part, ResponseFormat, Role, Tool, ToolCall};

#[test]
fn openais_published_examples_have_their_counts() {
    // OpenAI's cookbook, "How to count tokens with tiktoken": lengths of these encodings.
    for (text, cl100k, o200k) in [
        ("antidisestablishmentarianism", 6, 6),
        ("2 + 2 = 4", 7, 7),
        ("お誕生日おめでとう", 9, 8),
        ("tiktoken is great!", 6, 6),
    ] {
        assert_eq!(count("openai", "gpt-4", text), cl100k, "{text}");
        assert_eq!(count("openai", "gpt-4o", text), o200k, "{text}");
        assert_eq!(
            count("anthropic", "claude-sonnet-4-5", text),
            o200k,
            "{text}"
        );
    }
    assert_eq!(count("openai", "gpt-4o", ""), 0);
}

#[test]
fn a_long_text_is_estimated_from_its_beginning() {
    let line = "The gateway counts what nobody else did. ";
    let (short, long) = (line.repeat(1_000), line.repeat(20_000));
    assert!(short.len() < super::COUNTED_BYTES && long.len() > super::COUNTED_BYTES);
    let exact = count("openai", "gpt-4o", &short) * 20;
    let estimated = count("openai", "gpt-4o", &long);
    assert!(
        exact.abs_diff(estimated) < exact / 1_000,
        "{exact} {estimated}"
    );
    // The beginning ends within a character.
    let wide = format!("a{}", "\u{1f680}".repeat(100_000));
    assert!(count("openai", "gpt-4o", &wide) > 50_000);
}

#[test]
fn openais_tokens_are_read_back() {
    // The same source: "tiktoken is great!" in cl100k_base.
    let tokens = [83, 1609, 5963, 374, 2294, 0];
    assert_eq!(decode(&tokens).as_deref(), Some("tiktoken is great!"));
    assert_eq!(decode(&[]).as_deref(), Some(""));
}

#[test]
fn numbers_that_are_no_tokens_have_no_text() {
    for tokens in [&[100_256][..], &[100_257], &[u32::MAX], &[83, 200_000]] {
        assert_eq!(decode(tokens), None, "{tokens:?}");
    }
    // The first byte of a character alone is no text: token 9468 of cl100k_base begins "🎂".
    assert_eq!(decode(&[9468]), None);
}

/// Texts on which a careless tokenizer takes quadratic time.
fn adversarial(bytes: usize) -> Vec<String> {
    let repeated = |unit: &str| unit.repeat(bytes / unit.len());
    vec![
        repeated("a"),
        repeated("A"),
        repeated(" "),
        repeated("\n"),
        repeated(" \n"),
        repeated("\u{0301}"),
        repeated("👩‍👩‍👧‍👦"),
        repeated("漢"),
        repeated("aA"),
        repeated("ʰA"),
        repeated("1"),
        repeated("!"),
        repeated("'s"),
        repeated("\u{10FFFF}"),
        format!("{}a", repeated(" ")),
        format!("ʰ{}", repeated("A")),
        format!("{}\n{}", repeated(" "), repeated(" ")),
    ]
}

#[test]
fn adversarial_text_has_at_most_a_token_a_byte() {
    for text in adversarial(16_000) {
        let tokens = count("openai", "gpt-4o", &text);
        assert!(tokens > 0 && tokens <= u64::try_from(text.len()).unwrap());
    }
}

#[test]
fn a_long_text_is_counted_by_its_first_part() {
    let part = "The quick brown fox. ".repeat(1_000);
    let one = count("openai", "gpt-4o", &part);
    let hundred = count("openai", "gpt-4o", &part.repeat(100));
    assert!(hundred.abs_diff(one * 100) <= one, "{one} {hundred}");
}

proptest! {
    #[test]
    fn any_text_has_at_most_a_token_a_byte(text in "\\PC{0,200}") {
        let tokens = count("openai", "gpt-4o", &text);
        prop_assert!(tokens <= u64::try_from(text.len()).unwrap());
        prop_assert_eq!(tokens == 0, text.is_empty());
    }

    #[test]
    fn any_numbers_are_text_or_not_without_panic(
        tokens in prop::collection::vec(0..110_000_u32, 0..20)
    ) {
        let _ = decode(&tokens);
    }
}

fn message(role: Role, text: &str) -> Message {
    Message {
        role,
        content: vec![Part::Text {
            text: text.to_owned(),
            cache_control: None,
        }],
        name: None,
        tool_calls: Vec::new(),
        tool_call_id: None,
        refusal: None,
        thinking: Vec::new(),
        cache_control: None,
        extra: serde_json::Map::new(),
    }
}

fn chat(messages: Vec<Message>) -> ChatCall {
    ChatCall {
        messages,
        ..ChatCall::default()
    }
}

#[test]
fn a_plain_chat_counts_what_openai_bills() {
    // OpenAI's cookbook: this conversation is 129 prompt tokens with gpt-4 and 124 with gpt-4o.
    let named = |name: &str, text| Message {
        name: Some(name.to_owned()),
        ..message(Role::System, text)
    };
    let call = chat(vec![
        message(
            Role::System,
            "You are a helpful, pattern-following assistant that translates corporate jargon into plain English.",
        ),
        named(
            "example_user",
            "New synergies will help drive top-line growth.",
        ),
        named(
            "example_assistant",
            "Things working well together will increase revenue.",
        ),
        named(
            "example_user",
            "Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage.",
        ),
        named(
            "example_assistant",
            "Let's talk later when we're less busy about how to do better.",
        ),
        message(
            Role::User,
            "This late pivot means we don't have time to boil the ocean for the client deliverable.",
        ),
    ]);
    assert_eq!(count_messages("openai", "gpt-4", &call), 129);
    assert_eq!(count_messages("openai", "gpt-4o", &call), 124);
}

#[test]
fn an_image_counts_what_the_vendor_counts_for_a_usual_one() {
    let with = |detail: Option<&str>| {
        let mut message = message(Role::User, "");
        message.content = vec![Part::Image {
            source: MediaSource::Base64 {
                media_type: "image/png".to_owned(),
                data: "A".repeat(1_000_000),
            },
            detail: detail.map(str::to_owned),
            cache_control: None,
        }];
        chat(vec![message])
    };
    // 3 for the message, 1 for the role, 3 for the answer
    for (vendor, detail, tokens) in [
        ("openai", None, 772),
        ("openai", Some("low"), 92),
        ("anthropic", None, 1_607),
        ("gemini", None, 265),
    ] {
        assert_eq!(
            count_messages(vendor, "m", &with(detail)),
            tokens,
            "{vendor}"
        );
    }
}

#[test]
fn tools_calls_and_schemas_are_counted() {
    let plain = chat(vec![message(Role::User, "Weather?")]);
    let base = count_messages("openai", "gpt-4o", &plain);
    let mut with_tools = plain.clone();
    with_tools.tools.push(Tool {
        name: "get_weather".to_owned(),
        description: Some("The weather of a city.".to_owned()),
        parameters: Some(json!({"type": "object", "properties": {"city": {"type": "string"}}})),
        strict: None,
        cache_control: None,
        native: None,
    });
    let tools = count_messages("openai", "gpt-4o", &with_tools) - base;
    assert!((20..60).contains(&tools), "{tools}");
    let anthropic = count_messages("anthropic", "claude-sonnet-4-5", &with_tools)
        - count_messages("anthropic", "claude-sonnet-4-5", &plain);
    assert_eq!(anthropic, tools + 346);

    let mut with_call = plain.clone();
    with_call.messages[0].tool_calls.push(ToolCall {
        id: "call_1".to_owned(),
        name: "get_weather".to_owned(),
        arguments: r#"{"city":"Paris"}"#.to_owned(),
        signature: None,
    });
    assert!(count_messages("openai", "gpt-4o", &with_call) > base + 8);

    let mut with_schema = plain;
    with_schema.response_format = Some(ResponseFormat::JsonSchema {
        name: "answer".to_owned(),
        schema: json!({"type": "object", "properties": {"city": {"type": "string"}}}),
        strict: Some(true),
        description: None,
    });
    assert!(count_messages("openai", "gpt-4o", &with_schema) > base + 15);
}
