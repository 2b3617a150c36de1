//! A service account: an owner of keys that is no person.

use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, ServiceAccountId, TeamId};
use crate::stamps::Stamps;

/// A service account of a team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// Ours.
    pub id: ServiceAccountId,
    /// Where its team belongs.
    pub organization_id: OrganizationId,
    /// Its team.
    pub team_id: TeamId,
    /// For people; unique in the team.
    pub name: String,
    /// When and by whom.
    pub stamps: Stamps,
}
