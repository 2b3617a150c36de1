//! `/ui/budgets/shared`: limits that keys, people and teams point to, and who does.

mod form;
mod list;
mod one;

use domain::budgets::SharedBudget;
use domain::permissions::{Action, Place, authorize};

use crate::acting::Permission;
use crate::pages::visit::Visit;
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/budgets/shared" => list::show, ReadBudgets, "Shared budgets."),
    unshaped_route!(POST "/ui/budgets/shared" => form::make, WriteBudgets, "Makes a shared budget."),
    unshaped_route!(GET "/ui/budgets/shared/new" => form::ask, WriteBudgets, "The form for a new shared budget."),
    unshaped_route!(GET "/ui/budgets/shared/{budget_id}" => one::show, ReadBudgets, "A shared budget, and what points to it."),
    unshaped_route!(POST "/ui/budgets/shared/{budget_id}" => form::update, WriteBudgets, "Changes a shared budget."),
    unshaped_route!(GET "/ui/budgets/shared/{budget_id}/edit" => form::edit, WriteBudgets, "The form for a shared budget."),
    unshaped_route!(GET "/ui/budgets/shared/{budget_id}/delete" => form::ask_delete, WriteBudgets, "Asks whether to delete a shared budget."),
    unshaped_route!(POST "/ui/budgets/shared/{budget_id}/delete" => form::delete, WriteBudgets, "Deletes a shared budget."),
];

/// What people call it: the id that its maker chose, else ours.
fn name(budget: &SharedBudget) -> String {
    let own = budget.external_id.clone();
    own.unwrap_or_else(|| budget.id.to_string())
}

/// Where it is changed, for who may.
fn address<P: Permission>(visit: &Visit<P>, budget: &SharedBudget) -> String {
    visit.frame.to(&format!("/budgets/shared/{}", budget.id))
}

fn may_write<P: Permission>(visit: &Visit<P>, budget: &SharedBudget) -> bool {
    let place = Place {
        organization_id: Some(budget.organization_id.clone()),
        ..Place::default()
    };
    let rights = &visit.acting.actor.rights;
    authorize(rights, Action::WriteBudgets, &place).is_ok()
}
