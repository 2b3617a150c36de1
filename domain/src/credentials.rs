//! A provider's credential, kept encrypted.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::ids::{CredentialId, OrganizationId};
use crate::sealed::{Place, Sealed};
use crate::stamps::Stamps;

/// A named credential that deployments point to (`litellm_credential_name`).
#[derive(Clone, Serialize, Deserialize)]
pub struct Credential {
    /// Ours.
    pub id: CredentialId,
    /// Whose; none for the platform's own.
    pub organization_id: Option<OrganizationId>,
    /// Unique on the platform.
    pub name: String,
    /// What everybody may see (`credential_info`: provider, description).
    pub info: Map<String, Value>,
    /// A JSON object of secrets (`credential_values`: `api_key`, `api_base`, …), encrypted.
    pub sealed_values: Sealed,
    /// When and by whom.
    pub stamps: Stamps,
}

impl Credential {
    /// Where the values of the credential with this id are kept: they open nowhere else.
    #[must_use]
    pub const fn sealed_at(id: &str) -> Place<'_> {
        Place {
            table: "credentials",
            row: id,
            column: "sealed_values",
        }
    }
}
