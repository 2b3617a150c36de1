//! The log line of a finished request: one JSON object, never a prompt, a key or a credential.

use std::fmt::Write;

use domain::money::NanoUsd;
use domain::usage::Usage;
use providers::openai::body::BodyKind;
use serde::Serialize;
use serde_json::Value;

use crate::meter::charge;
use crate::settle::{AttemptRecord, Settlement, total_charge};

#[derive(Serialize)]
struct Line<'a> {
    timestamp_ms: u64,
    level: &'static str,
    message: &'static str,
    #[serde(rename = "request.id")]
    request_id: &'a str,
    #[serde(rename = "gen_ai.operation.name")]
    operation: &'static str,
    #[serde(rename = "gen_ai.request.model")]
    asked_model: &'a str,
    stream: bool,
    caller: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    duration_ms: u64,
    overhead_us: u64,
    fallbacks: u32,
    charge_nanousd: i64,
    attempts: Vec<AttemptLine<'a>>,
}

#[derive(Serialize)]
struct AttemptLine<'a> {
    group: &'a str,
    #[serde(rename = "deployment.id")]
    deployment: &'a str,
    #[serde(rename = "gen_ai.provider.name")]
    provider: &'a str,
    model: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageLine>,
    charge_nanousd: i64,
    priced: bool,
}

#[derive(Serialize)]
struct UsageLine {
    #[serde(rename = "gen_ai.usage.input_tokens")]
    prompt_tokens: u64,
    #[serde(rename = "gen_ai.usage.output_tokens")]
    completion_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cache_read_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cache_write_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cache_write_1h_tokens: u64,
    #[serde(skip_serializing_if = "is_zero")]
    reasoning_tokens: u64,
    estimated: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's skip_serializing_if takes a reference"
)]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The line, without its end.
#[must_use]
pub fn write(settlement: &Settlement) -> Vec<u8> {
    let facts = &settlement.facts;
    let NanoUsd(charge_nanousd) = total_charge(settlement);
    let line = Line {
        timestamp_ms: facts.received.0,
        level: if settlement.ending.status >= 500 {
            "WARN"
        } else {
            "INFO"
        },
        message: "request finished",
        request_id: facts.request_id.as_str(),
        operation: operation_name(facts.kind),
        asked_model: &facts.asked_model,
        stream: facts.stream,
        caller: facts.caller.as_str(),
        status: settlement.ending.status,
        code: settlement.ending.code,
        duration_ms: milliseconds(facts.started.elapsed()),
        overhead_us: u64::try_from(settlement.ending.overhead.as_micros()).unwrap_or(u64::MAX),
        fallbacks: settlement.fallbacks,
        charge_nanousd,
        attempts: settlement.attempts.iter().map(attempt_line).collect(),
    };
    let mut bytes = Vec::with_capacity(768);
    let _ = serde_json::to_writer(&mut bytes, &line);
    bytes
}

/// The same line as text for people: the message, then `name=value` for each member.
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

fn attempt_line(attempt: &AttemptRecord) -> AttemptLine<'_> {
    let charge = attempt
        .usage
        .as_ref()
        .map(|usage| charge(attempt.price.as_deref(), usage));
    AttemptLine {
        group: &attempt.group,
        deployment: attempt.candidate.id.as_str(),
        provider: &attempt.candidate.provider_name,
        model: &attempt.model,
        outcome: attempt.outcome,
        status: attempt.status,
        duration_ms: milliseconds(attempt.duration),
        first_byte_ms: attempt.first_byte.map(milliseconds),
        usage: attempt.usage.as_ref().map(usage_line),
        charge_nanousd: charge.as_ref().map_or(0, |charge| charge.nanousd.0),
        priced: charge.is_some_and(|charge| charge.priced),
    }
}

fn usage_line(usage: &Usage) -> UsageLine {
    UsageLine {
        prompt_tokens: usage.prompt_tokens(),
        completion_tokens: usage.completion_tokens(),
        cache_read_tokens: usage.cache_read_tokens,
        cache_write_tokens: usage.cache_write_tokens,
        cache_write_1h_tokens: usage.cache_write_1h_tokens,
        reasoning_tokens: usage.reasoning_tokens,
        estimated: usage.estimated,
    }
}

fn milliseconds(span: std::time::Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
