//! Where a request would go: asked by an address of its own, answered without sending anything.

mod told;

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use serde::Deserialize;
use store::page::Page;
use store::teams::TeamFilter;
use store::virtual_keys::KeyFilter;
use web_ui::pages::dry_run::{DryRun as DryRunPage, Found};
use web_ui::pages::parts::Choice;

use crate::acting::may;
use crate::actions::dry_run;
use crate::actions::{keys, teams};
use crate::api::dry_run::DryRunQuery;
use crate::error::ActionError;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, fault};

/// How many keys and teams are offered.
const OFFERED: i64 = 200;

type Reading = Visit<may::ReadDeployments>;

/// What the form's address says.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    model: String,
    key: String,
    team: String,
}

pub(super) async fn show(
    visit: Reading,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let Asked { model, key, team } = asked.into_inner();
    let query = DryRunQuery {
        model: model.trim().to_owned(),
        key: Some(key.trim().to_owned()),
        team: Some(team.clone()),
        organization: None,
    };
    let (found, why_not) = match found(&visit, &query).await {
        Ok(found) => (found, String::new()),
        Err(ActionError::NotFound { .. }) => {
            let why_not = visit.words().t("dry-run-no-such-key");
            (None, why_not)
        }
        Err(invalid @ ActionError::Invalid { .. }) => (None, fault::told(visit.words(), &invalid)),
        Err(other) => return Err(other.into()),
    };
    let status = match why_not.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let page = DryRunPage {
        models: models(&visit),
        keys: key_choices(&visit).await?,
        teams: team_choices(&visit, &team).await?,
        // A key in the clear is not shown again.
        key: Some(key)
            .filter(|key| !key.starts_with("sk-"))
            .unwrap_or_default(),
        model: query.model,
        fault: why_not,
        found,
        frame: visit.frame,
    };
    answers::page(status, &page.frame, page.render())
}

async fn found(visit: &Reading, query: &DryRunQuery) -> Result<Option<Found>, ActionError> {
    if query.model.is_empty() {
        return Ok(None);
    }
    let walked = dry_run::dry_run(&visit.acting, &query.model, &query.asks()?).await?;
    Ok(Some(told::told(visit.words(), walked)))
}

/// The names of the file's models and aliases; those of the store are known by who added them.
fn models(visit: &Reading) -> Vec<String> {
    let file = visit.acting.api().settings.file.load();
    let table = &file.table;
    let groups = table.deployments.iter().map(|one| one.group.clone());
    let aliases = table.aliases.keys().cloned();
    let names: BTreeSet<String> = groups.chain(aliases).collect();
    names.into_iter().collect()
}

async fn key_choices(visit: &Reading) -> Result<Vec<Choice>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadKeys>() else {
        return Ok(Vec::new());
    };
    let listed = keys::list(&reading, KeyFilter::default(), &Page::first(OFFERED)).await?;
    let each = listed.items.into_iter().map(|key| {
        let end = format!("…{}", key.last_four);
        Choice::of(key.id.to_string(), key.alias.unwrap_or(end), false)
    });
    Ok(each.collect())
}

async fn team_choices(visit: &Reading, chosen: &str) -> Result<Vec<Choice>, ActionError> {
    let none = visit.words().t("dry-run-no-team");
    let mut choices = vec![Choice::of("", none, chosen.is_empty())];
    if let Ok(reading) = visit.acting.also::<may::ReadTeams>() {
        let listed = teams::list(&reading, TeamFilter::default(), &Page::first(OFFERED)).await?;
        choices.extend(listed.items.into_iter().map(|team| {
            let id = team.id.to_string();
            let is_chosen = id == chosen;
            Choice::of(id, team.name, is_chosen)
        }));
    }
    Ok(choices)
}
