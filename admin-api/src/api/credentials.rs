//! `/api/v1/credentials`: providers' credentials, written and never read.

use actix_web::{HttpResponse, web};
use domain::ids::CredentialId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::acting::{Acting, may};
use crate::actions::credentials::{self, CredentialChange, KnownCredential};
use crate::api::page::{ListQuery, Paged};
use crate::api::read;
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/credentials" => list, ReadCredentials,
        "Lists provider credentials: their names and which secrets they have.",
        query ListQuery, answers 200 Paged<CredentialBody>),
    route!(POST "/api/v1/credentials" => create, WriteCredentials, "Sets a provider credential.",
        body CredentialWrite, answers 201 CredentialBody),
    route!(GET "/api/v1/credentials/{credential_id}" => show, ReadCredentials,
        "Shows which secrets a provider credential has.", answers 200 CredentialBody),
    route!(PATCH "/api/v1/credentials/{credential_id}" => update, WriteCredentials,
        "Changes a provider credential: values that are there replace the old ones, null removes one.",
        body CredentialPatch, answers 200 CredentialBody),
    route!(DELETE "/api/v1/credentials/{credential_id}" => delete, WriteCredentials,
        "Removes a provider credential that no deployment uses.", answers 204),
];

/// What a credential is set with.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CredentialWrite {
    /// Unique on the platform; deployments name it in `litellm_credential_name`.
    pub name: String,
    /// The secrets: `api_key`, `api_base`, …
    pub values: Map<String, Value>,
    /// What may be seen: a description, the provider.
    pub info: Map<String, Value>,
}

/// What may be changed of a credential.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CredentialPatch {
    /// Secrets over those there are; null removes one.
    pub values: Map<String, Value>,
    /// What may be seen, whole.
    pub info: Option<Map<String, Value>>,
}

/// A credential, without its secrets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CredentialBody {
    /// `cred_…`.
    pub id: String,
    /// The name.
    pub name: String,
    /// Which secrets it has; their values are never shown.
    pub members: Vec<String>,
    /// What may be seen.
    pub info: Map<String, Value>,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

impl From<KnownCredential> for CredentialBody {
    fn from(known: KnownCredential) -> Self {
        let KnownCredential {
            credential,
            members,
        } = known;
        Self {
            id: credential.id.to_string(),
            name: credential.name,
            members,
            info: credential.info,
            created_at: credential.stamps.created_at.to_rfc3339(),
            created_by: credential.stamps.created_by,
            updated_at: credential.stamps.updated_at.to_rfc3339(),
        }
    }
}

async fn list(
    acting: Acting<may::ReadCredentials>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<Paged<CredentialBody>>, Problem> {
    let mut listed = credentials::list(&acting, &query.page_of(CredentialId::is_one)?).await?;
    let next = listed.items.last().map(|one| one.credential.id.to_string());
    if let Some(part) = query.search.as_ref().map(|part| part.to_lowercase()) {
        let fits = |one: &KnownCredential| one.credential.name.to_lowercase().contains(&part);
        listed.items.retain(fits);
    }
    let more = listed.more;
    let mut page = Paged::of(
        listed,
        |one| one.credential.id.to_string(),
        CredentialBody::from,
    );
    page.next_cursor = next.filter(|_last| more);
    Ok(web::Json(page))
}

async fn create(
    acting: Acting<may::WriteCredentials>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let CredentialWrite { name, values, info } = read(&body)?;
    let change = CredentialChange {
        values,
        info: Some(info),
    };
    let made = credentials::create(&acting, name, change).await?;
    Ok(HttpResponse::Created().json(CredentialBody::from(made)))
}

async fn show(
    acting: Acting<may::ReadCredentials>,
    id: web::Path<String>,
) -> Result<web::Json<CredentialBody>, Problem> {
    Ok(web::Json(credentials::find(&acting, &id).await?.into()))
}

async fn update(
    acting: Acting<may::WriteCredentials>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<CredentialBody>, Problem> {
    let CredentialPatch { values, info } = read(&body)?;
    let changed = credentials::update(&acting, &id, CredentialChange { values, info });
    Ok(web::Json(changed.await?.into()))
}

async fn delete(
    acting: Acting<may::WriteCredentials>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    credentials::delete(&acting, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}
