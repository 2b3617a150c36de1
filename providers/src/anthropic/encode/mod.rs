//! A chat call into a request of the Messages API.

mod betas;
mod content;
mod conversation;
mod json_answer;
mod parameters;
mod schema;
mod thinking;
mod tools;

use std::borrow::Cow;

use serde_json::{Map, Value};

use self::conversation::Conversation;
use self::parameters::Parameters;
use self::thinking::Wish;
use super::abilities::Abilities;
use super::wire::Body;
use crate::chat::ChatCall;
use crate::wire::{Target, Untranslatable, WireBody};

/// Written when neither the caller nor the catalogue says how long an answer may be; Anthropic
/// demands a number.
const USUAL_MAX_TOKENS: u64 = 4096;

/// Puts a call into Anthropic's words.
///
/// # Errors
/// When something cannot be honoured and may not be left out.
pub(super) fn encode(call: &ChatCall, target: &Target<'_>) -> Result<WireBody, Untranslatable> {
    let abilities = Abilities::of(target.model);
    let mut parameters = Parameters::new(target.parameters);
    let Conversation {
        mut rules,
        turns,
        calls_without_thinking,
    } = Conversation::read(&call.messages, &mut parameters)?;
    let mut tools = tools::read(
        call,
        abilities.json_schema,
        abilities.forced_tools,
        &mut parameters,
    )?;
    let limit = token_limit(call, &mut parameters, target);
    let mut body = Body {
        model: target.model,
        max_tokens: limit
            .or(target.max_output_tokens)
            .unwrap_or(USUAL_MAX_TOKENS),
        messages: turns,
        stream: call.stream,
        ..Body::default()
    };
    let effort = parameters.wanted("reasoning_effort", call.reasoning_effort.as_deref());
    let own_thinking = parameters
        .wanted("thinking", call.thinking.as_ref())
        .or_else(|| {
            target
                .extra_body
                .get("thinking")
                .filter(|_| effort.is_none())
        });
    json_answer::apply(
        parameters.wanted("response_format", call.response_format.as_ref()),
        abilities,
        parameters::is_on(own_thinking),
        &mut tools,
        (&mut rules, &mut body),
    );
    let wish = Wish {
        effort,
        thinking: own_thinking,
        forced: tools.is_forced(),
        calls_without_thinking,
        limited: limit.is_some(),
        max_output_tokens: target.max_output_tokens,
    };
    thinking::apply(&wish, abilities, &mut parameters, &mut body)?;
    tools.put_into(&mut body);
    body.system = Conversation::system(rules);
    the_rest(call, abilities, &mut parameters, &mut body)?;
    let betas = betas::of(&body, call, target);
    callers_members(&call.extra, &parameters, &mut body)?;
    operators_members(target.extra_body, &mut body);
    finish(&body, betas, parameters)
}

/// Puts the parameters into the body that have to do with nothing else.
fn the_rest<'a>(
    call: &'a ChatCall,
    abilities: Abilities,
    parameters: &mut Parameters<'_>,
    body: &mut Body<'a>,
) -> Result<(), Untranslatable> {
    parameters::sampling(call, abilities.sampling, parameters, body)?;
    parameters::stop(call, parameters, body)?;
    parameters::end_user(call, parameters, body);
    parameters::unsupported(call, parameters, body)
}

/// The token limit that somebody set: the caller, else the operator in `extra_body`.
fn token_limit(
    call: &ChatCall,
    parameters: &mut Parameters<'_>,
    target: &Target<'_>,
) -> Option<u64> {
    let limit = parameters.wanted("max_tokens", call.max_tokens);
    parameters
        .wanted("max_completion_tokens", limit)
        .or_else(|| target.extra_body.get("max_tokens")?.as_u64())
}

/// Adds the members that OpenAI does not have (`top_k`, `cache_control`, `context_management` …).
/// `output_config` is merged, for `reasoning_effort` and `response_format` write into it too.
fn callers_members(
    extra: &Map<String, Value>,
    parameters: &Parameters<'_>,
    body: &mut Body<'_>,
) -> Result<(), Untranslatable> {
    for (name, value) in extra {
        if parameters.is_unwanted(name) || betas::is_list(name) {
            continue;
        }
        match (name.as_str(), value) {
            ("output_config", Value::Object(members)) => {
                body.output_config.extend(members.clone());
            }
            _ if body.has(name) => {
                return Err(Untranslatable::InvalidValue {
                    param: name.clone(),
                    reason: "it is also made from OpenAI's parameters of the same meaning; give \
                             one of them"
                        .to_owned(),
                });
            }
            _ => {
                body.more.insert(name.clone(), value.clone());
            }
        }
    }
    Ok(())
}

/// Adds the operator's members where the caller's request has none.
fn operators_members(extra_body: &Map<String, Value>, body: &mut Body<'_>) {
    for (name, value) in extra_body {
        match (name.as_str(), value) {
            ("output_config", Value::Object(members)) => {
                for (name, value) in members {
                    let member = body.output_config.entry(name.clone());
                    member.or_insert_with(|| value.clone());
                }
            }
            _ if body.has(name) || betas::is_list(name) => {}
            _ => {
                body.more.insert(name.clone(), value.clone());
            }
        }
    }
}

fn finish(
    body: &Body<'_>,
    betas: Vec<Cow<'_, str>>,
    parameters: Parameters<'_>,
) -> Result<WireBody, Untranslatable> {
    let bytes = serde_json::to_vec(body).map_err(|error| Untranslatable::InvalidValue {
        param: "messages".to_owned(),
        reason: error.to_string(),
    })?;
    let headers = (!betas.is_empty()).then(|| ("anthropic-beta", betas.join(",")));
    Ok(WireBody {
        bytes,
        dropped: parameters.into_dropped(),
        headers: headers.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests;
