//! A whole answer in our own words.

use super::answer::{Answer, Candidate, Piece, finish_reason};
use crate::chat::{ChatAnswer, Choice, FinishReason, ToolCall};
use crate::tool_calls::CallIds;
use crate::wire::{Malformed, Stamp};

/// Reads a whole answer.
///
/// # Errors
/// When the body is not of Gemini's shape, or holds neither a candidate nor a reason for none.
pub(super) fn decode(body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed> {
    let mut answer: Answer =
        serde_json::from_slice(body).map_err(|error| Malformed::Answer(error.to_string()))?;
    let mut ids = CallIds::new(&stamp.request_id);
    let candidates = answer.candidates.take().unwrap_or_default();
    let mut choices: Vec<(u32, Choice)> = candidates
        .into_iter()
        .zip(0_u32..)
        .map(|(candidate, place)| {
            (
                candidate.index.unwrap_or(place),
                choice(candidate, &mut ids),
            )
        })
        .collect();
    choices.sort_by_key(|(index, _choice)| *index);
    let mut choices: Vec<Choice> = choices.into_iter().map(|(_index, choice)| choice).collect();
    if choices.is_empty() {
        if !answer.is_blocked() {
            return Err(Malformed::Answer("no candidates".to_owned()));
        }
        choices.push(Choice {
            finish: FinishReason::ContentFilter,
            ..Choice::default()
        });
    }
    let usage = answer.usage_metadata.as_ref();
    Ok(ChatAnswer {
        id: answer
            .response_id
            .unwrap_or_else(|| stamp.request_id.clone()),
        model: answer.model_version.unwrap_or_else(|| stamp.model.clone()),
        created_s: stamp.created_s,
        choices,
        service_tier: usage.and_then(|usage| usage.openai_tier()),
        usage: usage.map(|usage| usage.usage()),
        system_fingerprint: None,
    })
}

fn choice(mut candidate: Candidate, ids: &mut CallIds) -> Choice {
    let mut choice = Choice::default();
    for piece in candidate.pieces() {
        match piece {
            Piece::Text(text) => choice.text.get_or_insert_default().push_str(&text),
            Piece::Thought(text) => choice.reasoning.get_or_insert_default().push_str(&text),
            Piece::Call {
                id,
                name,
                arguments,
                signature,
            } => choice.tool_calls.push(ToolCall {
                id: ids.next(id),
                name,
                arguments,
                signature,
            }),
        }
    }
    let word = candidate.finish_reason.as_deref().unwrap_or("STOP");
    choice.finish = finish_reason(word, !choice.tool_calls.is_empty());
    let is_silent = choice.tool_calls.is_empty() && choice.finish != FinishReason::ContentFilter;
    if is_silent {
        // OpenAI's callers expect a text where there is nothing else.
        choice.text.get_or_insert_default();
    }
    choice.logprobs = candidate
        .logprobs_result
        .map(super::answer::LogprobsResult::into_openai);
    choice
}
