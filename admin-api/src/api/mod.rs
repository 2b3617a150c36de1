//! REST under `/api/v1`: one file per noun, each with its shapes and its routes.

pub mod alerts;
pub mod audit;
pub mod audit_shapes;
pub mod budgets;
pub mod corrections;
pub mod credentials;
pub mod csv;
pub mod deleted_keys;
pub mod deployment_shapes;
pub mod deployments;
pub mod documentation;
pub mod dry_run;
pub mod end_users;
pub mod forecasts;
pub mod invitations;
pub mod key_shapes;
pub mod keys;
pub mod me;
pub mod members;
pub mod organizations;
pub mod page;
pub mod policy;
pub mod projects;
pub mod ranges;
pub mod request_shapes;
pub mod requests;
pub mod secret_text;
pub mod service_accounts;
pub mod sessions;
pub mod setup;
pub mod tags;
pub mod team_shapes;
pub mod teams;
pub mod templates;
pub mod usage;
pub mod usage_shapes;
pub mod user_shapes;
pub mod users;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::ActionError;
use crate::fields::without_nul;
use crate::members_once::members_once;
use crate::routes::Route;

/// The routes of every noun.
pub const ROUTES: &[&[Route]] = &[
    me::ROUTES,
    organizations::ROUTES,
    members::ROUTES,
    teams::ROUTES,
    projects::ROUTES,
    users::ROUTES,
    invitations::ROUTES,
    keys::ROUTES,
    deleted_keys::ROUTES,
    service_accounts::ROUTES,
    templates::ROUTES,
    forecasts::ROUTES,
    budgets::ROUTES,
    end_users::ROUTES,
    tags::ROUTES,
    credentials::ROUTES,
    deployments::ROUTES,
    dry_run::ROUTES,
    documentation::ROUTES,
    usage::ROUTES,
    requests::ROUTES,
    corrections::ROUTES,
    alerts::ROUTES,
    audit::ROUTES,
    sessions::ROUTES,
    setup::ROUTES,
];

/// The longest name of a thing.
const LONGEST_NAME_CHARACTERS: usize = 255;

/// A name for people: not empty, not endless.
///
/// # Errors
/// [`ActionError::Invalid`] for another.
pub fn named(name: String) -> Result<String, ActionError> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > LONGEST_NAME_CHARACTERS {
        return Err(ActionError::invalid(
            "name",
            format!("`name` has to be 1 to {LONGEST_NAME_CHARACTERS} characters."),
        ));
    }
    Ok(name)
}

/// Reads a body.
///
/// # Errors
/// [`ActionError::Invalid`], which says where.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ActionError> {
    let body = if body.trim_ascii().is_empty() {
        b"{}"
    } else {
        body
    };
    without_nul(body)?;
    let read = serde_json::from_slice(body)
        .map_err(|mismatch| ActionError::invalid("body", mismatch.to_string()))?;
    members_once(body)?;
    Ok(read)
}

/// What is written now, changed by a JSON merge patch (RFC 7396): members that are not there stay,
/// null makes a member what it is by default.
///
/// # Errors
/// As [`read`].
pub fn merge_patch<T: Serialize + DeserializeOwned>(
    now: &T,
    patch: &[u8],
) -> Result<T, ActionError> {
    let mut target =
        serde_json::to_value(now).map_err(|fault| ActionError::Internal(fault.to_string()))?;
    merge(&mut target, read(patch)?);
    serde_json::from_value(target)
        .map_err(|mismatch| ActionError::invalid("body", mismatch.to_string()))
}

fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(members), Value::Object(changes)) => {
            for (name, change) in changes {
                if change.is_null() {
                    members.remove(&name);
                } else {
                    merge(members.entry(name).or_insert(Value::Null), change);
                }
            }
        }
        (target, patch) => *target = patch,
    }
}
