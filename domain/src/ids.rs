//! Which request, which attempt, which deployment? Ids that sort by time.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::time::TimestampMs;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// 26 characters of Crockford's base 32 after the prefix: 48 bits of milliseconds, 80 bits of
/// randomness (the low ones of `random`).
fn sortable(prefix: &str, now: TimestampMs, random: u128) -> String {
    let bits = (u128::from(now.0) << 80) | (random & ((1 << 80) - 1));
    let mut text = String::with_capacity(prefix.len() + 26);
    text.push_str(prefix);
    for shift in (0..26).rev() {
        let index = usize::try_from((bits >> (shift * 5)) & 31).unwrap_or(0);
        text.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'0')));
    }
    text
}

/// Whether a text is what [`sortable`] makes after this prefix.
fn is_sortable(prefix: &str, text: &str) -> bool {
    let digits = text.strip_prefix(prefix).map(str::as_bytes);
    digits
        .is_some_and(|digits| digits.len() == 26 && digits.iter().all(|one| ALPHABET.contains(one)))
}

/// 128 bits from the system's source of randomness. Without it the clock has to do: an id is no
/// secret, and two of one millisecond would be refused by the store.
fn random_bits(now: TimestampMs) -> u128 {
    let mut bytes = [0_u8; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => u128::from_le_bytes(bytes),
        Err(_no_source) => u128::from(now.0),
    }
}

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

    /// When a request's id was made; none for a text that is no such id.
    #[must_use]
    pub fn time_of(id: &str) -> Option<TimestampMs> {
        let digits = id.strip_prefix("req_").filter(|rest| rest.len() == 26)?;
        let bits = digits.bytes().try_fold(0_u128, |bits, digit| {
            let value = ALPHABET.iter().position(|one| *one == digit)?;
            Some((bits << 5) | u128::try_from(value).ok()?)
        })?;
        u64::try_from(bits >> 80).ok().map(TimestampMs)
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
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
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

/// Ids of stored things: a prefix that says what it is, and a sortable rest.
macro_rules! stored_ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// What every one begins with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes a new id, later than all before it.
            #[must_use]
            pub fn generate() -> Self {
                let now = TimestampMs::now();
                Self(sortable($prefix, now, random_bits(now)))
            }

            /// Whether a text has the form of one that was made here.
            #[must_use]
            pub fn is_one(text: &str) -> bool {
                is_sortable($prefix, text)
            }

            /// Takes an id from the store or from a request.
            #[must_use]
            pub fn new(id: impl Into<String>) -> Self {
                Self(id.into())
            }

            /// The id as it stands in the store, in logs and in bodies.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

stored_ids! {
    /// An organization.
    OrganizationId = "org_";
    /// A team of an organization.
    TeamId = "team_";
    /// A project of a team.
    ProjectId = "proj_";
    /// A person.
    UserId = "user_";
    /// A service account of a team.
    ServiceAccountId = "svc_";
    /// A virtual key; its secrets may change, its id stays.
    KeyId = "key_";
    /// An end user: whom a caller names in `user`.
    EndUserId = "end_";
    /// A tag of requests.
    TagId = "tag_";
    /// A budget that several things share.
    BudgetId = "bud_";
    /// A policy template.
    TemplateId = "tpl_";
    /// A provider's credential.
    CredentialId = "cred_";
    /// An adjustment of spend.
    AdjustmentId = "adj_";
    /// A session of the console.
    SessionId = "sess_";
    /// A link with which somebody makes an account, or sets a password anew.
    InvitationId = "inv_";
    /// Something that somebody is told.
    AlertId = "alert_";
    /// Where alerts go.
    AlertTargetId = "altg_";
    /// An alert on its way to one target.
    DeliveryId = "dlv_";
}

/// The organization that always exists: whoever names none belongs to it.
pub const DEFAULT_ORGANIZATION: &str = "default";

impl OrganizationId {
    /// The organization that always exists.
    #[must_use]
    pub fn default_one() -> Self {
        Self::new(DEFAULT_ORGANIZATION)
    }
}

impl DeploymentId {
    /// Makes the id of a deployment that is added at run time.
    #[must_use]
    pub fn generate() -> Self {
        let now = TimestampMs::now();
        Self(sortable("dep_", now, random_bits(now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_by_its_form() {
        assert!(KeyId::is_one(KeyId::generate().as_str()));
        for text in ["zzz", "key_", "key_01jd", TeamId::generate().as_str()] {
            assert!(!KeyId::is_one(text), "{text}");
        }
    }

    #[test]
    fn later_requests_have_greater_ids() {
        let early = RequestId::new(TimestampMs(1_000), u128::MAX);
        let late = RequestId::new(TimestampMs(1_001), 0);
        assert!(early < late);
        assert_eq!(early.as_str().len(), 30);
        assert!(early.as_str().starts_with("req_"));
    }
}
