//! `/api/v1/organizations`.

use actix_web::{HttpResponse, web};
use domain::ids::{DEFAULT_ORGANIZATION, OrganizationId};
use domain::organizations::Organization;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::acting::{Acting, may};
use crate::actions::organizations::{self, NewOrganization};
use crate::api::page::{ListQuery, Paged};
use crate::api::policy::PolicyBody;
use crate::api::{merge_patch, read};
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/organizations" => list, ReadOrganizations, "Lists organizations.",
        query ListQuery, answers 200 Paged<OrganizationBody>),
    route!(POST "/api/v1/organizations" => create, CreateOrganizations, "Makes an organization.",
        body OrganizationWrite, answers 201 OrganizationBody),
    route!(GET "/api/v1/organizations/{organization_id}" => show, ReadOrganizations, "Shows an organization.",
        answers 200 OrganizationBody),
    route!(PATCH "/api/v1/organizations/{organization_id}" => update, UpdateOrganizations,
        "Changes an organization (JSON merge patch).", body OrganizationWrite, answers 200 OrganizationBody),
    route!(DELETE "/api/v1/organizations/{organization_id}" => delete, CreateOrganizations,
        "Removes an empty organization.", answers 204),
];

/// What may be written of an organization.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OrganizationWrite {
    /// For people.
    pub name: String,
    /// The IANA name of the zone whose calendar budgets follow.
    pub time_zone: Option<String>,
    /// What it allows.
    pub policy: PolicyBody,
    /// Whether all its keys are refused.
    pub blocked: bool,
}

/// An organization.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OrganizationBody {
    /// `org_…`, or `default`.
    pub id: String,
    /// For people.
    pub name: String,
    /// The zone whose calendar budgets follow.
    pub time_zone: String,
    /// What it allows.
    pub policy: PolicyBody,
    /// Whether all its keys are refused.
    pub blocked: bool,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

impl From<Organization> for OrganizationBody {
    fn from(organization: Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name,
            time_zone: organization.time_zone,
            policy: PolicyBody::from(&organization.policy),
            blocked: organization.blocked,
            created_at: organization.stamps.created_at.to_rfc3339(),
            created_by: organization.stamps.created_by,
            updated_at: organization.stamps.updated_at.to_rfc3339(),
        }
    }
}

/// The default organization has a word for an id.
fn is_one(cursor: &str) -> bool {
    cursor == DEFAULT_ORGANIZATION || OrganizationId::is_one(cursor)
}

async fn list(
    acting: Acting<may::ReadOrganizations>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<Paged<OrganizationBody>>, Problem> {
    let listed =
        organizations::list(&acting, query.search.as_deref(), &query.page_of(is_one)?).await?;
    Ok(web::Json(Paged::of(
        listed,
        |one| one.id.to_string(),
        OrganizationBody::from,
    )))
}

async fn create(
    acting: Acting<may::CreateOrganizations>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let OrganizationWrite {
        name,
        time_zone,
        policy,
        blocked: _,
    } = read(&body)?;
    let new = NewOrganization {
        external_id: None,
        name,
        time_zone,
        policy: policy.read(&Default::default())?,
    };
    let made = organizations::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(OrganizationBody::from(made)))
}

async fn show(
    acting: Acting<may::ReadOrganizations>,
    id: web::Path<String>,
) -> Result<web::Json<OrganizationBody>, Problem> {
    Ok(web::Json(organizations::find(&acting, &id).await?.into()))
}

async fn update(
    acting: Acting<may::UpdateOrganizations>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<OrganizationBody>, Problem> {
    let changed = organizations::update(&acting, &id, |organization| {
        let now = OrganizationWrite {
            name: organization.name.clone(),
            time_zone: Some(organization.time_zone.clone()),
            policy: PolicyBody::from(&organization.policy),
            blocked: organization.blocked,
        };
        let OrganizationWrite {
            name,
            time_zone,
            policy,
            blocked,
        } = merge_patch(&now, &body)?;
        organization.policy = policy.read(&organization.policy)?;
        organization.name = name;
        organization.time_zone = time_zone.unwrap_or_else(|| "UTC".to_owned());
        organization.blocked = blocked;
        Ok(())
    });
    Ok(web::Json(changed.await?.into()))
}

async fn delete(
    acting: Acting<may::CreateOrganizations>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    organizations::delete(&acting, &[id.into_inner()]).await?;
    Ok(HttpResponse::NoContent().finish())
}
