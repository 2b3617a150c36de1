//! The shapes in which OpenAI and its imitators answer, whole and streamed, read leniently.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::fields::Fields;
use super::messages;
use super::usage::UsageSeen;
use crate::chat::{FinishReason, Thinking};

/// A `chat.completion`, a `chat.completion.chunk` or a `text_completion`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct AnswerSeen {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    #[serde(default)]
    pub(super) created: Option<Value>,
    pub(super) choices: Option<Vec<ChoiceSeen>>,
    pub(super) usage: Option<UsageSeen>,
    pub(super) service_tier: Option<String>,
    pub(super) system_fingerprint: Option<String>,
    pub(super) error: Option<Value>,
}

/// One choice of an answer or of a chunk.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ChoiceSeen {
    pub(super) index: Option<u32>,
    /// Whole answers.
    pub(super) message: Option<MessageSeen>,
    /// Chunks.
    pub(super) delta: Option<MessageSeen>,
    /// Legacy completions, whole and streamed.
    pub(super) text: Option<String>,
    pub(super) finish_reason: Option<String>,
    pub(super) logprobs: Option<Value>,
}

/// A message or a delta.
#[derive(Debug, Default, Deserialize)]
pub(super) struct MessageSeen {
    content: Option<Value>,
    reasoning_content: Option<String>,
    /// The name that OpenRouter, Groq and newer vLLM give `reasoning_content`.
    reasoning: Option<Value>,
    pub(super) refusal: Option<String>,
    pub(super) tool_calls: Option<Vec<ToolCallSeen>>,
    pub(super) function_call: Option<FunctionSeen>,
    thinking_blocks: Option<Vec<Value>>,
}

/// A tool call, or a piece of one.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ToolCallSeen {
    pub(super) index: Option<u32>,
    pub(super) id: Option<String>,
    pub(super) function: Option<FunctionSeen>,
    provider_specific_fields: Option<Value>,
    extra_content: Option<Value>,
}

/// A function's name and arguments, or a piece of them.
#[derive(Debug, Default, Deserialize)]
pub(super) struct FunctionSeen {
    pub(super) name: Option<String>,
    arguments: Option<Value>,
    provider_specific_fields: Option<Value>,
}

impl FunctionSeen {
    /// The arguments as JSON text.
    pub(super) fn arguments(&mut self) -> String {
        match self.arguments.take() {
            None => String::new(),
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
        }
    }
}

impl ToolCallSeen {
    /// The legacy `function_call` as a call.
    pub(super) fn legacy(function: FunctionSeen) -> Self {
        Self {
            index: Some(u32::MAX),
            function: Some(function),
            ..Self::default()
        }
    }

    /// Gemini's thought signature, where a gateway or Google itself put it.
    pub(super) fn signature(&mut self) -> Option<String> {
        let function = self.function.as_mut();
        let members = [
            (
                "provider_specific_fields",
                self.provider_specific_fields.take(),
            ),
            ("extra_content", self.extra_content.take()),
        ];
        let within = function.and_then(|function| function.provider_specific_fields.take());
        let member = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
        let mut call = Fields::new("", members.into_iter().filter_map(member).collect());
        let within = within.map(|value| ("provider_specific_fields".to_owned(), value));
        let mut function = Fields::new("", within.into_iter().collect::<Map<_, _>>());
        messages::signature(&mut call, &mut function)
    }
}

impl MessageSeen {
    /// The text; an array of parts (Mistral) is joined, its thinking left to
    /// [`Self::reasoning`].
    pub(super) fn text(&mut self) -> Option<String> {
        match self.content.as_ref()? {
            Value::String(_) => match self.content.take() {
                Some(Value::String(text)) => Some(text),
                _ => None,
            },
            Value::Array(parts) => {
                let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
                let text: String = texts.collect();
                Some(text).filter(|text| !text.is_empty())
            }
            _ => None,
        }
    }

    /// Thinking that may be shown. Call before [`Self::text`].
    pub(super) fn reasoning(&mut self) -> Option<String> {
        let plain = self.reasoning_content.take();
        let named = match self.reasoning.take() {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let text = plain
            .filter(|text| !text.is_empty())
            .or(named)
            .or_else(|| self.content.as_ref().and_then(thinking_parts));
        text.filter(|text| !text.is_empty())
    }

    /// Thinking to be sent back; blocks of an unknown shape are left out.
    pub(super) fn thinking(&mut self) -> Vec<Thinking> {
        let blocks = self.thinking_blocks.take().unwrap_or_default();
        let read = |block| messages::read_thinking(Fields::of("", block).ok()?).ok();
        blocks.into_iter().filter_map(read).collect()
    }
}

/// Mistral's `{"type": "thinking", "thinking": [{"type": "text", "text": …}]}` parts.
fn thinking_parts(content: &Value) -> Option<String> {
    let texts = content
        .as_array()?
        .iter()
        .filter_map(|part| part.get("thinking")?.as_array())
        .flatten()
        .filter_map(|piece| piece.get("text")?.as_str());
    Some(texts.collect())
}

/// OpenAI's word, or an imitator's, for why an answer ended.
pub(super) fn finish_reason(word: &str) -> FinishReason {
    match word {
        "length" | "max_tokens" | "model_length" => FinishReason::Length,
        "tool_calls" | "function_call" | "tool_use" => FinishReason::ToolCalls,
        "content_filter" | "safety" => FinishReason::ContentFilter,
        _ => FinishReason::Stop,
    }
}
