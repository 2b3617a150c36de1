//! OpenAI's chat completions, completions and embeddings.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Events, Rendered, cut, vector};
use crate::answer::{ErrorWords, ToolCall, Words};
use crate::ledger::Tokens;

pub(super) fn render(path: &str, body: &Value, words: &Words) -> Rendered {
    let is_stream = body["stream"] == true;
    if path.ends_with("/embeddings") {
        embeddings(body, words)
    } else if path.ends_with("/chat/completions") && is_stream {
        chat_stream(body, words)
    } else if path.ends_with("/chat/completions") {
        chat(body, words)
    } else if is_stream {
        completion_stream(body, words)
    } else {
        completion(body, words)
    }
}

pub(super) fn error(error: &ErrorWords) -> Value {
    let kind = match error.status {
        429 => "rate_limit_exceeded",
        400..500 => "invalid_request_error",
        _ => "server_error",
    };
    json!({"error": {"message": error.message, "type": kind, "param": null, "code": error.code}})
}

fn usage(tokens: Tokens) -> Value {
    json!({
        "prompt_tokens": tokens.prompt(),
        "completion_tokens": tokens.completion(),
        "total_tokens": tokens.prompt() + tokens.completion(),
        "prompt_tokens_details": {"cached_tokens": tokens.cache_read, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": tokens.reasoning, "audio_tokens": 0},
    })
}

fn tool_call(index: usize, call: &ToolCall) -> Value {
    json!({
        "id": format!("call_scripted_{index}"),
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments.to_string()},
    })
}

fn head(object: &str, id: &str, body: &Value, words: &Words) -> Value {
    let mut head =
        json!({"id": id, "object": object, "created": 1_700_000_000, "model": body["model"]});
    head["service_tier"] = match &words.service_tier {
        Some(tier) => tier.as_str().into(),
        None => "default".into(),
    };
    head["system_fingerprint"] = "fp_scripted".into();
    head
}

fn chat(body: &Value, words: &Words) -> Rendered {
    let mut message = json!({"role": "assistant", "content": words.text, "refusal": null});
    if !words.reasoning.is_empty() {
        message["reasoning_content"] = words.reasoning.as_str().into();
    }
    if !words.tool_calls.is_empty() {
        let calls = words.tool_calls.iter().enumerate();
        message["tool_calls"] = calls.map(|(index, call)| tool_call(index, call)).collect();
        if words.text.is_empty() {
            message["content"] = Value::Null;
        }
    }
    let choice = |index| json!({"index": index, "message": message, "logprobs": null, "finish_reason": words.finish});
    let mut answer = head("chat.completion", "chatcmpl-scripted", body, words);
    answer["choices"] = (0..body["n"].as_u64().unwrap_or(1)).map(choice).collect();
    if words.with_usage {
        answer["usage"] = usage(words.tokens);
    }
    Rendered::json(&answer)
}

fn chat_stream(body: &Value, words: &Words) -> Rendered {
    let asked = body["stream_options"]["include_usage"] == true;
    let chunk = |delta: Value, finish: Option<&str>| {
        let mut chunk = head("chat.completion.chunk", "chatcmpl-scripted", body, words);
        chunk["choices"] =
            json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]);
        if asked {
            chunk["usage"] = Value::Null;
        }
        chunk
    };
    let mut events = Events::new(words.line_ends);
    events.json(
        None,
        &chunk(
            json!({"role": "assistant", "content": "", "refusal": null}),
            None,
        ),
    );
    for piece in cut(&words.reasoning, 2) {
        events.json(None, &chunk(json!({"reasoning_content": piece}), None));
    }
    for piece in cut(&words.text, words.pieces) {
        events.json(None, &chunk(json!({"content": piece}), None));
    }
    for (index, call) in words.tool_calls.iter().enumerate() {
        let mut first = tool_call(index, call);
        first["index"] = index.into();
        first["function"]["arguments"] = "".into();
        events.json(None, &chunk(json!({"tool_calls": [first]}), None));
        for piece in cut(&call.arguments.to_string(), 3) {
            let delta = json!({"tool_calls": [{"index": index, "function": {"arguments": piece}}]});
            events.json(None, &chunk(delta, None));
        }
    }
    events.json(None, &chunk(json!({}), Some(words.finish)));
    if asked && words.with_usage {
        let mut last = head("chat.completion.chunk", "chatcmpl-scripted", body, words);
        last["choices"] = json!([]);
        last["usage"] = usage(words.tokens);
        events.json(None, &last);
    }
    if words.with_end {
        events.push(None, "[DONE]");
    }
    events.stream()
}

fn completion(body: &Value, words: &Words) -> Rendered {
    let mut answer = head("text_completion", "cmpl-scripted", body, words);
    answer["choices"] =
        json!([{"text": words.text, "index": 0, "logprobs": null, "finish_reason": words.finish}]);
    if words.with_usage {
        answer["usage"] = usage(words.tokens);
    }
    Rendered::json(&answer)
}

fn completion_stream(body: &Value, words: &Words) -> Rendered {
    let chunk = |text: &str, finish: Option<&str>| {
        let mut chunk = head("text_completion", "cmpl-scripted", body, words);
        chunk["choices"] =
            json!([{"text": text, "index": 0, "logprobs": null, "finish_reason": finish}]);
        chunk
    };
    let mut events = Events::new(words.line_ends);
    for piece in cut(&words.text, words.pieces) {
        events.json(None, &chunk(&piece, None));
    }
    events.json(None, &chunk("", Some(words.finish)));
    if words.with_usage && body["stream_options"]["include_usage"] == true {
        let mut last = chunk("", None);
        last["choices"] = json!([]);
        last["usage"] = usage(words.tokens);
        events.json(None, &last);
    }
    if words.with_end {
        events.push(None, "[DONE]");
    }
    events.stream()
}

fn embeddings(body: &Value, words: &Words) -> Rendered {
    let inputs = match &body["input"] {
        Value::Array(inputs) if inputs.iter().all(Value::is_number) => {
            vec![body["input"].to_string()]
        }
        Value::Array(inputs) => inputs.iter().map(Value::to_string).collect(),
        one => vec![one.to_string()],
    };
    let is_base64 = body["encoding_format"] == "base64";
    let item = |(index, input): (usize, &String)| {
        let vector = vector(input, words.dimensions);
        let embedding = if is_base64 {
            let bytes: Vec<u8> = vector
                .iter()
                .flat_map(|number| number.to_le_bytes())
                .collect();
            STANDARD.encode(bytes).into()
        } else {
            json!(vector)
        };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    };
    let data: Vec<Value> = inputs.iter().enumerate().map(item).collect();
    let input_tokens = words.tokens.prompt();
    Rendered::json(&json!({
        "object": "list",
        "data": data,
        "model": body["model"],
        "usage": {"prompt_tokens": input_tokens, "total_tokens": input_tokens},
    }))
}
