//! An organization: the top of the tree; owns teams, people's roles and a budget.

use serde::{Deserialize, Serialize};

use crate::ids::OrganizationId;
use crate::policies::Policy;
use crate::stamps::Stamps;

/// An organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Organization {
    /// Ours.
    pub id: OrganizationId,
    /// The id that a caller of LiteLLM's routes chose; found by either.
    pub external_id: Option<String>,
    /// For people.
    pub name: String,
    /// The IANA name of the zone whose calendar its windows follow; `UTC` unless set.
    pub time_zone: String,
    /// What it allows.
    pub policy: Policy,
    /// Whether all its keys are refused.
    pub blocked: bool,
    /// When and by whom.
    pub stamps: Stamps,
}
