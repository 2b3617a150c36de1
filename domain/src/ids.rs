//! Which request, which attempt, which deployment? Ids that sort by time.

use std::fmt;

use crate::time::TimestampMs;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// One request of a caller: `req_` and 26 characters of Crockford's base 32 (48 bits of
/// milliseconds, 80 bits of randomness), so that ids sort by the time of their making.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId([u8; LENGTH]);

/// `req_` and 26 characters.
const LENGTH: usize = 30;

impl RequestId {
    /// Makes an id from the present time and 80 random bits (the low ones of `random`).
    #[must_use]
    pub fn new(now: TimestampMs, random: u128) -> Self {
        let bits = (u128::from(now.0) << 80) | (random & ((1 << 80) - 1));
        let mut text = *b"req_00000000000000000000000000";
        let mut rest = bits;
        for digit in text.iter_mut().skip(4).rev() {
            let index = usize::try_from(rest & 31).unwrap_or(0);
            *digit = ALPHABET.get(index).copied().unwrap_or(b'0');
            rest >>= 5;
        }
        Self(text)
    }

    /// The id as it stands in headers, logs and bodies.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Made of ASCII only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One deployment: a hash of its entry in the file, or the operator's own `model_info.id`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeploymentId(String);

impl DeploymentId {
    /// Takes an id that the operator chose or that the configuration derived.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// The id as it stands in headers, logs and metrics.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DeploymentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_requests_have_greater_ids() {
        let early = RequestId::new(TimestampMs(1_000), u128::MAX);
        let late = RequestId::new(TimestampMs(1_001), 0);
        assert!(early < late);
        assert_eq!(early.as_str().len(), 30);
        assert!(early.as_str().starts_with("req_"));
    }
}
