//! A policy template: what new keys of an environment get, and the most they may have.

use serde::{Deserialize, Serialize};

use crate::ids::{OrganizationId, TemplateId};
use crate::policies::Policy;
use crate::stamps::Stamps;

/// A template of an organization for the keys of one environment, or of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Template {
    /// Ours.
    pub id: TemplateId,
    /// Whose keys it is for.
    pub organization_id: OrganizationId,
    /// Keys of this environment; none means of every one that has no template of its own.
    pub environment: Option<String>,
    /// For people.
    pub name: String,
    /// What a new key gets where its maker says nothing.
    pub defaults: Policy,
    /// The expiry of a new key whose maker says nothing (`90d`).
    pub default_lifetime: Option<String>,
    /// The most that a maker may ask for: more is refused.
    pub caps: Policy,
    /// The longest life that a maker may ask for (`90d`).
    pub longest_lifetime: Option<String>,
    /// When and by whom.
    pub stamps: Stamps,
}
