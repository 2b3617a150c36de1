//! What a data plane knows of tenants: grants by key, levels above them, deployments; and the door
//! through which it asks.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::budgets::SharedBudget;
use crate::credentials::Credential;
use crate::deployments::StoredDeployment;
use crate::end_users::EndUser;
use crate::identity::{KnownIdentity, StoredKeySet};
use crate::ids::{KeyId, OrganizationId, ProjectId, ServiceAccountId, TeamId, UserId};
use crate::keys::KeyHash;
use crate::members::Member;
use crate::organizations::Organization;
use crate::policies::Policy;
use crate::projects::Project;
use crate::tags::Tag;
use crate::teams::Team;
use crate::time::TimestampMs;
use crate::users::User;
use crate::virtual_keys::Uses;

/// A number that rises with every change on the admin side.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(pub i64);

/// A key as the data plane holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyGrant {
    /// The key.
    pub id: KeyId,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Its team.
    pub team_id: Option<TeamId>,
    /// Its project.
    pub project_id: Option<ProjectId>,
    /// Its owner, when that is a person.
    pub user_id: Option<UserId>,
    /// Its owner, when that is no person.
    pub service_account_id: Option<ServiceAccountId>,
    /// For people.
    pub alias: Option<String>,
    /// `development`, `production`, …
    pub environment: Option<String>,
    /// What it allows.
    pub policy: Arc<Policy>,
    /// When it ends.
    pub expires_at: Option<TimestampMs>,
    /// Whether it is refused.
    pub blocked: bool,
    /// When it was made: the anchor of its fixed windows.
    pub created_at: TimestampMs,
    /// Its live secrets, each with its end.
    pub secrets: Vec<(KeyHash, Option<TimestampMs>)>,
}

/// Everything, as of one revision.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Snapshot {
    /// As of when.
    pub revision: Revision,
    /// The levels above keys, whole: they are few.
    pub levels: Levels,
    /// All keys; when there are more than a data plane holds, those that are revoked.
    pub keys: Vec<KeyGrant>,
    /// Whether `keys` has all of them.
    pub complete: bool,
}

/// What stands above keys, and the routing table's stored part.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Levels {
    /// All organizations.
    pub organizations: Vec<Organization>,
    /// All teams.
    pub teams: Vec<Team>,
    /// All projects.
    pub projects: Vec<Project>,
    /// All people.
    pub users: Vec<User>,
    /// All memberships.
    pub members: Vec<Member>,
    /// End users that have rules of their own.
    pub end_users: Vec<EndUser>,
    /// Tags that have rules of their own.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// Shared budgets, which policies point to.
    #[serde(default)]
    pub budgets: Vec<SharedBudget>,
    /// People as identity providers know them.
    #[serde(default)]
    pub identities: Vec<KnownIdentity>,
    /// The keys of identity providers whose tokens callers bring.
    #[serde(default)]
    pub key_sets: Vec<StoredKeySet>,
    /// Deployments that were added at run time.
    pub deployments: Vec<StoredDeployment>,
    /// Credentials that deployments point to, encrypted.
    pub credentials: Vec<Credential>,
}

/// What has changed since a revision.
#[derive(Clone, Default)]
pub struct Delta {
    /// As of when.
    pub revision: Revision,
    /// The levels, when any of them changed.
    pub levels: Option<Levels>,
    /// Keys that changed; none for those that are gone.
    pub keys: Vec<(KeyId, Option<KeyGrant>)>,
}

/// The store does not answer.
#[derive(Clone, Debug, Error)]
#[error("the store does not answer: {0}")]
pub struct Unavailable(pub String);

/// A future answer of the directory.
pub type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, Unavailable>> + Send + 'a>>;

/// Where a data plane asks for tenants and keys. The store implements it; the data plane, which
/// never sees a database, uses it.
pub trait Directory: Send + Sync {
    /// The present revision.
    fn revision(&self) -> Asked<'_, Revision>;

    /// Everything, with at most `most_keys` keys.
    fn snapshot(&self, most_keys: usize) -> Asked<'_, Snapshot>;

    /// What changed after a revision; none when that is too long ago, and everything has to be
    /// read anew.
    fn changes(&self, since: Revision) -> Asked<'_, Option<Delta>>;

    /// The key that has this secret, blocked and expired ones included.
    fn key(&self, hash: KeyHash) -> Asked<'_, Option<KeyGrant>>;

    /// Asks that the keys of an identity provider are fetched anew: a token named one that is not
    /// among them. They come with a change.
    fn want_keys(&self, url: String) -> Asked<'_, ()>;

    /// Adds to the use counts of secrets.
    fn record_uses(&self, uses: Uses) -> Asked<'_, ()>;
}
