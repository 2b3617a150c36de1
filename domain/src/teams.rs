//! A team: people and keys of an organization that pay together.

use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, TeamId};
use crate::policies::Policy;
use crate::stamps::Stamps;

/// A team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Team {
    /// Ours.
    pub id: TeamId,
    /// Where it belongs.
    pub organization_id: OrganizationId,
    /// The id that a caller of LiteLLM's routes chose; found by either.
    pub external_id: Option<String>,
    /// For people.
    pub name: String,
    /// What it allows.
    pub policy: Policy,
    /// What each of its members gets who has nothing of their own (`team_member_budget` and its like).
    pub member_policy: Policy,
    /// Whether all its keys are refused.
    pub blocked: bool,
    /// When and by whom.
    pub stamps: Stamps,
}
