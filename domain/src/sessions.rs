//! A session: a browser in which a person is signed in to the console.

use crate::ids::{SessionId, UserId};
use crate::permissions::PlatformRole;
use crate::time::TimestampMs;

/// A session. Its secrets are in the browser alone; here are their digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Ours; safe to show.
    pub id: SessionId,
    /// SHA-256 of the cookie, in hexadecimal digits.
    pub hash: String,
    /// Who is signed in; none is the operator, with the master key.
    pub user_id: Option<UserId>,
    /// SHA-256 of the token that forms carry, in hexadecimal digits.
    pub csrf_hash: String,
    /// From where the person signed in.
    pub address: Option<String>,
    /// With which browser, as it calls itself.
    pub user_agent: Option<String>,
    /// When the person signed in.
    pub created_at: TimestampMs,
    /// When the session was last used.
    pub last_seen_at: TimestampMs,
    /// When it ends, used or not.
    pub expires_at: TimestampMs,
    /// The person's role over the platform at that time: with another one they sign in anew.
    pub platform_role: Option<PlatformRole>,
}

impl Session {
    /// Whether it has not ended, and has been used within the last `idle_ms`.
    #[must_use]
    pub const fn is_live(&self, now: TimestampMs, idle_ms: u64) -> bool {
        now.0 < self.expires_at.0 && now.0.saturating_sub(self.last_seen_at.0) < idle_ms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_at_its_end_or_when_it_is_left_alone() {
        let session = Session {
            id: SessionId::generate(),
            hash: String::new(),
            user_id: Some(UserId::generate()),
            csrf_hash: String::new(),
            address: None,
            user_agent: None,
            created_at: TimestampMs(0),
            last_seen_at: TimestampMs(900),
            expires_at: TimestampMs(1_000),
            platform_role: None,
        };
        assert!(session.is_live(TimestampMs(999), 100));
        assert!(!session.is_live(TimestampMs(999), 99));
        assert!(!session.is_live(TimestampMs(1_000), 5_000));
    }
}
