//! `/api/v1/deployments`: models at providers, those of the file (read-only) and those of the store.

use actix_web::{HttpResponse, web};
use domain::routing::Origin;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::acting::{Acting, may};
use crate::actions::deployments::{self, DeploymentChange, Listing, NewDeployment};
use crate::actions::sealing;
use crate::api::deployment_shapes::{
    DeploymentBody, DeploymentPatch, DeploymentWrite, OriginBody, body,
};
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
        "Drains a deployment of the store: no new requests, those under way end.", answers 200 DeploymentBody),
    route!(POST "/api/v1/deployments/{deployment_id}/unblock" => unblock, WriteDeployments,
        "Puts a deployment of the store back into service.", answers 200 DeploymentBody),
];

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
