//! LiteLLM's `/model/…` and `/model_group/info`.

mod groups;
mod info;
mod write;

use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/model/new" => write::new, WriteDeployments, "Adds a deployment."),
    litellm_route!(POST "/model/update" => write::update, WriteDeployments, "Changes a deployment."),
    litellm_route!(PATCH "/model/{model_id}/update" => write::patch, WriteDeployments,
        "Changes a deployment."),
    litellm_route!(POST "/model/delete" => write::delete, WriteDeployments, "Removes a deployment."),
    litellm_route!(POST "/model/block" => write::block, WriteDeployments,
        "Drains a deployment: no new requests, those under way end."),
    litellm_route!(POST "/model/unblock" => write::unblock, WriteDeployments,
        "Puts a deployment back into service."),
    litellm_route!(GET "/model/info" => info::list, Myself, "Lists deployments that the caller may use."),
    litellm_route!(GET "/v1/model/info" => info::list, Myself,
        "Lists deployments that the caller may use."),
    litellm_route!(GET "/v2/model/info" => info::paged, Myself,
        "Lists deployments that the caller may use, page by page."),
    litellm_route!(GET "/model_group/info" => groups::list, Myself,
        "Lists models that the caller may use, deployments of one name together."),
];
