//! The list of keys as a table: the same filter and order, all pages of it.

use actix_web::{HttpResponse, web};
use domain::virtual_keys::VirtualKey;
use serde::Serialize;
use store::page::Page;

use super::asked::Asked;
use crate::acting::may;
use crate::actions::keys::{self, spend_of};
use crate::api::csv;
use crate::error::ActionError;
use crate::pages::PageFault;
use crate::pages::names::Names;
use crate::pages::visit::Visit;

/// The most rows of a table.
const MOST: i64 = 20_000;
/// How many keys are looked up at once.
const AT_ONCE: usize = 500;

const COLUMNS: [&str; 13] = [
    "id",
    "alias",
    "last_four",
    "environment",
    "organization_id",
    "team_id",
    "team",
    "owner",
    "blocked",
    "created_at",
    "expires_at",
    "last_used_at",
    "spend_usd",
];

#[derive(Serialize)]
struct Line {
    id: String,
    alias: Option<String>,
    last_four: String,
    environment: Option<String>,
    organization_id: String,
    team_id: Option<String>,
    team: String,
    owner: String,
    blocked: bool,
    created_at: String,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    /// In the present window of its main budget, to the nano-dollar.
    spend_usd: String,
}

pub(super) async fn table(
    visit: Visit<may::ReadKeys>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let filter = asked.filter(&visit.acting, visit.clock.now).await?;
    let page = Page {
        order: asked.order(),
        ..Page::first(MOST)
    };
    let listed = match filter {
        Some(filter) => keys::list(&visit.acting, filter, &page).await?.items,
        None => Vec::new(),
    };
    let mut lines = Vec::with_capacity(listed.len());
    for some in listed.chunks(AT_ONCE) {
        lines.extend(written(&visit, some).await?);
    }
    Ok(csv::answer("keys", &COLUMNS, &lines, None))
}

async fn written(
    visit: &Visit<may::ReadKeys>,
    keys: &[VirtualKey],
) -> Result<Vec<Line>, ActionError> {
    let store = visit.acting.store();
    let teams = keys.iter();
    let teams = teams.filter_map(|key| key.team_id.as_ref().map(ToString::to_string));
    let people = keys.iter();
    let people = people.filter_map(|key| key.user_id.as_ref().map(ToString::to_string));
    let names = Names::of(store, teams.collect(), people.collect()).await?;
    let ids: Vec<_> = keys.iter().map(|key| key.id.clone()).collect();
    let (spend, uses) = (spend_of(store, keys).await?, store.last_uses(&ids).await?);
    let each = keys.iter().map(|key| Line {
        id: key.id.to_string(),
        alias: key.alias.clone(),
        last_four: key.last_four.clone(),
        environment: key.environment.clone(),
        organization_id: key.organization_id.to_string(),
        team_id: key.team_id.as_ref().map(ToString::to_string),
        team: names.team(key.team_id.as_ref()),
        owner: names.person(key.user_id.as_ref()),
        blocked: key.blocked,
        created_at: key.stamps.created_at.to_rfc3339(),
        expires_at: key.expires_at.map(|end| end.to_rfc3339()),
        last_used_at: uses.get(&key.id).map(|at| at.to_rfc3339()),
        spend_usd: spend
            .get(&key.id)
            .map(|present| present.spend)
            .unwrap_or_default()
            .to_string(),
    });
    Ok(each.collect())
}
