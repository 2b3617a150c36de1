//! Deployments of the store, read as the file's are: the same table of keys, the same meaning.

use admin_api::settings::OpenDeployment;
use domain::credentials::Credential;
use domain::deployments::StoredDeployment;
use domain::keys::Secret;
use domain::routing::{Deployment, Origin};
use domain::sealed::{KeyRing, Place, Sealed};
use serde_json::{Map, Value, json};

use crate::config;
use crate::config::environment::Environment;
use crate::config::report::{Finding, Report, Severity};

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
    match written(stored, &params, credentials, environment) {
        Ok(deployments) => deployments,
        Err(refused) => {
            tracing::warn!("the stored deployment {} is left out: {refused}", stored.id);
            Vec::new()
        }
    }
}

/// Reads one deployment before or after it is stored: its parameters in the clear, and the
/// credential that it names.
///
/// # Errors
/// With the words of the file's reader, when it means nothing.
pub fn read_open(
    open: &OpenDeployment,
    environment: &Environment,
) -> Result<Vec<Deployment>, String> {
    let OpenDeployment {
        stored,
        params,
        credential,
    } = open;
    let credentials: Vec<Value> = credential
        .iter()
        .map(|(name, values)| json!({"credential_name": name, "credential_values": values}))
        .collect();
    written(stored, params, &credentials, environment)
}

/// An entry of `model_list` to what it means.
fn written(
    stored: &StoredDeployment,
    params: &Map<String, Value>,
    credentials: &[Value],
    environment: &Environment,
) -> Result<Vec<Deployment>, String> {
    let mut info = stored.info.clone();
    info.insert("id".to_owned(), stored.id.as_str().into());
    let entry = json!({
        "model_name": stored.model_name,
        "litellm_params": params,
        "model_info": info,
    });
    // JSON is YAML. A text of its own for each: what one cannot mean leaves the others alone.
    let text = json!({"model_list": [entry], "credential_list": credentials}).to_string();
    let (loaded, report) = match config::load(&text, "store", environment) {
        Ok(loaded) => (Some(loaded.config), loaded.report),
        Err(refused) => (None, refused.report),
    };
    let mut deployments = loaded
        .map(|config| config.table.deployments)
        .unwrap_or_default();
    deployments.retain(|deployment| deployment.id == stored.id);
    for deployment in &mut deployments {
        deployment
            .organization_id
            .clone_from(&stored.organization_id);
        deployment.origin = Origin::Store;
    }
    if deployments.is_empty() {
        return Err(said(&report));
    }
    Ok(deployments)
}

/// What is the matter, without the places: nobody has seen the text they are in.
fn said(report: &Report) -> String {
    let is_about_it = |finding: &&Finding| {
        finding.severity == Severity::Fault || finding.code == "unknown-provider"
    };
    let one = |finding: &Finding| match &finding.hint {
        Some(hint) => format!("{}; {hint}", finding.message),
        None => finding.message.clone(),
    };
    let all: Vec<String> = report
        .findings
        .iter()
        .filter(is_about_it)
        .map(one)
        .collect();
    if all.is_empty() {
        return "it names no deployment; write litellm_params.model as provider/model".to_owned();
    }
    all.join(". ")
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
