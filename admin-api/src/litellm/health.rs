//! LiteLLM's `/health`: every deployment called once.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::acting::{Acting, may};
use crate::actions::health::{self, Asked, Checked, Health};
use crate::error::Envelope;
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/health" => check, CheckHealth, "Asks every provider whether it answers."),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct HealthQuery {
    model: Option<String>,
    model_id: Option<String>,
}

fn row(checked: &Checked) -> Map<String, Value> {
    let known = &checked.deployment;
    let shown = known.shown_params(true);
    let mut row = Map::new();
    for name in ["model", "api_base"] {
        if let Some(value) = shown.get(name) {
            row.insert(name.to_owned(), value.clone());
        }
    }
    row.insert("model_name".to_owned(), json!(known.model_name));
    row.insert("model_id".to_owned(), json!(known.id));
    if let Health::Unhealthy(said) = &checked.health {
        row.insert("error".to_owned(), json!(said));
    }
    row
}

async fn check(
    acting: Acting<may::CheckHealth>,
    query: web::Query<HealthQuery>,
) -> Result<HttpResponse, Envelope> {
    let HealthQuery { model, model_id } = query.into_inner();
    let asked = Asked {
        model,
        deployment_id: model_id,
    };
    let checked = health::check(&acting, &asked).await?;
    let (healthy, unhealthy): (Vec<_>, Vec<_>) = checked
        .iter()
        .partition(|one| one.health == Health::Healthy);
    let rows = |all: Vec<&Checked>| all.into_iter().map(row).collect::<Vec<_>>();
    let (healthy, unhealthy) = (rows(healthy), rows(unhealthy));
    Ok(HttpResponse::Ok().json(json!({
        "healthy_count": healthy.len(),
        "unhealthy_count": unhealthy.len(),
        "healthy_endpoints": healthy,
        "unhealthy_endpoints": unhealthy,
    })))
}
