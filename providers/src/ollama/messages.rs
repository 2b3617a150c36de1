//! The conversation as Ollama's messages.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::chat::{ChatCall, MediaSource, Message, Part, Role, Thinking, ToolCall};
use crate::policy::invalid;
use crate::tool_calls;
use crate::wire::Untranslatable;

/// Puts the call's messages into Ollama's words: the content is always one text (pieces of text
/// are joined by a line end), images stand beside it as bare base 64, arguments are objects, and
/// a tool's result names its function.
///
/// # Errors
/// When Ollama has nothing for a piece of content; the error names it.
pub(super) fn messages(call: &ChatCall) -> Result<Vec<Value>, Untranslatable> {
    let mut names = HashMap::new();
    let mut messages = Vec::with_capacity(call.messages.len());
    for (index, message) in call.messages.iter().enumerate() {
        let path = format!("messages[{index}]");
        messages.push(Value::Object(one(message, &path, &mut names)?));
    }
    Ok(messages)
}

fn one<'a>(
    message: &'a Message,
    path: &str,
    names: &mut HashMap<&'a str, &'a str>,
) -> Result<Map<String, Value>, Untranslatable> {
    let role = match message.role {
        Role::System | Role::Developer => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    let (text, images) = content(message, path)?;
    let mut written = Map::new();
    let mut set = |name: &str, value: Value| written.insert(name.to_owned(), value);
    set("role", role.into());
    set("content", text.into());
    if !images.is_empty() {
        set("images", images.into());
    }
    if let Some(thinking) = thinking(message) {
        set("thinking", thinking.into());
    }
    if !message.tool_calls.is_empty() {
        let mut calls = Vec::with_capacity(message.tool_calls.len());
        for (index, call) in message.tool_calls.iter().enumerate() {
            names.insert(&call.id, &call.name);
            calls.push(tool_call(call, &format!("{path}.tool_calls[{index}]"))?);
        }
        set("tool_calls", calls.into());
    }
    if message.role == Role::Tool {
        let id = message.tool_call_id.as_deref();
        let known = id.and_then(|id| names.get(id).copied());
        if let Some(name) = known.or(message.name.as_deref()) {
            set("tool_name", name.into());
        }
        if let Some(id) = id {
            set("tool_call_id", id.into());
        }
    }
    Ok(written)
}

/// The texts joined by line ends, and the images.
fn content<'a>(message: &'a Message, path: &str) -> Result<(String, Vec<&'a str>), Untranslatable> {
    let mut texts = Vec::with_capacity(message.content.len());
    let mut images = Vec::new();
    for (index, part) in message.content.iter().enumerate() {
        match part {
            Part::Text { text, .. } | Part::Refusal(text) => texts.push(text.as_str()),
            Part::Image {
                source: MediaSource::Base64 { data, .. },
                ..
            } => images.push(data.as_str()),
            Part::Image { .. } => {
                return Err(invalid(
                    format!("{path}.content[{index}].image_url"),
                    "ollama fetches no images; send it as a data URL (`data:image/png;base64,…`)",
                ));
            }
            Part::Audio { .. } | Part::File { .. } | Part::Other(_) => {
                return Err(invalid(
                    format!("{path}.content[{index}]"),
                    "ollama takes text and images only",
                ));
            }
        }
    }
    texts.extend(message.refusal.as_deref());
    Ok((texts.join("\n"), images))
}

/// An assistant's thinking; what a vendor encrypted is of no use here.
fn thinking(message: &Message) -> Option<String> {
    let texts: Vec<&str> = message
        .thinking
        .iter()
        .filter_map(|thinking| match thinking {
            Thinking::Signed { text, .. } => Some(text.as_str()),
            Thinking::Redacted { .. } => None,
        })
        .filter(|text| !text.is_empty())
        .collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn tool_call(call: &ToolCall, path: &str) -> Result<Value, Untranslatable> {
    let arguments = tool_calls::arguments(call, path)?;
    let function = json!({"name": call.name, "arguments": arguments});
    Ok(if call.id.is_empty() {
        json!({"function": function})
    } else {
        json!({"id": call.id, "function": function})
    })
}
