//! From where may requests come? Stub until merged.
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// Addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AllowedAddresses(Vec<ipnet::IpNet>);

impl AllowedAddresses {
    /// Whether all are allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this address is allowed.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.is_empty() || self.0.iter().any(|net| net.contains(&address))
    }
}
