//! A team blocked, let again, deleted with all that is in it.

use actix_web::{HttpResponse, web};
use domain::teams::Team;
use store::page::Page;
use store::projects::ProjectFilter;
use store::service_accounts::ServiceAccountFilter;
use store::usage::Dimension;
use store::virtual_keys::KeyFilter;
use web_ui::figures::count;
use web_ui::pages::parts::Fact;

use super::detail;
use crate::acting::{Permission, may};
use crate::actions::{members, projects, service_accounts, teams};
use crate::error::ActionError;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, at_stake, dialogs};

async fn at_stake<P: Permission>(visit: &Visit<P>, team: &Team) -> Result<Vec<Fact>, ActionError> {
    let keys = KeyFilter {
        team_id: Some(team.id.clone()),
        ..KeyFilter::default()
    };
    at_stake::facts(visit, keys, (Dimension::Team, team.id.to_string())).await
}

/// What else goes with a team: all its keys, its projects, service accounts and memberships.
async fn contents<P: Permission>(visit: &Visit<P>, team: &Team) -> Result<Vec<Fact>, ActionError> {
    let page = Page {
        count: true,
        ..Page::first(1)
    };
    let shown = |name: &str, total: Option<i64>| Fact {
        name: visit.words().t(name),
        value: count(
            visit.words(),
            total
                .and_then(|total| u64::try_from(total).ok())
                .unwrap_or(0),
        ),
    };
    let mut facts = Vec::new();
    if let Ok(reading) = visit.acting.also::<may::ReadProjects>() {
        let filter = ProjectFilter {
            team_id: Some(team.id.clone()),
            ..ProjectFilter::default()
        };
        let listed = projects::list(&reading, filter, &page).await?;
        facts.push(shown("projects", listed.total));
        let filter = ServiceAccountFilter {
            team_id: Some(team.id.clone()),
            ..ServiceAccountFilter::default()
        };
        let listed = service_accounts::list(&reading, filter, &page).await?;
        facts.push(shown("stake-accounts", listed.total));
    }
    if let Ok(reading) = visit.acting.also::<may::ReadMembers>() {
        let (_team, listed) = members::of_team(&reading, team.id.as_str()).await?;
        facts.push(shown("members", i64::try_from(listed.len()).ok()));
    }
    Ok(facts)
}

/// The question, its warning and its button, for the team's name.
async fn asked<P: Permission>(
    visit: Visit<P>,
    team: &Team,
    (title, warning, submit): (&str, &str, &str),
    (path, facts): (&str, Vec<Fact>),
) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let title = words.with(title, &[("name", (&team.name).into())]);
    let at = visit.frame.to(&format!("/teams/{}", team.id));
    let action = format!("{at}/{path}");
    let mut dialog = dialogs::question(words, (title, warning, submit), action, at);
    dialog.facts = facts;
    detail::with(visit.to()?, team.id.as_str(), (&dialog, None)).await
}

pub(super) async fn ask_block(
    visit: Visit<may::UpdateTeams>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let team = teams::find(&visit.acting, &id).await?;
    let facts = at_stake(&visit, &team).await?;
    let texts = ("block-title", "team-block-then", "team-block");
    asked(visit, &team, texts, ("block", facts)).await
}

pub(super) async fn block(
    visit: Visit<may::UpdateTeams>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let team = teams::set_blocked(&visit.acting, &id, true).await?;
    Ok(visit.done(&format!("/teams/{}", team.id), "team-blocked"))
}

pub(super) async fn unblock(
    visit: Visit<may::UpdateTeams>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let team = teams::set_blocked(&visit.acting, &id, false).await?;
    Ok(visit.done(&format!("/teams/{}", team.id), "team-unblocked"))
}

pub(super) async fn ask_delete(
    visit: Visit<may::CreateTeams>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let team = teams::find(&visit.acting, &id).await?;
    let mut facts = at_stake(&visit, &team).await?;
    facts.extend(contents(&visit, &team).await?);
    let texts = ("delete-title", "team-delete-then", "team-delete");
    asked(visit, &team, texts, ("delete", facts)).await
}

pub(super) async fn delete(
    visit: Visit<may::CreateTeams>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    teams::delete(&visit.acting, &[id.into_inner()]).await?;
    Ok(visit.done("/teams", "team-deleted"))
}
