//! Small typed readings of single JSON members, for the one pass over a caller's body.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Number, Value};

use super::bad_body::{BadBody, Ending};
use super::fields;
use super::scan::Scan;

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
    if !json.starts_with('"') {
        return Err(BadBody::wrong_type(name, "a string", kind(json)));
    }
    match unquoted(json) {
        Ok(text) => Ok(Some(text.into_owned())),
        // A string that does not read has half of a surrogate pair in it.
        Err(error) => Err(BadBody::not_json(&error)),
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
    let counted = Prompts::count(json)
        .ok_or_else(|| BadBody::wrong_type(name, "an array of strings or tokens", kind(json)))?;
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

impl Prompts {
    fn count(json: &str) -> Option<Self> {
        let mut scan = Scan::new(json);
        scan.enter_array().ok()?;
        let (mut tokens, mut others) = (0, 0);
        while scan.next_element().ok()? {
            match kind(scan.value().ok()?) {
                "a number" => tokens += 1,
                "a string" | "an array" => others += 1,
                _ => return None,
            }
        }
        Some(Self { tokens, others })
    }
}

/// Walks `messages`, which must be an array of one object or more; gives its text.
pub(super) fn messages<'a>(scan: &mut Scan<'a>) -> Result<&'a str, Ending> {
    if scan.peek() != Some(b'[') {
        let wrong = match scan.value()? {
            "null" => BadBody::missing("messages"),
            json => BadBody::wrong_type("messages", "an array of messages", kind(json)),
        };
        return Err(wrong.into());
    }
    let (from, mut index) = (scan.at(), 0_usize);
    scan.enter_array()?;
    while scan.next_element()? {
        let message = scan.value()?;
        if !message.starts_with('{') {
            let path = format!("messages[{index}]");
            return Err(BadBody::wrong_type(path, "an object", kind(message)).into());
        }
        index += 1;
    }
    if index == 0 {
        let reason = "the array is empty; send at least one message";
        return Err(BadBody::invalid("messages", reason).into());
    }
    Ok(scan.since(from))
}

/// A `stream_options` object.
#[derive(Default)]
pub(super) struct StreamOptionsJson<'a> {
    /// Whether it has a member.
    pub(super) has_members: bool,
    /// The value of `include_usage`; the last one if there are several.
    pub(super) include_usage: Option<&'a str>,
}

impl<'a> StreamOptionsJson<'a> {
    /// Reads a value that has been seen to be JSON; none when it is no object.
    pub(super) fn read(json: &'a str) -> Option<Self> {
        let (mut scan, mut options) = (Scan::new(json), Self::default());
        scan.enter_object().ok()?;
        while let Some(name) = scan.next_name().ok()? {
            let value = scan.value().ok()?;
            options.has_members = true;
            if unquoted(name).ok()? == "include_usage" {
                options.include_usage = Some(value);
            }
        }
        Some(options)
    }
}

/// The text of a JSON string; borrowed when it has no escapes.
pub(super) fn unquoted(json: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    let inner = json
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    match inner {
        Some(text) if memchr::memchr(b'\\', text.as_bytes()).is_none() => Ok(Cow::Borrowed(text)),
        _ => serde_json::from_str::<String>(json).map(Cow::Owned),
    }
}
