//! A body as LiteLLM's clients send it: members taken one by one, each absent, null or a value.
//!
//! Money is read from its decimal text, so that no float touches it. What nobody takes is left, and
//! its owner says what becomes of it.

use std::collections::BTreeMap;
use std::fmt;

use domain::money::NanoUsd;
use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::error::ActionError;

/// A JSON object whose members have not been read yet.
#[derive(Default)]
pub struct Fields {
    members: BTreeMap<String, Box<RawValue>>,
}

/// What a member says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given<T> {
    /// Nothing: it is not there.
    Absent,
    /// That it is to be unset.
    Null,
    /// This.
    Value(T),
}

impl<T> Given<T> {
    /// The value, when there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Changes a slot: absent leaves it, null empties it.
    pub fn set(self, slot: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *slot = None,
            Self::Value(value) => *slot = Some(value),
        }
    }

    /// Changes a slot that is never empty: null makes it what it is by default.
    pub fn replace(self, slot: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Absent => {}
            Self::Null => *slot = T::default(),
            Self::Value(value) => *slot = value,
        }
    }

    /// The same with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Given<U> {
        match self {
            Self::Absent => Given::Absent,
            Self::Null => Given::Null,
            Self::Value(value) => Given::Value(change(value)),
        }
    }

    /// The same with another value, or why it is none.
    ///
    /// # Errors
    /// What `change` says.
    pub fn try_map<U, E>(self, change: impl FnOnce(T) -> Result<U, E>) -> Result<Given<U>, E> {
        Ok(match self {
            Self::Absent => Given::Absent,
            Self::Null => Given::Null,
            Self::Value(value) => Given::Value(change(value)?),
        })
    }
}

impl Fields {
    /// Reads a body; an empty one has no members.
    ///
    /// # Errors
    /// When it is no JSON object.
    pub fn read(body: &[u8]) -> Result<Self, ActionError> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        without_nul(body)?;
        serde_json::from_slice(body)
            .map(|Members(members)| Self { members })
            .map_err(|malformed| {
                ActionError::invalid("body", format!("The body is no JSON object: {malformed}."))
            })
    }

    /// The members of an object within a body.
    #[must_use]
    pub const fn of(members: BTreeMap<String, Box<RawValue>>) -> Self {
        Self { members }
    }

    /// Takes a member of any shape that serde reads.
    ///
    /// # Errors
    /// When its type is another; the message names the member and what it may be.
    pub fn take<T: DeserializeOwned>(
        &mut self,
        name: &str,
        may_be: &str,
    ) -> Result<Given<T>, ActionError> {
        let Some(raw) = self.members.remove(name) else {
            return Ok(Given::Absent);
        };
        if raw.get() == "null" {
            return Ok(Given::Null);
        }
        serde_json::from_str(raw.get())
            .map(Given::Value)
            .map_err(|_mismatch| {
                ActionError::invalid(name, format!("`{name}` has to be {may_be}."))
            })
    }

    /// Takes a text.
    ///
    /// # Errors
    /// When it is none.
    pub fn text(&mut self, name: &str) -> Result<Given<String>, ActionError> {
        self.take(name, "a text")
    }

    /// Takes a name: an empty one is none, as LiteLLM's own pages send it.
    ///
    /// # Errors
    /// When it is no text.
    pub fn name(&mut self, name: &str) -> Result<Given<String>, ActionError> {
        Ok(match self.text(name)? {
            Given::Value(text) if text.is_empty() => Given::Null,
            other => other,
        })
    }

    /// Takes a list of texts.
    ///
    /// # Errors
    /// When it is none.
    pub fn texts(&mut self, name: &str) -> Result<Given<Vec<String>>, ActionError> {
        self.take(name, "a list of texts")
    }

    /// Takes true or false.
    ///
    /// # Errors
    /// When it is neither.
    pub fn flag(&mut self, name: &str) -> Result<Given<bool>, ActionError> {
        self.take(name, "true or false")
    }

    /// Takes a whole number that is not below zero.
    ///
    /// # Errors
    /// When it is none.
    pub fn whole(&mut self, name: &str) -> Result<Given<u64>, ActionError> {
        self.take(name, "a whole number, not below zero")
    }

    /// Takes a JSON object.
    ///
    /// # Errors
    /// When it is none.
    pub fn object(&mut self, name: &str) -> Result<Given<Map<String, Value>>, ActionError> {
        self.take(name, "a JSON object")
    }

    /// Takes an amount of dollars, as a number or as a text of one.
    ///
    /// # Errors
    /// When it is none, or below zero.
    pub fn money(&mut self, name: &str) -> Result<Given<NanoUsd>, ActionError> {
        let raw: Given<Box<RawValue>> = self.take(name, "an amount of dollars")?;
        raw.try_map(|raw| amount(name, &raw))
    }

    /// Takes the members of these names into a body of their own, each under its second name.
    #[must_use]
    pub fn moved(&mut self, names: &[(&str, &str)]) -> Self {
        let members = names.iter().filter_map(|(name, other)| {
            let raw = self.members.remove(*name)?;
            Some(((*other).to_owned(), raw))
        });
        Self {
            members: members.collect(),
        }
    }

    /// Puts a member where there is none of this name, or null.
    pub fn or_insert(&mut self, name: &str, raw: Box<RawValue>) {
        let slot = self.members.get(name);
        if slot.is_none_or(|known| known.get() == "null") {
            self.members.insert(name.to_owned(), raw);
        }
    }

    /// Takes a text that has to be there.
    ///
    /// # Errors
    /// When it is not there, is empty or no text.
    pub fn required(&mut self, name: &str) -> Result<String, ActionError> {
        let text = self.text(name)?.value().filter(|text| !text.is_empty());
        text.ok_or_else(|| ActionError::invalid(name, format!("`{name}` is missing.")))
    }

    /// Whether a member is there, null or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// What nobody has taken.
    #[must_use]
    pub fn rest(self) -> Map<String, Value> {
        self.members
            .into_iter()
            .filter_map(|(name, raw)| Some((name, serde_json::from_str(raw.get()).ok()?)))
            .collect()
    }
}

/// The members of an object, each there once: of two budgets nobody knows which was meant.
struct Members(BTreeMap<String, Box<RawValue>>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;

        impl<'de> Visitor<'de> for Reading {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if members.contains_key(&name) {
                        return Err(A::Error::custom(format!("`{name}` is there twice")));
                    }
                    members.insert(name, value);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Reading)
    }
}

/// An amount of dollars out of its text in the body.
///
/// # Errors
/// When it is none, or below zero.
pub fn amount(name: &str, raw: &RawValue) -> Result<NanoUsd, ActionError> {
    let text = raw.get().trim_matches('"');
    NanoUsd::from_usd(text).map_err(|not_an_amount| {
        ActionError::invalid(
            name,
            format!("`{name}` has to be an amount of dollars: {not_an_amount}."),
        )
    })
}

/// Refuses a body with a NUL in one of its texts: Postgres keeps none, and no name has one.
///
/// # Errors
/// [`ActionError::Invalid`].
pub fn without_nul(body: &[u8]) -> Result<(), ActionError> {
    if body.windows(6).any(|six| six == b"\\u0000") {
        let message = "A text has the character NUL (\\u0000). Leave it out.";
        return Err(ActionError::invalid("body", message));
    }
    Ok(())
}
