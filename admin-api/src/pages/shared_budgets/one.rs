//! One shared budget: what it allows, and everything that points to it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::spend::ScopeKind;
use store::budget_uses::BudgetUse;
use web_ui::figures::count;
use web_ui::markup::Markup;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::shared_budgets::{SharedBudgetPage, UseRow};

use super::list::Reading;
use super::{address, may_write, name};
use crate::actions::budgets;
use crate::error::ActionError;
use crate::pages::{PageFault, answers, budget_lines, dialogs, homes, policy_words};

pub(super) async fn show(visit: Reading, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &id).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// Its page with a dialog over it.
pub(super) async fn with(
    visit: Reading,
    id: &str,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, id).await?;
    dialogs::answered(page, (dialog, refused))
}

async fn page(visit: Reading, id: &str) -> Result<SharedBudgetPage, PageFault> {
    let words = visit.words();
    let one = budgets::find(&visit.acting, id).await?;
    let all = budgets::uses(&visit.acting, std::slice::from_ref(&one)).await?;
    let all = all.get(&one.id).map_or(&[][..], Vec::as_slice);
    let total = all.iter().map(|(_kind, things)| *things);
    let total = total.fold(0, u64::saturating_add);
    let uses = budgets::used_by(&visit.acting, &one).await?;
    let shown = u64::try_from(uses.len()).unwrap_or(0);
    let told = [
        ("shown", count(words, shown).into()),
        ("total", count(words, total).into()),
    ];
    let home = homes::names(&visit)
        .await?
        .remove(one.organization_id.as_str());
    Ok(SharedBudgetPage {
        name: name(&one),
        id: one.id.to_string(),
        organization: home.unwrap_or_else(|| one.organization_id.to_string()),
        limits: policy_words::of(words, &one.policy),
        uses: uses.into_iter().map(|used| row(&visit, used)).collect(),
        cut: (shown < total).then(|| words.with("pager-of", &told)),
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
