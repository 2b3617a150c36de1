//! Counting what a provider did not: input by our tokenizer, output by the text that came.

use bytes::Bytes;
use domain::usage::Usage;
use providers::openai::body::{BodyKind, CallerBody};
use providers::tokenizer;

use crate::admit::RequestFacts;
use crate::meter::{Counted, Heard};
use crate::route::Choice;
use crate::settle::Ended;

/// Counts every attempt of a request that nobody has counted.
pub fn fill_in(facts: &RequestFacts, ended: &mut Ended) {
    let question = Question {
        kind: facts.kind,
        body: &facts.body,
    };
    for attempt in ended
        .attempts
        .iter_mut()
        .filter(|attempt| attempt.counted.is_none())
    {
        let usage = usage(&attempt.choice, &question, &attempt.heard);
        attempt.counted = Some(Counted::at(attempt.price.as_deref(), usage));
    }
}

/// What was asked, for counting.
pub struct Question<'a> {
    /// What is asked.
    pub kind: BodyKind,
    /// The caller's body.
    pub body: &'a Bytes,
}

/// The estimated usage of a question and its answer, over what the provider has counted so far.
#[must_use]
pub fn usage(choice: &Choice, question: &Question<'_>, answer: &Heard) -> Usage {
    let (vendor, model) = (
        choice.candidate.provider_name.as_str(),
        choice.model.as_str(),
    );
    let counted = answer.counted.clone().unwrap_or_else(|| Usage {
        input_tokens: input_tokens(choice, question),
        ..Usage::default()
    });
    let heard_tokens = answer.tokens(|text| tokenizer::count(vendor, model, text));
    let beside_text = counted
        .reasoning_tokens
        .saturating_add(counted.audio_output_tokens);
    let output_tokens = counted
        .output_tokens
        .max(heard_tokens.saturating_sub(beside_text));
    Usage {
        output_tokens,
        estimated: true,
        ..counted
    }
}

/// The input tokens of a question by our tokenizer.
#[must_use]
pub fn input_tokens(choice: &Choice, question: &Question<'_>) -> u64 {
    let vendor = choice.candidate.provider_name.as_str();
    let model = choice.model.as_str();
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
