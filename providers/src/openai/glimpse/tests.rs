//! The walk over the usual shapes reads what `serde` reads.

use std::collections::HashMap;

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;
use crate::openai::scan::Scan;
use crate::openai::tap::Tapped;

/// Texts that look like what is read.
const TEXTS: [&str; 9] = [
    r#""a""#,
    r#""""#,
    r#""\"usage\":{\"total_tokens\":9}""#,
    r#""},\"error\":{""#,
    r#""\u00e9\n\\""#,
    r#""\ud800""#,
    "\"caf\u{e9} \\\\\"",
    r#""finish_reason":null"#,
    r#""delta""#,
];

fn value() -> impl Strategy<Value = String> {
    let plain = [
        "null",
        "1",
        "0",
        "-1",
        "1.5",
        "true",
        "[]",
        "{}",
        "[1]",
        "4294967296",
        r#"{"usage":{}}"#,
    ];
    let texts = prop::sample::select(TEXTS.to_vec());
    prop_oneof![texts, prop::sample::select(plain.to_vec())].prop_map(str::to_owned)
}

/// An object of members with these names, in any order, some twice, spaced anyhow.
fn object(
    names: &'static [&'static str],
    value: impl Strategy<Value = String>,
) -> impl Strategy<Value = String> {
    let members = prop::collection::vec((prop::sample::select(names.to_vec()), value), 0..5);
    let spaces = prop::sample::select(vec!["", " ", "\n\t", "\r\n"]);
    (members, spaces).prop_map(|(members, space)| {
        let members = members
            .iter()
            .map(|(name, value)| format!("{space}\"{name}\":{space}{value}{space}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    })
}

fn message() -> impl Strategy<Value = String> {
    let call = object(
        &["function", "index"],
        object(&["name", "arguments", "x"], value()),
    );
    let calls =
        prop::collection::vec(call, 0..3).prop_map(|calls| format!("[{}]", calls.join(",")));
    let names = &[
        "content",
        "reasoning",
        "reasoning_content",
        "refusal",
        "role",
        "tool_calls",
        "function_call",
        "c\\u006fntent",
    ];
    object(
        names,
        prop_oneof![3 => value(), 1 => calls, 1 => object(&["name", "arguments"], value())],
    )
}

fn choices() -> impl Strategy<Value = String> {
    let names = &[
        "index",
        "delta",
        "message",
        "text",
        "finish_reason",
        "logprobs",
    ];
    let choice = object(names, prop_oneof![value(), message()]);
    prop::collection::vec(choice, 0..3).prop_map(|choices| format!("[{}]", choices.join(",")))
}

/// A count as vendors write it, and as none does.
fn count() -> impl Strategy<Value = String> {
    let counts = [
        "0",
        "7",
        "12",
        "null",
        "12.0",
        "1.5",
        "-3",
        "1e3",
        "01",
        "18446744073709551615",
        "18446744073709551616",
        "\"5\"",
        "true",
        "[3]",
        "{}",
    ];
    let plain = prop::sample::select(vec!["10", "20", "30"]);
    prop_oneof![3 => plain, 1 => prop::sample::select(counts.to_vec())].prop_map(str::to_owned)
}

/// A usage object.
fn counts() -> impl Strategy<Value = String> {
    let names = &[
        "cached_tokens",
        "audio_tokens",
        "image_tokens",
        "cache_write_tokens",
        "cache_creation_tokens",
        "cache_creation_token_details",
        "ephemeral_1h_input_tokens",
        "reasoning_tokens",
        "reasoning\\u005ftokens",
        "x",
    ];
    let detail = || {
        object(
            names,
            prop_oneof![5 => count(), 1 => object(names, count())],
        )
    };
    let names = &[
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "prompt_tokens_details",
        "completion_tokens_details",
        "prompt_cache_hit_tokens",
        "cached_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "reasoning_tokens",
        "total\\u005ftokens",
    ];
    object(names, prop_oneof![2 => count(), 1 => detail()])
}

fn answer() -> impl Strategy<Value = String> {
    let usage = object(
        &[
            "prompt_tokens",
            "completion_tokens",
            "prompt_tokens_details",
            "x",
        ],
        value(),
    );
    let usage = prop_oneof![usage, counts()];
    let names = &[
        "model",
        "choices",
        "usage",
        "service_tier",
        "error",
        "x_groq",
        "obfuscation",
        "data",
        "\\u0075sage",
    ];
    object(names, prop_oneof![value(), choices(), choices(), usage])
}

/// What `serde` alone reads of a whole answer.
fn by_serde(text: &str) -> Tapped {
    let mut tapped = Tapped::default();
    let Ok(members) = serde_json::from_str::<HashMap<String, &RawValue>>(text) else {
        return tapped;
    };
    let is_list = |name| {
        members
            .get(name)
            .is_some_and(|value| value.get().starts_with('['))
    };
    tapped.has_choices = is_list("choices");
    tapped.has_data = is_list("data");
    if let Ok(glimpse) = serde_json::from_str::<Glimpse<'_>>(text) {
        tapped.usage = glimpse.usage();
        tapped.error = glimpse.error();
        let is_wanted = tapped.usage.is_none() && tapped.error.is_none();
        for choice in glimpse.choices().filter(|_| is_wanted) {
            tapped.keep_text(choice);
        }
    }
    tapped.valid = tapped.error.is_none();
    tapped
}

/// What is read of a text, by either way.
fn both(text: &str) -> (Option<Glimpse<'_>>, Option<Glimpse<'_>>) {
    (
        Glimpse::read(text.as_bytes()).ok(),
        serde_json::from_str(text).ok(),
    )
}

#[test]
fn the_usual_chunks_need_no_second_way() {
    for text in [
        r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"\"usage\":{"}},{"index":0,"delta":{"reasoning_content":"x"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"service_tier":"flex"}"#,
        r#"{"choices":[],"usage":{"prompt_tokens":1},"x_groq":{"id":"x"}}"#,
        r#"{ "choices" : [ { "text" : "x" } ] }"#,
    ] {
        let mut usual = Glimpse::default();
        assert!(usual.read_usual(text).is_some(), "{text}");
        assert_eq!(Some(usual), serde_json::from_str(text).ok(), "{text}");
    }
}

proptest! {
    #[test]
    fn a_usage_is_what_the_whole_parse_gives(text in counts(), cut in 0..2000_usize) {
        for text in [text.as_str(), text.split_at_checked(cut).unwrap_or_default().0] {
            let mut scan = Scan::new(text);
            let ours = UsageSeen::read(&mut scan).filter(|_| scan.end().is_ok());
            prop_assert_eq!(ours, serde_json::from_str(text).ok(), "{}", text);
        }
    }

    #[test]
    fn a_whole_answer_says_what_the_whole_parse_gives(text in answer(), cut in 0..4000_usize) {
        for text in [text.as_str(), text.split_at_checked(cut).unwrap_or_default().0] {
            let (ours, whole) = (Tapped::whole(text.as_bytes()), by_serde(text));
            if serde_json::from_str::<Glimpse<'_>>(text).is_ok() {
                prop_assert_eq!(ours, whole, "{}", text);
            } else {
                // A choice or another member of an odd type no longer hides the usage.
                let json = serde_json::from_str::<HashMap<String, IgnoredAny>>(text);
                prop_assert_eq!(json.is_ok(), ours.valid || ours.error.is_some(), "{}", text);
                prop_assert_eq!(
                    (ours.has_choices, ours.has_data),
                    (whole.has_choices, whole.has_data),
                    "{}", text
                );
            }
        }
    }

    #[test]
    fn a_glimpse_is_what_the_whole_parse_gives(text in answer(), cut in 0..4000_usize) {
        let (ours, whole) = both(&text);
        prop_assert_eq!(ours, whole, "{}", text);
        let (text, _) = text.split_at_checked(cut).unwrap_or((&text, ""));
        let (ours, whole) = both(text);
        prop_assert_eq!(ours, whole, "{}", text);
    }
}
