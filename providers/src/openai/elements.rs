//! Small typed readings of single JSON members, for the one pass over a caller's body.

use std::fmt;

use serde::de::{Deserialize, Visitor};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::bad_body::BadBody;
use super::fields;

/// The JSON type of a value, in words, by its first byte.
pub(super) fn kind(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Reads a value that has been seen to be JSON, so that only its type can be wrong.
fn parse<'a, T: Deserialize<'a>>(name: &str, expected: &str, json: &'a str) -> Result<T, BadBody> {
    serde_json::from_str(json)
        .ok()
        .ok_or_else(|| BadBody::wrong_type(name, expected, kind(json)))
}

/// A string; `null` counts as missing.
pub(super) fn text(name: &str, json: &str) -> Result<Option<String>, BadBody> {
    if json == "null" {
        return Ok(None);
    }
    match serde_json::from_str(json) {
        Ok(text) => Ok(Some(text)),
        // A string that does not read has half of a surrogate pair in it.
        Err(error) if json.starts_with('"') => Err(BadBody::not_json(&error)),
        Err(_) => Err(BadBody::wrong_type(name, "a string", kind(json))),
    }
}

/// A boolean; `null` counts as missing.
pub(super) fn flag(name: &str, json: &str) -> Result<Option<bool>, BadBody> {
    match json {
        "null" => Ok(None),
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(BadBody::wrong_type(name, "true or false", kind(json))),
    }
}

/// A whole number in any spelling (`100`, `1e2`, `100.0`); `null` counts as missing.
pub(super) fn count(name: &str, json: &str) -> Result<Option<u64>, BadBody> {
    if json == "null" {
        return Ok(None);
    }
    if let Ok(count) = json.parse() {
        return Ok(Some(count));
    }
    serde_json::from_str(json)
        .ok()
        .as_ref()
        .and_then(fields::whole_number)
        .map(Some)
        .ok_or_else(|| BadBody::wrong_type(name, "a whole number, 0 or more", kind(json)))
}

/// A number; `null` counts as missing.
pub(super) fn number(name: &str, json: &str) -> Result<Option<Number>, BadBody> {
    if json == "null" {
        return Ok(None);
    }
    parse(name, "a number", json).map(Some)
}

/// An object; `null` counts as missing.
pub(super) fn object(name: &str, json: &str) -> Result<Option<Map<String, Value>>, BadBody> {
    if json == "null" {
        return Ok(None);
    }
    parse(name, "an object", json).map(Some)
}

/// An array; `null` counts as empty.
pub(super) fn list(name: &str, json: &str) -> Result<Vec<Value>, BadBody> {
    if json == "null" {
        return Ok(Vec::new());
    }
    parse(name, "an array", json)
}

/// An array of strings; a single string is an array of one, `null` is empty.
pub(super) fn texts(name: &str, json: &str) -> Result<Vec<String>, BadBody> {
    if let Ok(text) = serde_json::from_str(json) {
        return Ok(vec![text]);
    }
    if json == "null" {
        return Ok(Vec::new());
    }
    parse(name, "an array of strings", json)
}

/// How many prompts stand in `prompt` or `input`: a string or an array of tokens is one.
pub(super) fn prompts(name: &str, json: &str) -> Result<Option<u64>, BadBody> {
    match json.as_bytes().first() {
        Some(b'n') => return Ok(None),
        Some(b'"') => return Ok(Some(1)),
        Some(b'[') => {}
        _ => {
            return Err(BadBody::wrong_type(
                name,
                "a string or an array",
                kind(json),
            ));
        }
    }
    let counted: Prompts = parse(name, "an array of strings or tokens", json)?;
    match (counted.tokens, counted.others) {
        (0, 0) => Err(BadBody::invalid(name, "the array is empty")),
        (0, others) => Ok(Some(others)),
        (_, 0) => Ok(Some(1)),
        _ => Err(BadBody::invalid(name, "tokens and texts cannot be mixed")),
    }
}

/// Counts the elements of a prompt array.
struct Prompts {
    tokens: u64,
    others: u64,
}

impl<'de> Deserialize<'de> for Prompts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Counter;
        impl<'de> Visitor<'de> for Counter {
            type Value = Prompts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Prompts, A::Error> {
                let mut found = Prompts {
                    tokens: 0,
                    others: 0,
                };
                while let Some(element) = seq.next_element::<&'de RawValue>()? {
                    match kind(element.get()) {
                        "a number" => found.tokens += 1,
                        "a string" | "an array" => found.others += 1,
                        other => return Err(A::Error::custom(other)),
                    }
                }
                Ok(found)
            }
        }
        deserializer.deserialize_seq(Counter)
    }
}

/// Visits `messages`: each must be an object, and there must be one. Gives the last one's text;
/// none for `null`.
pub(super) struct Messages<'r>(pub(super) &'r mut Option<BadBody>);

impl<'de> DeserializeSeed<'de> for Messages<'_> {
    type Value = Option<&'de str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Messages<'_> {
    type Value = Option<&'de str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of messages")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let (mut last, mut index) = (None, 0_usize);
        while let Some(message) = seq.next_element::<&'de RawValue>()? {
            let json = message.get();
            if !json.starts_with('{') {
                let path = format!("messages[{index}]");
                *self.0 = Some(BadBody::wrong_type(path, "an object", kind(json)));
                return Err(A::Error::custom("refused"));
            }
            last = Some(json);
            index += 1;
        }
        if last.is_none() {
            let reason = "the array is empty; send at least one message";
            *self.0 = Some(BadBody::invalid("messages", reason));
            return Err(A::Error::custom("refused"));
        }
        Ok(last)
    }
}

/// A `stream_options` object.
pub(super) struct StreamOptionsJson<'a> {
    /// Whether it has no member.
    pub(super) is_empty: bool,
    /// The value of `include_usage`; the last one if there are several.
    pub(super) include_usage: Option<&'a RawValue>,
}

impl<'de: 'a, 'a> Deserialize<'de> for StreamOptionsJson<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Options;
        impl<'de> Visitor<'de> for Options {
            type Value = StreamOptionsJson<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut options = StreamOptionsJson {
                    is_empty: true,
                    include_usage: None,
                };
                while let Some(name) = map.next_key::<String>()? {
                    options.is_empty = false;
                    if name == "include_usage" {
                        options.include_usage = Some(map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(options)
            }
        }
        deserializer.deserialize_map(Options)
    }
}
