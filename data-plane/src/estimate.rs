//! Counting what a provider did not: input by our tokenizer, output by the text that came.

use bytes::Bytes;
use domain::usage::Usage;
use providers::openai::body::{BodyKind, CallerBody};
use providers::tokenizer;

use crate::settle::Settlement;

/// Counts every attempt of a settlement that has no usage.
pub fn fill_in(settlement: &mut Settlement) {
    let facts = &settlement.facts;
    for attempt in &mut settlement.attempts {
        if attempt.usage.is_none() {
            let (vendor, model) = (
                attempt.candidate.provider_name.as_str(),
                attempt.model.as_str(),
            );
            let output = attempt
                .output_text
                .tokens(|text| tokenizer::count(vendor, model, text));
            attempt.usage = Some(usage(
                vendor,
                model,
                &Question {
                    kind: facts.kind,
                    body: &facts.body,
                },
                output,
            ));
        }
    }
}

/// What was asked, for counting.
pub struct Question<'a> {
    /// What is asked.
    pub kind: BodyKind,
    /// The caller's body.
    pub body: &'a Bytes,
}

/// The estimated usage of a question and the tokens of its answer.
#[must_use]
pub fn usage(vendor: &str, model: &str, question: &Question<'_>, output_tokens: u64) -> Usage {
    Usage {
        input_tokens: input_tokens(vendor, model, question),
        output_tokens,
        estimated: true,
        ..Usage::default()
    }
}

fn input_tokens(vendor: &str, model: &str, question: &Question<'_>) -> u64 {
    let Ok(body) = CallerBody::read(question.body.clone(), question.kind) else {
        return 0;
    };
    match question.kind {
        BodyKind::Chat => body
            .chat_call()
            .map_or(0, |call| tokenizer::count_messages(vendor, model, &call)),
        BodyKind::Completion => body.completion_call().map_or(0, |call| {
            call.prompts
                .iter()
                .map(|prompt| tokenizer::count(vendor, model, prompt))
                .sum()
        }),
        BodyKind::Embedding => body.embedding_call().map_or(0, |call| {
            call.inputs
                .iter()
                .map(|input| tokenizer::count(vendor, model, input))
                .sum()
        }),
    }
}
