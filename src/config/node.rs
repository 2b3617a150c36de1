//! A YAML tree in which every node knows its place.

use serde_json::{Map, Number, Value};

use super::report::Position;

/// A node and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub position: Position,
    /// What it holds.
    pub content: Content,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// `null`, `~`, or nothing.
    Null,
    /// `os.environ/NAME` whose variable is not set; reads as nothing.
    Unset {
        /// The variable's name.
        variable: String,
    },
    /// Text, a number, a boolean: its text exactly as written, and whether it stood in quotes.
    Scalar {
        /// Without quotes and escapes.
        text: String,
        /// Whether it can be nothing but text.
        quoted: bool,
        /// The variable that it was taken from.
        variable: Option<String>,
    },
    /// A list.
    List(Vec<Node>),
    /// A map in the order of the file, every key once.
    Map(Vec<Entry>),
}

/// One member of a map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key's text.
    pub key: String,
    /// Where the key stands.
    pub position: Position,
    /// Its value.
    pub value: Node,
}

impl Node {
    /// The node in words, for messages: `a list`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.content {
            Content::Null | Content::Unset { .. } => "nothing",
            Content::Scalar { text, quoted, .. } if !quoted && boolean(text).is_some() => {
                "a boolean"
            }
            Content::Scalar { text, quoted, .. } if !quoted && is_number(text) => "a number",
            Content::Scalar { .. } => "text",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }

    /// Whether there is a value at all.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        !matches!(self.content, Content::Null | Content::Unset { .. })
    }

    /// The member of a map, when it is there and not null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries()
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.value)
            .filter(|value| value.is_given())
    }

    /// The members of a map; none of anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The members of a list; none of anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The tree as JSON, for what goes to a provider as it is. Not for money: a number that is no
    /// integer becomes a float.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Null | Content::Unset { .. } => Value::Null,
            Content::Scalar { text, quoted, .. } => scalar_json(text, *quoted),
            Content::List(items) => items.iter().map(Self::to_json).collect(),
            Content::Map(entries) => Value::Object(json_of(entries)),
        }
    }
}

/// The members of a map as JSON.
#[must_use]
pub fn json_of(entries: &[Entry]) -> Map<String, Value> {
    entries
        .iter()
        .map(|entry| (entry.key.clone(), entry.value.to_json()))
        .collect()
}

/// The spellings of YAML 1.1, which LiteLLM's reader takes.
#[must_use]
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// Whether the plain text means `null`.
#[must_use]
pub fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A whole number: decimal digits, underscores between them as YAML 1.1 allows.
#[must_use]
pub fn integer(text: &str) -> Option<i128> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let plain = !digits.is_empty()
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '_');
    if !plain {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// Whether the plain text is a number.
#[must_use]
pub fn is_number(text: &str) -> bool {
    let begins = text
        .trim_start_matches(['-', '+', '.'])
        .starts_with(|c: char| c.is_ascii_digit());
    begins && (integer(text).is_some() || text.parse::<f64>().is_ok())
}

fn scalar_json(text: &str, quoted: bool) -> Value {
    if quoted {
        return Value::String(text.to_owned());
    }
    if is_null(text) {
        return Value::Null;
    }
    if let Some(truth) = boolean(text) {
        return Value::Bool(truth);
    }
    if let Some(number) = integer(text).and_then(Number::from_i128) {
        return Value::Number(number);
    }
    if is_number(text)
        && let Some(number) = text.parse().ok().and_then(Number::from_f64)
    {
        return Value::Number(number);
    }
    Value::String(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_and_numbers_mean_what_they_mean_in_litellm() {
        assert_eq!(scalar_json("yes", false), Value::Bool(true));
        assert_eq!(scalar_json("True", false), Value::Bool(true));
        assert_eq!(scalar_json("yes", true), Value::String("yes".to_owned()));
        assert_eq!(scalar_json("1_000", false), Value::from(1000));
        assert_eq!(scalar_json("0.5", false), Value::from(0.5));
        assert_eq!(scalar_json("~", false), Value::Null);
        assert_eq!(
            scalar_json("1.2.3", false),
            Value::String("1.2.3".to_owned())
        );
        assert_eq!(scalar_json("inf", false), Value::String("inf".to_owned()));
    }
}
