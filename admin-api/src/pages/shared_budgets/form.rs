//! A shared budget made, changed, deleted.

use actix_web::{HttpResponse, web};
use domain::budgets::SharedBudget;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::parts::Fact;

use super::{address, list, name, one};
use crate::acting::may;
use crate::actions::budgets::{self, NewBudget};
use crate::error::ActionError;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::keys::form as forms;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, homes};

type Writing = Visit<may::WriteBudgets>;

async fn filled(
    visit: &Writing,
    typed: &Form,
    refused: Option<&ActionError>,
    budget: Option<&SharedBudget>,
) -> Result<Dialog, ActionError> {
    let words = visit.words();
    let (title, at) = match budget {
        Some(budget) => ("shared-budget-edit", address(visit, budget)),
        None => ("shared-budget-create", visit.frame.to("/budgets/shared")),
    };
    let mut dialog = dialogs::form(words, title, at.clone(), at);
    dialog.text = words.t("shared-budget-text");
    let mut fields = Fields::of(words, typed, refused);
    match budget {
        Some(budget) => {
            dialog.version = budget.stamps.updated_at.0.to_string();
            dialog.submit = words.t("save");
        }
        None => {
            fields = fields
                .text("budget_id", "shared-budget-name")
                .hint("shared-budget-name-hint");
            let homes = homes::choices(visit, typed).await?;
            if !homes.is_empty() {
                fields = fields.select("organization", "level-organization", homes);
            }
        }
    }
    let fields = fields
        .money(("budget", "period"), "budget")
        .rates()
        .models(visit)
        .await?;
    Ok(fields.within(dialog, refused))
}

async fn new_form(
    visit: Writing,
    typed: &Form,
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let dialog = filled(&visit, typed, refused, None).await?;
    list::with(visit.to()?, (&dialog, refused)).await
}

pub(super) async fn ask(visit: Writing) -> Result<HttpResponse, PageFault> {
    new_form(visit, &Form::read(b"period=1mo")?, None).await
}

pub(super) async fn make(visit: Writing, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let made = match forms::policy(&typed, &Default::default()) {
        Ok(policy) => {
            let new = NewBudget {
                external_id: typed.given("budget_id"),
                organization_id: typed.given("organization"),
                policy,
            };
            budgets::create(&visit.acting, new).await
        }
        Err(refused) => Err(refused),
    };
    match made {
        Ok(made) => {
            let page = format!("/budgets/shared/{}", made.id);
            Ok(visit.done(&page, "shared-budget-made"))
        }
        Err(refused) if dialogs::is_typed(&refused) => {
            new_form(visit, &typed, Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

async fn changed_form(
    visit: Writing,
    (budget, typed): (&SharedBudget, &Form),
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let dialog = filled(&visit, typed, refused, Some(budget)).await?;
    one::with(visit.to()?, budget.id.as_str(), (&dialog, refused)).await
}

pub(super) async fn edit(visit: Writing, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let budget = budgets::find(&visit.acting.also()?, &id).await?;
    let typed = Form::of(forms::of_policy(&budget.policy));
    changed_form(visit, (&budget, &typed), None).await
}

pub(super) async fn update(
    visit: Writing,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let before = budgets::find(&visit.acting.also()?, &id).await?;
    let changed = match forms::as_it_was(before.stamps.updated_at, &typed) {
        Ok(()) => {
            let change = budgets::update(&visit.acting, before.id.as_str(), |policy| {
                *policy = forms::policy(&typed, policy)?;
                Ok(())
            });
            change.await
        }
        Err(conflict) => Err(conflict),
    };
    match changed {
        Ok(budget) => {
            let page = format!("/budgets/shared/{}", budget.id);
            Ok(visit.done(&page, "budget-saved"))
        }
        Err(refused) if dialogs::is_typed(&refused) => {
            changed_form(visit, (&before, &typed), Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

pub(super) async fn ask_delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let reading = visit.acting.also()?;
    let budget = budgets::find(&reading, &id).await?;
    let uses = budgets::uses(&reading, std::slice::from_ref(&budget)).await?;
    let words = visit.words();
    let back = address(&visit, &budget);
    let title = words.with("delete-title", &[("name", name(&budget).into())]);
    let texts = (title, "shared-budget-delete-then", "shared-budget-delete");
    let mut dialog = dialogs::question(words, texts, format!("{back}/delete"), back);
    let uses = uses.get(&budget.id).map_or(&[][..], Vec::as_slice);
    let used = match uses.is_empty() {
        true => words.t("shared-budget-unused"),
        false => list::counts(words, uses).join(" · "),
    };
    dialog.facts = vec![Fact {
        name: words.t("shared-budget-used-by"),
        value: used,
    }];
    one::with(visit.to()?, budget.id.as_str(), (&dialog, None)).await
}

pub(super) async fn delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    budgets::delete(&visit.acting, &id).await?;
    Ok(visit.done("/budgets/shared", "shared-budget-deleted"))
}
