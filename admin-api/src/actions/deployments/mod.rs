//! Deployments: those of the file shown, those of the store made, changed, blocked, removed.

mod find;
mod known;
mod usable;
mod write;

pub use self::find::{Listing, all, find, list};
pub use self::known::{KnownDeployment, Written};
pub use self::usable::Usable;
pub use self::write::{
    DeploymentChange, NewDeployment, create, delete, draft, set_blocked, to_change, update,
};

use domain::deployments::StoredDeployment;
use domain::routing::Deployment;
use serde_json::{Map, Value};

use crate::acting::{Acting, Permission};
use crate::actions::{credentials, sealing};
use crate::error::ActionError;
use crate::settings::OpenDeployment;

/// The secret members of a deployment's parameters.
fn secrets_of<P: Permission>(
    acting: &Acting<P>,
    stored: &StoredDeployment,
) -> Result<Map<String, Value>, ActionError> {
    let Some(sealed) = &stored.sealed_params else {
        return Ok(Map::new());
    };
    let place = StoredDeployment::sealed_at(stored.id.as_str());
    sealing::open(&acting.api().settings.encryption, sealed, place)
}

/// What a deployment means with these secrets; the inner error is the configuration's words for
/// one that means nothing.
async fn meaning<P: Permission>(
    acting: &Acting<P>,
    stored: &StoredDeployment,
    secrets: Map<String, Value>,
) -> Result<Result<Vec<Deployment>, String>, ActionError> {
    let mut params = stored.params.clone();
    params.extend(secrets);
    let named = params
        .get("litellm_credential_name")
        .and_then(Value::as_str);
    let credential = match named {
        None => None,
        Some(name) => match acting.store().credential(name).await? {
            Some(found) => {
                let values = credentials::opened(acting, &found)?;
                Some((found.name, values))
            }
            None => return Ok(Err(format!("there is no credential `{name}`"))),
        },
    };
    let open = OpenDeployment {
        stored: stored.clone(),
        params,
        credential,
    };
    Ok((acting.api().settings.read_deployment)(&open))
}

/// A deployment of the file with this id.
fn in_the_file<P: Permission>(acting: &Acting<P>, id: &str) -> Option<Deployment> {
    let file = acting.api().settings.file.load();
    let deployments = &file.table.deployments;
    deployments
        .iter()
        .find(|one| one.id.as_str() == id)
        .cloned()
}
