//! A key as `/api/v1` takes and shows it.

use domain::time::TimestampMs;
use domain::virtual_keys::{KeySecret, VirtualKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::actions::keys::{AskedOwner, Details, KeyChange, MadeKey};
use crate::api::policy::PolicyBody;
use crate::error::ActionError;
use crate::fields::Given;

/// With what a key is made.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeyCreate {
    /// For people; unique in the organization.
    pub alias: Option<String>,
    /// `development`, `staging`, `production`, or your own word.
    pub environment: Option<String>,
    /// Its organization, when it has no team.
    pub organization_id: Option<String>,
    /// Its team.
    pub team_id: Option<String>,
    /// Its project.
    pub project_id: Option<String>,
    /// The person who owns it.
    pub user_id: Option<String>,
    /// The service account that owns it.
    pub service_account_id: Option<String>,
    /// What it allows. Without `allowed_routes` it is for models only (`llm_api_routes`).
    pub policy: PolicyBody,
    /// When it ends: `30d`, `1mo`, a date, `never`; the template's when missing.
    pub expires: Option<String>,
    /// Whether it is refused until it is unblocked.
    pub blocked: bool,
    /// The key itself, when you have one: `sk-` and 16 to 256 characters in all.
    pub key: Option<String>,
}

/// What may be changed of a key.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeyWrite {
    /// For people; unique in the organization.
    pub alias: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// Its organization, when it has no team.
    pub organization_id: Option<String>,
    /// Its team.
    pub team_id: Option<String>,
    /// Its project.
    pub project_id: Option<String>,
    /// The person who owns it.
    pub user_id: Option<String>,
    /// The service account that owns it.
    pub service_account_id: Option<String>,
    /// What it allows.
    pub policy: PolicyBody,
    /// When it ends: `30d` from now, a date; null is never.
    pub expires: Option<String>,
    /// Whether it is refused.
    pub blocked: bool,
}

impl KeyWrite {
    /// A key as it is, for a merge patch.
    #[must_use]
    pub fn of(change: &KeyChange, expires: Option<String>) -> Self {
        let owner = change.owner.clone();
        Self {
            alias: change.alias.clone(),
            environment: change.environment.clone(),
            organization_id: owner.organization_id,
            team_id: owner.team_id,
            project_id: owner.project_id,
            user_id: owner.user_id,
            service_account_id: owner.service_account_id,
            policy: PolicyBody::from(&change.policy),
            expires,
            blocked: change.blocked,
        }
    }

    /// Makes of a change what is written here; `expires` is what it was.
    ///
    /// # Errors
    /// [`ActionError::Invalid`], which names the member.
    pub fn put_into(
        self,
        change: &mut KeyChange,
        expires: Option<&str>,
    ) -> Result<(), ActionError> {
        if self.expires.as_deref() != expires {
            change.lifetime = self.expires.map_or(Given::Null, Given::Value);
        }
        change.owner = AskedOwner {
            organization_id: self.organization_id,
            team_id: self.team_id,
            project_id: self.project_id,
            user_id: self.user_id,
            service_account_id: self.service_account_id,
        };
        change.policy = self.policy.read(&change.policy)?;
        change.alias = self.alias;
        change.environment = self.environment;
        change.blocked = self.blocked;
        Ok(())
    }
}

/// Whether a key works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// It does.
    Active,
    /// It has ended.
    Expired,
    /// It is refused.
    Blocked,
}

impl KeyStatus {
    /// At this time.
    #[must_use]
    pub fn at(key: &VirtualKey, now: TimestampMs) -> Self {
        if key.blocked {
            Self::Blocked
        } else if key.expires_at.is_some_and(|end| end <= now) {
            Self::Expired
        } else {
            Self::Active
        }
    }

    /// The word in bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
        }
    }
}

/// A key; never the key itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct KeyBody {
    /// `key_…`.
    pub id: String,
    /// SHA-256 of its newest secret, hexadecimal.
    pub hash: String,
    /// Its newest secret as people tell it: `sk-...abcd`.
    pub name: String,
    /// Its alias.
    pub alias: Option<String>,
    /// Its environment.
    pub environment: Option<String>,
    /// Its organization.
    pub organization_id: String,
    /// Its team.
    pub team_id: Option<String>,
    /// Its project.
    pub project_id: Option<String>,
    /// The person who owns it.
    pub user_id: Option<String>,
    /// The service account that owns it.
    pub service_account_id: Option<String>,
    /// What it allows.
    pub policy: PolicyBody,
    /// When it ends, RFC 3339; null is never.
    pub expires_at: Option<String>,
    /// Whether it works.
    pub status: KeyStatus,
    /// Whether it is refused.
    pub blocked: bool,
    /// What it has spent in the present window of its main budget (from the beginning when that has
    /// none), decimal dollars.
    pub spend_usd: String,
    /// The secrets that work, the newest first: two while it is rotated. Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secrets: Option<Vec<SecretBody>>,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
    /// By whom.
    pub updated_by: String,
}

/// One secret of a key; never the secret itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SecretBody {
    /// Its last four characters.
    pub last_four: String,
    /// SHA-256 of it, hexadecimal.
    pub hash: String,
    /// Since when it works, RFC 3339.
    pub since: String,
    /// Until when: the end of its grace period; null for the newest.
    pub until: Option<String>,
    /// How many requests came with it.
    pub uses: u64,
    /// When the last of them came.
    pub last_used_at: Option<String>,
}

/// A key with its secret: shown this once.
#[derive(Serialize, JsonSchema)]
pub struct KeyMade {
    /// What callers send. Keep it: it is not shown again.
    pub key: String,
    /// What is known of it from now on.
    pub details: KeyBody,
}

impl From<Details> for KeyBody {
    fn from(details: Details) -> Self {
        let Details {
            key,
            secrets,
            present,
        } = details;
        Self {
            id: key.id.to_string(),
            hash: key.hash.to_string(),
            name: format!("sk-...{}", key.last_four),
            status: KeyStatus::at(&key, TimestampMs::now()),
            alias: key.alias,
            environment: key.environment,
            organization_id: key.organization_id.to_string(),
            team_id: key.team_id.map(|id| id.to_string()),
            project_id: key.project_id.map(|id| id.to_string()),
            user_id: key.user_id.map(|id| id.to_string()),
            service_account_id: key.service_account_id.map(|id| id.to_string()),
            policy: PolicyBody::from(&key.policy),
            expires_at: key.expires_at.map(TimestampMs::to_rfc3339),
            blocked: key.blocked,
            spend_usd: present.spend.to_string(),
            secrets: Some(secrets.into_iter().map(SecretBody::from).collect()),
            created_at: key.stamps.created_at.to_rfc3339(),
            created_by: key.stamps.created_by,
            updated_at: key.stamps.updated_at.to_rfc3339(),
            updated_by: key.stamps.updated_by,
        }
    }
}

impl From<KeySecret> for SecretBody {
    fn from(secret: KeySecret) -> Self {
        Self {
            last_four: secret.last_four,
            hash: secret.hash.to_string(),
            since: secret.created_at.to_rfc3339(),
            until: secret.ends_at.map(TimestampMs::to_rfc3339),
            uses: secret.uses,
            last_used_at: secret.last_used_at.map(TimestampMs::to_rfc3339),
        }
    }
}

impl KeyMade {
    /// Shows a key this once.
    #[must_use]
    pub fn of(made: MadeKey, details: Details) -> Self {
        Self {
            key: made.plain.expose().to_owned(),
            details: KeyBody::from(details),
        }
    }
}
