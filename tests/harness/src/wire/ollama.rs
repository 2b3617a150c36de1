//! Ollama's native chat, generate and embed, with newline-delimited JSON streams.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Rendered, cut, vector};
use crate::answer::Words;

pub(super) fn render(path: &str, body: &Value, words: &Words) -> Rendered {
    if path.ends_with("/embed") {
        return embed(body, words);
    }
    let is_generate = path.ends_with("/generate");
    // Ollama streams unless it is told not to.
    if body["stream"] != false {
        return stream(body, words, is_generate);
    }
    let mut answer = part(body, &words.text, is_generate);
    if !is_generate {
        answer["message"]["tool_calls"] = tool_calls(words);
        answer["message"]["thinking"] = words.reasoning.as_str().into();
    }
    finish(&mut answer, words);
    Rendered::json(&answer)
}

fn part(body: &Value, text: &str, is_generate: bool) -> Value {
    let mut part = json!({"model": body["model"], "created_at": "2026-01-01T00:00:00.123456789Z", "done": false});
    if is_generate {
        part["response"] = text.into();
    } else {
        part["message"] = json!({"role": "assistant", "content": text});
    }
    part
}

fn tool_calls(words: &Words) -> Value {
    let calls = words.tool_calls.iter();
    calls
        .map(|call| json!({"function": {"name": call.name, "arguments": call.arguments}}))
        .collect()
}

fn finish(part: &mut Value, words: &Words) {
    part["done"] = true.into();
    part["done_reason"] = match words.finish {
        "length" => "length",
        _ => "stop",
    }
    .into();
    part["total_duration"] = 4_883_583_458_u64.into();
    if words.with_usage {
        part["prompt_eval_count"] = words.tokens.prompt().into();
        part["eval_count"] = words.tokens.completion().into();
    }
}

fn stream(body: &Value, words: &Words, is_generate: bool) -> Rendered {
    let mut lines = Vec::new();
    for piece in cut(&words.reasoning, 2) {
        let mut line = part(body, "", is_generate);
        line["message"]["thinking"] = piece.into();
        lines.push(line);
    }
    for piece in cut(&words.text, words.pieces) {
        lines.push(part(body, &piece, is_generate));
    }
    if !words.tool_calls.is_empty() {
        let mut line = part(body, "", is_generate);
        line["message"]["tool_calls"] = tool_calls(words);
        lines.push(line);
    }
    if words.with_end {
        let mut last = part(body, "", is_generate);
        finish(&mut last, words);
        lines.push(last);
    }
    Rendered::Stream {
        content_type: "application/x-ndjson".to_owned(),
        pieces: lines
            .iter()
            .map(|line| Bytes::from(format!("{line}\n")))
            .collect(),
    }
}

fn embed(body: &Value, words: &Words) -> Rendered {
    let inputs = match &body["input"] {
        Value::Array(inputs) => inputs.iter().map(Value::to_string).collect(),
        one => vec![one.to_string()],
    };
    let vectors: Vec<_> = inputs
        .iter()
        .map(|input| vector(input, words.dimensions))
        .collect();
    Rendered::json(&json!({
        "model": body["model"], "embeddings": vectors, "prompt_eval_count": words.tokens.prompt(),
    }))
}
