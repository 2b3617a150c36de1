//! The same-dialect lane: single members change, every other byte stays.

use std::ops::Range;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::read;
use crate::openai::splice::{Edits, StreamUsage};

const MESSAGES: &str = r#""messages":[{"role":"user","content":"x"}]"#;

fn splice(json: &str, edits: &Edits<'_>) -> String {
    let pieces = read(json).unwrap().with_model("new", edits);
    String::from_utf8(pieces.concat()).unwrap()
}

fn asking() -> Edits<'static> {
    Edits {
        stream_usage: StreamUsage::Ask,
        ..Edits::default()
    }
}

#[test]
fn only_the_models_name_changes() {
    let strange = r#" {
        "temperature" : 1.0, "top_p":1e0, "seed": 12345678901234567890123,
        "unknown":{"a" :[ 1,2 ]}, "twice":1, "twice" : 2, "t\u0065xt":"\u00e9\/\ud83d\ude00\ud800",
        "mod\u0065l"	:	"OLD"  ,
        "messages" : [ {"content":"x\n\"model\":\"y\"", "role":"user"} ] ,"stream":false
    }
"#;
    let edits = asking();
    assert_eq!(
        splice(strange, &edits),
        strange.replace("\"OLD\"", "\"new\"")
    );
}

#[test]
fn nothing_to_change_gives_the_callers_own_bytes() {
    let body = Bytes::from(format!(r#"{{"model":"n\u0065w",{MESSAGES}}}"#));
    let call = crate::openai::body::CallerBody::read(body.clone(), super::BodyKind::Chat).unwrap();
    let pieces = call.with_model("new", &asking());
    assert_eq!(pieces.len(), 1);
    assert_eq!(pieces[0].as_ptr_range(), body.as_ptr_range());
}

#[test]
fn a_missing_model_is_put_first() {
    let edits = Edits::default();
    assert_eq!(
        splice(&format!("{{ {MESSAGES}}}"), &edits),
        format!(r#"{{"model":"new", {MESSAGES}}}"#)
    );
    let embedding = Bytes::from_static(br#"{"timeout":1,"input":"x","tags":[]}"#);
    let kind = super::BodyKind::Embedding;
    let call = crate::openai::body::CallerBody::read(embedding, kind).unwrap();
    let out = call.with_model("new", &edits).concat();
    assert_eq!(out, br#"{"model":"new","input":"x"}"#);
    let empty = Bytes::from_static(br#"{ "timeout" : 1 }"#);
    let kind = super::BodyKind::Completion;
    let call = crate::openai::body::CallerBody::read(empty, kind).unwrap();
    let extra = json!({"a": 1});
    let edits = Edits {
        extra_body: extra.as_object(),
        ..Edits::default()
    };
    let out: Value = serde_json::from_slice(&call.with_model("new", &edits).concat()).unwrap();
    assert_eq!(out, json!({"model": "new", "a": 1}));
}

#[test]
fn line_ends_and_quotes_in_a_models_name_are_escaped() {
    let body = read(&format!(r#"{{"model":"m",{MESSAGES}}}"#)).unwrap();
    let out = body
        .with_model("x\r\nX-Evil: 1\"", &Edits::default())
        .concat();
    assert!(!out.contains(&b'\r') && !out.contains(&b'\n'));
    let json: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(json["model"], "x\r\nX-Evil: 1\"");
}

#[test]
fn requests_to_the_gateway_are_cut_out_wherever_they_stand() {
    let edits = Edits::default();
    let expected = format!(r#"{{"model":"new", {MESSAGES}}}"#);
    for json in [
        format!(r#"{{"timeout":1,"model":"m", {MESSAGES}}}"#),
        format!(r#"{{"model":"m", "tags":["a"], {MESSAGES}}}"#),
        format!(r#"{{"model":"m", "tags":["a"] , "no-log":true, {MESSAGES}}}"#),
        format!(r#"{{"model":"m", {MESSAGES} , "num_retries":2}}"#),
        format!(
            r#"{{"cache":{{"no-cache":true}},"fallbacks":[],"model":"m", {MESSAGES},"priority":1,"mock_response":"x"}}"#
        ),
    ] {
        assert_eq!(splice(&json, &edits), expected, "{json}");
    }
}

#[test]
fn a_streams_usage_is_asked_for_in_every_spelling() {
    for (before, after) in [
        ("", r#","stream_options":{"include_usage":true}"#),
        (
            r#","stream_options":null"#,
            r#","stream_options":{"include_usage":true}"#,
        ),
        (
            r#","stream_options": { }"#,
            r#","stream_options": {"include_usage":true }"#,
        ),
        (
            r#","stream_options":{"a" : 1}"#,
            r#","stream_options":{"include_usage":true,"a" : 1}"#,
        ),
        (
            r#","stream_options":{"include_us\u0061ge" :false,"a":1}"#,
            r#","stream_options":{"include_us\u0061ge" :true,"a":1}"#,
        ),
        (
            r#","stream_options":{"include_usage":null}"#,
            r#","stream_options":{"include_usage":true}"#,
        ),
        (
            r#","stream_options":{"include_usage": true}"#,
            r#","stream_options":{"include_usage": true}"#,
        ),
    ] {
        let json = |options| format!(r#"{{"model":"m",{MESSAGES},"stream":true{options}}}"#);
        let expected = json(after).replace(r#""m""#, r#""new""#);
        assert_eq!(splice(&json(before), &asking()), expected);
        let whole = json(before).replace(r#""stream":true"#, r#""stream":false"#);
        assert_eq!(
            splice(&whole, &asking()),
            whole.replace(r#""m""#, r#""new""#)
        );
        let remove = Edits {
            stream_usage: StreamUsage::Remove,
            ..Edits::default()
        };
        let removed: Value = serde_json::from_str(&splice(&json(before), &remove)).unwrap();
        assert_eq!(removed.get("stream_options"), None);
    }
}

#[test]
fn the_operators_members_give_way_to_the_callers_and_overrides_do_not() {
    let json = format!(r#"{{"model":"m",{MESSAGES},"top_k":1,"min_p":2,"user":"u"}}"#);
    let extra = json!({"top_k": 9, "added": [1], "model": "evil", "stream": true});
    let overrides = json!({"min_p": 3, "max_tokens": 7, "model": "evil", "timeout": 1});
    let edits = Edits {
        extra_body: extra.as_object(),
        drop: &["user".to_owned(), "messages".to_owned()],
        overrides: overrides.as_object(),
        ..Edits::default()
    };
    let expected =
        format!(r#"{{"model":"new",{MESSAGES},"top_k":1,"min_p":3,"max_tokens":7,"added":[1]}}"#);
    assert_eq!(splice(&json, &edits), expected);
}

#[test]
fn a_caller_may_have_members_left_out() {
    let json = format!(r#"{{"model":"m","seed":1,{MESSAGES},"additional_drop_params":["seed"]}}"#);
    let expected = format!(r#"{{"model":"new",{MESSAGES}}}"#);
    assert_eq!(splice(&json, &Edits::default()), expected);
}

#[test]
fn a_body_of_a_megabyte_is_not_copied() {
    let text = "y".repeat(1 << 20);
    let json = format!(
        r#"{{"model":"m","timeout":5,"messages":[{{"role":"user","content":"{text}"}}],"stream":true}}"#
    );
    let bytes = Bytes::from(json.clone());
    let own: Range<*const u8> = bytes.as_ptr_range();
    let call = crate::openai::body::CallerBody::read(bytes, super::BodyKind::Chat).unwrap();
    let pieces = call.with_model("new", &asking());
    let copied: usize = pieces
        .iter()
        .filter(|piece| !own.contains(&piece.as_ptr()))
        .map(Bytes::len)
        .sum();
    assert!(copied < 100, "{copied} bytes were copied");
    let expected = json
        .replace(r#""m","timeout":5"#, r#""new""#)
        .replace("true}", r#"true,"stream_options":{"include_usage":true}}"#);
    assert!(pieces.concat() == expected.as_bytes());
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,6}", inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_object_keeps_every_byte_but_the_models(
        members in prop::collection::vec(("x[a-z\"\\\\é]{0,5}", value()), 0..8),
        place in 0..8_usize,
        old in ".{0,10}",
        new in ".{0,10}",
        pretty in any::<bool>(),
    ) {
        let mut object: Map<String, Value> = members.into_iter().collect();
        let messages = json!([{"role": "user", "content": "x"}]);
        object.shift_insert(place.min(object.len()), "messages".to_owned(), messages);
        object.shift_insert(place.min(object.len()), "model".to_owned(), old.as_str().into());
        let mut renamed = object.clone();
        renamed["model"] = new.as_str().into();
        let text = |object: &Map<String, Value>| {
            if pretty {
                serde_json::to_string_pretty(object).unwrap()
            } else {
                serde_json::to_string(object).unwrap()
            }
        };
        let body = read(&text(&object)).unwrap();
        prop_assert_eq!(body.model.as_deref(), Some(old.as_str()));
        let out = body.with_model(&new, &Edits::default()).concat();
        prop_assert_eq!(String::from_utf8(out).unwrap(), text(&renamed));
    }

    #[test]
    fn cutting_and_adding_members_always_gives_json(
        order in prop::sample::subsequence(vec![
            r#""model":"m""#, r#""timeout":1"#, r#""tags":[]"#, r#""seed":1"#, r#""stream":true"#,
            r#""stream_options":{}"#, r#""user":"u""#, r#""cache":{}"#, r#""x":[{}]"#,
        ], 0..9).prop_shuffle(),
        place in 0..10_usize,
        space in prop::sample::select(vec!["", " ", "\n "]),
    ) {
        let mut members = order.clone();
        members.insert(place.min(members.len()), MESSAGES);
        let json = format!("{{{space}{}{space}}}", members.join(&format!("{space},{space}")));
        let extra = json!({"extra": 1, "x": 2});
        let edits = Edits {
            stream_usage: StreamUsage::Ask,
            extra_body: extra.as_object(),
            drop: &["seed".to_owned()],
            overrides: None,
        };
        let mut expected: Map<String, Value> = serde_json::from_str(&json).unwrap();
        for gone in ["timeout", "tags", "cache", "seed"] {
            expected.remove(gone);
        }
        expected.insert("model".to_owned(), "new".into());
        expected.insert("extra".to_owned(), 1.into());
        expected.entry("x").or_insert(2.into());
        if expected.contains_key("stream") {
            expected.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
        let out: Map<String, Value> = serde_json::from_str(&splice(&json, &edits)).unwrap();
        prop_assert_eq!(out, expected);
    }
}
