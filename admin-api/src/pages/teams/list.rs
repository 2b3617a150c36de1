//! The list of teams.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::ids::TeamId;
use domain::permissions::Action;
use domain::spend::ScopeKind;
use domain::teams::Team;
use serde::Deserialize;
use store::page::Page;
use store::teams::TeamFilter;
use web_ui::figures::{count, money};
use web_ui::frame::initials;
use web_ui::markup::{Tone, badge};
use web_ui::pages::teams::{TeamRow, Teams};

use crate::acting::may;
use crate::actions::forecasts::{self, Forecast, ForecastFilter};
use crate::actions::{spend, teams};
use crate::error::ActionError;
use crate::pages::addresses::{pager, query};
use crate::pages::keys::{bar, of_limit};
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, budget_lines};

/// How many a page shows.
const SHOWN: i64 = 50;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    after: String,
}

pub(super) async fn show(
    visit: Visit<may::ReadTeams>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let wants_piece = visit.wants_piece;
    let page = page(visit, &asked).await?;
    let rendered = if wants_piece {
        page.rows_alone().render()
    } else {
        page.render()
    };
    answers::page(StatusCode::OK, &page.frame, rendered)
}

/// The list as it is asked for.
pub(super) async fn page(visit: Visit<may::ReadTeams>, asked: &Asked) -> Result<Teams, PageFault> {
    let search = Some(asked.q.trim().to_owned()).filter(|q| !q.is_empty());
    let filter = TeamFilter {
        search: search.clone(),
        ..TeamFilter::default()
    };
    let page = Page {
        after: Some(asked.after.clone()).filter(|after| !after.is_empty()),
        count: true,
        ..Page::first(SHOWN)
    };
    let listed = teams::list(&visit.acting, filter, &page).await?;
    let next = listed
        .items
        .last()
        .filter(|_| listed.more)
        .map(|team| team.id.to_string());
    let base = visit.frame.to("/teams");
    let address = |after: &str| format!("{base}{}", query(&[("q", &asked.q), ("after", after)]));
    let shown = (listed.items.len(), listed.total);
    let pager = pager(visit.words(), shown, address, (&asked.after, next));
    let rows = rows(&visit, listed.items).await?;
    Ok(Teams {
        may_create: visit.may(Action::CreateTeams),
        empty_never: rows.is_empty() && search.is_none() && asked.after.is_empty(),
        q: asked.q.clone(),
        rows,
        pager,
        form: None,
        frame: visit.frame,
    })
}

async fn rows(
    visit: &Visit<may::ReadTeams>,
    listed: Vec<Team>,
) -> Result<Vec<TeamRow>, ActionError> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let (store, words) = (visit.acting.store(), visit.words());
    let ids: Vec<TeamId> = listed.iter().map(|team| team.id.clone()).collect();
    let mut members: BTreeMap<TeamId, u64> = BTreeMap::new();
    for member in store.members_of_teams(&ids).await? {
        if let Some(team) = member.team_id {
            *members.entry(team).or_default() += 1;
        }
    }
    let spent: BTreeMap<String, _> = match visit.may(Action::ReadSpend) {
        true => spend::shown(store, &listed)
            .await?
            .into_iter()
            .map(|(scope, sum)| (scope.id, sum))
            .collect(),
        false => BTreeMap::new(),
    };
    let forecasts = forecasts(visit).await?;
    let each = listed.into_iter().map(|team| {
        let sum = spent.get(team.id.as_str()).copied().unwrap_or_default();
        let budget = team.policy.hard_budget();
        let forecast = forecasts
            .iter()
            .find(|one| one.scope.id == team.id.as_str());
        let status = if team.blocked {
            (Tone::Danger, "state-blocked")
        } else {
            (Tone::Ok, "state-active")
        };
        TeamRow {
            href: visit.frame.to(&format!("/teams/{}", team.id)),
            mark: initials(&team.name),
            models: super::members::models(words, &team.policy),
            spent: money(words, sum, 2),
            limit: budget
                .map(|budget| of_limit(words, budget))
                .unwrap_or_default(),
            bar: budget.map(|budget| bar(words, sum, budget.limit_nanousd)),
            runs_out: forecast
                .map(|one| budget_lines::note(&visit.clock, one))
                .unwrap_or_default(),
            members: count(words, members.get(&team.id).copied().unwrap_or(0)),
            status: badge(status.0, &words.t(status.1)),
            name: team.name,
        }
    });
    Ok(each.collect())
}

async fn forecasts(visit: &Visit<may::ReadTeams>) -> Result<Vec<Forecast>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
        return Ok(Vec::new());
    };
    let filter = ForecastFilter {
        kinds: vec![ScopeKind::Team],
        ..ForecastFilter::default()
    };
    let (found, _next) = forecasts::list(&reading, &filter, (None, 200)).await?;
    Ok(found)
}
