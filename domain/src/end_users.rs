//! An end user: whom a caller serves, named in the request's `user`; a scope for budgets.

use serde::{Deserialize, Serialize};

use crate::ids::{EndUserId, OrganizationId};
use crate::policies::Policy;
use crate::stamps::Stamps;

/// An end user (LiteLLM: customer).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndUser {
    /// Ours.
    pub id: EndUserId,
    /// Whose.
    pub organization_id: OrganizationId,
    /// The name that requests give them; unique in the organization.
    pub external_id: String,
    /// For people.
    pub name: Option<String>,
    /// What they may do.
    pub policy: Policy,
    /// Whether their requests are refused.
    pub blocked: bool,
    /// When and by whom.
    pub stamps: Stamps,
}
