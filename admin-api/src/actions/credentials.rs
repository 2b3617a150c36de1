//! Providers' credentials: set, replaced, removed; never read by anybody.

use domain::credentials::Credential;
use domain::ids::CredentialId;
use domain::permissions::Scope;
use domain::stamps::Stamps;
use serde_json::{Map, Value, json};
use store::Event;
use store::deployments::DeploymentFilter;
use store::page::{Listed, Page};

use crate::acting::{Acting, Permission, may};
use crate::actions::levels::EVERYTHING;
use crate::actions::{addresses, sealing};
use crate::error::ActionError;

/// A credential, and which secrets it has: their names, not their values.
pub struct KnownCredential {
    /// The credential.
    pub credential: Credential,
    /// The members of its values.
    pub members: Vec<String>,
}

/// A change of a credential.
#[derive(Clone, Debug, Default)]
pub struct CredentialChange {
    /// Values over those there are; null removes one, a mask leaves it.
    pub values: Map<String, Value>,
    /// What everybody may see, whole; none leaves it.
    pub info: Option<Map<String, Value>>,
}

/// What an audit entry says: the store makes one digest of all values.
fn recorded(credential: &Credential, values: &Map<String, Value>) -> Value {
    json!({
        "id": credential.id,
        "name": credential.name,
        "info": credential.info,
        "members": values.keys().collect::<Vec<_>>(),
        "credential_values": sealing::sorted(values),
        "stamps": credential.stamps,
    })
}

fn event(action: &'static str, credential: &Credential) -> Event {
    Event {
        action,
        object_kind: "credential",
        object_id: credential.id.to_string(),
        ..Event::default()
    }
}

fn checked(values: &Map<String, Value>) -> Result<(), ActionError> {
    for name in ["api_base", "base_url"] {
        let given = values.get(name).and_then(Value::as_str);
        // What the environment holds is known, and looked at, when a deployment is read.
        if let Some(address) = given.filter(|text| !text.starts_with("os.environ/")) {
            addresses::checked(name, address)?;
        }
    }
    Ok(())
}

fn sealed<P: Permission>(
    acting: &Acting<P>,
    id: &CredentialId,
    values: &Map<String, Value>,
) -> Result<domain::sealed::Sealed, ActionError> {
    let place = Credential::sealed_at(id.as_str());
    sealing::seal(&acting.api().settings.encryption, values, place)
}

/// The values of a credential, for whoever puts them to use.
///
/// # Errors
/// When they do not open.
pub fn opened<P: Permission>(
    acting: &Acting<P>,
    credential: &Credential,
) -> Result<Map<String, Value>, ActionError> {
    let place = Credential::sealed_at(credential.id.as_str());
    sealing::open(
        &acting.api().settings.encryption,
        &credential.sealed_values,
        place,
    )
}

/// Sets a credential.
///
/// # Errors
/// When its name is taken or empty, or an address in it may not be called.
pub async fn create(
    acting: &Acting<may::WriteCredentials>,
    name: String,
    change: CredentialChange,
) -> Result<KnownCredential, ActionError> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(ActionError::invalid(
            "credential_name",
            "`credential_name` has to be a text: deployments name the credential by it.",
        ));
    }
    let mut values = Map::new();
    sealing::overlay(&mut values, change.values);
    checked(&values)?;
    let id = CredentialId::generate();
    let credential = Credential {
        sealed_values: sealed(acting, &id, &values)?,
        id,
        organization_id: None,
        name,
        info: change.info.unwrap_or_default(),
        stamps: Stamps::now(&acting.actor.id()),
    };
    let mut writing = acting.store().begin().await?;
    writing.insert_credential(&credential).await?;
    let made = Event {
        after: Some(recorded(&credential, &values)),
        ..event("credential.create", &credential)
    };
    writing.commit(&acting.actor, made).await?;
    Ok(known(credential, &values))
}

fn known(credential: Credential, values: &Map<String, Value>) -> KnownCredential {
    KnownCredential {
        credential,
        members: values.keys().cloned().collect(),
    }
}

async fn visible<P: Permission>(acting: &Acting<P>, name: &str) -> Result<Credential, ActionError> {
    let found = acting.store().credential(name).await?;
    found.ok_or_else(|| ActionError::not_found("Credential", name))
}

/// Finds a credential by its name or id.
///
/// # Errors
/// When there is none.
pub async fn find(
    acting: &Acting<may::ReadCredentials>,
    name: &str,
) -> Result<KnownCredential, ActionError> {
    let credential = visible(acting, name).await?;
    let values = opened(acting, &credential)?;
    Ok(known(credential, &values))
}

/// Lists credentials.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadCredentials>,
    page: &Page,
) -> Result<Listed<KnownCredential>, ActionError> {
    let Listed { items, more, total } = acting.store().credentials(page).await?;
    let items = items.into_iter().map(|credential| {
        // One row that cannot be read (any more) must not hide the others.
        let values = opened(acting, &credential).unwrap_or_default();
        known(credential, &values)
    });
    Ok(Listed {
        items: items.collect(),
        more,
        total,
    })
}

/// Changes a credential; deployments that name it use the new values at once.
///
/// # Errors
/// As [`find`] and [`create`].
pub async fn update(
    acting: &Acting<may::WriteCredentials>,
    name: &str,
    change: CredentialChange,
) -> Result<KnownCredential, ActionError> {
    let before = visible(acting, name).await?;
    let old = opened(acting, &before)?;
    let mut values = old.clone();
    sealing::overlay(&mut values, change.values);
    checked(&values)?;
    let credential = Credential {
        sealed_values: sealed(acting, &before.id, &values)?,
        info: change.info.unwrap_or_else(|| before.info.clone()),
        stamps: before.stamps.changed(&acting.actor.id()),
        ..before.clone()
    };
    let mut writing = acting.store().begin().await?;
    writing.update_credential(&credential).await?;
    let changed = Event {
        before: Some(recorded(&before, &old)),
        after: Some(recorded(&credential, &values)),
        ..event("credential.update", &credential)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(known(credential, &values))
}

/// Removes a credential that no deployment names any more.
///
/// # Errors
/// As [`find`]; [`ActionError::Conflict`] while a deployment of the store names it.
pub async fn delete(
    acting: &Acting<may::WriteCredentials>,
    name: &str,
) -> Result<Credential, ActionError> {
    let credential = visible(acting, name).await?;
    let filter = DeploymentFilter {
        scope: Scope {
            everything: true,
            ..Scope::default()
        },
        ..DeploymentFilter::default()
    };
    let deployments = acting
        .store()
        .stored_deployments(&filter, &EVERYTHING)
        .await?;
    let names_it = |params: &Map<String, Value>| {
        let named = params
            .get("litellm_credential_name")
            .and_then(Value::as_str);
        named == Some(credential.name.as_str())
    };
    if let Some(user) = deployments.items.iter().find(|one| names_it(&one.params)) {
        return Err(ActionError::Conflict {
            field: "credential_name",
            message: format!(
                "The deployment `{}` of the model `{}` uses this credential. Change it first.",
                user.id, user.model_name
            ),
        });
    }
    let values = opened(acting, &credential).unwrap_or_default();
    let mut writing = acting.store().begin().await?;
    writing.delete_credential(&credential.id).await?;
    let gone = Event {
        before: Some(recorded(&credential, &values)),
        ..event("credential.delete", &credential)
    };
    writing.commit(&acting.actor, gone).await?;
    Ok(credential)
}
