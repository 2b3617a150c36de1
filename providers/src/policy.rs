//! What happens to a parameter that a vendor does not have?

use std::borrow::Cow;

use domain::routing::ParameterPolicy;
use serde_json::Value;

use crate::chat::ChatCall;
use crate::openai::parameters;
use crate::wire::Untranslatable;

/// The parameters with a field of their own in [`ChatCall`] that a vendor may have to leave out.
const FIELDS: &[&str] = &[
    "n",
    "parallel_tool_calls",
    "reasoning_effort",
    "thinking",
    "tool_choice",
    "tools",
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

    /// How many alternatives a call asks for beside its tokens' log probabilities (`logprobs`,
    /// `top_logprobs`); none when it does not ask for any. For vendors whose log probabilities come
    /// in whole answers only: our events have no place for them.
    ///
    /// # Errors
    /// When they are to be streamed and nobody allowed to drop them, or the number means nothing.
    pub(crate) fn log_probabilities(
        &mut self,
        call: &ChatCall,
    ) -> Result<Option<u64>, Untranslatable> {
        let given = |name: &str| call.openai_parameters.get(name);
        let top = match given("top_logprobs") {
            None | Some(Value::Null) => 0,
            Some(top) => top
                .as_u64()
                .ok_or_else(|| invalid("top_logprobs", "it must be a whole number"))?,
        };
        match given("logprobs") {
            Some(Value::Bool(true)) if call.stream => self
                .unsupported_value(
                    "logprobs",
                    "this provider's log probabilities are not streamed; ask without `stream`",
                )
                .map(|()| None),
            Some(Value::Bool(true)) => Ok(Some(top)),
            _ if top > 0 => Err(invalid("top_logprobs", "it needs `logprobs: true`")),
            None | Some(Value::Null | Value::Bool(false)) => Ok(None),
            Some(_) => Err(invalid("logprobs", "it must be true or false")),
        }
    }

    fn leave_out(&mut self, param: &str) {
        let field = FIELDS.iter().find(|name| **name == param).copied();
        let name = field.or_else(|| parameters::find(param).map(|parameter| parameter.name));
        let name = name.unwrap_or("unknown parameter");
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
        if matches!(name, "user" | "metadata") {
            // Labels of the caller's own people, for the gateway alone.
            return Ok(false);
        }
        let parameter = parameters::find(name);
        if !parameter.is_some_and(|parameter| parameter.is_without_effect(value)) {
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

/// Whether the operator always leaves this parameter out (`additional_drop_params`).
pub(crate) fn is_dropped(rules: &ParameterPolicy, name: &str) -> bool {
    rules.drop_always.iter().any(|drop| drop == name)
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
            ("logprobs", json!(false)),
            ("logit_bias", json!({})),
            ("prompt_cache_key", json!("k")),
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
