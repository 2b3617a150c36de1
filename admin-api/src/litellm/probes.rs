//! Is the admin side alive, is it ready? Where it runs alone (`--role admin`) probes ask it; beside a
//! data plane that one answers them.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::AdminApi;
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/health/liveliness" => alive, anybody, "Whether the process is alive."),
    litellm_route!(GET "/health/liveness" => alive, anybody, "Whether the process is alive."),
    litellm_route!(GET "/health/readiness" => ready, anybody, "Whether the store answers."),
];

async fn alive() -> HttpResponse {
    // LiteLLM's words, which probes compare.
    HttpResponse::Ok().json("I'm alive!")
}

/// Without its store the admin side can do nothing, so it is not ready.
async fn ready(api: web::Data<AdminApi>) -> HttpResponse {
    match api.store.audit_head().await {
        Ok(_head) => HttpResponse::Ok().json(json!({"status": "healthy", "db": "connected"})),
        Err(_away) => HttpResponse::ServiceUnavailable()
            .json(json!({"status": "unhealthy", "db": "Not connected"})),
    }
}
