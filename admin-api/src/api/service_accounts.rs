//! `/api/v1/service-accounts`.

use actix_web::{HttpResponse, web};
use domain::ids::{OrganizationId, ServiceAccountId, TeamId};
use domain::service_accounts::ServiceAccount;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::service_accounts::ServiceAccountFilter;

use crate::acting::{Acting, may};
use crate::actions::service_accounts;
use crate::api::page::{ListQuery, Paged};
use crate::api::read;
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/service-accounts" => list, ReadProjects, "Lists service accounts.",
        query ServiceAccountQuery, answers 200 Paged<ServiceAccountBody>),
    route!(POST "/api/v1/service-accounts" => create, WriteProjects, "Makes a service account of a team.",
        body ServiceAccountWrite, answers 201 ServiceAccountBody),
    route!(GET "/api/v1/service-accounts/{service_account_id}" => show, ReadProjects,
        "Shows a service account.", answers 200 ServiceAccountBody),
    route!(DELETE "/api/v1/service-accounts/{service_account_id}" => delete, WriteProjects,
        "Removes a service account that owns no keys.", answers 204),
];

/// Which service accounts.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct ServiceAccountQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Those of this organization.
    pub organization_id: Option<String>,
    /// Those of this team.
    pub team_id: Option<String>,
    /// The one with exactly this name.
    pub name: Option<String>,
}

/// With what a service account is made.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceAccountWrite {
    /// Its team.
    pub team_id: String,
    /// For people; unique in the team.
    pub name: String,
}

/// A service account.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ServiceAccountBody {
    /// `svc_…`.
    pub id: String,
    /// Its organization.
    pub organization_id: String,
    /// Its team.
    pub team_id: String,
    /// For people.
    pub name: String,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
}

impl From<ServiceAccount> for ServiceAccountBody {
    fn from(account: ServiceAccount) -> Self {
        Self {
            id: account.id.to_string(),
            organization_id: account.organization_id.to_string(),
            team_id: account.team_id.to_string(),
            name: account.name,
            created_at: account.stamps.created_at.to_rfc3339(),
            created_by: account.stamps.created_by,
        }
    }
}

async fn list(
    acting: Acting<may::ReadProjects>,
    query: web::Query<ServiceAccountQuery>,
) -> Result<web::Json<Paged<ServiceAccountBody>>, Problem> {
    let ServiceAccountQuery {
        cursor,
        limit,
        organization_id,
        team_id,
        name,
    } = query.into_inner();
    let page = ListQuery {
        cursor,
        limit,
        search: None,
    };
    let filter = ServiceAccountFilter {
        organization_id: organization_id.map(OrganizationId::new),
        team_id: team_id.map(TeamId::new),
        name,
        ..ServiceAccountFilter::default()
    };
    let listed =
        service_accounts::list(&acting, filter, &page.page_of(ServiceAccountId::is_one)?).await?;
    Ok(web::Json(Paged::of(
        listed,
        |one| one.id.to_string(),
        ServiceAccountBody::from,
    )))
}

async fn create(
    acting: Acting<may::WriteProjects>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let ServiceAccountWrite { team_id, name } = read(&body)?;
    let made = service_accounts::create(&acting, &team_id, name).await?;
    Ok(HttpResponse::Created().json(ServiceAccountBody::from(made)))
}

async fn show(
    acting: Acting<may::ReadProjects>,
    id: web::Path<String>,
) -> Result<web::Json<ServiceAccountBody>, Problem> {
    Ok(web::Json(
        service_accounts::find(&acting, &id).await?.into(),
    ))
}

async fn delete(
    acting: Acting<may::WriteProjects>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    service_accounts::delete(&acting, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}
