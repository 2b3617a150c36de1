//! A project: keys of a team that pay together.

use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, ProjectId, TeamId};
use crate::policies::Policy;
use crate::stamps::Stamps;

/// A project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Project {
    /// Ours.
    pub id: ProjectId,
    /// Where its team belongs.
    pub organization_id: OrganizationId,
    /// Where it belongs.
    pub team_id: TeamId,
    /// For people.
    pub name: String,
    /// What it allows.
    pub policy: Policy,
    /// Whether all its keys are refused.
    pub blocked: bool,
    /// When and by whom.
    pub stamps: Stamps,
}
