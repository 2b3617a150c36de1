//! Parameters that Anthropic does not have, or takes in a narrower range.

use std::borrow::Cow;

use domain::routing::ParameterPolicy;
use serde_json::{Number, Value};

use super::super::abilities::Sampling;
use super::super::wire::{Body, Metadata};
use crate::chat::ChatCall;
use crate::openai::parameters;
use crate::wire::Untranslatable;

/// The operator's policy, and what it has led to so far.
pub(super) struct Parameters<'a> {
    policy: &'a ParameterPolicy,
    dropped: Vec<&'static str>,
}

impl<'a> Parameters<'a> {
    pub(super) const fn new(policy: &'a ParameterPolicy) -> Self {
        Self {
            policy,
            dropped: Vec::new(),
        }
    }

    /// What was left out.
    pub(super) fn into_dropped(self) -> Vec<&'static str> {
        self.dropped
    }

    /// A parameter's value, unless the operator wants it left out always.
    pub(super) fn wanted<T>(&mut self, name: &'static str, value: Option<T>) -> Option<T> {
        if value.is_some() && self.is_unwanted(name) {
            self.left_out(name);
            return None;
        }
        value
    }

    /// Whether the operator wants a member left out always.
    pub(super) fn is_unwanted(&self, name: &str) -> bool {
        self.policy.drop_always.iter().any(|drop| drop == name)
    }

    /// Whether the operator wants a member sent always, as it is.
    pub(super) fn is_forced(&self, name: &str) -> bool {
        self.policy.allow_always.iter().any(|allow| allow == name)
    }

    /// Whether a parameter may be left out; if so it will be.
    pub(super) fn may_leave_out(&mut self, name: &'static str) -> bool {
        if self.policy.drop_unsupported {
            self.left_out(name);
        }
        self.policy.drop_unsupported
    }

    /// Leaves a parameter out that cannot be honoured.
    ///
    /// # Errors
    /// Unless that is allowed.
    pub(super) fn refuse(&mut self, name: &'static str) -> Result<(), Untranslatable> {
        if self.may_leave_out(name) {
            return Ok(());
        }
        Err(Untranslatable::UnsupportedParameter {
            provider: "anthropic",
            param: name.to_owned(),
        })
    }

    /// Notes that something was left out.
    pub(super) fn left_out(&mut self, name: &'static str) {
        if !self.dropped.contains(&name) {
            self.dropped.push(name);
        }
    }
}

/// Puts `temperature` and `top_p` into the body.
///
/// OpenAI's temperature reaches 2, Anthropic's 1. With thinking only the usual temperature is
/// taken, and `top_p` from 0.95 to 1.
pub(super) fn sampling<'a>(
    call: &'a ChatCall,
    sampling: Sampling,
    parameters: &mut Parameters<'_>,
    body: &mut Body<'a>,
) -> Result<(), Untranslatable> {
    let thinks = is_on(body.thinking.as_deref());
    let mut temperature = parameters.wanted("temperature", call.temperature.as_ref());
    let mut top_p = parameters.wanted("top_p", call.top_p.as_ref());
    if sampling == Sampling::Neither || (sampling == Sampling::OneOfThem && top_p.is_some()) {
        // The default changes nothing, and may be refused.
        temperature = temperature.filter(|number| !is_one(number));
    }
    if sampling == Sampling::Neither || (sampling == Sampling::OneOfThem && temperature.is_some()) {
        top_p = top_p.filter(|number| !is_one(number));
    }
    if let Some(number) = temperature.filter(|_| !parameters.is_forced("temperature"))
        && (sampling == Sampling::Neither || (thinks && !is_one(number)))
    {
        parameters.refuse("temperature")?;
        temperature = None;
    }
    if let Some(number) = top_p.filter(|_| !parameters.is_forced("top_p")) {
        let both = sampling == Sampling::OneOfThem && temperature.is_some();
        let narrow = thinks && number.as_f64().is_some_and(|top_p| top_p < 0.95);
        if sampling == Sampling::Neither || both || narrow {
            parameters.refuse("top_p")?;
            top_p = None;
        }
    }
    body.temperature = temperature
        .map(|number| in_range(number, parameters))
        .transpose()?;
    body.top_p = top_p;
    Ok(())
}

fn in_range<'a>(
    temperature: &'a Number,
    parameters: &mut Parameters<'_>,
) -> Result<Cow<'a, Number>, Untranslatable> {
    let too_hot = temperature.as_f64().is_some_and(|number| number > 1.0);
    if !too_hot || parameters.is_forced("temperature") {
        return Ok(Cow::Borrowed(temperature));
    }
    if parameters.may_leave_out("temperature") {
        return Ok(Cow::Owned(Number::from(1)));
    }
    Err(Untranslatable::InvalidValue {
        param: "temperature".to_owned(),
        reason: "anthropic takes 0 to 1; lower it, or set `drop_params: true` to have 1 sent"
            .to_owned(),
    })
}

fn is_one(number: &Number) -> bool {
    number.as_f64() == Some(1.0)
}

/// Whether a `thinking` object turns thinking on.
pub(super) fn is_on(thinking: Option<&Value>) -> bool {
    thinking
        .and_then(|thinking| thinking.get("type"))
        .is_some_and(|kind| kind == "enabled" || kind == "adaptive")
}

/// Puts `stop` into the body. Texts of white space alone are a 400 over there, and would stop
/// the answer at OpenAI.
pub(super) fn stop<'a>(
    call: &'a ChatCall,
    parameters: &mut Parameters<'_>,
    body: &mut Body<'a>,
) -> Result<(), Untranslatable> {
    let stop = (!call.stop.is_empty()).then_some(&call.stop);
    for text in parameters.wanted("stop", stop).into_iter().flatten() {
        if text.trim().is_empty() {
            parameters.refuse("stop")?;
        } else {
            body.stop_sequences.push(text);
        }
    }
    Ok(())
}

/// Puts the caller's end user into the body: `metadata.user_id`, `user` or `safety_identifier`.
pub(super) fn end_user<'a>(
    call: &'a ChatCall,
    parameters: &mut Parameters<'_>,
    body: &mut Body<'a>,
) {
    let labelled = parameters
        .wanted("metadata", call.metadata.as_ref())
        .and_then(|labels| labels.get("user_id")?.as_str());
    let user = parameters.wanted("user", call.user.as_deref());
    let identifier = call
        .openai_parameters
        .get("safety_identifier")
        .and_then(Value::as_str)
        .filter(|_| !parameters.is_unwanted("safety_identifier"));
    body.metadata = labelled
        .or(user)
        .or(identifier)
        .filter(|user_id| !user_id.is_empty())
        .map(|user_id| Metadata { user_id });
}

/// Goes through the parameters that have no place in [`ChatCall`], and those that Anthropic has
/// not.
pub(super) fn unsupported(
    call: &ChatCall,
    parameters: &mut Parameters<'_>,
    body: &mut Body<'_>,
) -> Result<(), Untranslatable> {
    if let Some(seed) = parameters.wanted("seed", call.seed.as_ref()) {
        unsupported_one("seed", &Value::Number(seed.clone()), parameters, body)?;
    }
    if let Some(n) = parameters.wanted("n", call.n).filter(|n| *n != 1) {
        unsupported_one("n", &Value::from(n), parameters, body)?;
    }
    for (name, value) in &call.openai_parameters {
        if parameters.is_unwanted(name) {
            parameters.left_out(listed_name(name));
        } else if name == "service_tier" && !parameters.is_forced(name) {
            service_tier(value, parameters, body)?;
        } else if parameters.is_forced(name) || !has_no_effect(name, value) {
            unsupported_one(name, value, parameters, body)?;
        }
    }
    Ok(())
}

fn has_no_effect(name: &str, value: &Value) -> bool {
    parameters::find(name).is_some_and(|known| known.is_without_effect(value))
}

fn unsupported_one(
    name: &str,
    value: &Value,
    parameters: &mut Parameters<'_>,
    body: &mut Body<'_>,
) -> Result<(), Untranslatable> {
    if parameters.is_forced(name) {
        body.more.insert(name.to_owned(), value.clone());
        return Ok(());
    }
    if parameters.may_leave_out(listed_name(name)) {
        return Ok(());
    }
    Err(Untranslatable::UnsupportedParameter {
        provider: "anthropic",
        param: name.to_owned(),
    })
}

/// The name in the list of what was left out; a request's own spelling cannot stand there.
fn listed_name(name: &str) -> &'static str {
    match name {
        "seed" => "seed",
        "n" => "n",
        _ => parameters::find(name).map_or("openai_parameters", |known| known.name),
    }
}

/// OpenAI's `auto` lets the project decide, Anthropic's `auto` uses bought capacity where there
/// is some; `default` asks for none.
fn service_tier(
    value: &Value,
    parameters: &mut Parameters<'_>,
    body: &mut Body<'_>,
) -> Result<(), Untranslatable> {
    body.service_tier = match value.as_str() {
        Some("auto") => Some("auto"),
        Some("default" | "standard" | "standard_only") => Some("standard_only"),
        None if value.is_null() => None,
        _ => return parameters.refuse("service_tier"),
    };
    Ok(())
}
