//! `/ui/models`: every name for which callers ask, what answers, and how it went; deployments of the
//! store added, changed, taken out of service, removed.

mod dry_run;
mod form;
mod list;
mod rows;
mod stop;

use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/models" => list::show, ReadDeployments, "Models and their deployments."),
    unshaped_route!(POST "/ui/models" => form::make, WriteDeployments, "Tries a deployment and adds it."),
    unshaped_route!(GET "/ui/models/new" => form::ask, WriteDeployments, "The form for a new deployment."),
    unshaped_route!(GET "/ui/models/dry-run" => dry_run::show, ReadDeployments, "Where a request would go, without sending it."),
    unshaped_route!(POST "/ui/models/check" => list::check, CheckHealth, "Asks providers whether they answer."),
    unshaped_route!(POST "/ui/models/{deployment_id}" => form::update, WriteDeployments, "Changes a deployment of the store."),
    unshaped_route!(GET "/ui/models/{deployment_id}/edit" => form::edit, WriteDeployments, "The form for a deployment of the store."),
    unshaped_route!(GET "/ui/models/{deployment_id}/block" => stop::ask_block, WriteDeployments, "Asks whether to drain a deployment."),
    unshaped_route!(POST "/ui/models/{deployment_id}/block" => stop::block, WriteDeployments, "Drains a deployment: no new requests, those under way end."),
    unshaped_route!(POST "/ui/models/{deployment_id}/unblock" => stop::unblock, WriteDeployments, "Puts a deployment back into service."),
    unshaped_route!(GET "/ui/models/{deployment_id}/delete" => stop::ask_delete, WriteDeployments, "Asks whether to remove a deployment."),
    unshaped_route!(POST "/ui/models/{deployment_id}/delete" => stop::delete, WriteDeployments, "Removes a deployment of the store."),
];
