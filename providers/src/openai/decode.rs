//! A whole answer in OpenAI's JSON, in our own words.

use super::answer::{AnswerSeen, ChoiceSeen, FunctionSeen, ToolCallSeen, finish_reason};
use crate::chat::{ChatAnswer, Choice, FinishReason, ToolCall};
use crate::wire::{Malformed, Stamp};

/// Reads a `chat.completion` or a `text_completion`.
pub(super) fn answer(body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed> {
    let seen: AnswerSeen =
        serde_json::from_slice(body).map_err(|e| Malformed::Answer(e.to_string()))?;
    if let Some(error) = seen.error {
        return Err(Malformed::Answer(format!(
            "an error with status 200: {error}"
        )));
    }
    let choices = seen
        .choices
        .ok_or_else(|| Malformed::Answer("no `choices`".to_owned()))?;
    let created = seen.created.as_ref().and_then(serde_json::Value::as_u64);
    Ok(ChatAnswer {
        id: seen.id.unwrap_or_else(|| stamp.request_id.clone()),
        model: seen.model.unwrap_or_else(|| stamp.model.clone()),
        created_s: created.unwrap_or(stamp.created_s),
        choices: choices
            .into_iter()
            .map(|choice| read_choice(choice, stamp))
            .collect(),
        usage: seen
            .usage
            .filter(|usage| !usage.is_empty())
            .map(|usage| usage.usage(seen.service_tier.as_deref())),
        service_tier: seen.service_tier,
        system_fingerprint: seen.system_fingerprint,
    })
}

fn read_choice(seen: ChoiceSeen, stamp: &Stamp) -> Choice {
    let mut message = seen.message.unwrap_or_default();
    let legacy = message.function_call.take().map(ToolCallSeen::legacy);
    let calls = message.tool_calls.take().unwrap_or_default();
    let tool_calls = calls
        .into_iter()
        .chain(legacy)
        .enumerate()
        .map(|(index, call)| read_call(index, call, stamp))
        .collect();
    Choice {
        reasoning: message.reasoning(),
        text: seen.text.or_else(|| message.text()),
        thinking: message.thinking(),
        tool_calls,
        refusal: message.refusal,
        finish: seen
            .finish_reason
            .as_deref()
            .map_or(FinishReason::Stop, finish_reason),
        logprobs: seen.logprobs,
    }
}

fn read_call(index: usize, mut call: ToolCallSeen, stamp: &Stamp) -> ToolCall {
    let signature = call.signature();
    let mut function: FunctionSeen = call.function.unwrap_or_default();
    ToolCall {
        id: call
            .id
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| made_call_id(stamp, index)),
        arguments: function.arguments(),
        name: function.name.unwrap_or_default(),
        signature,
    }
}

/// An id for a call whose vendor gave none.
pub(super) fn made_call_id(stamp: &Stamp, index: usize) -> String {
    format!("call_{}_{index}", stamp.request_id)
}
