//! `/ui/budgets`: every budget of every level, the first to run out first.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::policies::BudgetMode;
use domain::spend::ScopeKind;
use serde::Deserialize;
use web_ui::figures::money;
use web_ui::pages::budgets::{BudgetRow, Budgets};
use web_ui::pages::parts::Choice;

use crate::acting::may;
use crate::actions::forecasts::{self, Forecast, ForecastFilter};
use crate::pages::addresses::{pager, query};
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, budget_lines};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] =
    &[unshaped_route!(GET "/ui/budgets" => show, ReadSpend, "Every budget, and when it runs out.")];

/// How many levels a page reads.
const SHOWN: usize = 200;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    level: String,
    after: String,
}

const LEVELS: [(&str, Option<ScopeKind>, &str); 7] = [
    ("", None, "budgets-every"),
    (
        "organization",
        Some(ScopeKind::Organization),
        "nav-organizations",
    ),
    ("team", Some(ScopeKind::Team), "nav-teams"),
    ("member", Some(ScopeKind::Member), "members"),
    ("project", Some(ScopeKind::Project), "projects"),
    ("key", Some(ScopeKind::Key), "nav-keys"),
    ("end_user", Some(ScopeKind::EndUser), "end-users"),
];

async fn show(
    visit: Visit<may::ReadSpend>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let level = LEVELS
        .into_iter()
        .find(|(word, ..)| *word == asked.level)
        .unwrap_or(LEVELS[0]);
    let filter = ForecastFilter {
        kinds: level.1.into_iter().collect(),
        ..ForecastFilter::default()
    };
    let after = Some(asked.after.as_str()).filter(|after| !after.is_empty());
    let (mut found, next) = forecasts::list(&visit.acting, &filter, (after, SHOWN)).await?;
    // The first to run out first; those that do not, by what is left of them.
    found.sort_by_key(|one| (one.runs_out_at.is_none(), one.runs_out_at, one.left));
    let base = visit.frame.to("/budgets");
    let address = |level: &str, after: &str| {
        format!("{base}{}", query(&[("level", level), ("after", after)]))
    };
    let levels = LEVELS
        .iter()
        .map(|(word, _kind, text)| Choice::of(address(word, ""), words.t(text), *word == level.0));
    let table = [("format", "csv"), ("level", level.0)];
    let page = Budgets {
        csv: format!(
            "{}/api/v1/budgets/forecasts{}",
            visit.frame.base,
            query(&table)
        ),
        levels: levels.collect(),
        pager: pager(
            words,
            (found.len(), None),
            |after| address(level.0, after),
            (&asked.after, next),
        ),
        rows: found.iter().map(|one| row(&visit, one)).collect(),
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &page.frame, page.render())
}

fn row(visit: &Visit<may::ReadSpend>, one: &Forecast) -> BudgetRow {
    let words = visit.words();
    BudgetRow {
        line: budget_lines::of_all(&visit.frame, &visit.clock, one),
        counts: budget_lines::window(&visit.clock, one),
        mode: words.t(match one.mode {
            BudgetMode::Enforce => "mode-enforce",
            BudgetMode::Shadow => "mode-shadow",
            BudgetMode::Soft => "mode-soft",
        }),
        pace: money(words, one.per_day, 2),
        risky: one.runs_out_at.is_some(),
    }
}
