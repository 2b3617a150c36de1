//! Deployments of the store, read as the file's are: the same table of keys, the same meaning.

use domain::credentials::Credential;
use domain::deployments::StoredDeployment;
use domain::keys::Secret;
use domain::routing::Deployment;
use domain::sealed::{KeyRing, Place, Sealed};
use serde_json::{Map, Value, json};

use crate::config::{self, environment::Environment};

/// Reads stored deployments. One that means nothing (any more) is left out and said, so that it
/// cannot take the others with it.
#[must_use]
pub fn read(
    stored: &[StoredDeployment],
    credentials: &[Credential],
    keys: &KeyRing,
    environment: &Environment,
) -> Vec<Deployment> {
    let credentials: Vec<Value> = credentials
        .iter()
        .filter_map(|credential| named(credential, keys))
        .collect();
    stored
        .iter()
        .filter(|deployment| !deployment.blocked)
        .flat_map(|deployment| one(deployment, &credentials, keys, environment))
        .collect()
}

fn named(credential: &Credential, keys: &KeyRing) -> Option<Value> {
    let place = Credential::sealed_at(credential.id.as_str());
    let values = opened(&credential.sealed_values, place, keys, &credential.name)?;
    Some(json!({
        "credential_name": credential.name,
        "credential_values": values,
        "credential_info": credential.info,
    }))
}

fn one(
    stored: &StoredDeployment,
    credentials: &[Value],
    keys: &KeyRing,
    environment: &Environment,
) -> Vec<Deployment> {
    let mut params = stored.params.clone();
    if let Some(sealed) = &stored.sealed_params {
        let place = StoredDeployment::sealed_at(stored.id.as_str());
        let Some(secret) = opened(sealed, place, keys, stored.id.as_str()) else {
            return Vec::new();
        };
        params.extend(secret);
    }
    let mut info = stored.info.clone();
    info.insert("id".to_owned(), stored.id.as_str().into());
    let entry = json!({
        "model_name": stored.model_name,
        "litellm_params": params,
        "model_info": info,
    });
    // JSON is YAML. A text of its own for each: what one cannot mean leaves the others alone.
    let text = json!({"model_list": [entry], "credential_list": credentials}).to_string();
    match config::load(&text, "store", environment) {
        Ok(loaded) => {
            let mut deployments = loaded.config.table.deployments;
            deployments.retain(|deployment| deployment.id == stored.id);
            for deployment in &mut deployments {
                deployment
                    .organization_id
                    .clone_from(&stored.organization_id);
            }
            deployments
        }
        Err(refused) => {
            tracing::warn!("the stored deployment {} is left out: {refused}", stored.id);
            Vec::new()
        }
    }
}

fn opened(
    sealed: &Sealed,
    place: Place<'_>,
    keys: &KeyRing,
    name: &str,
) -> Option<Map<String, Value>> {
    let opened = keys
        .open(sealed, place)
        .map_err(|refused| refused.to_string());
    let read = opened.and_then(|secret: Secret| {
        serde_json::from_str(secret.expose()).map_err(|malformed| malformed.to_string())
    });
    read.map_err(|cause| tracing::warn!("the secrets of {name} cannot be read: {cause}"))
        .ok()
}
