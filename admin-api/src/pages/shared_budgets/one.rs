//! One shared budget: what it allows, and everything that points to it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::spend::ScopeKind;
use serde::Deserialize;
use store::budget_uses::BudgetUse;
use web_ui::markup::Markup;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::shared_budgets::{SharedBudgetPage, UseRow};

use super::list::Reading;
use super::{address, may_write, name};
use crate::actions::budgets;
use crate::error::ActionError;
use crate::pages::addresses::{pager, query};
use crate::pages::{PageFault, answers, budget_lines, dialogs, homes, lists, policy_words};

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
}

pub(super) async fn show(
    visit: Reading,
    id: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &id, &asked.after).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// Its page with a dialog over it.
pub(super) async fn with(
    visit: Reading,
    id: &str,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, id, "").await?;
    dialogs::answered(page, (dialog, refused))
}

async fn page(visit: Reading, id: &str, after: &str) -> Result<SharedBudgetPage, PageFault> {
    let words = visit.words();
    let one = budgets::find(&visit.acting, id).await?;
    let all = budgets::uses(&visit.acting, std::slice::from_ref(&one)).await?;
    let all = all.get(&one.id).map_or(&[][..], Vec::as_slice);
    let total = all.iter().map(|(_kind, things)| *things);
    let total = total.fold(0, u64::saturating_add);
    let uses = budgets::used_by(&visit.acting, &one, &lists::page_after(after)).await?;
    let base = visit.frame.to(&format!("/budgets/shared/{}", one.id));
    let pager = pager(
        words,
        (uses.items.len(), i64::try_from(total).ok()),
        |after| format!("{base}{}", query(&[("after", after)])),
        (after, lists::next(&uses, BudgetUse::cursor)),
    );
    let home = homes::names(&visit)
        .await?
        .remove(one.organization_id.as_str());
    Ok(SharedBudgetPage {
        name: name(&one),
        id: one.id.to_string(),
        organization: home.unwrap_or_else(|| one.organization_id.to_string()),
        limits: policy_words::of(words, &one.policy),
        pager,
        uses: uses
            .items
            .into_iter()
            .map(|used| row(&visit, used))
            .collect(),
        change: match may_write(&visit, &one) {
            true => address(&visit, &one),
            false => String::new(),
        },
        dialog: Markup::default(),
        frame: visit.frame,
    })
}

fn row(visit: &Reading, used: BudgetUse) -> UseRow {
    let BudgetUse { kind, id, name } = used;
    let page = match kind {
        ScopeKind::Key => format!("/keys/{id}"),
        ScopeKind::Team => format!("/teams/{id}"),
        ScopeKind::User => format!("/people/{id}"),
        _ => String::new(),
    };
    UseRow {
        kind: visit.words().t(budget_lines::kind(kind)),
        href: match page.is_empty() {
            true => page,
            false => visit.frame.to(&page),
        },
        name,
    }
}
