//! Every budget of every level, the first to run out first.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::Action;
use domain::policies::BudgetMode;
use domain::spend::ScopeKind;
use serde::Deserialize;
use web_ui::figures::money;
use web_ui::markup::Markup;
use web_ui::pages::budgets::{BudgetRow, Budgets};
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::parts::Choice;

use crate::acting::may;
use crate::actions::forecasts::{self, Forecast, ForecastFilter};
use crate::error::ActionError;
use crate::pages::addresses::{encoded, pager, query};
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, budget_lines, dialogs};

/// How many levels a page shows: their rows are long.
const SHOWN: usize = 40;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    level: String,
    after: String,
}

const LEVELS: [(&str, Option<ScopeKind>, &str); 9] = [
    ("", None, "budgets-every"),
    (
        "organization",
        Some(ScopeKind::Organization),
        "nav-organizations",
    ),
    ("team", Some(ScopeKind::Team), "nav-teams"),
    ("member", Some(ScopeKind::Member), "members"),
    ("project", Some(ScopeKind::Project), "projects"),
    ("user", Some(ScopeKind::User), "nav-people"),
    ("key", Some(ScopeKind::Key), "nav-keys"),
    ("end_user", Some(ScopeKind::EndUser), "end-users"),
    ("tag", Some(ScopeKind::Tag), "tags"),
];

pub(super) async fn show(
    visit: Visit<may::ReadSpend>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &asked).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// The list with a dialog over it.
pub(super) async fn with(
    visit: Visit<may::ReadSpend>,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &Asked::default()).await?;
    dialogs::answered(page, (dialog, refused))
}

async fn page(visit: Visit<may::ReadSpend>, asked: &Asked) -> Result<Budgets, PageFault> {
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
    let table = [
        ("format", "csv"),
        ("level", level.0),
        ("organization", visit.frame.organization.as_str()),
    ];
    Ok(Budgets {
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
        may_create: visit.may(Action::WriteKeys),
        shared: match visit.may(Action::ReadBudgets) {
            true => visit.frame.to("/budgets/shared"),
            false => String::new(),
        },
        alerts: match visit.may(Action::ReadAlerts) {
            true => visit.frame.to("/budgets/alerts"),
            false => String::new(),
        },
        templates: match visit.may(Action::ReadTemplates) {
            true => visit.frame.to("/templates"),
            false => String::new(),
        },
        dialog: Markup::default(),
        frame: visit.frame,
    })
}

fn row(visit: &Visit<may::ReadSpend>, one: &Forecast) -> BudgetRow {
    let words = visit.words();
    BudgetRow {
        href: match may_change(visit, one) {
            true => address(visit, one).unwrap_or_default(),
            false => String::new(),
        },
        line: budget_lines::of_all(&visit.frame, &visit.clock, one),
        counts: budget_lines::window(&visit.clock, one),
        mode: words.t(match one.mode {
            BudgetMode::Enforce => "mode-enforce",
            BudgetMode::Shadow => "mode-shadow",
            BudgetMode::Soft => "mode-soft",
        }),
        pace: money(words, one.per_day, 2),
        risky: one.runs_out_at.is_some(),
        shared: match (&one.budget_id, visit.may(Action::ReadBudgets)) {
            (Some(id), true) => visit.frame.to(&format!("/budgets/shared/{id}")),
            _ => String::new(),
        },
    }
}

/// Where a budget is changed; none of a shared one, which belongs to no level.
fn address(visit: &Visit<may::ReadSpend>, one: &Forecast) -> Option<String> {
    if one.budget_id.is_some() {
        return None;
    }
    let id = encoded(&one.scope.id);
    let path = match one.scope.kind {
        ScopeKind::Organization => format!("organizations/{id}"),
        ScopeKind::Team => format!("teams/{id}"),
        ScopeKind::Member if one.team_id.is_some() => format!("team-members/{id}"),
        ScopeKind::Member => format!("organization-members/{id}"),
        ScopeKind::Project => format!("projects/{id}"),
        ScopeKind::User => format!("people/{id}"),
        ScopeKind::Key => format!("keys/{id}"),
        // Their ids begin with the organization's.
        ScopeKind::EndUser => format!("end-users/{}", encoded(named_within(&one.scope.id))),
        ScopeKind::Tag => format!("tags/{}", encoded(named_within(&one.scope.id))),
    };
    let which = match (&one.model, one.place) {
        (Some(model), _) => format!("model:{model}"),
        (None, Some(place)) => place.to_string(),
        (None, None) => return None,
    };
    let address = visit.frame.to(&format!("/budgets/{path}"));
    Some(format!("{address}{}", query(&[("budget", &which)])))
}

fn named_within(id: &str) -> &str {
    id.split_once('/').map_or(id, |(_organization, name)| name)
}

/// Whether they may change budgets of such levels somewhere; the form itself asks where.
fn may_change(visit: &Visit<may::ReadSpend>, one: &Forecast) -> bool {
    visit.may(match one.scope.kind {
        ScopeKind::Organization => Action::UpdateOrganizations,
        ScopeKind::Team => Action::UpdateTeams,
        ScopeKind::Member => Action::WriteTeamMembers,
        ScopeKind::Project => Action::WriteProjects,
        ScopeKind::User => Action::WriteUsers,
        ScopeKind::Key => Action::WriteKeys,
        ScopeKind::EndUser | ScopeKind::Tag => Action::WriteEndUsers,
    })
}
