//! `/user/info` and `/user/list`.

use actix_web::web;
use domain::permissions::{Action, PlatformRole};
use domain::users::User;
use serde::Deserialize;
use serde_json::{Value, json};
use store::page::Page;
use store::teams::TeamFilter;
use store::users::{Standing, UserFilter};
use store::virtual_keys::KeyFilter;

use super::{Answer, Around};
use crate::acting::{Acting, may};
use crate::actions::{levels, users};
use crate::error::ActionError;
use crate::litellm::numbered::Numbered;
use crate::litellm::{keys_of, teams};

/// Whom.
#[derive(Deserialize)]
pub struct InfoQuery {
    user_id: Option<String>,
}

pub async fn info(acting: Acting<may::Myself>, query: web::Query<InfoQuery>) -> Answer {
    let asked = query.into_inner().user_id.filter(|id| !id.is_empty());
    let user = users::find_own(&acting, asked.as_deref()).await?;
    let rights = &acting.actor.rights;
    let is_self = rights.user_id.as_ref() == Some(&user.id);
    let mut filter = KeyFilter {
        scope: rights.scope(Action::ReadKeys),
        user_id: Some(user.id.clone()),
        ..KeyFilter::default()
    };
    if is_self {
        filter.scope.owner = Some(user.id.clone());
    }
    let keys = acting
        .store()
        .virtual_keys(&filter, &levels::EVERYTHING)
        .await?
        .items;
    let filter = TeamFilter {
        scope: rights.scope(Action::ReadTeams),
        user_id: Some(user.id.clone()),
        ..TeamFilter::default()
    };
    let theirs = acting
        .store()
        .teams(&filter, &levels::EVERYTHING)
        .await?
        .items;
    let around_teams = teams::Around::of(&acting, &theirs).await?;
    let around = Around::of(&acting, std::slice::from_ref(&user)).await?;
    let shown = around.shown(&user);
    Ok(web::Json(json!({
        "user_id": shown.get("user_id"),
        "keys": keys_of::shown(&acting, &keys).await?,
        "teams": theirs.iter().map(|team| around_teams.shown(team)).collect::<Vec<_>>(),
        "user_info": shown,
    })))
}

/// Which people.
#[derive(Default, Deserialize)]
pub struct ListQuery {
    role: Option<String>,
    user_ids: Option<String>,
    user_email: Option<String>,
    team: Option<String>,
    organization_ids: Option<String>,
    page: Option<i64>,
    page_size: Option<i64>,
}

/// People by the word that the list shows for them.
fn by_role(filter: &mut UserFilter, word: &str) -> Result<(), ActionError> {
    match word {
        "proxy_admin" => filter.platform_role = Some(PlatformRole::PlatformAdmin),
        "proxy_admin_viewer" => filter.platform_role = Some(PlatformRole::PlatformAuditor),
        "org_admin" => filter.standing = Some(Standing::OrganizationAdmin),
        "internal_user" => filter.standing = Some(Standing::Member),
        "internal_user_viewer" => filter.standing = Some(Standing::Viewer),
        _ => {
            return Err(ActionError::invalid(
                "role",
                "`role` has to be proxy_admin, proxy_admin_viewer, org_admin, internal_user or \
                 internal_user_viewer.",
            ));
        }
    }
    Ok(())
}

pub async fn list(acting: Acting<may::ReadUsers>, query: web::Query<ListQuery>) -> Answer {
    let query = query.into_inner();
    let numbered = Numbered::asked(query.page, query.page_size, 25)?;
    let Some(filter) = filter(&acting, query).await? else {
        return Ok(web::Json(numbered.answer("users", Vec::new(), None)));
    };
    let listed = users::list(&acting, filter, &numbered.of_store()).await?;
    let around = Around::of(&acting, &listed.items).await?;
    let mut shown = Vec::new();
    for user in &listed.items {
        let mut one = around.shown(user);
        let count = key_count(&acting, user).await?;
        if let Value::Object(members) = &mut one {
            members.insert("key_count".to_owned(), count);
        }
        shown.push(one);
    }
    Ok(web::Json(numbered.answer("users", shown, listed.total)))
}

async fn filter(
    acting: &Acting<may::ReadUsers>,
    query: ListQuery,
) -> Result<Option<UserFilter>, ActionError> {
    let organization = query
        .organization_ids
        .as_deref()
        .filter(|id| !id.is_empty());
    if organization.is_some_and(|ids| ids.contains(',')) {
        return Err(ActionError::invalid(
            "organization_ids",
            "People are listed by one organization at a time.",
        ));
    }
    let team = query.team.as_deref().filter(|id| !id.is_empty());
    let Some(mut filter) = users::filtered(acting, organization, team).await? else {
        return Ok(None);
    };
    let ids = query.user_ids.unwrap_or_default();
    let ids = ids.split(',').map(str::trim).filter(|id| !id.is_empty());
    filter.ids = ids.map(str::to_owned).collect();
    filter.search = query.user_email.filter(|part| !part.is_empty());
    if let Some(role) = query.role.filter(|word| !word.is_empty()) {
        by_role(&mut filter, &role)?;
    }
    Ok(Some(filter))
}

/// How many keys a person has that the actor may see.
async fn key_count(acting: &Acting<may::ReadUsers>, user: &User) -> Result<Value, ActionError> {
    let filter = KeyFilter {
        scope: acting.actor.rights.scope(Action::ReadKeys),
        user_id: Some(user.id.clone()),
        ..KeyFilter::default()
    };
    let page = Page {
        count: true,
        ..Page::first(1)
    };
    let listed = acting.store().virtual_keys(&filter, &page).await?;
    Ok(json!(listed.total))
}
