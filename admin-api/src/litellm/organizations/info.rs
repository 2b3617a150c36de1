//! `/organization/info` and `/organization/list`.

use actix_web::web;
use domain::organizations::Organization;
use domain::permissions::Action;
use serde::Deserialize;
use serde_json::Value;
use store::teams::TeamFilter;

use super::Answer;
use super::shown::Around;
use crate::acting::{Acting, may};
use crate::actions::{levels, organizations};
use crate::error::ActionError;
use crate::fields::Fields;
use crate::litellm::teams;

/// Which organization.
#[derive(Deserialize)]
pub struct InfoQuery {
    organization_id: Option<String>,
}

pub async fn info(acting: Acting<may::ReadOrganizations>, query: web::Query<InfoQuery>) -> Answer {
    let id = query.into_inner().organization_id.ok_or_else(|| {
        ActionError::invalid(
            "organization_id",
            "Say which organization: `/organization/info?organization_id=…`.",
        )
    })?;
    let one = organizations::find(&acting, &id).await?;
    let around = Around::of(&acting, std::slice::from_ref(&one)).await?;
    Ok(web::Json(detailed(&acting, &around, &one).await?))
}

pub async fn several(acting: Acting<may::ReadOrganizations>, body: web::Bytes) -> Answer {
    let mut fields = Fields::read(&body)?;
    let ids = fields.texts("organizations")?.value().unwrap_or_default();
    let mut all = Vec::new();
    for id in &ids {
        all.push(organizations::find(&acting, id).await?);
    }
    let around = Around::of(&acting, &all).await?;
    let mut shown = Vec::new();
    for one in &all {
        shown.push(detailed(&acting, &around, one).await?);
    }
    Ok(web::Json(Value::Array(shown)))
}

/// An organization with those of its teams that the actor may see.
async fn detailed(
    acting: &Acting<may::ReadOrganizations>,
    around: &Around,
    one: &Organization,
) -> Result<Value, ActionError> {
    let filter = TeamFilter {
        scope: acting.actor.rights.scope(Action::ReadTeams),
        organization_id: Some(one.id.clone()),
        ..TeamFilter::default()
    };
    let all = acting
        .store()
        .teams(&filter, &levels::EVERYTHING)
        .await?
        .items;
    let around_teams = teams::Around::of(acting, &all).await?;
    let mut shown = around.shown(one);
    if let Value::Object(members) = &mut shown {
        let all = all.iter().map(|team| around_teams.shown(team));
        members.insert("teams".to_owned(), all.collect());
    }
    Ok(shown)
}

/// Which organizations.
#[derive(Deserialize)]
pub struct ListQuery {
    org_id: Option<String>,
    org_alias: Option<String>,
}

pub async fn list(acting: Acting<may::ReadOrganizations>, query: web::Query<ListQuery>) -> Answer {
    let ListQuery { org_id, org_alias } = query.into_inner();
    let alias = org_alias.as_deref().filter(|part| !part.is_empty());
    let mut all = organizations::list(&acting, alias, &levels::EVERYTHING)
        .await?
        .items;
    if let Some(id) = org_id.filter(|id| !id.is_empty()) {
        all.retain(|one| one.id.as_str() == id || one.external_id.as_ref() == Some(&id));
    }
    let around = Around::of(&acting, &all).await?;
    Ok(web::Json(all.iter().map(|one| around.shown(one)).collect()))
}
