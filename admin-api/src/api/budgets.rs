//! `/api/v1/budgets`: limits under a name, which keys, people and teams point to.

use actix_web::{HttpResponse, web};
use domain::budgets::SharedBudget;
use domain::ids::BudgetId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::acting::{Acting, may};
use crate::actions::budgets::{self, NewBudget};
use crate::api::page::{ListQuery, Paged};
use crate::api::policy::PolicyBody;
use crate::api::{merge_patch, read};
use crate::error::Problem;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/budgets" => list, ReadBudgets, "Lists shared budgets.",
        query ListQuery, answers 200 Paged<SharedBudgetBody>),
    route!(POST "/api/v1/budgets" => create, WriteBudgets, "Makes a shared budget.",
        body SharedBudgetWrite, answers 201 SharedBudgetBody),
    route!(GET "/api/v1/budgets/{budget_id}" => show, ReadBudgets, "Shows a shared budget.",
        answers 200 SharedBudgetBody),
    route!(PATCH "/api/v1/budgets/{budget_id}" => update, WriteBudgets,
        "Changes a shared budget (JSON merge patch).", body SharedBudgetPatch, answers 200 SharedBudgetBody),
    route!(DELETE "/api/v1/budgets/{budget_id}" => delete, WriteBudgets,
        "Removes a shared budget.", answers 204),
];

/// What a shared budget is made with.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SharedBudgetWrite {
    /// Your own id, unique in the organization.
    pub external_id: Option<String>,
    /// Whose; your organization when missing.
    pub organization_id: Option<String>,
    /// Its money, rates and models.
    pub policy: PolicyBody,
}

/// What may be changed of a shared budget.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SharedBudgetPatch {
    /// Its money, rates and models.
    pub policy: PolicyBody,
}

/// A shared budget.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SharedBudgetBody {
    /// `bud_…`.
    pub id: String,
    /// Your own id.
    pub external_id: Option<String>,
    /// Whose.
    pub organization_id: String,
    /// Its money, rates and models.
    pub policy: PolicyBody,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
    /// When it was last changed, RFC 3339.
    pub updated_at: String,
}

impl From<SharedBudget> for SharedBudgetBody {
    fn from(budget: SharedBudget) -> Self {
        Self {
            id: budget.id.to_string(),
            external_id: budget.external_id,
            organization_id: budget.organization_id.to_string(),
            policy: PolicyBody::from(&budget.policy),
            created_at: budget.stamps.created_at.to_rfc3339(),
            created_by: budget.stamps.created_by,
            updated_at: budget.stamps.updated_at.to_rfc3339(),
        }
    }
}

async fn list(
    acting: Acting<may::ReadBudgets>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<Paged<SharedBudgetBody>>, Problem> {
    let listed = budgets::list(
        &acting,
        query.search.as_deref(),
        &query.page_of(BudgetId::is_one)?,
    )
    .await?;
    Ok(web::Json(Paged::of(
        listed,
        |one| one.id.to_string(),
        SharedBudgetBody::from,
    )))
}

async fn create(
    acting: Acting<may::WriteBudgets>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let SharedBudgetWrite {
        external_id,
        organization_id,
        policy,
    } = read(&body)?;
    let new = NewBudget {
        external_id,
        organization_id,
        policy: policy.read(&Default::default())?,
    };
    let made = budgets::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(SharedBudgetBody::from(made)))
}

async fn show(
    acting: Acting<may::ReadBudgets>,
    id: web::Path<String>,
) -> Result<web::Json<SharedBudgetBody>, Problem> {
    Ok(web::Json(budgets::find(&acting, &id).await?.into()))
}

async fn update(
    acting: Acting<may::WriteBudgets>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<SharedBudgetBody>, Problem> {
    let changed = budgets::update(&acting, &id, |policy| {
        let now = SharedBudgetPatch {
            policy: PolicyBody::from(&*policy),
        };
        let patched: SharedBudgetPatch = merge_patch(&now, &body)?;
        *policy = patched.policy.read(policy)?;
        Ok(())
    });
    Ok(web::Json(changed.await?.into()))
}

async fn delete(
    acting: Acting<may::WriteBudgets>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    budgets::delete(&acting, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}
