//! Anthropic's Messages API.

use serde_json::{Value, json};

use super::{Events, Rendered, cut};
use crate::answer::{ErrorWords, Words};

pub(super) fn render(body: &Value, words: &Words) -> Rendered {
    if body["stream"] == true {
        return stream(body, words);
    }
    let mut message = message(body, words);
    message["content"] = blocks(words).into();
    message["stop_reason"] = stop_reason(words.finish).into();
    Rendered::json(&message)
}

pub(super) fn error(error: &ErrorWords) -> Value {
    let kind = match error.status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        400..500 => "invalid_request_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    json!({"type": "error", "error": {"type": kind, "message": error.message}, "request_id": "req_scripted"})
}

fn stop_reason(finish: &str) -> &str {
    match finish {
        "stop" => "end_turn",
        "length" => "max_tokens",
        "tool_calls" => "tool_use",
        "content_filter" => "refusal",
        other => other,
    }
}

fn usage(words: &Words) -> Value {
    let tokens = words.tokens;
    let mut usage = json!({
        "input_tokens": tokens.input,
        "cache_creation_input_tokens": tokens.cache_write + tokens.cache_write_1h,
        "cache_read_input_tokens": tokens.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.cache_write,
            "ephemeral_1h_input_tokens": tokens.cache_write_1h,
        },
        "output_tokens": tokens.completion(),
    });
    if let Some(tier) = &words.service_tier {
        usage["service_tier"] = tier.as_str().into();
    }
    usage
}

fn message(body: &Value, words: &Words) -> Value {
    let mut message = json!({
        "id": "msg_scripted", "type": "message", "role": "assistant", "model": body["model"],
        "content": [], "stop_reason": null, "stop_sequence": null,
    });
    if words.with_usage {
        message["usage"] = usage(words);
    }
    message
}

fn blocks(words: &Words) -> Vec<Value> {
    let mut blocks = Vec::new();
    if !words.reasoning.is_empty() {
        blocks.push(
            json!({"type": "thinking", "thinking": words.reasoning, "signature": "c2lnbmF0dXJl"}),
        );
    }
    if !words.text.is_empty() {
        blocks.push(json!({"type": "text", "text": words.text}));
    }
    for (index, call) in words.tool_calls.iter().enumerate() {
        let id = format!("toolu_scripted_{index}");
        blocks.push(
            json!({"type": "tool_use", "id": id, "name": call.name, "input": call.arguments}),
        );
    }
    blocks
}

fn stream(body: &Value, words: &Words) -> Rendered {
    let mut events = Events::new(words.line_ends);
    let mut start = message(body, words);
    if words.with_usage {
        start["usage"]["output_tokens"] = 1.into();
    }
    let named = |events: &mut Events, event: Value| {
        let name = event["type"].as_str().map(str::to_owned);
        events.json(name.as_deref(), &event);
    };
    named(
        &mut events,
        json!({"type": "message_start", "message": start}),
    );
    for (index, block) in blocks(words).iter().enumerate() {
        for event in block_events(block, words.pieces) {
            let mut event = event;
            event["index"] = index.into();
            named(&mut events, event);
        }
        named(
            &mut events,
            json!({"type": "content_block_stop", "index": index}),
        );
        if index == 0 {
            named(&mut events, json!({"type": "ping"}));
        }
    }
    let stop = stop_reason(words.finish);
    let mut delta =
        json!({"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": null}});
    if words.with_usage {
        delta["usage"] = json!({"output_tokens": words.tokens.completion()});
    }
    named(&mut events, delta);
    if words.with_end {
        named(&mut events, json!({"type": "message_stop"}));
    }
    events.stream()
}

/// The beginning and the deltas of one block, without their index.
fn block_events(block: &Value, pieces: usize) -> Vec<Value> {
    let text = |name: &str| block[name].as_str().unwrap_or_default();
    let start = |block: Value| json!({"type": "content_block_start", "content_block": block});
    let delta = |delta: Value| json!({"type": "content_block_delta", "delta": delta});
    if block["type"] == "thinking" {
        let mut events = vec![start(
            json!({"type": "thinking", "thinking": "", "signature": ""}),
        )];
        let thoughts = cut(text("thinking"), 2);
        events.extend(
            thoughts
                .iter()
                .map(|piece| delta(json!({"type": "thinking_delta", "thinking": piece}))),
        );
        events.push(delta(
            json!({"type": "signature_delta", "signature": text("signature")}),
        ));
        return events;
    }
    if block["type"] == "text" {
        let mut events = vec![start(json!({"type": "text", "text": ""}))];
        let texts = cut(text("text"), pieces);
        events.extend(
            texts
                .iter()
                .map(|piece| delta(json!({"type": "text_delta", "text": piece}))),
        );
        return events;
    }
    let mut empty = block.clone();
    empty["input"] = json!({});
    let mut events = vec![start(empty)];
    let input = cut(&block["input"].to_string(), 3);
    events.extend(
        input
            .iter()
            .map(|piece| delta(json!({"type": "input_json_delta", "partial_json": piece}))),
    );
    events
}
