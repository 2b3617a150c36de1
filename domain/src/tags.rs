//! A tag: a word on requests, and a scope for budgets.

use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, TagId};
use crate::policies::Policy;
use crate::stamps::Stamps;

/// A tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// Ours.
    pub id: TagId,
    /// Whose.
    pub organization_id: OrganizationId,
    /// The word; unique in the organization.
    pub name: String,
    /// For people.
    pub description: Option<String>,
    /// What requests with it may do.
    pub policy: Policy,
    /// When and by whom.
    pub stamps: Stamps,
}
