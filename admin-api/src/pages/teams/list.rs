//! The list of teams.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::ids::TeamId;
use domain::permissions::Action;
use domain::spend::ScopeKind;
use domain::teams::Team;
use store::teams::{TeamFilter, by_name};
use web_ui::figures::count;
use web_ui::frame::initials;
use web_ui::markup::Markup;
use web_ui::pages::teams::{TeamRow, Teams};

use crate::acting::may;
use crate::actions::forecasts::{self, Forecast, ForecastFilter};
use crate::actions::teams;
use crate::error::ActionError;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, budget_lines, lists};

pub(super) use crate::pages::lists::Asked;

pub(super) async fn show(
    visit: Visit<may::ReadTeams>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let wants_piece = visit.wants_piece;
    let page = page(visit, &asked).await?;
    let both = (|| page.render(), || page.rows_alone().render());
    lists::answer(&page.frame, wants_piece, both)
}

/// The list as it is asked for.
pub(super) async fn page(visit: Visit<may::ReadTeams>, asked: &Asked) -> Result<Teams, PageFault> {
    let filter = TeamFilter {
        search: asked.search(),
        ..TeamFilter::default()
    };
    let listed = teams::list(&visit.acting, filter, &asked.sorted(by_name)).await?;
    let base = visit.frame.to("/teams");
    let pager = asked.pager(visit.words(), &base, &listed, |team| team.id.to_string());
    let rows = rows(&visit, listed.items).await?;
    Ok(Teams {
        may_create: visit.may(Action::CreateTeams),
        empty_never: rows.is_empty() && asked.search().is_none() && asked.after.is_empty(),
        q: asked.q.clone(),
        rows,
        pager,
        sorts: asked.sorts(&base),
        dialog: Markup::default(),
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
    let spent = lists::spent(visit, &listed).await?;
    let forecasts = forecasts(visit, &ids).await?;
    let each = listed.into_iter().map(|team| {
        let forecast = forecasts
            .iter()
            .find(|one| one.scope.id == team.id.as_str());
        TeamRow {
            href: visit.frame.to(&format!("/teams/{}", team.id)),
            mark: initials(&team.name),
            models: super::members::models(words, &team.policy),
            money: lists::cell(words, spent.as_ref(), (team.id.as_str(), &team.policy)),
            runs_out: forecast
                .map(|one| budget_lines::note(&visit.clock, one))
                .unwrap_or_default(),
            members: count(words, members.get(&team.id).copied().unwrap_or(0)),
            status: lists::status(words, team.blocked),
            name: team.name,
        }
    });
    Ok(each.collect())
}

/// How the budgets of these teams stand.
async fn forecasts(
    visit: &Visit<may::ReadTeams>,
    ids: &[TeamId],
) -> Result<Vec<Forecast>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
        return Ok(Vec::new());
    };
    let filter = ForecastFilter {
        kinds: vec![ScopeKind::Team],
        only: ids.iter().map(ToString::to_string).collect(),
        ..ForecastFilter::default()
    };
    let (found, _next) = forecasts::list(&reading, &filter, (None, 200)).await?;
    Ok(found)
}
