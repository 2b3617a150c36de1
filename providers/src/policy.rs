//! What happens to a parameter that a vendor does not have?

use std::borrow::Cow;

use domain::routing::ParameterPolicy;
use serde_json::Value;

use crate::chat::ChatCall;
use crate::wire::Untranslatable;

/// The names of OpenAI's parameters that a vendor may have to leave out.
const NAMES: &[&str] = &[
    "audio",
    "best_of",
    "echo",
    "frequency_penalty",
    "function_call",
    "functions",
    "logit_bias",
    "logprobs",
    "modalities",
    "n",
    "parallel_tool_calls",
    "prediction",
    "presence_penalty",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "reasoning_effort",
    "response_format",
    "safety_identifier",
    "seed",
    "service_tier",
    "stop",
    "store",
    "suffix",
    "temperature",
    "thinking",
    "tool_choice",
    "tools",
    "top_logprobs",
    "top_p",
    "verbosity",
    "web_search_options",
];

/// Decides, for one call to one vendor, what is refused and what is left out, and remembers it.
pub(crate) struct Policy<'a> {
    provider: &'static str,
    rules: &'a ParameterPolicy,
    dropped: Vec<&'static str>,
}

impl<'a> Policy<'a> {
    /// For a call to `provider`, under the deployment's rules.
    pub(crate) const fn new(provider: &'static str, rules: &'a ParameterPolicy) -> Self {
        Self {
            provider,
            rules,
            dropped: Vec::new(),
        }
    }

    /// What has been left out.
    pub(crate) fn into_dropped(self) -> Vec<&'static str> {
        self.dropped
    }

    /// Leaves a parameter out if that is allowed.
    ///
    /// # Errors
    /// When it is not: the vendor has no such parameter.
    pub(crate) fn unsupported(&mut self, param: &str) -> Result<(), Untranslatable> {
        if !self.rules.drop_unsupported {
            return Err(Untranslatable::UnsupportedParameter {
                provider: self.provider,
                param: param.to_owned(),
            });
        }
        self.leave_out(param);
        Ok(())
    }

    /// Leaves a parameter out if that is allowed.
    ///
    /// # Errors
    /// When it is not: the vendor has the parameter, but nothing that matches its value.
    pub(crate) fn unsupported_value(
        &mut self,
        param: &str,
        reason: &str,
    ) -> Result<(), Untranslatable> {
        if !self.rules.drop_unsupported {
            return Err(invalid(param, reason));
        }
        self.leave_out(param);
        Ok(())
    }

    /// Notes that a mere hint does not reach the vendor; nobody has to allow that.
    pub(crate) fn leave_out(&mut self, param: &str) {
        let name = NAMES.iter().find(|name| **name == param);
        let name = name.copied().unwrap_or("unknown parameter");
        if !self.dropped.contains(&name) {
            self.dropped.push(name);
        }
    }

    /// Decides on one of OpenAI's parameters that the vendor does not have: true when the operator
    /// wants it sent as it is (`allowed_openai_params`).
    ///
    /// # Errors
    /// When it asks for something and nobody allowed to leave it out.
    pub(crate) fn foreign(&mut self, name: &str, value: &Value) -> Result<bool, Untranslatable> {
        if self
            .rules
            .allow_always
            .iter()
            .any(|allowed| allowed == name)
        {
            return Ok(true);
        }
        if is_hint(name) {
            self.leave_out(name);
        } else if !asks_for_nothing(name, value) {
            self.unsupported(name)?;
        }
        Ok(false)
    }
}

/// An error that names a parameter whose value means nothing to the vendor.
pub(crate) fn invalid(param: impl Into<String>, reason: impl Into<String>) -> Untranslatable {
    Untranslatable::InvalidValue {
        param: param.into(),
        reason: reason.into(),
    }
}

/// Whether a parameter only helps the provider to find its cache; the answer is the same without.
fn is_hint(name: &str) -> bool {
    name.starts_with("prompt_cache_")
}

/// Whether the value is what happens without the parameter, or concerns the gateway alone.
fn asks_for_nothing(name: &str, value: &Value) -> bool {
    if value.is_null() {
        return true;
    }
    match name {
        // The gateway reports usage by itself; the others are labels of the caller's own people.
        "stream_options" | "safety_identifier" | "user" | "metadata" => true,
        "n" | "best_of" => value.as_u64() == Some(1),
        "frequency_penalty" | "presence_penalty" => value.as_f64() == Some(0.0),
        "top_logprobs" => value.as_u64() == Some(0),
        "logprobs" | "echo" | "store" => value == &Value::Bool(false),
        "logit_bias" => value.as_object().is_some_and(serde_json::Map::is_empty),
        "service_tier" => matches!(value.as_str(), Some("auto" | "default")),
        "verbosity" => value.as_str() == Some("medium"),
        "modalities" => value.as_array().is_some_and(|list| {
            list.iter()
                .all(|modality| modality.as_str() == Some("text"))
        }),
        _ => false,
    }
}

/// The call without the parameters that the operator always leaves out
/// (`additional_drop_params`).
pub(crate) fn without<'c>(call: &'c ChatCall, rules: &ParameterPolicy) -> Cow<'c, ChatCall> {
    if rules.drop_always.is_empty() {
        return Cow::Borrowed(call);
    }
    let mut call = call.clone();
    for name in &rules.drop_always {
        remove(&mut call, name);
    }
    Cow::Owned(call)
}

fn remove(call: &mut ChatCall, name: &str) {
    match name {
        "tools" => call.tools.clear(),
        "tool_choice" => call.tool_choice = None,
        "parallel_tool_calls" => call.parallel_tool_calls = None,
        "response_format" => call.response_format = None,
        "max_tokens" | "max_completion_tokens" => call.max_tokens = None,
        "temperature" => call.temperature = None,
        "top_p" => call.top_p = None,
        "stop" => call.stop.clear(),
        "seed" => call.seed = None,
        "n" => call.n = None,
        "user" => call.user = None,
        "metadata" => call.metadata = None,
        "reasoning_effort" => call.reasoning_effort = None,
        "thinking" => call.thinking = None,
        _ => {
            call.openai_parameters.shift_remove(name);
            call.extra.shift_remove(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_that_changes_nothing_is_never_refused() {
        let rules = ParameterPolicy::default();
        let mut policy = Policy::new("x", &rules);
        for (name, value) in [
            ("frequency_penalty", json!(0)),
            ("presence_penalty", json!(0.0)),
            ("logprobs", json!(false)),
            ("top_logprobs", json!(0)),
            ("logit_bias", json!({})),
            ("n", json!(1)),
            ("store", json!(false)),
            ("service_tier", json!("auto")),
            ("modalities", json!(["text"])),
            ("prediction", Value::Null),
            ("stream_options", json!({"include_usage": true})),
        ] {
            assert_eq!(policy.foreign(name, &value), Ok(false), "{name}");
        }
        assert_eq!(policy.into_dropped(), Vec::<&str>::new());
    }

    #[test]
    fn what_asks_for_something_is_refused_by_name_or_dropped_when_allowed() {
        let rules = ParameterPolicy::default();
        let refused = Policy::new("x", &rules).foreign("logit_bias", &json!({"1": 2}));
        assert!(refused.unwrap_err().to_string().contains("`logit_bias`"));
        let rules = ParameterPolicy {
            drop_unsupported: true,
            ..ParameterPolicy::default()
        };
        let mut policy = Policy::new("x", &rules);
        assert_eq!(policy.foreign("logit_bias", &json!({"1": 2})), Ok(false));
        assert_eq!(policy.into_dropped(), ["logit_bias"]);
    }

    #[test]
    fn the_operator_may_always_drop_and_always_send() {
        let rules = ParameterPolicy {
            drop_always: vec!["seed".to_owned(), "verbosity".to_owned()],
            allow_always: vec!["logit_bias".to_owned()],
            ..ParameterPolicy::default()
        };
        let mut call = ChatCall {
            seed: Some(3.into()),
            ..ChatCall::default()
        };
        call.openai_parameters
            .insert("verbosity".to_owned(), json!("low"));
        let call = without(&call, &rules);
        assert!(call.seed.is_none() && call.openai_parameters.is_empty());
        let mut policy = Policy::new("x", &rules);
        assert_eq!(policy.foreign("logit_bias", &json!({"1": 2})), Ok(true));
    }
}
