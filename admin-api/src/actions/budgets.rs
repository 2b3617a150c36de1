//! Shared budgets: made, changed, removed.

use std::collections::BTreeMap;

use domain::budgets::SharedBudget;
use domain::ids::BudgetId;
use domain::permissions::Place;
use domain::policies::Policy;
use domain::spend::ScopeKind;
use domain::stamps::Stamps;
use store::Event;
use store::budget_uses::BudgetUse;
use store::page::{Listed, Page};

use crate::acting::{Acting, Permission, may};
use crate::actions::chosen_ids::chosen;
use crate::actions::levels::{meant_budget, organization_for};
use crate::error::ActionError;

/// What a shared budget may be made with.
#[derive(Clone, Debug, Default)]
pub struct NewBudget {
    /// The caller's own id.
    pub external_id: Option<String>,
    /// Whose; the actor's own organization when missing.
    pub organization_id: Option<String>,
    /// Its money, rates and models.
    pub policy: Policy,
}

fn recorded(budget: &SharedBudget) -> serde_json::Value {
    serde_json::to_value(budget).unwrap_or_default()
}

fn event(action: &'static str, budget: &SharedBudget) -> Event {
    Event {
        action,
        object_kind: "budget",
        object_id: budget.id.to_string(),
        organization_id: Some(budget.organization_id.to_string()),
        ..Event::default()
    }
}

/// A budget that points to another would be a chain without an end.
fn checked(policy: &mut Policy) -> Result<(), ActionError> {
    if policy.budget_id.take().is_some() {
        return Err(ActionError::invalid(
            "budget_id",
            "A shared budget cannot point to another one.",
        ));
    }
    Ok(())
}

/// Makes a shared budget.
///
/// # Errors
/// When its id is taken, or the organization is not the actor's.
pub async fn create(
    acting: &Acting<may::WriteBudgets>,
    new: NewBudget,
) -> Result<SharedBudget, ActionError> {
    let organization = organization_for(acting, new.organization_id.as_deref()).await?;
    let external_id = new
        .external_id
        .map(|id| chosen("budget_id", id))
        .transpose()?;
    let mut policy = new.policy;
    checked(&mut policy)?;
    let budget = SharedBudget {
        id: BudgetId::generate(),
        organization_id: organization.id,
        external_id,
        policy,
        stamps: Stamps::now(&acting.actor.id()),
    };
    let mut change = acting.store().begin().await?;
    change.insert_shared_budget(&budget).await?;
    let made = Event {
        after: Some(recorded(&budget)),
        ..event("budget.create", &budget)
    };
    change.commit(&acting.actor, made).await?;
    Ok(budget)
}

async fn visible<P: Permission>(acting: &Acting<P>, id: &str) -> Result<SharedBudget, ActionError> {
    let found = meant_budget(acting, id).await?;
    let budget = found.ok_or_else(|| ActionError::not_found("Budget", id))?;
    let place = Place {
        organization_id: Some(budget.organization_id.clone()),
        ..Place::default()
    };
    acting.on(&place, "Budget", id).await?;
    Ok(budget)
}

/// Finds a shared budget by either of its ids.
///
/// # Errors
/// [`ActionError::NotFound`] also when the actor may not see it.
pub async fn find(
    acting: &Acting<may::ReadBudgets>,
    id: &str,
) -> Result<SharedBudget, ActionError> {
    visible(acting, id).await
}

/// Lists the shared budgets that the actor may see.
///
/// # Errors
/// When the store does not answer.
pub async fn list(
    acting: &Acting<may::ReadBudgets>,
    search: Option<&str>,
    page: &Page,
) -> Result<Listed<SharedBudget>, ActionError> {
    let scope = acting.scope();
    Ok(acting.store().shared_budgets(&scope, search, page).await?)
}

/// How many things of each kind point to these shared budgets. Whoever sees a budget sees that.
///
/// # Errors
/// When the store does not answer.
pub async fn uses(
    acting: &Acting<may::ReadBudgets>,
    budgets: &[SharedBudget],
) -> Result<BTreeMap<BudgetId, Vec<(ScopeKind, u64)>>, ActionError> {
    let ids: Vec<BudgetId> = budgets.iter().map(|one| one.id.clone()).collect();
    Ok(acting.store().budget_use_counts(&ids).await?)
}

/// What points to a shared budget, by kind and name. Whoever sees a budget sees all keys of its
/// organization, and so all of it.
///
/// # Errors
/// When the store does not answer, or the page comes after nothing.
pub async fn used_by(
    acting: &Acting<may::ReadBudgets>,
    budget: &SharedBudget,
    page: &Page,
) -> Result<Listed<BudgetUse>, ActionError> {
    Ok(acting.store().budget_uses(&budget.id, page).await?)
}

/// Changes a shared budget; whatever points to it has the new limits at once.
///
/// # Errors
/// As [`find`], and what `change` refuses.
pub async fn update(
    acting: &Acting<may::WriteBudgets>,
    id: &str,
    change: impl FnOnce(&mut Policy) -> Result<(), ActionError>,
) -> Result<SharedBudget, ActionError> {
    let before = visible(acting, id).await?;
    let mut budget = before.clone();
    change(&mut budget.policy)?;
    checked(&mut budget.policy)?;
    budget.stamps = before.stamps.changed(&acting.actor.id());
    let mut writing = acting.store().begin().await?;
    writing.update_shared_budget(&budget).await?;
    let changed = Event {
        before: Some(recorded(&before)),
        after: Some(recorded(&budget)),
        ..event("budget.update", &budget)
    };
    writing.commit(&acting.actor, changed).await?;
    Ok(budget)
}

/// Removes a shared budget. What points to it is limited by its own policy alone from then on.
///
/// # Errors
/// As [`find`].
pub async fn delete(
    acting: &Acting<may::WriteBudgets>,
    id: &str,
) -> Result<SharedBudget, ActionError> {
    let budget = visible(acting, id).await?;
    let mut change = acting.store().begin().await?;
    change.delete_shared_budget(&budget.id).await?;
    let gone = Event {
        before: Some(recorded(&budget)),
        ..event("budget.delete", &budget)
    };
    change.commit(&acting.actor, gone).await?;
    Ok(budget)
}
