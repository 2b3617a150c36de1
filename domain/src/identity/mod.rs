//! People and programs that an identity provider vouches for: its keys, its signed tokens, what they
//! claim, and who of ours is meant.
//!
//! | module | what |
//! |---|---|
//! | [`key_set`] | the public keys of a provider (RFC 7517) |
//! | [`token`] | a signed token (RFC 7519), verified |
//! | [`claims`] | what a verified token says |
//! | [`callers`] | how a token of a caller of models is read |

pub mod callers;
pub mod claims;
pub mod key_set;
pub mod token;

use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, TeamId, UserId};
use crate::permissions::{PlatformRole, Role};
use crate::time::TimestampMs;

/// A person as a provider knows them. `issuer` and `subject` together never change and are never
/// given to somebody else (OpenID Connect Core, 2); an e-mail address may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// Its id of the person.
    pub subject: String,
    /// Our person.
    pub user_id: UserId,
    /// When they came with it for the first time.
    pub created_at: TimestampMs,
    /// When they came with it last.
    pub last_used_at: TimestampMs,
}

/// The same without its times, for data planes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownIdentity {
    /// The provider.
    pub issuer: String,
    /// Its id of the person.
    pub subject: String,
    /// Our person.
    pub user_id: UserId,
}

/// A role that a provider's claim gives, and where it holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProvidedRole {
    /// The organization; none for a role over the platform.
    pub organization_id: Option<OrganizationId>,
    /// The team; none for the organization itself.
    pub team_id: Option<TeamId>,
    /// [`Role`]'s or [`PlatformRole`]'s word.
    pub role: String,
}

impl ProvidedRole {
    /// Over the platform.
    #[must_use]
    pub fn of_platform(role: PlatformRole) -> Self {
        Self {
            organization_id: None,
            team_id: None,
            role: role.as_str().to_owned(),
        }
    }

    /// In an organization or one of its teams.
    #[must_use]
    pub fn within(organization: OrganizationId, team: Option<TeamId>, role: Role) -> Self {
        Self {
            organization_id: Some(organization),
            team_id: team,
            role: role.as_str().to_owned(),
        }
    }

    /// The role over the platform, when it is one.
    #[must_use]
    pub fn platform_role(&self) -> Option<PlatformRole> {
        match &self.organization_id {
            None => PlatformRole::from_word(&self.role),
            Some(_) => None,
        }
    }

    /// The role in an organization or a team, when it is one.
    #[must_use]
    pub fn member_role(&self) -> Option<Role> {
        self.organization_id.as_ref()?;
        Role::from_word(&self.role)
    }
}

/// The keys of a provider as they are kept, for data planes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKeySet {
    /// From where they come.
    pub url: String,
    /// As they came (a JSON Web Key Set).
    pub document: String,
}

#[cfg(test)]
mod tests;
