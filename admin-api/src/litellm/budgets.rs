//! LiteLLM's `/budget/…`.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, web};
use domain::budgets::SharedBudget;
use domain::ids::BudgetId;
use domain::policies::Policy;
use domain::time::TimestampMs;
use domain::windows::TimeZone;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::Store;

use crate::acting::{Acting, may};
use crate::actions::budgets::{self, NewBudget};
use crate::actions::levels::EVERYTHING;
use crate::error::{ActionError, Envelope};
use crate::fields::Fields;
use crate::litellm::policy;
use crate::litellm::refusals::{missing, refused};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/budget/new" => new, WriteBudgets, "Makes a shared budget."),
    litellm_route!(POST "/budget/update" => update, WriteBudgets, "Changes a shared budget."),
    litellm_route!(POST "/budget/info" => info, ReadBudgets, "Shows shared budgets."),
    litellm_route!(GET "/budget/list" => list, ReadBudgets, "Lists shared budgets."),
    litellm_route!(GET "/budget/settings" => settings, ReadBudgets,
        "Shows what a shared budget may say, and what it says."),
    litellm_route!(POST "/budget/delete" => delete, WriteBudgets, "Removes a shared budget."),
];

/// Members of a budget, with their types, as `/budget/settings` lists them.
const MEMBERS: [(&str, &str, &str); 8] = [
    ("max_budget", "Float", "Dollars in one window."),
    (
        "soft_budget",
        "Float",
        "Dollars after which somebody is told.",
    ),
    ("budget_duration", "String", "The window: 1d, 30d, 1mo."),
    (
        "max_parallel_requests",
        "Integer",
        "Requests at the same time.",
    ),
    ("tpm_limit", "Integer", "Tokens per minute."),
    ("rpm_limit", "Integer", "Requests per minute."),
    ("model_max_budget", "Object", "Dollars for single models."),
    (
        "allowed_models",
        "List",
        "Models by name, wildcard or access group.",
    ),
];

/// The id under which LiteLLM's clients know a budget.
fn public_id(budget: &SharedBudget) -> String {
    let own = budget.external_id.clone();
    own.unwrap_or_else(|| budget.id.to_string())
}

/// When the main window of a shared budget ends. Those of seconds, minutes and hours begin with each
/// thing that points to it; this says the one that would begin with the budget.
async fn resets_at(
    store: &Store,
    budget: &SharedBudget,
) -> Result<Option<TimestampMs>, ActionError> {
    let Some(window) = budget.policy.hard_budget().and_then(|one| one.window) else {
        return Ok(None);
    };
    let organization = store.organization(budget.organization_id.as_str()).await?;
    let zone: Option<TimeZone> = organization.and_then(|one| one.time_zone.parse().ok());
    let (now, made_at) = (TimestampMs::now(), budget.stamps.created_at);
    let bounds = window.bounds(now, &zone.unwrap_or_default(), made_at);
    Ok(Some(bounds.ends_at))
}

/// A row of LiteLLM's table of budgets.
///
/// # Errors
/// When the store does not answer.
pub async fn row(store: &Store, budget: &SharedBudget) -> Result<Map<String, Value>, ActionError> {
    let mut row = limits(&budget.policy, resets_at(store, budget).await?);
    let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
    put("budget_id", json!(public_id(budget)));
    put("id", json!(budget.id));
    put("organization_id", json!(budget.organization_id));
    put("created_at", json!(budget.stamps.created_at.to_rfc3339()));
    put("created_by", json!(budget.stamps.created_by));
    put("updated_at", json!(budget.stamps.updated_at.to_rfc3339()));
    put("updated_by", json!(budget.stamps.updated_by));
    Ok(row)
}

/// The money and rates of a policy as LiteLLM's rows of budgets have them.
#[must_use]
pub fn limits(of: &Policy, resets_at: Option<TimestampMs>) -> Map<String, Value> {
    let mut shown = policy::shown(of);
    let mut row = Map::new();
    for name in [
        "max_budget",
        "soft_budget",
        "max_parallel_requests",
        "tpm_limit",
        "rpm_limit",
        "tpd_limit",
        "model_max_budget",
        "budget_duration",
    ] {
        row.insert(name.to_owned(), shown.remove(name).unwrap_or_default());
    }
    row.insert("allowed_models".to_owned(), json!(of.models));
    let resets_at = resets_at.map(TimestampMs::to_rfc3339);
    row.insert("budget_reset_at".to_owned(), json!(resets_at));
    row
}

/// The ids of budgets as LiteLLM's clients know them, by ours.
///
/// # Errors
/// When the store does not answer.
pub async fn public_ids(
    store: &Store,
    policies: impl Iterator<Item = &Policy>,
) -> Result<BTreeMap<BudgetId, String>, ActionError> {
    let ids: BTreeSet<BudgetId> = policies
        .filter_map(|policy| policy.budget_id.clone())
        .collect();
    let found = store.shared_budgets_of(&ids).await?.into_iter();
    Ok(found
        .map(|budget| {
            let id = public_id(&budget);
            (budget.id, id)
        })
        .collect())
}

/// Reads the members of a budget.
fn apply(fields: &mut Fields, policy: &mut Policy) -> Result<(), ActionError> {
    fields.texts("allowed_models")?.replace(&mut policy.models);
    policy::apply(fields, policy)
}

async fn new(
    acting: Acting<may::WriteBudgets>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let mut new = NewBudget {
        external_id: fields.text("budget_id")?.value(),
        organization_id: fields.text("organization_id")?.value(),
        ..NewBudget::default()
    };
    apply(&mut fields, &mut new.policy)?;
    let made = budgets::create(&acting, new).await.map_err(refused)?;
    Ok(HttpResponse::Ok().json(row(acting.store(), &made).await?))
}

async fn update(
    acting: Acting<may::WriteBudgets>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let Some(id) = fields.text("budget_id")?.value() else {
        return Err(missing("budget_id", "say which budget"));
    };
    let changed = budgets::update(&acting, &id, |policy| apply(&mut fields, policy)).await?;
    Ok(HttpResponse::Ok().json(row(acting.store(), &changed).await?))
}

async fn info(
    acting: Acting<may::ReadBudgets>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let ids = Fields::read(&body)?.texts("budgets")?.value();
    let Some(ids) = ids.filter(|ids| !ids.is_empty()) else {
        return Err(missing("budgets", "a list of budget ids"));
    };
    let mut rows = Vec::new();
    for id in ids {
        // LiteLLM leaves out what is not there.
        match budgets::find(&acting, &id).await {
            Ok(budget) => rows.push(row(acting.store(), &budget).await?),
            Err(ActionError::NotFound { .. }) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Ok(HttpResponse::Ok().json(rows))
}

async fn list(acting: Acting<may::ReadBudgets>) -> Result<HttpResponse, Envelope> {
    let listed = budgets::list(&acting, None, &EVERYTHING).await?;
    let mut rows = Vec::new();
    for budget in &listed.items {
        rows.push(row(acting.store(), budget).await?);
    }
    Ok(HttpResponse::Ok().json(rows))
}

#[derive(Deserialize)]
struct SettingsQuery {
    budget_id: String,
}

async fn settings(
    acting: Acting<may::ReadBudgets>,
    query: web::Query<SettingsQuery>,
) -> Result<HttpResponse, Envelope> {
    let budget = budgets::find(&acting, &query.budget_id).await?;
    let row = row(acting.store(), &budget).await?;
    let members = MEMBERS.map(|(name, kind, description)| {
        json!({
            "field_name": name,
            "field_type": kind,
            "field_description": description,
            "field_value": row.get(name),
            "stored_in_db": true,
            "field_default_value": null,
            "premium_field": false,
        })
    });
    Ok(HttpResponse::Ok().json(members))
}

async fn delete(
    acting: Acting<may::WriteBudgets>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let Some(id) = Fields::read(&body)?.text("id")?.value() else {
        return Err(missing("id", "say which budget"));
    };
    let gone = budgets::delete(&acting, &id).await?;
    Ok(HttpResponse::Ok().json(row(acting.store(), &gone).await?))
}
