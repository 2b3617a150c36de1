//! How hard to think: `reasoning_effort` and the caller's own `thinking`.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::super::abilities::{Abilities, ThinkingOff, ThinkingStyle};
use super::super::wire::Body;
use super::parameters::Parameters;
use crate::wire::Untranslatable;

/// The least budget that Anthropic takes.
const LEAST_BUDGET_TOKENS: u64 = 1024;

/// Room for the answer beside the thinking, where nobody set a limit.
const ANSWER_TOKENS: u64 = 4096;

/// What decides whether and how a model thinks.
pub(super) struct Wish<'a> {
    /// `reasoning_effort`.
    pub effort: Option<&'a str>,
    /// `thinking`, in Anthropic's words.
    pub thinking: Option<&'a Value>,
    /// Whether a tool must be called: Anthropic refuses that together with thinking.
    pub forced: bool,
    /// Whether calls that wait for their next step were made without thinking.
    pub calls_without_thinking: bool,
    /// Whether the caller set the token limit.
    pub limited: bool,
    /// The most tokens that the model writes.
    pub max_output_tokens: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Effort {
    None,
    Low,
    Medium,
    High,
    ExtraHigh,
    Max,
}

impl Effort {
    fn read(word: &str) -> Result<Self, Untranslatable> {
        Ok(match word {
            "none" => Self::None,
            "minimal" | "low" => Self::Low,
            "medium" => Self::Medium,
            "high" => Self::High,
            "xhigh" => Self::ExtraHigh,
            "max" => Self::Max,
            _ => {
                return Err(Untranslatable::InvalidValue {
                    param: "reasoning_effort".to_owned(),
                    reason: "it must be one of none, minimal, low, medium, high, xhigh, max"
                        .to_owned(),
                });
            }
        })
    }

    /// Anthropic's word; what lies above `high` is `max` where `xhigh` does not exist.
    const fn word(self, xhigh: bool) -> &'static str {
        match self {
            Self::None | Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::ExtraHigh if xhigh => "xhigh",
            Self::ExtraHigh | Self::Max => "max",
        }
    }

    /// LiteLLM's budgets up to `high`, doubled above.
    const fn budget_tokens(self) -> u64 {
        match self {
            Self::None | Self::Low => LEAST_BUDGET_TOKENS,
            Self::Medium => 2048,
            Self::High => 4096,
            Self::ExtraHigh => 8192,
            Self::Max => 16384,
        }
    }
}

/// Puts thinking, effort and the token limit that they need into the body.
pub(super) fn apply<'a>(
    wish: &Wish<'a>,
    abilities: Abilities,
    parameters: &mut Parameters<'_>,
    body: &mut Body<'a>,
) -> Result<(), Untranslatable> {
    let effort = wish.effort.map(Effort::read).transpose()?;
    if let Some(thinking) = wish.thinking {
        own(wish, thinking, body);
        match (effort, abilities.thinking) {
            (None, _) => {}
            (Some(effort), ThinkingStyle::Adaptive(_)) if effort != Effort::None => {
                set_effort(effort.word(abilities.xhigh), body);
            }
            (Some(_), _) => parameters.left_out("reasoning_effort"),
        }
        return Ok(());
    }
    let Some(effort) = effort else { return Ok(()) };
    match abilities.thinking {
        ThinkingStyle::Never if effort == Effort::None => Ok(()),
        ThinkingStyle::Never => parameters.refuse("reasoning_effort"),
        ThinkingStyle::Adaptive(off) if effort == Effort::None => turn_off(off, parameters, body),
        ThinkingStyle::Adaptive(_) => {
            set_effort(effort.word(abilities.xhigh), body);
            if wish.forced {
                parameters.left_out("thinking");
            } else {
                // Newer models hide their thinking unless asked.
                let thinking = json!({"type": "adaptive", "display": "summarized"});
                body.thinking = Some(Cow::Owned(thinking));
            }
            Ok(())
        }
        ThinkingStyle::Budget if effort == Effort::None => {
            body.thinking = Some(Cow::Owned(json!({"type": "disabled"})));
            Ok(())
        }
        ThinkingStyle::Budget if wish.forced || wish.calls_without_thinking => {
            parameters.left_out("reasoning_effort");
            Ok(())
        }
        ThinkingStyle::Budget => budget(effort, wish, parameters, body),
    }
}

/// The caller's own object goes as it is; only a limit that nobody set is made to fit.
fn own<'a>(wish: &Wish<'a>, thinking: &'a Value, body: &mut Body<'a>) {
    let budget = thinking.get("budget_tokens").and_then(Value::as_u64);
    if let Some(budget) = budget.filter(|_| !wish.limited) {
        body.max_tokens = fitting_limit(body.max_tokens, budget, wish.max_output_tokens);
    }
    body.thinking = Some(Cow::Borrowed(thinking));
}

fn turn_off(
    off: ThinkingOff,
    parameters: &mut Parameters<'_>,
    body: &mut Body<'_>,
) -> Result<(), Untranslatable> {
    let kind = match off {
        ThinkingOff::Disabled => "disabled",
        ThinkingOff::BetweenTools => "between_tools",
        ThinkingOff::Impossible => {
            parameters.refuse("reasoning_effort")?;
            set_effort("low", body);
            return Ok(());
        }
    };
    body.thinking = Some(Cow::Owned(json!({ "type": kind })));
    Ok(())
}

fn set_effort(word: &'static str, body: &mut Body<'_>) {
    body.output_config
        .insert("effort".to_owned(), Value::from(word));
}

fn budget(
    effort: Effort,
    wish: &Wish<'_>,
    parameters: &mut Parameters<'_>,
    body: &mut Body<'_>,
) -> Result<(), Untranslatable> {
    let mut budget = effort.budget_tokens();
    if !wish.limited {
        body.max_tokens = fitting_limit(body.max_tokens, budget, wish.max_output_tokens);
    }
    if body.max_tokens <= LEAST_BUDGET_TOKENS {
        if parameters.may_leave_out("reasoning_effort") {
            return Ok(());
        }
        return Err(Untranslatable::InvalidValue {
            param: "max_tokens".to_owned(),
            reason: "anthropic counts thinking within it, at least 1024 tokens; raise it above \
                     1024, leave `reasoning_effort` out, or set `drop_params: true`"
                .to_owned(),
        });
    }
    if body.max_tokens <= budget {
        budget = (body.max_tokens / 2).max(LEAST_BUDGET_TOKENS);
    }
    let thinking = json!({"type": "enabled", "budget_tokens": budget});
    body.thinking = Some(Cow::Owned(thinking));
    Ok(())
}

/// A limit above the budget, within what the model writes.
fn fitting_limit(limit: u64, budget: u64, most: Option<u64>) -> u64 {
    if limit > budget {
        return limit;
    }
    budget
        .saturating_add(ANSWER_TOKENS)
        .min(most.unwrap_or(u64::MAX))
}
