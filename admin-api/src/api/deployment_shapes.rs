//! A deployment as `/api/v1` takes and shows it.

use domain::routing::Origin;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::acting::{Acting, Permission};
use crate::actions::deployments::{KnownDeployment, Usable, Written};

/// Where deployments were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OriginBody {
    /// In the configuration file: read-only here.
    File,
    /// In the store.
    Store,
}

impl From<Origin> for OriginBody {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::File => Self::File,
            Origin::Store => Self::Store,
        }
    }
}

/// What a deployment is added with: an entry of `model_list`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeploymentWrite {
    /// The name under which callers ask for it; deployments of one name form a group.
    pub model_name: String,
    /// Whose; the platform's own when missing, which everybody may use.
    pub organization_id: Option<String>,
    /// `litellm_params` of the configuration: `model`, `api_base`, `api_key`, …; secrets are kept
    /// encrypted and never shown.
    pub params: Map<String, Value>,
    /// `model_info` of the configuration.
    pub info: Map<String, Value>,
    /// Whether it takes no requests.
    pub blocked: bool,
}

/// What may be changed of a deployment.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeploymentPatch {
    /// The name under which callers ask for it.
    pub model_name: Option<String>,
    /// Parameters over those there are; null removes one.
    pub params: Map<String, Value>,
    /// `model_info` over what there is; null removes a member.
    pub info: Map<String, Value>,
    /// Whether it takes no requests.
    pub blocked: Option<bool>,
}

/// A deployment, without its secrets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeploymentBody {
    /// `dep_…`, your own id, or a hash of the file's entry.
    pub id: String,
    /// Where it was written.
    pub origin: OriginBody,
    /// The name under which callers ask for it.
    pub model_name: String,
    /// Whose; null for the platform's own.
    pub organization_id: Option<String>,
    /// Its parameters; addresses are shown to those who run the platform, secrets to nobody.
    pub params: Map<String, Value>,
    /// Which secrets it has.
    pub secret_members: Vec<String>,
    /// Whether it has a credential of its own.
    pub api_key_set: bool,
    /// `model_info`.
    pub info: Map<String, Value>,
    /// Whether it takes no requests.
    pub blocked: bool,
    /// Why it serves nothing, when the configuration cannot read it (any more).
    pub fault: Option<String>,
    /// When it was made, RFC 3339; null for the file's.
    pub created_at: Option<String>,
    /// By whom.
    pub created_by: Option<String>,
    /// When it was last changed, RFC 3339.
    pub updated_at: Option<String>,
}

/// A deployment as the actor may see it.
pub(super) fn body<P: Permission>(acting: &Acting<P>, known: KnownDeployment) -> DeploymentBody {
    let with_addresses = Usable::shows_addresses(acting);
    let mut params = known.shown_params(with_addresses);
    params.retain(|name, _value| !known.secret_members.contains(name));
    let api_key_set = known.meant().is_some_and(|meant| meant.api_key.is_some());
    DeploymentBody {
        id: known.id.to_string(),
        origin: known.origin.into(),
        model_name: known.model_name,
        organization_id: known.organization_id.map(|id| id.to_string()),
        params,
        secret_members: known.secret_members,
        api_key_set,
        info: known.info,
        blocked: known.blocked,
        fault: match known.meaning {
            Written::Meant(_) => None,
            Written::Nothing(said) => Some(said),
        },
        created_at: known
            .stamps
            .as_ref()
            .map(|stamps| stamps.created_at.to_rfc3339()),
        created_by: known
            .stamps
            .as_ref()
            .map(|stamps| stamps.created_by.clone()),
        updated_at: known
            .stamps
            .as_ref()
            .map(|stamps| stamps.updated_at.to_rfc3339()),
    }
}
