//! The walk over the usual shapes reads what `serde` reads.

use proptest::prelude::*;

use super::*;

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
    let names = &[
        "model",
        "choices",
        "usage",
        "service_tier",
        "error",
        "x_groq",
        "obfuscation",
        "id",
        "\\u0075sage",
    ];
    object(names, prop_oneof![value(), choices(), choices(), usage])
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
    fn a_glimpse_is_what_the_whole_parse_gives(text in answer(), cut in 0..4000_usize) {
        let (ours, whole) = both(&text);
        prop_assert_eq!(ours, whole, "{}", text);
        let (text, _) = text.split_at_checked(cut).unwrap_or((&text, ""));
        let (ours, whole) = both(text);
        prop_assert_eq!(ours, whole, "{}", text);
    }
}
