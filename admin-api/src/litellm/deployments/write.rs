//! Deployments written by LiteLLM's routes.

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value, json};

use super::info::row;
use crate::acting::{Acting, may};
use crate::actions::deployments::{self, DeploymentChange, KnownDeployment, NewDeployment};
use crate::actions::sealing;
use crate::error::{ActionError, Envelope};
use crate::fields::Fields;
use crate::litellm::refusals::{missing, refused};

type Writing = Acting<may::WriteDeployments>;

/// A row of LiteLLM's table of models, whose parameters show no secret and no ciphertext.
fn written(known: &KnownDeployment) -> HttpResponse {
    let mut shown = Map::new();
    if let Value::Object(members) = row(known, true) {
        shown = members;
    }
    let mut put = |name: &str, value: Value| shown.insert(name.to_owned(), value);
    put("model_id", json!(known.id));
    if let Some(stamps) = &known.stamps {
        put("created_at", json!(stamps.created_at.to_rfc3339()));
        put("created_by", json!(stamps.created_by));
        put("updated_at", json!(stamps.updated_at.to_rfc3339()));
        put("updated_by", json!(stamps.updated_by));
    }
    HttpResponse::Ok().json(shown)
}

pub(super) async fn new(acting: Writing, body: web::Bytes) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let Some(model_name) = fields.text("model_name")?.value() else {
        return Err(missing(
            "model_name",
            "the name under which callers ask for it",
        ));
    };
    let Some(mut params) = fields.object("litellm_params")?.value() else {
        return Err(missing(
            "litellm_params",
            "write at least `model: provider/model`",
        ));
    };
    if names_no_credential(&params) {
        params.remove(CREDENTIAL);
    }
    let info = fields.object("model_info")?.value().unwrap_or_default();
    let new = NewDeployment {
        organization_id: None,
        model_name,
        params,
        blocked: info
            .get("blocked")
            .and_then(Value::as_bool)
            .unwrap_or_default(),
        info,
    };
    let made = deployments::create(&acting, new).await.map_err(refused)?;
    Ok(written(&made))
}

const CREDENTIAL: &str = "litellm_credential_name";

/// An empty name is none: LiteLLM's own pages send it so.
fn names_no_credential(params: &Map<String, Value>) -> bool {
    params.get(CREDENTIAL).and_then(Value::as_str) == Some("")
}

/// Puts what a body says over what there is: LiteLLM's clients send parts.
async fn changed(
    acting: &Writing,
    id: &str,
    fields: &mut Fields,
    info: Map<String, Value>,
) -> Result<KnownDeployment, ActionError> {
    deployments::update(acting, id, |now: &mut DeploymentChange| {
        if let Some(name) = fields.text("model_name")?.value() {
            now.model_name = name;
        }
        if let Some(mut params) = fields.object("litellm_params")?.value() {
            if names_no_credential(&params) {
                params.insert(CREDENTIAL.to_owned(), Value::Null);
            }
            sealing::overlay(&mut now.params, params);
        }
        if let Some(blocked) = info.get("blocked").and_then(Value::as_bool) {
            now.blocked = blocked;
        }
        sealing::overlay(&mut now.info, info);
        Ok(())
    })
    .await
}

pub(super) async fn update(acting: Writing, body: web::Bytes) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let info = fields.object("model_info")?.value().unwrap_or_default();
    let id = info.get("id").and_then(Value::as_str).map(str::to_owned);
    let Some(id) = id else {
        return Err(missing("model_info.id", "say which deployment"));
    };
    let known = changed(&acting, &id, &mut fields, info)
        .await
        .map_err(refused)?;
    Ok(written(&known))
}

pub(super) async fn patch(
    acting: Writing,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let info = fields.object("model_info")?.value().unwrap_or_default();
    let known = changed(&acting, &id, &mut fields, info)
        .await
        .map_err(refused)?;
    Ok(written(&known))
}

/// `id` of a body.
fn named(body: &[u8]) -> Result<String, Envelope> {
    let mut fields = Fields::read(body)?;
    let id = fields.text("id")?.value();
    let id = match id {
        Some(id) => Some(id),
        None => fields.text("model_id")?.value(),
    };
    id.ok_or_else(|| missing("id", "say which deployment"))
}

pub(super) async fn delete(acting: Writing, body: web::Bytes) -> Result<HttpResponse, Envelope> {
    let id = named(&body)?;
    deployments::delete(&acting, &id).await.map_err(refused)?;
    Ok(HttpResponse::Ok().json(json!({
        "message": format!("Model: {id} deleted successfully"),
    })))
}

pub(super) async fn block(acting: Writing, body: web::Bytes) -> Result<HttpResponse, Envelope> {
    let known = deployments::set_blocked(&acting, &named(&body)?, true).await;
    Ok(written(&known.map_err(refused)?))
}

pub(super) async fn unblock(acting: Writing, body: web::Bytes) -> Result<HttpResponse, Envelope> {
    let known = deployments::set_blocked(&acting, &named(&body)?, false).await;
    Ok(written(&known.map_err(refused)?))
}
