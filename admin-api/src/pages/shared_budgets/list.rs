//! The list of shared budgets.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::Action;
use domain::spend::ScopeKind;
use web_ui::figures::count;
use web_ui::markup::Markup;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::shared_budgets::{SharedBudgetRow, SharedBudgets};
use web_ui::words::Words;

use super::{address, may_write, name};
use crate::acting::may;
use crate::actions::budgets;
use crate::error::ActionError;
use crate::pages::lists::Asked;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, budget_lines, dialogs, homes, policy_words};

pub(super) type Reading = Visit<may::ReadBudgets>;

pub(super) async fn show(
    visit: Reading,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &asked).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// The list with a dialog over it.
pub(super) async fn with(
    visit: Reading,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &Asked::default()).await?;
    dialogs::answered(page, (dialog, refused))
}

async fn page(visit: Reading, asked: &Asked) -> Result<SharedBudgets, PageFault> {
    let words = visit.words();
    let search = asked.search();
    let listed = budgets::list(&visit.acting, search.as_deref(), &asked.page()).await?;
    let base = visit.frame.to("/budgets/shared");
    let pager = asked.pager(words, &base, &listed, |one| one.id.to_string());
    let homes = homes::names(&visit).await?;
    let uses = budgets::uses(&visit.acting, &listed.items).await?;
    let rows = listed.items.into_iter().map(|one| {
        let href = address(&visit, &one);
        let of_one = uses.get(&one.id).map_or(&[][..], Vec::as_slice);
        SharedBudgetRow {
            change: match may_write(&visit, &one) {
                true => href.clone(),
                false => String::new(),
            },
            href,
            name: name(&one),
            organization: homes
                .get(one.organization_id.as_str())
                .cloned()
                .unwrap_or_else(|| one.organization_id.to_string()),
            limits: policy_words::of(words, &one.policy),
            uses: counts(words, of_one),
        }
    });
    Ok(SharedBudgets {
        q: asked.q.clone(),
        rows: rows.collect(),
        pager,
        may_create: visit.may(Action::WriteBudgets),
        dialog: Markup::default(),
        frame: visit.frame,
    })
}

/// How many of each kind: `Key 3`.
pub(super) fn counts(words: Words, uses: &[(ScopeKind, u64)]) -> Vec<String> {
    let each = uses.iter().map(|(kind, things)| {
        let kind = words.t(budget_lines::kind(*kind));
        format!("{kind}: {}", count(words, *things))
    });
    each.collect()
}
