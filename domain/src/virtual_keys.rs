//! A virtual key: what is kept of a key that callers send. The key itself is not among it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{KeyId, OrganizationId, ProjectId, ServiceAccountId, TeamId, UserId};
use crate::keys::KeyHash;
use crate::policies::Policy;
use crate::stamps::Stamps;
use crate::time::TimestampMs;

/// A virtual key. It keeps its id, its owner and its budget when its secret is rotated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VirtualKey {
    /// Ours.
    pub id: KeyId,
    /// Where it belongs.
    pub organization_id: OrganizationId,
    /// Its team.
    pub team_id: Option<TeamId>,
    /// Its project.
    pub project_id: Option<ProjectId>,
    /// The person who owns it.
    pub user_id: Option<UserId>,
    /// The service account that owns it.
    pub service_account_id: Option<ServiceAccountId>,
    /// For people; unique in the organization.
    pub alias: Option<String>,
    /// `development`, `staging`, `production`, or the team's own word.
    pub environment: Option<String>,
    /// The hash of its newest secret: what LiteLLM calls `token`.
    pub hash: KeyHash,
    /// The last four characters of its newest secret.
    pub last_four: String,
    /// What it allows.
    pub policy: Policy,
    /// When it ends.
    pub expires_at: Option<TimestampMs>,
    /// Whether it is refused.
    pub blocked: bool,
    /// When and by whom.
    pub stamps: Stamps,
}

/// One secret of a key. A key has one; while it is rotated, two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeySecret {
    /// The key.
    pub key_id: KeyId,
    /// The secret's hash.
    pub hash: KeyHash,
    /// Its last four characters.
    pub last_four: String,
    /// When it was made.
    pub created_at: TimestampMs,
    /// When it ends: the end of the grace period of a secret that was replaced.
    pub ends_at: Option<TimestampMs>,
    /// How many requests came with it.
    pub uses: u64,
    /// When the last one came.
    pub last_used_at: Option<TimestampMs>,
}

/// How often secrets were used since this was last told, by hash: count, and the last time.
pub type Uses = BTreeMap<KeyHash, (u64, TimestampMs)>;
