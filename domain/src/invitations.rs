//! An invitation: a link, good once, with which somebody makes an account or sets a password anew.

use serde::{Deserialize, Serialize};

use crate::ids::{InvitationId, OrganizationId, TeamId, UserId};
use crate::permissions::{PlatformRole, Role};
use crate::stamps::Stamps;
use crate::time::TimestampMs;

/// How long an invitation is good: seven days, as LiteLLM's are.
pub const INVITATION_LIFETIME_MS: u64 = 7 * 86_400_000;

/// How long a link for a new password is good: one day.
pub const PASSWORD_LIFETIME_MS: u64 = 86_400_000;

/// What the link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvitationPurpose {
    /// Brings somebody in, with a role.
    Invitation,
    /// Lets somebody who is in set a password.
    Password,
}

impl InvitationPurpose {
    /// The word in the store and in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Password => "password",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "invitation" => Some(Self::Invitation),
            "password" => Some(Self::Password),
            _ => None,
        }
    }
}

/// A link that was handed out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// Ours; safe to show.
    pub id: InvitationId,
    /// SHA-256 of the link's token, in hexadecimal digits.
    pub hash: String,
    /// What it does.
    pub purpose: InvitationPurpose,
    /// Whom it is for; in lower case.
    pub email: Option<String>,
    /// The person, where there is one already.
    pub user_id: Option<UserId>,
    /// Where the role is.
    pub organization_id: Option<OrganizationId>,
    /// In which team; none for the organization itself.
    pub team_id: Option<TeamId>,
    /// As what.
    pub role: Option<Role>,
    /// A role over the platform.
    pub platform_role: Option<PlatformRole>,
    /// When it ends.
    pub expires_at: TimestampMs,
    /// When it was used.
    pub accepted_at: Option<TimestampMs>,
    /// When it was taken back.
    pub revoked_at: Option<TimestampMs>,
    /// When and by whom.
    pub stamps: Stamps,
}

/// How an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvitationState {
    /// It may be used.
    Open,
    /// It has been used.
    Accepted,
    /// Somebody took it back.
    Revoked,
    /// Its time is over.
    Expired,
}

impl InvitationState {
    /// The word in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

impl Invitation {
    /// How it stands at `now`.
    #[must_use]
    pub fn state(&self, now: TimestampMs) -> InvitationState {
        match (self.accepted_at, self.revoked_at) {
            (Some(_), _) => InvitationState::Accepted,
            (None, Some(_)) => InvitationState::Revoked,
            (None, None) if self.expires_at <= now => InvitationState::Expired,
            (None, None) => InvitationState::Open,
        }
    }
}
