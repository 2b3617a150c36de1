//! LiteLLM's `/key/…`.

mod change;
mod list;
mod names;
mod order;
mod request;
mod shape;
mod show;

use crate::error::{ActionError, Envelope};
use crate::routes::{Route, litellm_route};

pub use self::names::Names;
pub use self::shape::{made, row};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/key/generate" => change::generate, WriteKeys, "Makes a virtual key."),
    litellm_route!(POST "/key/service-account/generate" => change::generate_for_service_account,
        WriteKeys, "Makes a key of a team's service account."),
    litellm_route!(POST "/key/update" => change::update, WriteKeys, "Changes a key."),
    litellm_route!(POST "/key/bulk_update" => change::bulk_update, WriteKeys, "Changes several keys."),
    litellm_route!(POST "/key/delete" => change::delete, WriteKeys, "Removes keys."),
    litellm_route!(POST "/key/block" => change::block, WriteKeys, "Refuses a key from now on."),
    litellm_route!(POST "/key/unblock" => change::unblock, WriteKeys, "Lets a blocked key in again."),
    litellm_route!(POST "/key/regenerate" => change::regenerate, WriteKeys, "Gives a key a new secret."),
    litellm_route!(POST "/key/{key}/regenerate" => change::regenerate_named, WriteKeys,
        "Gives a key a new secret."),
    litellm_route!(POST "/key/{key}/reset_spend" => change::reset_spend, ResetSpend,
        "Sets a key's spend anew."),
    litellm_route!(GET "/key/info" => show::info, Myself, "Shows a key, or the one you call with."),
    litellm_route!(POST "/v2/key/info" => show::info_of_several, ReadKeys, "Shows several keys."),
    litellm_route!(GET "/key/list" => list::list, ReadKeys, "Lists keys."),
    litellm_route!(GET "/key/aliases" => list::aliases, ReadKeys, "Lists the aliases of keys."),
    litellm_route!(POST "/key/health" => show::health, Myself, "Says whether the key you call with works."),
];

/// An error under LiteLLM's names: what is taken already is a bad request there.
fn refused(error: ActionError) -> Envelope {
    let renamed = |field: &str| match field {
        "alias" => "key_alias".to_owned(),
        other => other.to_owned(),
    };
    Envelope(match error {
        ActionError::Conflict { field, message } => ActionError::Invalid {
            field: renamed(field),
            message,
        },
        ActionError::Invalid { field, message } => ActionError::Invalid {
            field: renamed(&field),
            message,
        },
        other => other,
    })
}
