//! How hard to think.

use serde_json::{Value, json};

use crate::chat::ChatCall;
use crate::policy::{Policy, invalid};
use crate::wire::{Target, Untranslatable};

/// Models that do not think, unless the catalogue says that one does.
const NEVER_THINK: &[&str] = &["gemini-1.", "gemini-2.0", "gemma-2", "gemma-3"];

/// `thinkingConfig` from Anthropic's `thinking` object, which is the more exact, else from
/// `reasoning_effort`; none when neither is given.
///
/// Up to Gemini 2.5 a budget of tokens is given, from Gemini 3 on a level; the figures are those
/// of Google's own OpenAI-compatible interface. Thoughts are asked for wherever there are any.
///
/// # Errors
/// When a word or a budget means nothing, or thinking cannot be switched off.
pub(super) fn config(
    call: &ChatCall,
    target: &Target<'_>,
    policy: &mut Policy<'_>,
) -> Result<Option<Value>, Untranslatable> {
    let model = target.model;
    if !target.reasons && NEVER_THINK.iter().any(|name| model.contains(name)) {
        return not_at_all(call, policy);
    }
    if let Some(thinking) = call
        .thinking
        .as_ref()
        .filter(|thinking| !thinking.is_null())
    {
        return from_object(thinking, model, policy);
    }
    match call.reasoning_effort.as_deref() {
        None => Ok(None),
        Some(effort) => from_effort(effort, model, policy),
    }
}

/// Such a model refuses the very member; that it should not think needs none.
fn not_at_all(call: &ChatCall, policy: &mut Policy<'_>) -> Result<Option<Value>, Untranslatable> {
    let thinking = call.thinking.as_ref().filter(|value| !value.is_null());
    if thinking.is_some_and(|thinking| thinking.get("type") != Some(&"disabled".into())) {
        policy.unsupported_value("thinking", "this model does not think")?;
    }
    let effort = call.reasoning_effort.as_deref();
    if effort.is_some_and(|effort| effort != "none") {
        policy.unsupported_value("reasoning_effort", "this model does not think")?;
    }
    Ok(None)
}

/// Whether the model gives thoughts levels and its function calls signatures: Gemini 3 and later.
pub(super) fn signs_calls(model: &str) -> bool {
    let version = model
        .split_once("gemini-")
        .map_or("", |(_before, version)| version);
    let digits = version.split(|c: char| !c.is_ascii_digit()).next();
    digits
        .and_then(|digits| digits.parse::<u32>().ok())
        .is_some_and(|major| major >= 3)
}

fn from_object(
    thinking: &Value,
    model: &str,
    policy: &mut Policy<'_>,
) -> Result<Option<Value>, Untranslatable> {
    match thinking.get("type").and_then(Value::as_str) {
        Some("disabled") => off("thinking", model, policy),
        Some("adaptive") => Ok(Some(json!({"includeThoughts": true}))),
        Some("enabled") => match thinking.get("budget_tokens") {
            None | Some(Value::Null) => Ok(Some(json!({"includeThoughts": true}))),
            Some(budget) if budget.is_u64() => Ok(Some(
                json!({"thinkingBudget": budget, "includeThoughts": true}),
            )),
            Some(_) => Err(invalid(
                "thinking.budget_tokens",
                "it must be a whole number of tokens",
            )),
        },
        _ => Err(invalid(
            "thinking.type",
            "it must be `enabled`, `adaptive` or `disabled`",
        )),
    }
}

fn from_effort(
    effort: &str,
    model: &str,
    policy: &mut Policy<'_>,
) -> Result<Option<Value>, Untranslatable> {
    let (level, budget) = match effort {
        "none" => return off("reasoning_effort", model, policy),
        "minimal" if is_pro(model) => ("LOW", 1_024),
        "minimal" => ("MINIMAL", 1_024),
        "low" => ("LOW", 1_024),
        "medium" => ("MEDIUM", 8_192),
        "high" | "xhigh" | "max" => ("HIGH", 24_576),
        _ => {
            return Err(invalid(
                "reasoning_effort",
                "it must be `none`, `minimal`, `low`, `medium`, `high` or `xhigh`",
            ));
        }
    };
    Ok(Some(if signs_calls(model) {
        json!({"thinkingLevel": level, "includeThoughts": true})
    } else {
        json!({"thinkingBudget": budget, "includeThoughts": true})
    }))
}

/// Gemini 2.5 takes a budget of 0 (its Pro refuses it, and says so); later ones think least at
/// the level `MINIMAL`, which their Pro does not have.
fn off(param: &str, model: &str, policy: &mut Policy<'_>) -> Result<Option<Value>, Untranslatable> {
    if !signs_calls(model) {
        return Ok(Some(json!({"thinkingBudget": 0})));
    }
    if is_pro(model) {
        policy.unsupported_value(
            param,
            "this model always thinks; ask for the reasoning effort `low`",
        )?;
        return Ok(None);
    }
    Ok(Some(json!({"thinkingLevel": "MINIMAL"})))
}

fn is_pro(model: &str) -> bool {
    model.split('-').any(|word| word == "pro")
}

#[cfg(test)]
mod tests {
    use domain::routing::ParameterPolicy;
    use serde_json::Map;

    use super::*;

    fn asked(effort: &str, model: &str) -> Result<Option<Value>, Untranslatable> {
        let call = ChatCall {
            reasoning_effort: Some(effort.to_owned()),
            ..ChatCall::default()
        };
        let (rules, extra_body) = (ParameterPolicy::default(), Map::new());
        let target = Target {
            model,
            base_url: "https://g.example",
            api_key: None,
            api_version: None,
            organization: None,
            max_output_tokens: None,
            reasons: false,
            parameters: &rules,
            extra_body: &extra_body,
        };
        config(&call, &target, &mut Policy::new("gemini", &rules))
    }

    #[test]
    fn gemini_2_5_is_given_a_budget_and_gemini_3_a_level() {
        for (effort, budget, level) in [
            ("minimal", 1_024, "MINIMAL"),
            ("low", 1_024, "LOW"),
            ("medium", 8_192, "MEDIUM"),
            ("high", 24_576, "HIGH"),
            ("xhigh", 24_576, "HIGH"),
        ] {
            assert_eq!(
                asked(effort, "gemini-2.5-flash"),
                Ok(Some(
                    json!({"thinkingBudget": budget, "includeThoughts": true})
                ))
            );
            assert_eq!(
                asked(effort, "gemini-3-flash-preview"),
                Ok(Some(
                    json!({"thinkingLevel": level, "includeThoughts": true})
                ))
            );
        }
        assert!(signs_calls("gemini-4-argon") && signs_calls("models/gemini-3.1-pro"));
        assert!(!signs_calls("gemini-flash-latest") && !signs_calls("gemma-3-27b-it"));
    }

    #[test]
    fn thinking_is_switched_off_or_the_caller_is_told_that_it_cannot_be() {
        assert_eq!(
            asked("none", "gemini-2.5-flash"),
            Ok(Some(json!({"thinkingBudget": 0})))
        );
        assert_eq!(
            asked("none", "gemini-3-flash-preview"),
            Ok(Some(json!({"thinkingLevel": "MINIMAL"})))
        );
        assert!(asked("none", "gemini-3-pro-preview").is_err());
        assert_eq!(asked("none", "gemini-2.0-flash"), Ok(None));
        assert!(asked("low", "gemini-2.0-flash").is_err());
        assert!(asked("enormous", "gemini-2.5-flash").is_err());
    }
}
