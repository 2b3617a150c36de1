//! `/ui/credentials`: which secrets providers are called with; set, replaced, removed, never shown.

mod form;
mod list;

use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/credentials" => list::show, ReadCredentials, "Provider credentials, without their secrets."),
    unshaped_route!(POST "/ui/credentials" => form::make, WriteCredentials, "Sets a provider credential."),
    unshaped_route!(GET "/ui/credentials/new" => form::ask, WriteCredentials, "The form for a new provider credential."),
    unshaped_route!(POST "/ui/credentials/{credential_id}" => form::update, WriteCredentials, "Replaces the secrets of a provider credential."),
    unshaped_route!(GET "/ui/credentials/{credential_id}/edit" => form::edit, WriteCredentials, "The form to replace a provider credential."),
    unshaped_route!(GET "/ui/credentials/{credential_id}/delete" => form::ask_delete, WriteCredentials, "Asks whether to remove a provider credential."),
    unshaped_route!(POST "/ui/credentials/{credential_id}/delete" => form::delete, WriteCredentials, "Removes a provider credential that nothing names."),
];
