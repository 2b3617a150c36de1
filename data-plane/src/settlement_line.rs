//! The log line of a finished request: one JSON object, never a prompt, a key or a credential.
//!
//! Written by hand: it is written for every request, and serde took a fifth of the gateway's own
//! time for it.

use std::fmt::Write;
use std::time::Duration;

use domain::directory::KeyGrant;
use domain::usage::Usage;
use providers::openai::body::BodyKind;
use serde_json::Value;

use crate::admit::RequestFacts;
use crate::authenticate::Caller;
use crate::meter::Counted;
use crate::settle::{AttemptRecord, Ended};

/// Names of callers are logged up to here.
const MAX_NAME_BYTES: usize = 200;

/// The line of a request that took `duration`, without its end.
#[must_use]
pub fn write(facts: &RequestFacts, ended: &Ended, duration: Duration) -> Vec<u8> {
    let mut line = Line::default();
    line.number(r#""timestamp_ms":"#, facts.received.0);
    line.word(
        r#""level":"#,
        if ended.ending.status >= 500 {
            "WARN"
        } else {
            "INFO"
        },
    );
    line.word(r#""message":"#, "request finished");
    line.word(r#""request.id":"#, facts.request_id.as_str());
    line.word(r#""gen_ai.operation.name":"#, operation_name(facts.kind));
    line.text(r#""gen_ai.request.model":"#, cut(&facts.asked_model));
    line.flag(r#""stream":"#, facts.stream);
    line.word(
        r#""caller":"#,
        facts.caller.as_ref().map_or("refused", Caller::as_str),
    );
    if let Some(standing) = facts.caller.as_ref().and_then(Caller::standing) {
        write_key(&mut line, &standing.grant);
    }
    line.number(r#""status":"#, u64::from(ended.ending.status));
    if let Some(code) = ended.ending.code {
        line.word(r#""code":"#, code);
    }
    line.number(r#""duration_ms":"#, milliseconds(duration));
    line.number(
        r#""overhead_us":"#,
        u64::try_from(ended.ending.overhead.as_micros()).unwrap_or(u64::MAX),
    );
    line.number(r#""fallbacks":"#, u64::from(ended.fallbacks));
    line.number(
        r#""charge_nanousd":"#,
        u64::try_from(ended.charge().0).unwrap_or(0),
    );
    line.name(r#""attempts":"#);
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

/// Whose key it was; never the key.
fn write_key(line: &mut Line, grant: &KeyGrant) {
    let KeyGrant {
        id,
        organization_id,
        team_id,
        user_id,
        ..
    } = grant;
    line.text(r#""key_id":"#, id.as_str());
    line.text(r#""organization_id":"#, organization_id.as_str());
    if let Some(team_id) = team_id {
        line.text(r#""team_id":"#, team_id.as_str());
    }
    if let Some(user_id) = user_id {
        line.text(r#""user_id":"#, user_id.as_str());
    }
}

fn write_attempt(line: &mut Line, attempt: &AttemptRecord) {
    line.open();
    line.text(r#""group":"#, &attempt.choice.group.name);
    line.text(r#""deployment.id":"#, attempt.choice.candidate.id.as_str());
    line.text(
        r#""gen_ai.provider.name":"#,
        &attempt.choice.candidate.provider_name,
    );
    line.text(r#""model":"#, &attempt.choice.model);
    line.word(r#""outcome":"#, attempt.outcome);
    if let Some(status) = attempt.status {
        line.number(r#""status":"#, u64::from(status));
    }
    line.number(r#""duration_ms":"#, milliseconds(attempt.duration));
    if let Some(first_byte) = attempt.first_byte {
        line.number(r#""first_byte_ms":"#, milliseconds(first_byte));
    }
    if !attempt.dropped.is_empty() {
        line.text(r#""dropped":"#, &attempt.dropped.join(","));
    }
    if let Some(Counted {
        usage,
        charge,
        priced,
    }) = &attempt.counted
    {
        line.name(r#""usage":"#);
        write_usage(line, usage);
        line.number(r#""charge_nanousd":"#, u64::try_from(charge.0).unwrap_or(0));
        line.flag(r#""priced":"#, *priced);
    }
    line.bytes.push(b'}');
}

fn write_usage(line: &mut Line, usage: &Usage) {
    line.open();
    line.number(r#""gen_ai.usage.input_tokens":"#, usage.prompt_tokens());
    line.number(
        r#""gen_ai.usage.output_tokens":"#,
        usage.completion_tokens(),
    );
    for (name, tokens) in [
        (r#""cache_read_tokens":"#, usage.cache_read_tokens),
        (r#""cache_write_tokens":"#, usage.cache_write_tokens),
        (r#""cache_write_1h_tokens":"#, usage.cache_write_1h_tokens),
        (r#""reasoning_tokens":"#, usage.reasoning_tokens),
    ] {
        if tokens > 0 {
            line.number(name, tokens);
        }
    }
    line.flag(r#""estimated":"#, usage.estimated);
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

    /// Begins a member; `name` comes quoted and with its colon.
    fn name(&mut self, name: &'static str) {
        if self.bytes.last() != Some(&b'{') {
            self.bytes.push(b',');
        }
        self.bytes.extend_from_slice(name.as_bytes());
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

/// Names that callers give are cut: a name of a megabyte shall not fill the log.
fn cut(name: &str) -> &str {
    name.get(..name.floor_char_boundary(MAX_NAME_BYTES))
        .unwrap_or(name)
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
        line.text(r#""a":"#, "x\"\n\u{1}\\");
        line.number(r#""b":"#, u64::MAX);
        line.flag(r#""c":"#, true);
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
