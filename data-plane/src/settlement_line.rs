//! The log line of a finished request: one JSON object, never a prompt, a key or a credential.
//!
//! Written by hand: it is written for every request, and serde took a fifth of the gateway's own
//! time for it.

use std::fmt::Write;
use std::time::Duration;

use domain::usage::Usage;
use providers::openai::body::BodyKind;
use serde_json::Value;

use crate::admit::RequestFacts;
use crate::meter::Counted;
use crate::settle::{AttemptRecord, Ended};

/// The line, without its end.
#[must_use]
pub fn write(facts: &RequestFacts, ended: &Ended) -> Vec<u8> {
    let mut line = Line::default();
    line.number("timestamp_ms", facts.received.0);
    line.word(
        "level",
        if ended.ending.status >= 500 {
            "WARN"
        } else {
            "INFO"
        },
    );
    line.word("message", "request finished");
    line.word("request.id", facts.request_id.as_str());
    line.word("gen_ai.operation.name", operation_name(facts.kind));
    line.text("gen_ai.request.model", &facts.asked_model);
    line.flag("stream", facts.stream);
    line.word("caller", facts.caller.as_str());
    line.number("status", u64::from(ended.ending.status));
    if let Some(code) = ended.ending.code {
        line.word("code", code);
    }
    line.number("duration_ms", milliseconds(facts.started.elapsed()));
    line.number(
        "overhead_us",
        u64::try_from(ended.ending.overhead.as_micros()).unwrap_or(u64::MAX),
    );
    line.number("fallbacks", u64::from(ended.fallbacks));
    line.number(
        "charge_nanousd",
        u64::try_from(ended.charge().0).unwrap_or(0),
    );
    line.name("attempts");
    line.bytes.push(b'[');
    for (index, attempt) in ended.attempts.iter().enumerate() {
        if index > 0 {
            line.bytes.push(b',');
        }
        write_attempt(&mut line, attempt);
    }
    line.bytes.extend_from_slice(b"]}");
    line.bytes
}

fn write_attempt(line: &mut Line, attempt: &AttemptRecord) {
    line.open();
    line.text("group", &attempt.choice.group.name);
    line.text("deployment.id", attempt.choice.candidate.id.as_str());
    line.text(
        "gen_ai.provider.name",
        &attempt.choice.candidate.provider_name,
    );
    line.text("model", &attempt.choice.model);
    line.word("outcome", attempt.outcome);
    if let Some(status) = attempt.status {
        line.number("status", u64::from(status));
    }
    line.number("duration_ms", milliseconds(attempt.duration));
    if let Some(first_byte) = attempt.first_byte {
        line.number("first_byte_ms", milliseconds(first_byte));
    }
    if let Some(Counted {
        usage,
        charge,
        priced,
    }) = &attempt.counted
    {
        line.name("usage");
        write_usage(line, usage);
        line.number("charge_nanousd", u64::try_from(charge.0).unwrap_or(0));
        line.flag("priced", *priced);
    }
    line.bytes.push(b'}');
}

fn write_usage(line: &mut Line, usage: &Usage) {
    line.open();
    line.number("gen_ai.usage.input_tokens", usage.prompt_tokens());
    line.number("gen_ai.usage.output_tokens", usage.completion_tokens());
    for (name, tokens) in [
        ("cache_read_tokens", usage.cache_read_tokens),
        ("cache_write_tokens", usage.cache_write_tokens),
        ("cache_write_1h_tokens", usage.cache_write_1h_tokens),
        ("reasoning_tokens", usage.reasoning_tokens),
    ] {
        if tokens > 0 {
            line.number(name, tokens);
        }
    }
    line.flag("estimated", usage.estimated);
    line.bytes.push(b'}');
}

/// A JSON object while it is written.
struct Line {
    bytes: Vec<u8>,
}

impl Default for Line {
    fn default() -> Self {
        let mut bytes = Vec::with_capacity(1_024);
        bytes.push(b'{');
        Self { bytes }
    }
}

impl Line {
    fn open(&mut self) {
        self.bytes.push(b'{');
    }

    fn name(&mut self, name: &'static str) {
        if self.bytes.last() != Some(&b'{') {
            self.bytes.push(b',');
        }
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"\":");
    }

    fn number(&mut self, name: &'static str, number: u64) {
        self.name(name);
        self.bytes
            .extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    }

    fn flag(&mut self, name: &'static str, flag: bool) {
        self.name(name);
        self.bytes
            .extend_from_slice(if flag { b"true" } else { b"false" });
    }

    /// A word of ours, which needs no escapes.
    fn word(&mut self, name: &'static str, word: &str) {
        self.name(name);
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(word.as_bytes());
        self.bytes.push(b'"');
    }

    /// Any text.
    fn text(&mut self, name: &'static str, text: &str) {
        self.name(name);
        // Writing to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.bytes, text);
    }
}

/// The same line as text for people: `name=value` for each member.
#[must_use]
pub fn as_text(line: &[u8]) -> String {
    let Ok(Value::Object(members)) = serde_json::from_slice(line) else {
        return String::new();
    };
    let mut text = String::with_capacity(line.len());
    for (name, value) in members {
        let separator = if text.is_empty() { "" } else { " " };
        let _ = match value {
            Value::String(value) => write!(text, "{separator}{name}={value}"),
            value => write!(text, "{separator}{name}={value}"),
        };
    }
    text
}

/// The operation's name as OpenTelemetry's GenAI conventions have it.
#[must_use]
pub const fn operation_name(kind: BodyKind) -> &'static str {
    match kind {
        BodyKind::Chat => "chat",
        BodyKind::Completion => "text_completion",
        BodyKind::Embedding => "embeddings",
    }
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_callers_send_cannot_break_the_line() {
        let mut line = Line::default();
        line.text("a", "x\"\n\u{1}\\");
        line.number("b", u64::MAX);
        line.flag("c", true);
        line.bytes.push(b'}');
        let read: Value = serde_json::from_slice(&line.bytes).unwrap();
        assert_eq!(
            read,
            serde_json::json!({"a": "x\"\n\u{1}\\", "b": u64::MAX, "c": true})
        );
        assert!(!line.bytes.contains(&b'\n'));
        assert_eq!(as_text(br#"{"a":"x","b":1}"#), "a=x b=1");
    }
}
