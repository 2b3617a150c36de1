//! A deployment that was added at run time, as it is stored.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::{DeploymentId, OrganizationId};
use crate::sealed::{Place, Sealed};
use crate::stamps::Stamps;

/// An entry of `model_list` in the store. Its shape is the file's, so that both are read alike.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredDeployment {
    /// Ours, or the caller's own `model_info.id`.
    pub id: DeploymentId,
    /// Whose; none for the platform's own, which everybody may use.
    pub organization_id: Option<OrganizationId>,
    /// `model_name`.
    pub model_name: String,
    /// `litellm_params` without its secrets.
    pub params: Map<String, Value>,
    /// A JSON object of the members of `litellm_params` that are secret, encrypted.
    pub sealed_params: Option<Sealed>,
    /// `model_info`.
    pub info: Map<String, Value>,
    /// Whether it takes no requests.
    pub blocked: bool,
    /// When and by whom.
    pub stamps: Stamps,
}

impl StoredDeployment {
    /// Where the secret parameters of the deployment with this id are kept: they open nowhere else.
    #[must_use]
    pub const fn sealed_at(id: &str) -> Place<'_> {
        Place {
            table: "deployments",
            row: id,
            column: "sealed_params",
        }
    }
}
