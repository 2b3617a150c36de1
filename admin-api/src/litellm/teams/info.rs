//! `/team/info` and the lists of teams.

use actix_web::web;
use domain::permissions::Action;
use domain::virtual_keys::VirtualKey;
use serde::Deserialize;
use serde_json::{Value, json};
use store::page::Page;
use store::teams::TeamFilter;
use store::virtual_keys::KeyFilter;

use super::{Answer, Around};
use crate::acting::{Acting, may};
use crate::actions::{levels, teams};
use crate::error::ActionError;
use crate::litellm::keys_of;
use crate::litellm::numbered::Numbered;

/// Which team.
#[derive(Deserialize)]
pub struct InfoQuery {
    team_id: Option<String>,
}

pub async fn info(acting: Acting<may::ReadTeams>, query: web::Query<InfoQuery>) -> Answer {
    let id = query.into_inner().team_id.ok_or_else(|| {
        ActionError::invalid("team_id", "Say which team: `/team/info?team_id=…`.")
    })?;
    let team = teams::find(&acting, &id).await?;
    let around = Around::of(&acting, std::slice::from_ref(&team)).await?;
    let filter = KeyFilter {
        scope: acting.actor.rights.scope(Action::ReadKeys),
        team_id: Some(team.id.clone()),
        ..KeyFilter::default()
    };
    let keys: Vec<VirtualKey> = acting
        .store()
        .virtual_keys(&filter, &levels::EVERYTHING)
        .await?
        .items;
    let members = around.members(&team).iter();
    let memberships = members.map(|member| around.membership(&team, member));
    let shown = around.shown(&team);
    Ok(web::Json(json!({
        "team_id": shown.get("team_id"),
        "team_memberships": memberships.collect::<Vec<_>>(),
        "keys": keys_of::shown(&acting, &keys).await?,
        "team_info": shown,
    })))
}

/// Which teams.
#[derive(Deserialize)]
pub struct ListQuery {
    user_id: Option<String>,
    organization_id: Option<String>,
    team_id: Option<String>,
    team_alias: Option<String>,
    page: Option<i64>,
    page_size: Option<i64>,
}

async fn listed(
    acting: &Acting<may::ReadTeams>,
    query: &ListQuery,
    page: &Page,
) -> Result<(Vec<Value>, Option<i64>), ActionError> {
    let filter = TeamFilter {
        organization_id: levels::organization_id(acting, query.organization_id.clone()).await?,
        user_id: levels::user_id(acting, query.user_id.clone()).await?,
        search: query.team_alias.clone(),
        ids: query.team_id.iter().cloned().collect(),
        ..TeamFilter::default()
    };
    let listed = teams::list(acting, filter, page).await?;
    let around = Around::of(acting, &listed.items).await?;
    let shown = listed.items.iter().map(|team| {
        let mut shown = around.shown(team);
        let memberships = around.members(team).iter();
        let memberships = memberships.map(|member| around.membership(team, member));
        if let Value::Object(members) = &mut shown {
            members.insert("team_memberships".to_owned(), memberships.collect());
        }
        shown
    });
    Ok((shown.collect(), listed.total))
}

pub async fn list(acting: Acting<may::ReadTeams>, query: web::Query<ListQuery>) -> Answer {
    let (all, _total) = listed(&acting, &query, &levels::EVERYTHING).await?;
    Ok(web::Json(Value::Array(all)))
}

pub async fn list_paged(acting: Acting<may::ReadTeams>, query: web::Query<ListQuery>) -> Answer {
    let numbered = Numbered::asked(query.page, query.page_size, 10)?;
    let (items, total) = listed(&acting, &query, &numbered.of_store()).await?;
    Ok(web::Json(numbered.answer("teams", items, total)))
}
