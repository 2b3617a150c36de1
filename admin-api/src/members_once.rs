//! Refuses a body in which a member stands twice, at any depth: of two budgets nobody knows which was
//! meant.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::error::ActionError;

/// Reads a body and keeps nothing of it.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member and says where.
pub fn members_once(body: &[u8]) -> Result<(), ActionError> {
    serde_json::from_slice::<Once>(body)
        .map(|Once| ())
        .map_err(|twice| ActionError::invalid("body", twice.to_string()))
}

/// A value in which no member stands twice.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Walk)
    }
}

struct Walk;

impl<'de> Visitor<'de> for Walk {
    type Value = Once;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _value: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _value: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _value: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _value: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E>(self, _value: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Once, A::Error> {
        while let Some(Once) = list.next_element()? {}
        Ok(Once)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once, A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if names.contains(&name) {
                return Err(A::Error::custom(format!("duplicate field `{name}`")));
            }
            names.insert(name);
            let Once = map.next_value()?;
        }
        Ok(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_stands_twice_is_found_at_any_depth() {
        for body in [
            r#"{"a": 1, "a": 2}"#,
            r#"{"a": {"b": 1, "c": null, "b": 1}}"#,
            r#"{"a": [1.5, true, {"b": "x", "\u0062": "y"}]}"#,
        ] {
            assert!(members_once(body.as_bytes()).is_err(), "{body}");
        }
        let body = r#"{"a": {"a": [{"a": -1}, {"a": "a"}]}, "b": {"a": 18446744073709551615}}"#;
        assert!(members_once(body.as_bytes()).is_ok());
    }
}
