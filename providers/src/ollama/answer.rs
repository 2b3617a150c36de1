//! Ollama's answers as they come: whole ones and lines of a stream have the same shape.

use domain::usage::Usage;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::chat::FinishReason;
use crate::wire::Malformed;

/// An answer of `/api/chat` (`message`) or `/api/generate` (`response`, `thinking`).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    pub(super) model: Option<String>,
    pub(super) message: Option<Message>,
    response: Option<String>,
    thinking: Option<String>,
    pub(super) done: bool,
    done_reason: Option<String>,
    prompt_eval_count: Option<u64>,
    eval_count: Option<u64>,
    pub(super) logprobs: Option<Vec<Value>>,
    pub(super) error: Option<Value>,
}

/// What the model says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message {
    pub(super) content: Option<String>,
    pub(super) thinking: Option<String>,
    pub(super) tool_calls: Option<Vec<ToolCall>>,
}

/// A call; older versions give no id.
#[derive(Debug, Deserialize)]
pub(super) struct ToolCall {
    pub(super) id: Option<String>,
    pub(super) function: Function,
}

/// The function of a call.
#[derive(Debug, Deserialize)]
pub(super) struct Function {
    pub(super) name: String,
    #[serde(default)]
    arguments: Value,
}

impl Function {
    /// The arguments as JSON text: Ollama gives the object itself, some proxies its text.
    pub(super) fn arguments(&self) -> String {
        match &self.arguments {
            Value::Null => "{}".to_owned(),
            Value::String(text) => text.clone(),
            arguments => arguments.to_string(),
        }
    }
}

impl Answer {
    /// Reads a body or a line.
    ///
    /// # Errors
    /// When it is not of Ollama's shape.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        serde_json::from_slice(bytes).map_err(|error| Malformed::Answer(error.to_string()))
    }

    /// What the model says, in the chat's shape whichever way it came; empty texts are none.
    pub(super) fn take_message(&mut self) -> Message {
        let message = self.message.take().unwrap_or_default();
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        Message {
            content: said(message.content).or_else(|| said(self.response.take())),
            thinking: said(message.thinking).or_else(|| said(self.thinking.take())),
            tool_calls: message.tool_calls,
        }
    }

    /// Whether it is an answer at all.
    pub(super) const fn says_something(&self) -> bool {
        self.message.is_some() || self.response.is_some()
    }

    /// Why it ended: `length`, else the end (`stop`, `load`, `unload`) or calls.
    pub(super) fn finish(&self, has_calls: bool) -> FinishReason {
        match self.done_reason.as_deref() {
            Some("length") => FinishReason::Length,
            _ if has_calls => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        }
    }

    /// What Ollama counted; none when it counted nothing. A missing `prompt_eval_count` beside an
    /// `eval_count` is 0: older versions leave out what they found in their cache.
    pub(super) fn usage(&self) -> Option<Usage> {
        if self.prompt_eval_count.is_none() && self.eval_count.is_none() {
            return None;
        }
        Some(Usage {
            input_tokens: self.prompt_eval_count.unwrap_or(0),
            output_tokens: self.eval_count.unwrap_or(0),
            ..Usage::default()
        })
    }

    /// OpenAI's `logprobs`; Ollama's tokens have the same shape.
    pub(super) fn take_logprobs(&mut self) -> Option<Value> {
        let tokens = self.logprobs.take()?;
        (!tokens.is_empty()).then(|| json!({"content": tokens, "refusal": null}))
    }

    /// The words of an `error` member.
    pub(super) fn error_message(&self) -> Option<String> {
        let error = self.error.as_ref()?;
        let text = error
            .as_str()
            .or_else(|| error.get("message").and_then(Value::as_str));
        Some(text.map_or_else(|| error.to_string(), str::to_owned))
    }
}
