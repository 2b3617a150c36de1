//! Which addresses? Those a key may be used from, and those a provider may have.
//!
//! | module | words |
//! |---|---|
//! | `egress` | public, private and metadata addresses; who may name which |
//! | here | the allowed addresses of a key |

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

pub use self::egress::{AddressKind, Egress, classify};

mod egress;

/// Addresses and blocks of addresses from which requests may come; empty means from everywhere.
/// In JSON it is a list of texts (`["203.0.113.9", "10.0.0.0/8"]`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedAddresses(Vec<IpNet>);

/// A text that is neither an address nor a block of them.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAnAddress {
    /// It has another form.
    #[error("`{0}` is not an address; write `203.0.113.9`, `10.0.0.0/8` or `2001:db8::/32`")]
    Form(String),
    /// The address is inside the block instead of at its beginning: one of the two is a slip.
    #[error("`{given}` does not begin its block; write `{block}` for the block")]
    HostBits {
        /// What was given.
        given: String,
        /// The block in which it lies.
        block: String,
    },
}

impl AllowedAddresses {
    /// Reads a list of addresses and blocks.
    ///
    /// # Errors
    /// With the first text that is neither.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NotAnAddress> {
        texts
            .into_iter()
            .map(block)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether every address is allowed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a request may come from this address. An IPv4 address in IPv6 form is the IPv4 one.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.is_empty() || self.0.iter().any(|block| block.contains(&address))
    }

    /// Whether these are nowhere wider than `others`: a grant may not be wider than the granter's.
    #[must_use]
    pub fn is_within(&self, others: &Self) -> bool {
        let inside = |block: &IpNet| others.0.iter().any(|other| other.contains(block));
        others.0.is_empty() || (!self.0.is_empty() && self.0.iter().all(inside))
    }

    /// The addresses and blocks as texts, single addresses without a length.
    pub fn texts(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|block| {
            if block.prefix_len() == block.max_prefix_len() {
                block.addr().to_string()
            } else {
                block.to_string()
            }
        })
    }
}

fn block(text: &str) -> Result<IpNet, NotAnAddress> {
    let text = text.trim();
    let parsed = match text.parse::<IpAddr>() {
        Ok(address) => Ok(IpNet::from(address)),
        Err(_not_alone) => text.parse::<IpNet>(),
    };
    let Ok(block) = parsed else {
        return Err(NotAnAddress::Form(text.chars().take(64).collect()));
    };
    if block != block.trunc() {
        return Err(NotAnAddress::HostBits {
            given: text.to_owned(),
            block: block.trunc().to_string(),
        });
    }
    Ok(canonical(block))
}

/// A block of IPv4 addresses in IPv6 form (`::ffff:10.0.0.0/104`) is the block of IPv4 addresses.
fn canonical(block: IpNet) -> IpNet {
    let mapped = match block {
        IpNet::V6(v6) => v6
            .prefix_len()
            .checked_sub(MAPPED_PREFIX_LENGTH)
            .zip(v6.addr().to_ipv4_mapped())
            .and_then(|(length, address)| Ipv4Net::new(address, length).ok()),
        IpNet::V4(_) => None,
    };
    mapped.map_or(block, IpNet::V4)
}

/// `::ffff:0:0/96`
const MAPPED_PREFIX_LENGTH: u8 = 96;

impl FromStr for AllowedAddresses {
    type Err = NotAnAddress;

    /// Reads addresses and blocks with commas or spaces between them; an empty text is everywhere.
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let between = |character: char| character == ',' || character.is_whitespace();
        Self::parse(text.split(between).filter(|part| !part.is_empty()))
    }
}

impl fmt::Display for AllowedAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts().collect::<Vec<_>>().join(", "))
    }
}

impl Serialize for AllowedAddresses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.texts())
    }
}

impl<'de> Deserialize<'de> for AllowedAddresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        Self::parse(texts.iter().map(String::as_str)).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
