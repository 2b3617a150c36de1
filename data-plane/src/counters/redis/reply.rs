//! What scripts answer: a word, then words and whole numbers.

use std::str::FromStr;
use std::vec::IntoIter;

use redis::Value;

use super::link::Fault;

/// A script's answer, read from its front.
pub(super) struct Reply {
    word: String,
    rest: IntoIter<Value>,
}

impl Reply {
    pub(super) fn read(value: Value) -> Result<Self, Fault> {
        let Value::Array(values) = value else {
            return Err(Fault::garbled(&value));
        };
        let mut rest = values.into_iter();
        let word = rest.next().and_then(text);
        let word = word.ok_or_else(|| Fault::garbled(&Value::Nil))?;
        Ok(Self { word, rest })
    }

    /// What it is.
    pub(super) fn word(&self) -> &str {
        &self.word
    }

    /// The next, as text.
    pub(super) fn text(&mut self) -> Result<String, Fault> {
        let next = self.rest.next();
        next.and_then(text)
            .ok_or_else(|| Fault::garbled(&Value::Nil))
    }

    /// The next, as a number.
    pub(super) fn number<T: FromStr>(&mut self) -> Result<T, Fault> {
        let text = self.text()?;
        let number = text.parse();
        number.map_err(|_not| Fault::garbled(&Value::SimpleString(text)))
    }

    /// How many are left.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    /// All that are left, as texts.
    pub(super) fn texts(&mut self) -> Result<Vec<String>, Fault> {
        let mut texts = Vec::with_capacity(self.left());
        while self.left() > 0 {
            texts.push(self.text()?);
        }
        Ok(texts)
    }

    /// All that are left, as numbers.
    pub(super) fn numbers<T: FromStr>(&mut self) -> Result<Vec<T>, Fault> {
        let mut numbers = Vec::with_capacity(self.left());
        while self.left() > 0 {
            numbers.push(self.number()?);
        }
        Ok(numbers)
    }

    /// What no script of ours answers.
    pub(super) fn unexpected(&self) -> Fault {
        Fault::garbled(&Value::SimpleString(self.word.clone()))
    }
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::BulkString(bytes) => String::from_utf8(bytes).ok(),
        Value::SimpleString(text) => Some(text),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}
