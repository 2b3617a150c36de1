//! From where may requests come? Stub until merged.
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
/// Addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AllowedAddresses(Vec<String>);
/// No address.
#[derive(Debug, thiserror::Error)]
#[error("no address")]
pub struct NotAnAddress;
impl AllowedAddresses {
    /// Whether all are allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// p
    /// # Errors
    /// none
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NotAnAddress> {
        Ok(Self(texts.into_iter().map(str::to_owned).collect()))
    }
    /// c
    #[must_use]
    pub fn contains(&self, _address: IpAddr) -> bool {
        true
    }
    /// t
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.0.iter().cloned()
    }
}
