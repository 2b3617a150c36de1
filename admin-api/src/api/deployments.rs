//! `/api/v1/deployments`: models at providers, those of the file (read-only) and those of the store.

use actix_web::{HttpResponse, web};
use domain::routing::Origin;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::acting::{Acting, Permission, may};
use crate::actions::deployments::{
    self, DeploymentChange, KnownDeployment, Listing, NewDeployment, Usable, Written,
};
use crate::actions::sealing;
use crate::api::page::{ListQuery, Paged};
use crate::api::read;
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/deployments" => list, ReadDeployments,
        "Lists deployments; the first page begins with those of the configuration file.",
        query DeploymentsQuery, answers 200 Paged<DeploymentBody>),
    route!(POST "/api/v1/deployments" => create, WriteDeployments, "Adds a deployment.",
        body DeploymentWrite, answers 201 DeploymentBody),
    route!(GET "/api/v1/deployments/{deployment_id}" => show, ReadDeployments, "Shows a deployment.",
        answers 200 DeploymentBody),
    route!(PATCH "/api/v1/deployments/{deployment_id}" => update, WriteDeployments,
        "Changes a deployment of the store; members that are not there stay, null removes one.",
        body DeploymentPatch, answers 200 DeploymentBody),
    route!(DELETE "/api/v1/deployments/{deployment_id}" => delete, WriteDeployments,
        "Removes a deployment of the store.", answers 204),
    route!(POST "/api/v1/deployments/{deployment_id}/block" => block, WriteDeployments,
        "Takes a deployment of the store out of service.", answers 200 DeploymentBody),
    route!(POST "/api/v1/deployments/{deployment_id}/unblock" => unblock, WriteDeployments,
        "Puts a deployment of the store back into service.", answers 200 DeploymentBody),
];

/// Where deployments were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OriginBody {
    /// In the configuration file: read-only here.
    File,
    /// In the store.
    Store,
}

impl From<Origin> for OriginBody {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::File => Self::File,
            Origin::Store => Self::Store,
        }
    }
}

/// Which deployments.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct DeploymentsQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many of the store's at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Only those whose model's name or id contains this.
    pub search: Option<String>,
    /// Only those of the model with exactly this name.
    pub model_name: Option<String>,
    /// Only those of the file, or of the store.
    pub origin: Option<OriginBody>,
}

/// What a deployment is added with: an entry of `model_list`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeploymentWrite {
    /// The name under which callers ask for it; deployments of one name form a group.
    pub model_name: String,
    /// Whose; the platform's own when missing, which everybody may use.
    pub organization_id: Option<String>,
    /// `litellm_params` of the configuration: `model`, `api_base`, `api_key`, …; secrets are kept
    /// encrypted and never shown.
    pub params: Map<String, Value>,
    /// `model_info` of the configuration.
    pub info: Map<String, Value>,
    /// Whether it takes no requests.
    pub blocked: bool,
}

/// What may be changed of a deployment.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DeploymentPatch {
    /// The name under which callers ask for it.
    pub model_name: Option<String>,
    /// Parameters over those there are; null removes one.
    pub params: Map<String, Value>,
    /// `model_info` over what there is; null removes a member.
    pub info: Map<String, Value>,
    /// Whether it takes no requests.
    pub blocked: Option<bool>,
}

/// A deployment, without its secrets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeploymentBody {
    /// `dep_…`, your own id, or a hash of the file's entry.
    pub id: String,
    /// Where it was written.
    pub origin: OriginBody,
    /// The name under which callers ask for it.
    pub model_name: String,
    /// Whose; null for the platform's own.
    pub organization_id: Option<String>,
    /// Its parameters; addresses are shown to those who run the platform, secrets to nobody.
    pub params: Map<String, Value>,
    /// Which secrets it has.
    pub secret_members: Vec<String>,
    /// Whether it has a credential of its own.
    pub api_key_set: bool,
    /// `model_info`.
    pub info: Map<String, Value>,
    /// Whether it takes no requests.
    pub blocked: bool,
    /// Why it serves nothing, when the configuration cannot read it (any more).
    pub fault: Option<String>,
    /// When it was made, RFC 3339; null for the file's.
    pub created_at: Option<String>,
    /// By whom.
    pub created_by: Option<String>,
    /// When it was last changed, RFC 3339.
    pub updated_at: Option<String>,
}

fn body<P: Permission>(acting: &Acting<P>, known: KnownDeployment) -> DeploymentBody {
    let with_addresses = Usable::shows_addresses(acting);
    let mut params = known.shown_params(with_addresses);
    params.retain(|name, _value| !known.secret_members.contains(name));
    let api_key_set = known.meant().is_some_and(|meant| meant.api_key.is_some());
    DeploymentBody {
        id: known.id.to_string(),
        origin: known.origin.into(),
        model_name: known.model_name,
        organization_id: known.organization_id.map(|id| id.to_string()),
        params,
        secret_members: known.secret_members,
        api_key_set,
        info: known.info,
        blocked: known.blocked,
        fault: match known.meaning {
            Written::Meant(_) => None,
            Written::Nothing(said) => Some(said),
        },
        created_at: known
            .stamps
            .as_ref()
            .map(|stamps| stamps.created_at.to_rfc3339()),
        created_by: known
            .stamps
            .as_ref()
            .map(|stamps| stamps.created_by.clone()),
        updated_at: known
            .stamps
            .as_ref()
            .map(|stamps| stamps.updated_at.to_rfc3339()),
    }
}

async fn list(
    acting: Acting<may::ReadDeployments>,
    query: web::Query<DeploymentsQuery>,
) -> Result<web::Json<Paged<DeploymentBody>>, Problem> {
    let DeploymentsQuery {
        cursor,
        limit,
        search,
        model_name,
        origin,
    } = query.into_inner();
    let page = ListQuery {
        cursor,
        limit,
        search: None,
    };
    let listing = Listing {
        search,
        model_name,
        origin: origin.map(|origin| match origin {
            OriginBody::File => Origin::File,
            OriginBody::Store => Origin::Store,
        }),
    };
    let listed = deployments::list(&acting, &listing, &page.page()?).await?;
    Ok(web::Json(Paged::of(
        listed,
        |one| one.id.to_string(),
        |one| body(&acting, one),
    )))
}

async fn create(
    acting: Acting<may::WriteDeployments>,
    bytes: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let DeploymentWrite {
        model_name,
        organization_id,
        params,
        info,
        blocked,
    } = read(&bytes)?;
    let new = NewDeployment {
        organization_id,
        model_name,
        params,
        info,
        blocked,
    };
    let made = deployments::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(body(&acting, made)))
}

async fn show(
    acting: Acting<may::ReadDeployments>,
    id: web::Path<String>,
) -> Result<web::Json<DeploymentBody>, Problem> {
    let known = deployments::find(&acting, &id).await?;
    Ok(web::Json(body(&acting, known)))
}

async fn update(
    acting: Acting<may::WriteDeployments>,
    id: web::Path<String>,
    bytes: web::Bytes,
) -> Result<web::Json<DeploymentBody>, Problem> {
    let DeploymentPatch {
        model_name,
        params,
        info,
        blocked,
    } = read(&bytes)?;
    let changed = deployments::update(&acting, &id, |now: &mut DeploymentChange| {
        sealing::overlay(&mut now.params, params);
        sealing::overlay(&mut now.info, info);
        now.model_name = model_name.unwrap_or_else(|| now.model_name.clone());
        now.blocked = blocked.unwrap_or(now.blocked);
        Ok(())
    });
    let known = changed.await?;
    Ok(web::Json(body(&acting, known)))
}

async fn delete(
    acting: Acting<may::WriteDeployments>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    deployments::delete(&acting, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn block(
    acting: Acting<may::WriteDeployments>,
    id: web::Path<String>,
) -> Result<web::Json<DeploymentBody>, Problem> {
    let known = deployments::set_blocked(&acting, &id, true).await?;
    Ok(web::Json(body(&acting, known)))
}

async fn unblock(
    acting: Acting<may::WriteDeployments>,
    id: web::Path<String>,
) -> Result<web::Json<DeploymentBody>, Problem> {
    let known = deployments::set_blocked(&acting, &id, false).await?;
    Ok(web::Json(body(&acting, known)))
}
