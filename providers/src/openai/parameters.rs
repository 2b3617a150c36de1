//! OpenAI's parameters that other vendors may not have: the closed list.
//!
//! Source: the reference of `POST /v1/chat/completions` and `POST /v1/completions`.

use serde_json::Value;

/// One of OpenAI's parameters that have no field of their own in [`crate::chat::ChatCall`].
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    default: Default,
}

/// The values that change nothing.
#[derive(Clone, Copy, Debug)]
enum Default {
    /// None.
    Nothing,
    /// 0.
    Zero,
    /// `false`.
    False,
    /// An empty object or array.
    Empty,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An array of this word alone.
    Only(&'static str),
    /// Any value: the parameter is a hint to OpenAI's own machinery and changes no answer.
    Any,
}

/// Every such parameter.
pub const ALL: &[Parameter] = &[
    parameter("audio", Default::Nothing),
    parameter("best_of", Default::Nothing),
    parameter("echo", Default::False),
    parameter("frequency_penalty", Default::Zero),
    parameter("logit_bias", Default::Empty),
    parameter("logprobs", Default::False),
    parameter("modalities", Default::Only("text")),
    parameter("moderation", Default::Nothing),
    parameter("prediction", Default::Nothing),
    parameter("presence_penalty", Default::Zero),
    parameter("prompt_cache_key", Default::Any),
    parameter("prompt_cache_retention", Default::Any),
    parameter("safety_identifier", Default::Any),
    parameter(
        "service_tier",
        Default::Word(&["auto", "default", "standard"]),
    ),
    parameter("store", Default::False),
    parameter("stream_options", Default::Any),
    parameter("top_logprobs", Default::Zero),
    parameter("verbosity", Default::Word(&["medium"])),
    parameter("web_search_options", Default::Nothing),
];

const fn parameter(name: &'static str, default: Default) -> Parameter {
    Parameter { name, default }
}

/// Finds a parameter of OpenAI's.
#[must_use]
pub fn find(name: &str) -> Option<&'static Parameter> {
    ALL.iter().find(|parameter| parameter.name == name)
}

impl Parameter {
    /// Whether leaving the parameter out gives the same answer: `null`, the default value, or a
    /// hint.
    #[must_use]
    pub fn is_without_effect(&self, value: &Value) -> bool {
        match (self.default, value) {
            (_, Value::Null) | (Default::Any, _) => true,
            (Default::Zero, Value::Number(number)) => number.as_f64() == Some(0.0),
            (Default::False, Value::Bool(flag)) => !flag,
            (Default::Empty, Value::Object(map)) => map.is_empty(),
            (Default::Empty, Value::Array(list)) => list.is_empty(),
            (Default::Word(words), Value::String(word)) => words.contains(&word.as_str()),
            (Default::Only(only), Value::Array(list)) => {
                matches!(list.as_slice(), [Value::String(word)] if word == only)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_default_value_is_without_effect_and_another_is_not() {
        for (name, default, other) in [
            ("logprobs", json!(false), json!(true)),
            ("frequency_penalty", json!(0.0), json!(0.5)),
            ("presence_penalty", json!(0), json!(-1)),
            ("logit_bias", json!({}), json!({"50256": -100})),
            ("modalities", json!(["text"]), json!(["text", "audio"])),
            ("service_tier", json!("auto"), json!("flex")),
            ("store", json!(false), json!(true)),
        ] {
            let parameter = find(name).unwrap();
            assert!(parameter.is_without_effect(&default), "{name}");
            assert!(parameter.is_without_effect(&Value::Null), "{name}");
            assert!(!parameter.is_without_effect(&other), "{name}");
        }
    }

    #[test]
    fn the_list_is_sorted_and_names_nothing_twice() {
        assert!(ALL.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
