//! Sampling, limits, output format: `generationConfig`.

use serde_json::{Value, json};

use super::native::Request;
use super::thinking;
use crate::chat::{ChatCall, ResponseFormat};
use crate::policy::Policy;
use crate::wire::{Target, Untranslatable};

/// Writes `generationConfig`, and `serviceTier` and `store` beside it.
///
/// # Errors
/// When Gemini cannot honour a parameter and nobody allowed to drop it.
pub(super) fn write(
    call: &ChatCall,
    target: &Target<'_>,
    policy: &mut Policy<'_>,
    request: &mut Request,
) -> Result<(), Untranslatable> {
    sampling(call, request);
    format(call.response_format.as_ref(), request);
    if let Some(thinking) = thinking::config(call, target, policy)? {
        set(request, "thinkingConfig", thinking);
    }
    if let Some(top) = policy.log_probabilities(call)? {
        set(request, "responseLogprobs", true);
        if top > 0 {
            set(request, "logprobs", top);
        }
    }
    for (name, value) in &call.openai_parameters {
        openai_parameter(name, value, policy, request)?;
    }
    Ok(())
}

fn set(request: &mut Request, name: &str, value: impl Into<Value>) {
    request.config.insert(name.to_owned(), value.into());
}

fn sampling(call: &ChatCall, request: &mut Request) {
    let numbers = [
        ("temperature", call.temperature.clone()),
        ("topP", call.top_p.clone()),
        ("seed", call.seed.clone()),
        ("maxOutputTokens", call.max_tokens.map(Into::into)),
        ("candidateCount", call.n.filter(|n| *n != 1).map(Into::into)),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            set(request, name, number);
        }
    }
    if !call.stop.is_empty() {
        set(request, "stopSequences", call.stop.clone());
    }
}

/// Google takes JSON Schema as it is (`responseJsonSchema`, with `$ref` and
/// `additionalProperties`); the schema's name, description and strictness have no place there.
fn format(format: Option<&ResponseFormat>, request: &mut Request) {
    match format {
        None | Some(ResponseFormat::Text) => {}
        Some(ResponseFormat::JsonObject) => {
            set(request, "responseMimeType", "application/json");
        }
        Some(ResponseFormat::JsonSchema { schema, .. }) => {
            set(request, "responseMimeType", "application/json");
            set(request, "responseJsonSchema", schema.clone());
        }
    }
}

fn openai_parameter(
    name: &str,
    value: &Value,
    policy: &mut Policy<'_>,
    request: &mut Request,
) -> Result<(), Untranslatable> {
    if value.is_null() {
        return Ok(());
    }
    match (name, value) {
        ("frequency_penalty", _) => set(request, "frequencyPenalty", value.clone()),
        ("presence_penalty", _) => set(request, "presencePenalty", value.clone()),
        // Written above, and by `tools`.
        ("logprobs" | "top_logprobs" | "web_search_options", _) => {}
        ("service_tier", Value::String(tier)) if tier != "auto" => {
            let tier = match tier.as_str() {
                "default" => "standard",
                "flex" | "priority" => tier,
                _ => return policy.unsupported_value(name, "gemini has `flex` and `priority`"),
            };
            request
                .members
                .insert("serviceTier".to_owned(), tier.into());
        }
        // Whether Google may keep the request, as with OpenAI.
        ("store", Value::Bool(store)) => {
            request.members.insert("store".to_owned(), json!(store));
        }
        ("modalities", Value::Array(list)) => modalities(list, policy, request)?,
        _ => {
            if policy.foreign(name, value)? {
                request.members.insert(name.to_owned(), value.clone());
            }
        }
    }
    Ok(())
}

/// Text is what Gemini writes anyway; an image comes back within the text; sound has no place in
/// the answer.
fn modalities(
    list: &[Value],
    policy: &mut Policy<'_>,
    request: &mut Request,
) -> Result<(), Untranslatable> {
    let words: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
    if words.len() != list.len() || words.iter().any(|word| !matches!(*word, "text" | "image")) {
        return policy.unsupported_value("modalities", "gemini has `text` and `image`");
    }
    if words.contains(&"image") {
        let words: Vec<String> = words.iter().map(|word| word.to_ascii_uppercase()).collect();
        set(request, "responseModalities", words);
    }
    Ok(())
}
