//! A shared budget: limits under a name, which keys, people and teams point to.

use serde::{Deserialize, Serialize};

use crate::ids::{BudgetId, OrganizationId};
use crate::policies::Policy;
use crate::stamps::Stamps;

/// A budget that several things share by its id (LiteLLM's `/budget/new`). Each thing that points
/// to it has these limits for itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharedBudget {
    /// Ours.
    pub id: BudgetId,
    /// Whose.
    pub organization_id: OrganizationId,
    /// The id that a caller of LiteLLM's routes chose; found by either.
    pub external_id: Option<String>,
    /// Its money, rates and models.
    pub policy: Policy,
    /// When and by whom.
    pub stamps: Stamps,
}
