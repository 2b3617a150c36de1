//! A whole answer in our own words.

use super::answer::Answer;
use crate::chat::{ChatAnswer, Choice, ToolCall};
use crate::tool_calls::CallIds;
use crate::wire::{Malformed, Stamp};

/// Reads a whole answer of `/api/chat` or `/api/generate`.
///
/// # Errors
/// When the body is not of Ollama's shape, or an error.
pub(super) fn decode(body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed> {
    let mut answer = Answer::read(body)?;
    if let Some(message) = answer.error_message() {
        return Err(Malformed::Answer(message));
    }
    if !answer.says_something() {
        return Err(Malformed::Answer(
            "neither `message` nor `response`".to_owned(),
        ));
    }
    let mut ids = CallIds::new(&stamp.request_id);
    let message = answer.take_message();
    let tool_calls: Vec<ToolCall> = message
        .tool_calls
        .unwrap_or_default()
        .into_iter()
        .map(|call| ToolCall {
            arguments: call.function.arguments(),
            id: ids.next(call.id),
            name: call.function.name,
            signature: None,
        })
        .collect();
    // OpenAI's callers expect a text where there is nothing else.
    let text = message
        .content
        .or_else(|| tool_calls.is_empty().then(String::new));
    Ok(ChatAnswer {
        id: stamp.request_id.clone(),
        created_s: stamp.created_s,
        usage: answer.usage(),
        choices: vec![Choice {
            text,
            reasoning: message.thinking,
            finish: answer.finish(!tool_calls.is_empty()),
            tool_calls,
            logprobs: answer.take_logprobs(),
            ..Choice::default()
        }],
        model: answer.model.unwrap_or_else(|| stamp.model.clone()),
        service_tier: None,
        system_fingerprint: None,
    })
}
