//! A member: a person in an organization or a team, with a role.

use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, TeamId, UserId};
use crate::permissions::Role;
use crate::policies::Policy;
use crate::stamps::Stamps;

/// A person's place in an organization (`team_id` is none) or in one of its teams.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Where.
    pub organization_id: OrganizationId,
    /// In which team; none for the organization itself.
    pub team_id: Option<TeamId>,
    /// Who.
    pub user_id: UserId,
    /// As what.
    pub role: Role,
    /// What this person may spend here, over the team's `member_policy`.
    pub policy: Policy,
    /// When and by whom.
    pub stamps: Stamps,
}
