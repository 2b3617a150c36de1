//! A time zone, by its IANA name.

use std::fmt;
use std::str::FromStr;

use jiff::tz::{self, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A time zone whose calendar windows follow; `UTC` unless said otherwise. The rules are compiled
/// in, so that all nodes of a fleet agree whatever their systems have.
#[derive(Clone, PartialEq, Eq)]
pub struct TimeZone(tz::TimeZone);

impl TimeZone {
    /// Its IANA name, such as `Europe/Berlin`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    pub(super) const fn rules(&self) -> &tz::TimeZone {
        &self.0
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self(tz::TimeZone::UTC)
    }
}

/// A text that names no time zone.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a time zone; write an IANA name such as `Europe/Berlin`, or `UTC`")]
pub struct NotATimeZone(String);

impl FromStr for TimeZone {
    type Err = NotATimeZone;

    fn from_str(name: &str) -> Result<Self, NotATimeZone> {
        if name == "UTC" {
            return Ok(Self::default());
        }
        match TimeZoneDatabase::bundled().get(name) {
            Ok(zone) if zone.iana_name().is_some() && !zone.is_unknown() => Ok(Self(zone)),
            Ok(_) | Err(_) => Err(NotATimeZone(name.chars().take(64).collect())),
        }
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimeZone({self})")
    }
}

impl Serialize for TimeZone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}
