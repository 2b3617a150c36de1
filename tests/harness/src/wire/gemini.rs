//! Google's `generateContent`, `streamGenerateContent`, `embedContent`, `batchEmbedContents`.

use serde_json::{Value, json};

use super::{Events, Rendered, cut, vector};
use crate::answer::{ErrorWords, LineEnds, Words};

pub(super) fn render(path: &str, body: &Value, words: &Words) -> Rendered {
    let (model, action) = path.rsplit_once(':').unwrap_or((path, ""));
    let model = model.rsplit('/').next().unwrap_or_default();
    match action {
        "streamGenerateContent" => stream(model, words),
        "embedContent" => Rendered::json(&json!({"embedding": embedding(&body["content"], words)})),
        "batchEmbedContents" => {
            let requests = body["requests"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            let embeddings: Vec<Value> = requests
                .iter()
                .map(|request| embedding(&request["content"], words))
                .collect();
            Rendered::json(&json!({ "embeddings": embeddings }))
        }
        _ => Rendered::json(&answer(model, &all_parts(words), words, true)),
    }
}

pub(super) fn error(error: &ErrorWords) -> Value {
    let status = match error.status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        400..500 => "INVALID_ARGUMENT",
        503 => "UNAVAILABLE",
        _ => "INTERNAL",
    };
    json!({"error": {"code": error.status, "message": error.message, "status": status}})
}

fn embedding(content: &Value, words: &Words) -> Value {
    json!({"values": vector(&content.to_string(), words.dimensions)})
}

fn usage(words: &Words) -> Value {
    let tokens = words.tokens;
    let mut usage = json!({
        "promptTokenCount": tokens.prompt(),
        "candidatesTokenCount": tokens.output,
        "totalTokenCount": tokens.prompt() + tokens.completion(),
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens.prompt()}],
    });
    if tokens.cache_read > 0 {
        usage["cachedContentTokenCount"] = tokens.cache_read.into();
    }
    if tokens.reasoning > 0 {
        usage["thoughtsTokenCount"] = tokens.reasoning.into();
    }
    usage
}

fn finish_reason(finish: &str) -> &str {
    match finish {
        "length" => "MAX_TOKENS",
        "content_filter" => "SAFETY",
        _ => "STOP",
    }
}

fn call_parts(words: &Words) -> Vec<Value> {
    let calls = words.tool_calls.iter();
    calls
        .map(|call| json!({"functionCall": {"name": call.name, "args": call.arguments}}))
        .collect()
}

fn all_parts(words: &Words) -> Vec<Value> {
    let mut parts = Vec::new();
    if !words.reasoning.is_empty() {
        parts.push(json!({"text": words.reasoning, "thought": true}));
    }
    if !words.text.is_empty() {
        parts.push(json!({"text": words.text}));
    }
    parts.extend(call_parts(words));
    parts
}

fn answer(model: &str, parts: &[Value], words: &Words, is_last: bool) -> Value {
    let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": 0});
    let mut answer = json!({"modelVersion": model, "responseId": "scripted"});
    if is_last && words.with_end {
        candidate["finishReason"] = finish_reason(words.finish).into();
        if words.with_usage {
            answer["usageMetadata"] = usage(words);
        }
    }
    answer["candidates"] = json!([candidate]);
    answer
}

fn stream(model: &str, words: &Words) -> Rendered {
    let mut steps: Vec<Vec<Value>> = Vec::new();
    for piece in cut(&words.reasoning, 2) {
        steps.push(vec![json!({"text": piece, "thought": true})]);
    }
    for piece in cut(&words.text, words.pieces) {
        steps.push(vec![json!({ "text": piece })]);
    }
    if !words.tool_calls.is_empty() {
        steps.push(call_parts(words));
    }
    // Google writes CRLF; a script may ask for something else, LF excepted.
    let ends = match words.line_ends {
        LineEnds::Lf => LineEnds::CrLf,
        other => other,
    };
    let mut events = Events::new(ends);
    let last = steps.len().saturating_sub(1);
    for (index, parts) in steps.iter().enumerate() {
        events.json(None, &answer(model, parts, words, index == last));
    }
    events.stream()
}
