//! The messages of a caller's chat body, and their parts.

use serde_json::{Map, Value};

use super::bad_body::BadBody;
use super::fields::Fields;
use crate::chat::{MediaSource, Message, Part, Role, Thinking, ToolCall};

/// Reads `messages`.
pub(super) fn read(list: Vec<Value>) -> Result<Vec<Message>, BadBody> {
    let mut messages = Vec::with_capacity(list.len());
    // The legacy role `function` names the function; its call got an id of ours.
    let mut legacy_call: Option<ToolCall> = None;
    for (index, value) in list.into_iter().enumerate() {
        let mut fields = Fields::of(format!("messages[{index}]"), value)?;
        let word = fields.required_text("role")?;
        let mut message = read_message(role(&word, &fields)?, &mut fields)?;
        if let Some(call) = legacy_function_call(index, &mut fields)? {
            legacy_call = Some(call.clone());
            message.tool_calls.push(call);
        }
        if word == "function" && message.tool_call_id.is_none() {
            message.tool_call_id = legacy_call
                .take_if(|call| Some(&call.name) == message.name.as_ref())
                .map(|call| call.id);
        }
        message.extra = fields.rest();
        message
            .extra
            .retain(|name, value| !is_left_over(name, value));
        messages.push(message);
    }
    Ok(messages)
}

/// What an SDK's answer holds besides its message, when a caller sends it back as it came.
fn is_left_over(name: &str, value: &Value) -> bool {
    let is_empty = match value {
        Value::Null => return true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    is_empty && matches!(name, "annotations" | "provider_specific_fields")
}

fn role(word: &str, fields: &Fields) -> Result<Role, BadBody> {
    Ok(match word {
        "system" => Role::System,
        "developer" => Role::Developer,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        _ => {
            return Err(BadBody::invalid(
                fields.path_of("role"),
                "it must be one of system, developer, user, assistant, tool",
            ));
        }
    })
}

fn read_message(role: Role, fields: &mut Fields) -> Result<Message, BadBody> {
    let path = fields.path_of("content");
    let content = match fields.take("content") {
        // OpenAI refuses it; what a translation would put in its place nobody has said.
        None if role == Role::User => return Err(BadBody::missing(path)),
        None => Vec::new(),
        Some(content) => read_content(&path, content)?,
    };
    let mut thinking = Vec::new();
    for (index, block) in fields.list("thinking_blocks")?.into_iter().enumerate() {
        let path = format!("{}.thinking_blocks[{index}]", fields.path());
        thinking.push(read_thinking(Fields::of(path, block)?)?);
    }
    // Plain thinking has no signature; where blocks are, it repeats their text.
    let reasoning = fields.text("reasoning_content")?;
    if let Some(text) = reasoning.filter(|text| thinking.is_empty() && !text.is_empty()) {
        let signature = String::new();
        thinking.push(Thinking::Signed { text, signature });
    }
    let mut tool_calls = Vec::new();
    for (index, call) in fields.list("tool_calls")?.into_iter().enumerate() {
        let path = format!("{}.tool_calls[{index}]", fields.path());
        tool_calls.push(read_tool_call(Fields::of(path, call)?)?);
    }
    Ok(Message {
        role,
        content,
        name: fields.text("name")?,
        tool_calls,
        tool_call_id: fields.text("tool_call_id")?,
        refusal: fields.text("refusal")?,
        thinking,
        cache_control: fields.take("cache_control"),
        extra: Map::new(),
    })
}

/// A string, or an array of parts.
fn read_content(path: &str, content: Value) -> Result<Vec<Part>, BadBody> {
    match content {
        Value::String(text) => Ok(vec![Part::Text {
            text,
            cache_control: None,
        }]),
        Value::Array(parts) => parts
            .into_iter()
            .enumerate()
            .map(|(index, part)| read_part(format!("{path}[{index}]"), part))
            .collect(),
        other => Err(BadBody::wrong_type(
            path,
            "a string or an array of parts",
            super::fields::kind_of(&other),
        )),
    }
}

fn read_part(path: String, part: Value) -> Result<Part, BadBody> {
    let kind = part.get("type").and_then(Value::as_str).map(str::to_owned);
    let Some(kind) = kind else {
        // Some callers leave the type of text out, and some put strings into the array.
        return match part {
            Value::String(text) => Ok(Part::Text {
                text,
                cache_control: None,
            }),
            other => read_text(Fields::of(path, other)?),
        };
    };
    match kind.as_str() {
        "text" | "input_text" | "output_text" => read_text(Fields::of(path, part)?),
        "image_url" => read_image(Fields::of(path, part)?),
        "input_audio" => {
            let mut fields = Fields::of(path, part)?;
            let mut audio = fields.required_fields("input_audio")?;
            Ok(Part::Audio {
                data: audio.required_text("data")?,
                format: audio.required_text("format")?,
            })
        }
        "file" => {
            let mut fields = Fields::of(path, part)?;
            Ok(Part::File {
                file: fields.required_fields("file")?.rest(),
                cache_control: fields.take("cache_control"),
            })
        }
        "refusal" => Fields::of(path, part)?
            .required_text("refusal")
            .map(Part::Refusal),
        _ => Ok(Part::Other(part)),
    }
}

fn read_text(mut fields: Fields) -> Result<Part, BadBody> {
    Ok(Part::Text {
        text: fields.required_text("text")?,
        cache_control: fields.take("cache_control"),
    })
}

fn read_image(mut fields: Fields) -> Result<Part, BadBody> {
    let path = fields.path_of("image_url");
    let (url, detail) = match fields.take("image_url") {
        // Some callers send the address without its object.
        Some(Value::String(url)) => (url, None),
        Some(object) => {
            let mut image = Fields::of(path.clone(), object)?;
            (image.required_text("url")?, image.text("detail")?)
        }
        None => return Err(BadBody::missing(path)),
    };
    Ok(Part::Image {
        source: image_source(&path, url)?,
        detail,
        cache_control: fields.take("cache_control"),
    })
}

/// A data URL holds the image; another one says where it is.
fn image_source(path: &str, url: String) -> Result<MediaSource, BadBody> {
    let Some(data_url) = url.strip_prefix("data:") else {
        let scheme = url
            .split_once("://")
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        if matches!(scheme.as_deref(), Some("http" | "https" | "gs")) {
            return Ok(MediaSource::Url(url));
        }
        return Err(BadBody::invalid(
            path,
            "send a data URL with base 64, or an http or https address",
        ));
    };
    let parts = data_url.split_once(',').and_then(|(head, data)| {
        let media_type = head.strip_suffix(";base64")?;
        Some((media_type.to_owned(), data.to_owned()))
    });
    let (media_type, data) =
        parts.ok_or_else(|| BadBody::invalid(path, "the data URL is not in base 64"))?;
    Ok(MediaSource::Base64 { media_type, data })
}

pub(super) fn read_thinking(mut fields: Fields) -> Result<Thinking, BadBody> {
    let kind = fields.required_text("type")?;
    match kind.as_str() {
        "thinking" => Ok(Thinking::Signed {
            text: fields.text("thinking")?.unwrap_or_default(),
            signature: fields.text("signature")?.unwrap_or_default(),
        }),
        "redacted_thinking" => Ok(Thinking::Redacted {
            data: fields.required_text("data")?,
        }),
        _ => Err(BadBody::invalid(
            fields.path_of("type"),
            "it must be thinking or redacted_thinking",
        )),
    }
}

/// A tool call of an assistant's message or of an answer.
pub(super) fn read_tool_call(mut fields: Fields) -> Result<ToolCall, BadBody> {
    let mut function = fields.required_fields("function")?;
    Ok(ToolCall {
        id: fields.text("id")?.unwrap_or_default(),
        name: function.required_text("name")?,
        arguments: arguments(&mut function),
        signature: signature(&mut fields, &mut function),
    })
}

/// Arguments are JSON text; some servers give the object itself.
fn arguments(function: &mut Fields) -> String {
    match function.take("arguments") {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    }
}

/// Gemini's thought signature: in LiteLLM's place (beside or within the function), else in that
/// of Google's own OpenAI-compatible address.
pub(super) fn signature(call: &mut Fields, function: &mut Fields) -> Option<String> {
    let own = |fields: &mut Fields| fields.take("provider_specific_fields");
    [own(call), own(function)]
        .into_iter()
        .flatten()
        .chain(
            call.take("extra_content")
                .and_then(|mut extra| extra.get_mut("google").map(Value::take)),
        )
        .find_map(|fields| Some(fields.get("thought_signature")?.as_str()?.to_owned()))
}

/// The legacy `function_call` of an assistant's message, with an id that its answer will find.
fn legacy_function_call(index: usize, fields: &mut Fields) -> Result<Option<ToolCall>, BadBody> {
    let Some(mut function) = fields.fields("function_call")? else {
        return Ok(None);
    };
    Ok(Some(ToolCall {
        id: format!("call_{index}"),
        name: function.required_text("name")?,
        arguments: arguments(&mut function),
        signature: None,
    }))
}
