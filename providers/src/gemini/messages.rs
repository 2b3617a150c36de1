//! The conversation as turns of `user` and `model`.
//!
//! Gemini wants turns that alternate and begin with the user's. Messages of one side that follow
//! each other become one turn; a conversation that begins otherwise gets a blank user turn in
//! front. System and developer messages, wherever they stand, become the system instruction.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{media, thinking};
use crate::chat::{ChatCall, Message, Part, Role, ToolCall};
use crate::policy::invalid;
use crate::tool_calls;
use crate::wire::{Target, Untranslatable};

/// Google's word for a call whose signature is not known, because another vendor made the call:
/// Gemini 3 refuses calls without one.
const NO_SIGNATURE: &str = "skip_thought_signature_validator";

/// A conversation in Gemini's words.
#[derive(Debug)]
pub(super) struct Conversation {
    /// The parts of the system instruction.
    pub(super) system: Vec<Value>,
    /// The turns.
    pub(super) contents: Vec<Value>,
}

/// Puts the call's messages into Gemini's words.
///
/// # Errors
/// When Gemini has nothing for a piece of content; the error names it.
pub(super) fn conversation(
    call: &ChatCall,
    target: &Target<'_>,
) -> Result<Conversation, Untranslatable> {
    let mut writer = Writer {
        target,
        names: HashMap::new(),
        system: Vec::new(),
        turns: Vec::new(),
    };
    for (index, message) in call.messages.iter().enumerate() {
        writer.message(message, &format!("messages[{index}]"))?;
    }
    if writer.turns.first().is_none_or(|turn| turn.role != "user") {
        writer.turns.insert(0, Turn::blank());
    }
    Ok(Conversation {
        system: writer.system,
        contents: writer.turns.into_iter().map(Turn::into_json).collect(),
    })
}

struct Turn {
    role: &'static str,
    parts: Vec<Value>,
}

impl Turn {
    fn blank() -> Self {
        Self {
            role: "user",
            parts: vec![json!({"text": " "})],
        }
    }

    fn into_json(self) -> Value {
        json!({"role": self.role, "parts": self.parts})
    }
}

struct Writer<'a> {
    target: &'a Target<'a>,
    /// The functions' names by the ids of their calls.
    names: HashMap<&'a str, &'a str>,
    system: Vec<Value>,
    turns: Vec<Turn>,
}

impl<'a> Writer<'a> {
    fn message(&mut self, message: &'a Message, path: &str) -> Result<(), Untranslatable> {
        match message.role {
            Role::System | Role::Developer => self.rules(message, path),
            Role::User => {
                let mut parts = self.parts(&message.content, path)?;
                if parts.is_empty() {
                    parts = Turn::blank().parts;
                }
                self.say("user", parts);
                Ok(())
            }
            Role::Assistant => self.answer(message, path),
            Role::Tool => self.result(message, path),
        }
    }

    fn say(&mut self, role: &'static str, parts: Vec<Value>) {
        match self.turns.last_mut() {
            Some(turn) if turn.role == role => turn.parts.extend(parts),
            _ if parts.is_empty() => {}
            _ => self.turns.push(Turn { role, parts }),
        }
    }

    fn parts(&self, content: &[Part], path: &str) -> Result<Vec<Value>, Untranslatable> {
        let mut parts = Vec::with_capacity(content.len());
        for (index, part) in content.iter().enumerate() {
            let path = format!("{path}.content[{index}]");
            parts.extend(media::part(part, &path, self.target)?);
        }
        Ok(parts)
    }

    fn rules(&mut self, message: &Message, path: &str) -> Result<(), Untranslatable> {
        let is_text = |part: &Part| matches!(part, Part::Text { .. } | Part::Refusal(_));
        if let Some(index) = message.content.iter().position(|part| !is_text(part)) {
            return Err(invalid(
                format!("{path}.content[{index}]"),
                "gemini's system instruction is text only; put this into a user message",
            ));
        }
        let parts = self.parts(&message.content, path)?;
        self.system.extend(parts);
        Ok(())
    }

    fn answer(&mut self, message: &'a Message, path: &str) -> Result<(), Untranslatable> {
        let mut parts = self.parts(&message.content, path)?;
        if let Some(refusal) = message.refusal.as_deref().filter(|text| !text.is_empty()) {
            parts.push(json!({"text": refusal}));
        }
        let unsigned = message
            .tool_calls
            .iter()
            .all(|call| call.signature.is_none());
        let mut needs_signature = unsigned && thinking::signs_calls(self.target.model);
        for (index, call) in message.tool_calls.iter().enumerate() {
            let mut part = function_call(call, &format!("{path}.tool_calls[{index}]"))?;
            if std::mem::take(&mut needs_signature) {
                part.insert("thoughtSignature".to_owned(), NO_SIGNATURE.into());
            }
            self.names.insert(&call.id, &call.name);
            parts.push(Value::Object(part));
        }
        self.say("model", parts);
        Ok(())
    }

    fn result(&mut self, message: &Message, path: &str) -> Result<(), Untranslatable> {
        let id = message.tool_call_id.as_deref();
        let known = id.and_then(|id| self.names.get(id).copied());
        let name = known.or(message.name.as_deref()).ok_or_else(|| {
            invalid(
                format!("{path}.tool_call_id"),
                "no earlier assistant message has a tool call with this id",
            )
        })?;
        let is_text = |part: &&Part| matches!(part, Part::Text { .. } | Part::Refusal(_));
        let text: String = message
            .content
            .iter()
            .filter(is_text)
            .map(text_of)
            .collect();
        let mut response = Map::new();
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            response.insert("id".to_owned(), id.into());
        }
        response.insert("name".to_owned(), name.into());
        response.insert("response".to_owned(), Value::Object(result_of(&text)));
        let mut beside = Vec::new();
        let mut within = Vec::new();
        for (index, part) in message.content.iter().enumerate() {
            if is_text(&part) {
                continue;
            }
            let path = format!("{path}.content[{index}]");
            let part = media::part(part, &path, self.target)?;
            let (inline, other): (Vec<_>, Vec<_>) = part.into_iter().partition(|part| {
                thinking::signs_calls(self.target.model) && part.get("inlineData").is_some()
            });
            within.extend(inline);
            beside.extend(other);
        }
        if !within.is_empty() {
            response.insert("parts".to_owned(), Value::Array(within));
        }
        let mut parts = vec![json!({"functionResponse": response})];
        parts.append(&mut beside);
        self.say("user", parts);
        Ok(())
    }
}

fn text_of(part: &Part) -> &str {
    match part {
        Part::Text { text, .. } | Part::Refusal(text) => text,
        Part::Image { .. } | Part::Audio { .. } | Part::File { .. } | Part::Other(_) => "",
    }
}

fn function_call(call: &ToolCall, path: &str) -> Result<Map<String, Value>, Untranslatable> {
    let args = tool_calls::arguments(call, path)?;
    let mut function = Map::new();
    if !call.id.is_empty() {
        function.insert("id".to_owned(), call.id.as_str().into());
    }
    function.insert("name".to_owned(), call.name.as_str().into());
    function.insert("args".to_owned(), Value::Object(args));
    let mut part = Map::new();
    part.insert("functionCall".to_owned(), Value::Object(function));
    if let Some(signature) = &call.signature {
        part.insert("thoughtSignature".to_owned(), signature.as_str().into());
    }
    Ok(part)
}

/// A result as the object that Gemini wants: the text's own object, else `{"result": …}` with the
/// text's JSON array or the text.
fn result_of(text: &str) -> Map<String, Value> {
    let result = match serde_json::from_str(text) {
        Ok(Value::Object(object)) => return object,
        Ok(array @ Value::Array(_)) => array,
        _ => text.into(),
    };
    Map::from_iter([("result".to_owned(), result)])
}
