//! Deployments of the store, written: read by the configuration's rules first, secrets apart.

use domain::deployments::StoredDeployment;
use domain::ids::{DeploymentId, OrganizationId};
use domain::stamps::Stamps;
use serde_json::{Map, Value, json};
use store::{Event, Transaction};

use super::find::known;
use super::known::KnownDeployment;
use super::{in_the_file, meaning, secrets_of};
use crate::acting::{Acting, may};
use crate::actions::chosen_ids::chosen;
use crate::actions::{addresses, sealing};
use crate::error::ActionError;

type Writing = Acting<may::WriteDeployments>;

/// What a deployment may be made with.
#[derive(Clone, Debug, Default)]
pub struct NewDeployment {
    /// Whose; the platform's own when missing.
    pub organization_id: Option<String>,
    /// `model_name`.
    pub model_name: String,
    /// `litellm_params`, secrets among them.
    pub params: Map<String, Value>,
    /// `model_info`; its `id` becomes the deployment's.
    pub info: Map<String, Value>,
    /// Whether it takes no requests.
    pub blocked: bool,
}

/// What a change may touch.
pub struct DeploymentChange {
    /// `model_name`.
    pub model_name: String,
    /// `litellm_params` with its secrets in the clear.
    pub params: Map<String, Value>,
    /// `model_info`.
    pub info: Map<String, Value>,
    /// Whether it takes no requests.
    pub blocked: bool,
}

/// What an audit entry says: the store makes one digest of all that is secret.
fn recorded(stored: &StoredDeployment, secrets: &Map<String, Value>) -> Value {
    json!({
        "id": stored.id,
        "organization_id": stored.organization_id,
        "model_name": stored.model_name,
        "params": stored.params,
        "secret_members": secrets.keys().collect::<Vec<_>>(),
        "credentials": sealing::sorted(secrets),
        "info": stored.info,
        "blocked": stored.blocked,
        "stamps": stored.stamps,
    })
}

fn event(action: &'static str, stored: &StoredDeployment) -> Event {
    Event {
        action,
        object_kind: "deployment",
        object_id: stored.id.to_string(),
        organization_id: stored.organization_id.as_ref().map(ToString::to_string),
        ..Event::default()
    }
}

/// Refuses what the gateway could not serve, or may not call.
async fn checked(
    acting: &Writing,
    stored: &StoredDeployment,
    secrets: &Map<String, Value>,
) -> Result<(), ActionError> {
    let team = stored.info.get("team_id").and_then(Value::as_str);
    if team.is_some_and(|team| !team.is_empty()) {
        return Err(ActionError::invalid(
            "model_info.team_id",
            "A deployment belongs to the platform or to an organization. Leave `team_id` out, and \
             name the model in the `models` of the team that may use it.",
        ));
    }
    let meant = meaning(acting, stored, secrets.clone()).await?;
    let meant = meant.map_err(|said| ActionError::invalid("litellm_params", said))?;
    for address in meant.iter().filter_map(|one| one.base_url.as_deref()) {
        addresses::checked("api_base", address)?;
    }
    Ok(())
}

/// Puts the secrets apart and seals them.
fn sealed(
    acting: &Writing,
    stored: &mut StoredDeployment,
    params: Map<String, Value>,
) -> Result<Map<String, Value>, ActionError> {
    let (open, secrets) = sealing::split(params);
    stored.params = open;
    let place = StoredDeployment::sealed_at(stored.id.as_str());
    let keys = &acting.api().settings.encryption;
    stored.sealed_params = match secrets.is_empty() {
        true => None,
        false => Some(sealing::seal(keys, &secrets, place)?),
    };
    Ok(secrets)
}

/// Members of `model_info` that answers add, and that are not kept when they come back.
fn without_computed(mut info: Map<String, Value>) -> Map<String, Value> {
    for name in [
        "id",
        "db_model",
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
        "key",
    ] {
        info.remove(name);
    }
    info.retain(|_name, value| !value.is_null());
    info
}

/// Adds a deployment; data planes serve it within a second.
///
/// # Errors
/// When its id is taken, the configuration's reader refuses it, or its address may not be called.
pub async fn create(acting: &Writing, new: NewDeployment) -> Result<KnownDeployment, ActionError> {
    let (stored, secrets) = made(acting, new).await?;
    let mut writing = acting.store().begin().await?;
    writing.insert_deployment(&stored).await?;
    let made = Event {
        after: Some(recorded(&stored, &secrets)),
        ..event("deployment.create", &stored)
    };
    writing.commit(&acting.actor, made).await?;
    known(acting, stored).await
}

/// A deployment as [`create`] would make it, to try it; nothing is written.
///
/// # Errors
/// As [`create`].
pub async fn draft(acting: &Writing, new: NewDeployment) -> Result<KnownDeployment, ActionError> {
    let (stored, _secrets) = made(acting, new).await?;
    known(acting, stored).await
}

async fn made(
    acting: &Writing,
    new: NewDeployment,
) -> Result<(StoredDeployment, Map<String, Value>), ActionError> {
    let asked = new.info.get("id").and_then(Value::as_str);
    let id = match asked.filter(|id| !id.is_empty()) {
        Some(id) => DeploymentId::new(chosen("model_info.id", id.to_owned())?),
        None => DeploymentId::generate(),
    };
    if in_the_file(acting, id.as_str()).is_some() {
        return Err(read_only(id.as_str()));
    }
    let mut stored = StoredDeployment {
        id,
        organization_id: organization(acting, new.organization_id).await?,
        model_name: new.model_name,
        params: Map::new(),
        sealed_params: None,
        info: without_computed(new.info),
        blocked: new.blocked,
        stamps: Stamps::now(&acting.actor.id()),
    };
    let mut params = Map::new();
    sealing::overlay(&mut params, new.params);
    let secrets = sealed(acting, &mut stored, params)?;
    checked(acting, &stored, &secrets).await?;
    Ok((stored, secrets))
}

async fn organization(
    acting: &Writing,
    asked: Option<String>,
) -> Result<Option<OrganizationId>, ActionError> {
    let Some(asked) = asked else { return Ok(None) };
    let found = acting.store().organization(&asked).await?;
    match found {
        Some(organization) => Ok(Some(organization.id)),
        None => Err(ActionError::not_found("Organization", asked)),
    }
}

fn read_only(id: &str) -> ActionError {
    ActionError::Conflict {
        field: "id",
        message: format!(
            "The deployment `{id}` is in the configuration file: change it there, and reload."
        ),
    }
}

/// A deployment of the store, to change it.
///
/// # Errors
/// When there is none, or it is the file's.
pub async fn to_change(acting: &Writing, id: &str) -> Result<StoredDeployment, ActionError> {
    writable(acting, id).await
}

async fn writable(acting: &Writing, id: &str) -> Result<StoredDeployment, ActionError> {
    if in_the_file(acting, id).is_some() {
        return Err(read_only(id));
    }
    let found = acting.store().stored_deployment(id).await?;
    found.ok_or_else(|| ActionError::not_found("Deployment", id))
}

/// Changes a deployment by what `change` makes of it.
///
/// # Errors
/// As [`create`]; when there is none, or it is the file's.
pub async fn update(
    acting: &Writing,
    id: &str,
    change: impl FnOnce(&mut DeploymentChange) -> Result<(), ActionError>,
) -> Result<KnownDeployment, ActionError> {
    let before = writable(acting, id).await?;
    let old = secrets_of(acting, &before)?;
    let mut params = before.params.clone();
    params.extend(old.clone());
    let mut changed = DeploymentChange {
        model_name: before.model_name.clone(),
        params,
        info: before.info.clone(),
        blocked: before.blocked,
    };
    change(&mut changed)?;
    let mut stored = StoredDeployment {
        model_name: changed.model_name,
        info: without_computed(changed.info),
        blocked: changed.blocked,
        stamps: before.stamps.changed(&acting.actor.id()),
        ..before.clone()
    };
    let secrets = sealed(acting, &mut stored, changed.params)?;
    checked(acting, &stored, &secrets).await?;
    let noted = Event {
        before: Some(recorded(&before, &old)),
        after: Some(recorded(&stored, &secrets)),
        ..event("deployment.update", &stored)
    };
    written(acting, &stored, noted).await?;
    known(acting, stored).await
}

async fn written(
    acting: &Writing,
    stored: &StoredDeployment,
    noted: Event,
) -> Result<(), ActionError> {
    let mut writing: Transaction<'_> = acting.store().begin().await?;
    writing.update_deployment(stored).await?;
    writing.commit(&acting.actor, noted).await?;
    Ok(())
}

/// Drains a deployment (it gets no new requests, those under way end), or puts it back.
///
/// # Errors
/// When there is none, or it is the file's.
pub async fn set_blocked(
    acting: &Writing,
    id: &str,
    blocked: bool,
) -> Result<KnownDeployment, ActionError> {
    let before = writable(acting, id).await?;
    let secrets = secrets_of(acting, &before).unwrap_or_default();
    let stored = StoredDeployment {
        blocked,
        stamps: before.stamps.changed(&acting.actor.id()),
        ..before.clone()
    };
    let action = if blocked {
        "deployment.block"
    } else {
        "deployment.unblock"
    };
    let noted = Event {
        before: Some(recorded(&before, &secrets)),
        after: Some(recorded(&stored, &secrets)),
        ..event(action, &stored)
    };
    written(acting, &stored, noted).await?;
    known(acting, stored).await
}

/// Removes a deployment.
///
/// # Errors
/// When there is none, or it is the file's.
pub async fn delete(acting: &Writing, id: &str) -> Result<StoredDeployment, ActionError> {
    let stored = writable(acting, id).await?;
    let secrets = secrets_of(acting, &stored).unwrap_or_default();
    let mut writing = acting.store().begin().await?;
    writing.delete_deployment(&stored.id).await?;
    let gone = Event {
        before: Some(recorded(&stored, &secrets)),
        ..event("deployment.delete", &stored)
    };
    writing.commit(&acting.actor, gone).await?;
    Ok(stored)
}
