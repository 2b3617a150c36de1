//! A chat call as OpenAI's JSON.

use serde_json::{Map, Value, json};

use crate::chat::{
    ChatCall, MediaSource, Message, Part, ResponseFormat, Role, Thinking, Tool, ToolCall,
    ToolChoice,
};
use crate::wire::{Target, WireBody};

/// The host of OpenAI's own service, which has renamed `max_tokens`; servers that imitate it may
/// know only the old name.
const OWN_HOST: &str = "api.openai.com";

/// Writes the body. `asks_stream_usage` says whether a stream's usage must be asked for.
pub(super) fn chat(call: &ChatCall, target: &Target<'_>, asks_stream_usage: bool) -> WireBody {
    let mut body = Map::new();
    body.insert("model".to_owned(), target.model.into());
    let messages = call.messages.iter().map(message).collect();
    body.insert("messages".to_owned(), Value::Array(messages));
    if !call.tools.is_empty() {
        body.insert("tools".to_owned(), call.tools.iter().map(tool).collect());
    }
    let ChatCall {
        messages: _,
        tools: _,
        tool_choice,
        parallel_tool_calls,
        response_format,
        max_tokens,
        temperature,
        top_p,
        stop,
        seed,
        n,
        user,
        metadata,
        reasoning_effort,
        thinking,
        stream,
        openai_parameters,
        extra,
    } = call;
    let optional = [
        ("tool_choice", tool_choice.as_ref().map(choice)),
        ("parallel_tool_calls", parallel_tool_calls.map(Value::Bool)),
        ("response_format", response_format.as_ref().map(format)),
        (max_tokens_name(target), max_tokens.map(Value::from)),
        ("temperature", temperature.clone().map(Value::Number)),
        ("top_p", top_p.clone().map(Value::Number)),
        ("stop", texts(stop)),
        ("seed", seed.clone().map(Value::Number)),
        ("n", n.map(Value::from)),
        ("user", user.clone().map(Value::String)),
        ("metadata", metadata.clone().map(Value::Object)),
        (
            "reasoning_effort",
            reasoning_effort.clone().map(Value::String),
        ),
        ("thinking", thinking.clone()),
        ("stream", stream.then_some(Value::Bool(true))),
        (
            "stream_options",
            (*stream && asks_stream_usage).then(|| json!({"include_usage": true})),
        ),
    ];
    for (name, value) in optional {
        put(&mut body, name, value);
    }
    for (name, value) in openai_parameters.iter().chain(extra) {
        body.entry(name.as_str()).or_insert_with(|| value.clone());
    }
    finish(body, target)
}

fn max_tokens_name(target: &Target<'_>) -> &'static str {
    if target.base_url.contains(OWN_HOST) {
        "max_completion_tokens"
    } else {
        "max_tokens"
    }
}

/// Adds the operator's members and drops what he always drops.
pub(super) fn finish(mut body: Map<String, Value>, target: &Target<'_>) -> WireBody {
    for (name, value) in target.extra_body {
        body.entry(name.as_str()).or_insert_with(|| value.clone());
    }
    for name in &target.parameters.drop_always {
        if name != "model" && name != "messages" {
            body.shift_remove(name);
        }
    }
    WireBody {
        bytes: Value::Object(body).to_string().into_bytes(),
        dropped: Vec::new(),
        headers: Vec::new(),
    }
}

/// A list of stop texts; one stands alone, as most callers write it.
pub(super) fn texts(texts: &[String]) -> Option<Value> {
    match texts {
        [] => None,
        [single] => Some(single.as_str().into()),
        several => Some(several.to_vec().into()),
    }
}

fn put(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value);
    }
}

fn message(message: &Message) -> Value {
    let Message {
        role,
        content,
        name,
        tool_calls,
        tool_call_id,
        refusal,
        thinking,
        cache_control,
        extra,
    } = message;
    let is_legacy = *role == Role::Tool && tool_call_id.is_none() && name.is_some();
    let word = match role {
        Role::System => "system",
        Role::Developer => "developer",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool if is_legacy => "function",
        Role::Tool => "tool",
    };
    let mut object = Map::new();
    object.insert("role".to_owned(), word.into());
    let content = match role {
        // Null is refused for a user; an empty list says the same and can be read back.
        Role::User if content.is_empty() => Value::Array(Vec::new()),
        _ => self::content(content),
    };
    object.insert("content".to_owned(), content);
    put(&mut object, "name", name.clone().map(Value::String));
    if !tool_calls.is_empty() {
        let calls = tool_calls.iter().map(tool_call).collect();
        object.insert("tool_calls".to_owned(), calls);
    }
    put(
        &mut object,
        "tool_call_id",
        tool_call_id.clone().map(Value::String),
    );
    put(&mut object, "refusal", refusal.clone().map(Value::String));
    match thinking.as_slice() {
        [] => {}
        [Thinking::Signed { text, signature }] if signature.is_empty() && !text.is_empty() => {
            object.insert("reasoning_content".to_owned(), text.as_str().into());
        }
        blocks => {
            let blocks = blocks.iter().map(thinking_block).collect();
            object.insert("thinking_blocks".to_owned(), blocks);
        }
    }
    put(&mut object, "cache_control", cache_control.clone());
    for (name, value) in extra {
        object.entry(name.as_str()).or_insert_with(|| value.clone());
    }
    Value::Object(object)
}

/// A thinking block in Anthropic's shape, which LiteLLM's callers know.
pub(super) fn thinking_block(block: &Thinking) -> Value {
    match block {
        Thinking::Signed { text, signature } => {
            json!({"type": "thinking", "thinking": text, "signature": signature})
        }
        Thinking::Redacted { data } => json!({"type": "redacted_thinking", "data": data}),
    }
}

pub(super) fn tool_call(call: &ToolCall) -> Value {
    let mut object = json!({
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    });
    if let (Some(signature), Value::Object(object)) = (&call.signature, &mut object) {
        object.insert(
            "provider_specific_fields".to_owned(),
            json!({"thought_signature": signature}),
        );
    }
    object
}

fn content(parts: &[Part]) -> Value {
    match parts {
        [] => Value::Null,
        [
            Part::Text {
                text,
                cache_control: None,
            },
        ] => text.as_str().into(),
        parts => parts.iter().map(part).collect(),
    }
}

fn part(part: &Part) -> Value {
    let (mut value, cache_control) = match part {
        Part::Text {
            text,
            cache_control,
        } => (json!({"type": "text", "text": text}), cache_control),
        Part::Image {
            source,
            detail,
            cache_control,
        } => {
            let url = match source {
                MediaSource::Base64 { media_type, data } => {
                    format!("data:{media_type};base64,{data}")
                }
                MediaSource::Url(url) => url.clone(),
            };
            let mut image = json!({"url": url});
            if let (Some(detail), Value::Object(image)) = (detail, &mut image) {
                image.insert("detail".to_owned(), detail.as_str().into());
            }
            (
                json!({"type": "image_url", "image_url": image}),
                cache_control,
            )
        }
        Part::Audio { data, format } => {
            let audio = json!({"data": data, "format": format});
            (json!({"type": "input_audio", "input_audio": audio}), &None)
        }
        Part::File {
            file,
            cache_control,
        } => (json!({"type": "file", "file": file}), cache_control),
        Part::Refusal(text) => (json!({"type": "refusal", "refusal": text}), &None),
        Part::Other(value) => (value.clone(), &None),
    };
    if let Value::Object(object) = &mut value {
        put(object, "cache_control", cache_control.clone());
    }
    value
}

fn tool(tool: &Tool) -> Value {
    let Tool {
        name,
        description,
        parameters,
        strict,
        cache_control,
        native,
    } = tool;
    if let Some(native) = native {
        return native.clone();
    }
    let mut function = Map::new();
    function.insert("name".to_owned(), name.as_str().into());
    let description = description.clone().map(Value::String);
    put(&mut function, "description", description);
    put(&mut function, "parameters", parameters.clone());
    put(&mut function, "strict", strict.map(Value::Bool));
    let mut object = Map::new();
    object.insert("type".to_owned(), "function".into());
    object.insert("function".to_owned(), Value::Object(function));
    put(&mut object, "cache_control", cache_control.clone());
    Value::Object(object)
}

fn choice(choice: &ToolChoice) -> Value {
    match choice {
        ToolChoice::Auto => "auto".into(),
        ToolChoice::None => "none".into(),
        ToolChoice::Required => "required".into(),
        ToolChoice::Function(name) => json!({"type": "function", "function": {"name": name}}),
        ToolChoice::Allowed { names, required } => {
            let tools: Vec<Value> = names
                .iter()
                .map(|name| json!({"type": "function", "function": {"name": name}}))
                .collect();
            let mode = if *required { "required" } else { "auto" };
            json!({"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": tools}})
        }
    }
}

fn format(format: &ResponseFormat) -> Value {
    match format {
        ResponseFormat::Text => json!({"type": "text"}),
        ResponseFormat::JsonObject => json!({"type": "json_object"}),
        ResponseFormat::JsonSchema {
            name,
            schema,
            strict,
            description,
        } => {
            let mut inner = Map::new();
            inner.insert("name".to_owned(), name.as_str().into());
            let description = description.clone().map(Value::String);
            put(&mut inner, "description", description);
            inner.insert("schema".to_owned(), schema.clone());
            put(&mut inner, "strict", strict.map(Value::Bool));
            json!({"type": "json_schema", "json_schema": inner})
        }
    }
}
