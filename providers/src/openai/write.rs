//! Answers in the caller's dialect: OpenAI's JSON, as strict as its SDKs' types.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Value};

use super::encode::{thinking_block, tool_call};
use super::usage::UsageJson;
use crate::chat::{ChatAnswer, Choice, FinishReason};
use crate::embeddings::{EmbeddingAnswer, VectorEncoding};

#[derive(Serialize)]
struct AnswerJson<'a, C> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: Vec<C>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_tier: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system_fingerprint: Option<&'a str>,
}

#[derive(Serialize)]
struct ChoiceJson<'a> {
    index: usize,
    message: MessageJson<'a>,
    logprobs: Option<&'a Value>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct MessageJson<'a> {
    role: &'static str,
    content: Option<&'a str>,
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    thinking_blocks: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Value>,
}

#[derive(Serialize)]
struct CompletionChoiceJson<'a> {
    text: &'a str,
    index: usize,
    logprobs: Option<&'a Value>,
    finish_reason: &'static str,
}

/// A `chat.completion`.
#[must_use]
pub fn chat_answer(answer: &ChatAnswer) -> Vec<u8> {
    let choices = answer.choices.iter().enumerate();
    let choices = choices.map(|(index, choice)| chat_choice(index, choice));
    written(answer, "chat.completion", choices.collect())
}

/// A `text_completion`.
#[must_use]
pub fn completion_answer(answer: &ChatAnswer) -> Vec<u8> {
    let choices = answer.choices.iter().enumerate();
    let choices = choices.map(|(index, choice)| CompletionChoiceJson {
        text: choice.text.as_deref().unwrap_or_default(),
        index,
        logprobs: choice.logprobs.as_ref(),
        finish_reason: completion_finish(choice.finish),
    });
    written(answer, "text_completion", choices.collect())
}

/// Legacy completions know no tools.
pub(super) const fn completion_finish(finish: FinishReason) -> &'static str {
    match finish {
        FinishReason::ToolCalls => FinishReason::Stop.as_str(),
        other => other.as_str(),
    }
}

fn written<C: Serialize>(answer: &ChatAnswer, object: &'static str, choices: Vec<C>) -> Vec<u8> {
    bytes(&AnswerJson {
        id: &answer.id,
        object,
        created: answer.created_s,
        model: &answer.model,
        choices,
        usage: answer.usage.as_ref().map(UsageJson::from),
        service_tier: answer.service_tier.as_deref().and_then(service_tier),
        system_fingerprint: answer.system_fingerprint.as_deref(),
    })
}

/// The SDK's types know these words only; other vendors' usual tier is OpenAI's `default`.
fn service_tier(word: &str) -> Option<&str> {
    match word {
        "auto" | "default" | "flex" | "scale" | "priority" => Some(word),
        "standard" => Some("default"),
        _ => None,
    }
}

fn chat_choice(index: usize, choice: &Choice) -> ChoiceJson<'_> {
    let Choice {
        text,
        reasoning,
        thinking,
        tool_calls,
        refusal,
        finish,
        logprobs,
    } = choice;
    ChoiceJson {
        index,
        message: MessageJson {
            role: "assistant",
            content: text.as_deref(),
            refusal: refusal.as_deref(),
            reasoning_content: reasoning.as_deref(),
            thinking_blocks: thinking.iter().map(thinking_block).collect(),
            tool_calls: tool_calls.iter().map(tool_call).collect(),
        },
        logprobs: logprobs.as_ref(),
        finish_reason: finish.as_str(),
    }
}

/// Vectors in the encoding that the caller asked for.
#[must_use]
pub fn embedding_answer(answer: &EmbeddingAnswer, encoding: VectorEncoding) -> Vec<u8> {
    let data: Vec<EmbeddingJson<'_>> = answer
        .vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| EmbeddingJson {
            object: "embedding",
            index,
            embedding: match encoding {
                VectorEncoding::Float => VectorJson::Float(vector),
                VectorEncoding::Base64 => VectorJson::Base64(base64_of(vector)),
            },
        })
        .collect();
    let usage = answer.usage.clone().unwrap_or_default();
    let mut counts = Map::new();
    for name in ["prompt_tokens", "total_tokens"] {
        counts.insert(name.to_owned(), usage.prompt_tokens().into());
    }
    bytes(&EmbeddingsJson {
        object: "list",
        data,
        model: &answer.model,
        usage: counts,
    })
}

#[derive(Serialize)]
struct EmbeddingsJson<'a> {
    object: &'static str,
    data: Vec<EmbeddingJson<'a>>,
    model: &'a str,
    usage: Map<String, Value>,
}

#[derive(Serialize)]
struct EmbeddingJson<'a> {
    object: &'static str,
    index: usize,
    embedding: VectorJson<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum VectorJson<'a> {
    Float(&'a [f32]),
    Base64(String),
}

fn base64_of(vector: &[f32]) -> String {
    let bytes: Vec<u8> = vector.iter().flat_map(|x| x.to_le_bytes()).collect();
    STANDARD.encode(bytes)
}

/// These values have string keys only, so that writing them cannot fail.
pub(super) fn bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}
