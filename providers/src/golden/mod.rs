//! Plays every case of every vendor: what a caller sends, what the vendor gets, what the vendor
//! answers, what the caller gets.
//!
//! A case is a folder `<vendor>/cases/<name>/` with some of these files:
//!
//! | file | what it is |
//! |---|---|
//! | `call.json` | the caller's body in OpenAI's dialect |
//! | `target.json` | `{model, base_url, max_output_tokens, reasons, drop_unsupported, drop_always, allow_always, extra_body}`, each optional |
//! | `request.json` | expected: `{path, headers, body}`; of the headers only those named are compared |
//! | `refused.json` | expected instead: `{param, message_contains}` |
//! | `answer.json` | the vendor's whole answer |
//! | `answer.openai.json` | expected: what the caller gets |
//! | `stream.txt` | the vendor's stream, byte for byte |
//! | `stream.openai.json` | expected: the chunks the caller gets; a stream that breaks ends with `{"malformed": …}` |
//! | `usage.json` | expected: the usage by kind; `stream.usage.json` where the stream's differs |
//!
//! A missing expected file fails; `UPDATE_CASES=1` writes it. Every stream is also cut at every
//! byte, and ended at every byte.

mod case;

use bytes::Bytes;
use domain::keys::Secret;
use serde_json::{Map, Value, json};

use self::case::{Case, cases, usage_json};
use crate::chat::{ChatAnswer, ChatEvent, Delta, EventReader};
use crate::dialect::Dialect;
use crate::openai::body::{BodyKind, CallerBody};
use crate::openai::completions::as_chat;
use crate::openai::tap::{StreamEnd, StreamTap};
use crate::openai::write;
use crate::openai::write_stream::{DONE, StreamWriter};
use crate::wire::{Malformed, Operation, Stamp, Target, Untranslatable, WireBody};

/// What a stream gave, and how it ended.
type Played = (Vec<ChatEvent>, Result<(), Malformed>);

/// Puts the caller's body into the vendor's words.
fn encode(case: &Case, call: &CallerBody, target: &Target<'_>) -> Result<WireBody, Untranslatable> {
    let invalid = |bad: crate::openai::bad_body::BadBody| Untranslatable::InvalidValue {
        param: bad.param.unwrap_or_default(),
        reason: bad.message,
    };
    let none = |operation| Untranslatable::UnsupportedOperation {
        provider: case.provider.name(),
        operation,
    };
    match (call.kind, case.provider.completions()) {
        (BodyKind::Chat, _) => {
            let chat = case.provider.chat().ok_or_else(|| none("chat"))?;
            chat.encode(&call.chat_call().map_err(invalid)?, target)
        }
        (BodyKind::Completion, Some(completions)) => {
            completions.encode(&call.completion_call().map_err(invalid)?, target)
        }
        (BodyKind::Completion, None) => {
            let chat = case.provider.chat().ok_or_else(|| none("chat"))?;
            let call = call.completion_call().map_err(invalid)?;
            chat.encode(&as_chat(call, case.provider.name())?, target)
        }
        (BodyKind::Embedding, _) => {
            let embeddings = case.provider.embeddings();
            let embeddings = embeddings.ok_or_else(|| none("embeddings"))?;
            embeddings.encode(&call.embedding_call().map_err(invalid)?, target)
        }
    }
}

const fn operation(call: &CallerBody) -> Operation {
    match (call.kind, call.stream) {
        (BodyKind::Chat, false) => Operation::Chat,
        (BodyKind::Chat, true) => Operation::ChatStream,
        (BodyKind::Completion, false) => Operation::Completion,
        (BodyKind::Completion, true) => Operation::CompletionStream,
        (BodyKind::Embedding, _) => Operation::Embeddings,
    }
}

fn play_call(case: &Case, call: &CallerBody) {
    let (deployment, key) = (case.deployment(Some(call)), Secret::new("test-key"));
    let target = deployment.target(&key);
    let body = match encode(case, call, &target) {
        Ok(body) => body,
        Err(refused) => return play_refusal(case, &refused),
    };
    assert!(
        !case.has("refused.json"),
        "{}: should have been refused",
        case.name()
    );
    let address = case.provider.address(operation(call), &target);
    let expected = case.json("request.json").unwrap_or_default();
    let path = address
        .url
        .strip_prefix(&deployment.base_url)
        .unwrap_or(&address.url);
    // A case may also name the path from the host on.
    let named = expected.get("path").and_then(Value::as_str);
    let from_host = address.url.splitn(4, '/').nth(3).unwrap_or_default();
    let path = named
        .filter(|named| named.strip_prefix('/') == Some(from_host))
        .unwrap_or(path);
    let mut headers = Map::new();
    let named = expected.get("headers").and_then(Value::as_object);
    for (name, value) in address.headers.iter().chain(&body.headers) {
        if named.is_none_or(|named| named.contains_key(*name)) {
            headers.insert((*name).to_owned(), value.as_str().into());
        }
    }
    let mut got = json!({"path": path, "headers": headers, "body": parse(case, &body.bytes)});
    if !body.dropped.is_empty() || expected.get("dropped").is_some() {
        got["dropped"] = json!(body.dropped);
    }
    case.expect("request.json", &got);
}

fn play_refusal(case: &Case, refused: &Untranslatable) {
    let message = refused.to_string();
    let param = match refused {
        Untranslatable::UnsupportedParameter { param, .. }
        | Untranslatable::InvalidValue { param, .. } => json!(param),
        Untranslatable::UnsupportedOperation { .. } => Value::Null,
    };
    assert!(
        !case.has("request.json"),
        "{}: was refused: {message}",
        case.name()
    );
    let expected = case.json("refused.json").unwrap_or_default();
    let words = expected.get("message_contains").and_then(Value::as_str);
    let words = words.filter(|words| message.contains(words));
    let got = json!({"param": param, "message_contains": words.unwrap_or(&message)});
    case.expect("refused.json", &got);
}

fn parse(case: &Case, bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|error| panic!("{}: {error}", case.name()))
}

fn play_answer(case: &Case, call: Option<&CallerBody>) {
    let stamp = case.deployment(call).stamp();
    let body = case.bytes("answer.json");
    let kind = call.map_or(BodyKind::Chat, |call| call.kind);
    let (written, usage) = if kind == BodyKind::Embedding {
        let embeddings = case.provider.embeddings().unwrap();
        let encoding = call.unwrap().embedding_call().unwrap().encoding;
        let answer = embeddings.decode(&body, &stamp);
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", case.name()));
        (write::embedding_answer(&answer, encoding), answer.usage)
    } else {
        let answer = decode(case, kind, &body, &stamp);
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error}", case.name()));
        let written = match kind {
            BodyKind::Chat => write::chat_answer(&answer),
            _ => write::completion_answer(&answer),
        };
        (written, answer.usage)
    };
    case.expect("answer.openai.json", &parse(case, &written));
    case.expect("usage.json", &usage_json(usage.as_ref()));
}

fn decode(
    case: &Case,
    kind: BodyKind,
    body: &[u8],
    stamp: &Stamp,
) -> Result<ChatAnswer, Malformed> {
    match case.provider.completions() {
        Some(completions) if kind == BodyKind::Completion => completions.decode(body, stamp),
        _ => case.provider.chat().unwrap().decode(body, stamp),
    }
}

fn reader(case: &Case, call: Option<&CallerBody>, stamp: &Stamp) -> Box<dyn EventReader> {
    match case.provider.completions() {
        Some(completions) if call.is_some_and(|call| call.kind == BodyKind::Completion) => {
            completions.events(stamp)
        }
        _ => case.provider.chat().unwrap().events(stamp),
    }
}

/// The events of a stream that comes in these pieces, and how it ended.
fn read(mut reader: Box<dyn EventReader>, pieces: &[&[u8]]) -> Played {
    let mut events = Vec::new();
    let result = pieces
        .iter()
        .try_for_each(|piece| reader.push(piece, &mut events))
        .and_then(|()| reader.end(&mut events));
    (events, result)
}

fn play_stream(case: &Case, call: Option<&CallerBody>) {
    let stamp = case.deployment(call).stamp();
    let bytes = case.bytes("stream.txt");
    let play = |pieces: &[&[u8]]| read(reader(case, call, &stamp), pieces);
    let whole = play(&[&bytes]);
    check_order(&case.name(), &whole.0, whole.1.is_ok());
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(play(&single), whole, "{}: byte by byte", case.name());
    for cut in 0..=bytes.len() {
        let (head, tail) = bytes.split_at(cut);
        assert_eq!(play(&[head, tail]), whole, "{}: cut at {cut}", case.name());
        let (events, result) = play(&[head]);
        let name = format!("{}: ended at {cut}", case.name());
        check_order(&name, &events, result.is_ok());
    }
    case.expect("stream.openai.json", &written(call, &stamp, &whole));
    if case.provider.dialect() == Dialect::OpenAi {
        check_tap(case, &bytes, &whole);
    }
    let usage = whole.0.iter().find_map(|event| match event {
        ChatEvent::Usage(usage) => Some(usage),
        _ => None,
    });
    let own = case.has("stream.usage.json");
    let file = if own {
        "stream.usage.json"
    } else {
        "usage.json"
    };
    case.expect(file, &usage_json(usage));
}

/// A caller of the same dialect gets the same bytes, and the tap reads what the decoder reads.
fn check_tap(case: &Case, bytes: &[u8], (events, result): &Played) {
    let (mut tap, mut out) = (StreamTap::new(false), Vec::new());
    tap.push(Bytes::copy_from_slice(bytes), &mut out).unwrap();
    let end = tap.end(&mut out);
    // `[DONE]` after an error would make it look like a clean end.
    let errored = end == StreamEnd::Errored;
    let passed = bytes.strip_suffix(DONE).filter(|_| errored);
    let passed = String::from_utf8_lossy(passed.unwrap_or(bytes));
    let got = String::from_utf8(out.concat()).unwrap();
    assert_eq!(got, passed, "{}: passed through", case.name());
    let (mut usage, mut text, mut ends) = (None, String::new(), StreamEnd::Truncated);
    for event in events {
        match event {
            ChatEvent::Usage(counted) => usage = Some(counted.clone()),
            ChatEvent::Error { .. } => ends = StreamEnd::Errored,
            ChatEvent::Done if bytes.ends_with(DONE) => ends = StreamEnd::Complete,
            ChatEvent::Done => ends = StreamEnd::CompleteWithoutDone,
            ChatEvent::Delta { delta, .. } => text.push_str(match delta {
                Delta::Text(text) | Delta::Reasoning(text) | Delta::Refusal(text) => text,
                Delta::ToolCallStart { name, .. } => name,
                Delta::ToolCallArguments { json, .. } => json,
                Delta::ThinkingEnd(_) => "",
            }),
            ChatEvent::Start { .. } | ChatEvent::Finish { .. } => {}
        }
    }
    assert_eq!(tap.tapped().usage, usage, "{}", case.name());
    assert_eq!(tap.tapped().output_text, text, "{}", case.name());
    assert_eq!((end, result.is_ok()), (ends, ends != StreamEnd::Truncated));
}

/// A stream is well formed as far as it goes, and ends cleanly only when it is complete.
fn check_order(name: &str, events: &[ChatEvent], clean: bool) {
    let (mut open, mut finished, mut usages) = (Vec::new(), Vec::new(), 0);
    for (at, event) in events.iter().enumerate() {
        let is_last = at + 1 == events.len();
        match event {
            ChatEvent::Start { .. } => assert_eq!(at, 0, "{name}: a second start"),
            ChatEvent::Delta { choice, .. } => {
                assert!(
                    !finished.contains(choice),
                    "{name}: a delta after the finish"
                );
                open.push(*choice);
            }
            ChatEvent::Finish { choice, .. } => {
                assert!(!finished.contains(choice), "{name}: a second finish");
                finished.push(*choice);
            }
            ChatEvent::Usage(_) => usages += 1,
            ChatEvent::Error { .. } | ChatEvent::Done => {
                assert!(is_last, "{name}: an event after the last one");
            }
        }
    }
    assert!(usages <= 1, "{name}: usage twice");
    if !clean || matches!(events.last(), Some(ChatEvent::Error { .. })) {
        return;
    }
    assert_eq!(events.last(), Some(&ChatEvent::Done), "{name}: a clean end");
    assert!(!finished.is_empty(), "{name}: a clean end without a finish");
    assert!(
        open.iter().all(|choice| finished.contains(choice)),
        "{name}: a clean end with an open choice"
    );
}

/// The chunks that the caller gets, as JSON.
fn written(call: Option<&CallerBody>, stamp: &Stamp, (events, result): &Played) -> Value {
    let kind = call.map_or(BodyKind::Chat, |call| call.kind);
    let include_usage = call.is_none_or(|call| call.include_usage);
    let mut writer = StreamWriter::new(kind, stamp, include_usage);
    let mut out = Vec::new();
    for event in events {
        writer.write(event, &mut out);
    }
    let text = String::from_utf8(out).unwrap();
    let done = std::str::from_utf8(DONE).unwrap();
    let is_done = events.last() == Some(&ChatEvent::Done);
    assert_eq!(text.ends_with(done), is_done);
    let text = text.strip_suffix(done).unwrap_or(&text);
    let mut chunks: Vec<Value> = text
        .split_terminator("\n\n")
        .map(|event| serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap())
        .collect();
    if let Err(error) = result {
        chunks.push(json!({"malformed": error.to_string()}));
    }
    Value::Array(chunks)
}

#[test]
fn every_case_of_every_vendor_is_translated_as_written() {
    for case in cases() {
        let call = case.call();
        if let Some(call) = &call {
            play_call(&case, call);
        }
        let (has_answer, has_stream) = (case.has("answer.json"), case.has("stream.txt"));
        if has_answer {
            play_answer(&case, call.as_ref());
        }
        if has_stream {
            play_stream(&case, call.as_ref());
        }
        assert!(
            call.is_some() || has_answer || has_stream,
            "{}: no call.json, answer.json or stream.txt",
            case.name()
        );
    }
}

#[test]
fn every_vendor_with_a_chat_has_cases() {
    let cases = cases();
    for provider in crate::ALL
        .iter()
        .filter(|provider| provider.chat().is_some())
    {
        let own = cases
            .iter()
            .any(|case| case.provider.name() == provider.name());
        assert!(own, "{} has no cases", provider.name());
    }
}
