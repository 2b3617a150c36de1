//! LiteLLM's `/credentials`: set and replaced; what they are is never told.

use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use crate::acting::{Acting, may};
use crate::actions::credentials::{self, CredentialChange, KnownCredential};
use crate::actions::levels::EVERYTHING;
use crate::actions::sealing::MASK;
use crate::error::{ActionError, Envelope};
use crate::fields::Fields;
use crate::litellm::refusals::{missing, refused};
use crate::routes::{Route, litellm_route};

/// The routes. A name may hold slashes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/credentials" => list, ReadCredentials, "Lists provider credentials."),
    litellm_route!(POST "/credentials" => create, WriteCredentials, "Sets a provider credential."),
    litellm_route!(GET "/credentials/by_name/{credential_name:.*}" => show, ReadCredentials,
        "Shows which secrets a provider credential has."),
    litellm_route!(PATCH "/credentials/{credential_name:.*}" => update, WriteCredentials,
        "Changes a provider credential."),
    litellm_route!(DELETE "/credentials/{credential_name:.*}" => delete, WriteCredentials,
        "Removes a provider credential."),
];

fn row(known: &KnownCredential) -> Value {
    let masked = known.members.iter().map(|name| (name.clone(), json!(MASK)));
    json!({
        "credential_name": known.credential.name,
        "credential_values": Value::Object(masked.collect()),
        "credential_info": known.credential.info,
    })
}

/// What a body says of a credential.
fn change(fields: &mut Fields) -> Result<CredentialChange, ActionError> {
    if fields.text("model_id")?.value().is_some() {
        return Err(ActionError::invalid(
            "model_id",
            "A credential cannot be taken out of a deployment: secrets are written and never read. \
             Send `credential_values`.",
        ));
    }
    Ok(CredentialChange {
        values: fields
            .object("credential_values")?
            .value()
            .unwrap_or_default(),
        info: fields.object("credential_info")?.value(),
    })
}

fn done(what: &str) -> HttpResponse {
    HttpResponse::Ok().json(json!({
        "success": true,
        "message": format!("Credential {what} successfully"),
    }))
}

async fn list(acting: Acting<may::ReadCredentials>) -> Result<HttpResponse, Envelope> {
    let listed = credentials::list(&acting, &EVERYTHING).await?;
    let rows: Vec<Value> = listed.items.iter().map(row).collect();
    Ok(HttpResponse::Ok().json(json!({"success": true, "credentials": rows})))
}

async fn create(
    acting: Acting<may::WriteCredentials>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let Some(name) = fields.text("credential_name")?.value() else {
        return Err(missing(
            "credential_name",
            "deployments name the credential by it",
        ));
    };
    let change = change(&mut fields)?;
    credentials::create(&acting, name, change)
        .await
        .map_err(refused)?;
    Ok(done("created"))
}

async fn show(
    acting: Acting<may::ReadCredentials>,
    name: web::Path<String>,
) -> Result<HttpResponse, Envelope> {
    let known = credentials::find(&acting, &name).await?;
    Ok(HttpResponse::Ok().json(row(&known)))
}

async fn update(
    acting: Acting<may::WriteCredentials>,
    name: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let renamed = fields.text("credential_name")?.value();
    if renamed.is_some_and(|renamed| renamed != *name) {
        return Err(Envelope(ActionError::invalid(
            "credential_name",
            "A credential keeps its name: deployments name it. Make another one.",
        )));
    }
    let change = change(&mut fields)?;
    credentials::update(&acting, &name, change)
        .await
        .map_err(refused)?;
    Ok(done("updated"))
}

async fn delete(
    acting: Acting<may::WriteCredentials>,
    name: web::Path<String>,
) -> Result<HttpResponse, Envelope> {
    credentials::delete(&acting, &name).await.map_err(refused)?;
    Ok(done("deleted"))
}
