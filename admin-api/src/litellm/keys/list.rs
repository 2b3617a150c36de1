//! LiteLLM's lists of keys: by page number, with its filters and its orders.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use domain::ids::{OrganizationId, ProjectId, UserId};
use domain::keys::KeyHash;
use domain::lifetimes::expires_at;
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use serde::Deserialize;
use serde_json::{Value, json};
use store::page::Page;
use store::virtual_keys::KeyFilter;

use crate::acting::{Acting, may};
use crate::actions::{keys, levels};
use crate::error::{ActionError, Envelope};
use crate::litellm::keys::names::Names;
use crate::litellm::keys::order::{Column, Direction, Order};
use crate::litellm::keys::refused;
use crate::litellm::keys::shape::row;

/// The most keys that are put into another order than by the time of their making, or looked
/// through for what the store does not index.
const MOST_SORTED: i64 = 10_000;

/// LiteLLM's query string of `/key/list`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ListQuery {
    page: Option<i64>,
    size: Option<i64>,
    user_id: Option<String>,
    team_id: Option<String>,
    organization_id: Option<String>,
    project_id: Option<String>,
    agent_id: Option<String>,
    access_group_id: Option<String>,
    key_alias: Option<String>,
    key_hash: Option<String>,
    search: Option<String>,
    substring_matching: Option<String>,
    expires: Option<String>,
    status: Option<String>,
    return_full_object: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    expand: Option<String>,
}

/// Python's truth in a query string.
fn is_true(text: Option<&String>) -> bool {
    text.is_some_and(|text| matches!(text.to_lowercase().as_str(), "true" | "1" | "yes" | "on"))
}

fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Number and size of a page.
fn page_of(page: Option<i64>, size: Option<i64>) -> Result<(i64, i64), ActionError> {
    let (page, size) = (page.unwrap_or(1), size.unwrap_or(10));
    if page < 1 {
        return Err(ActionError::invalid("page", "`page` counts from 1."));
    }
    if !(1..=100).contains(&size) {
        return Err(ActionError::invalid("size", "`size` has to be 1 to 100."));
    }
    Ok((page, size))
}

const fn pages(total: i64, size: i64) -> i64 {
    total.saturating_add(size).saturating_sub(1) / size
}

pub(super) async fn list(
    acting: Acting<may::ReadKeys>,
    query: web::Query<ListQuery>,
) -> Result<HttpResponse, Envelope> {
    let query = query.into_inner();
    let (page, size) = page_of(query.page, query.size)?;
    let full = is_true(query.return_full_object.as_ref());
    let with_user = query
        .expand
        .as_deref()
        .is_some_and(|text| text.contains("user"));
    let order = Order::read(query.sort_by.as_deref(), query.sort_order.as_deref())?;
    let like = Unindexed {
        agent_id: said(query.agent_id.clone()),
        access_group_id: said(query.access_group_id.clone()),
    };
    let (items, total) = match filter(&acting, query).await? {
        Some(filter) => found(&acting, filter, (order, like), (page, size)).await?,
        None => (Vec::new(), 0),
    };
    let spend = keys::spend_of(acting.store(), &items).await?;
    let names = Names::of(acting.store(), &items).await?;
    let shown = items.iter().map(|key| {
        if !full {
            return json!(key.hash);
        }
        let mut row = row(key, spend.get(&key.id).copied().unwrap_or_default(), &names);
        if let (true, Some(user)) = (with_user, names.person(key)) {
            let user = json!({
                "user_id": names.user(key),
                "user_email": user.email,
                "user_alias": user.name,
            });
            row.insert("user".to_owned(), user);
        }
        Value::Object(row)
    });
    Ok(HttpResponse::Ok().json(json!({
        "keys": shown.collect::<Vec<_>>(),
        "total_count": total,
        "current_page": page,
        "total_pages": pages(total, size),
    })))
}

/// What the store is asked for; none when nothing can match.
async fn filter(
    acting: &Acting<may::ReadKeys>,
    query: ListQuery,
) -> Result<Option<KeyFilter>, ActionError> {
    let store = acting.store();
    let mut filter = KeyFilter::default();
    if let Some(id) = said(query.team_id) {
        filter.team_id = levels::team_id(acting, Some(id)).await?;
    }
    if let Some(id) = said(query.user_id) {
        let user = store.user(&id).await?;
        filter.user_id = Some(user.map_or_else(|| UserId::new(id), |user| user.id));
    }
    if let Some(id) = said(query.organization_id) {
        let found = store.organization(&id).await?;
        filter.organization_id = Some(found.map_or_else(|| OrganizationId::new(id), |one| one.id));
    }
    filter.project_id = said(query.project_id).map(ProjectId::new);
    if let Some(hash) = said(query.key_hash) {
        let hash = KeyHash::from_hex(&hash).unwrap_or_else(|_no_hash| KeyHash::of(&hash));
        let Some(key) = store.virtual_key_by_hash(hash).await? else {
            return Ok(None);
        };
        filter.ids = vec![key.id.to_string()];
    }
    filter.search = said(query.search);
    match said(query.key_alias) {
        Some(part) if is_true(query.substring_matching.as_ref()) => filter.alias_part = Some(part),
        alias => filter.alias = alias,
    }
    let now = TimestampMs::now();
    match said(query.status).as_deref() {
        None => {}
        Some("blocked") => filter.blocked = Some(true),
        Some("expired") => filter.expired_at = Some(now),
        Some("active") => {
            filter.blocked = Some(false);
            filter.alive_at = Some(now);
        }
        // LiteLLM lists deleted keys by their hashes; ours are found by `GET /api/v1/deleted-keys`.
        Some("deleted") => return Ok(None),
        Some(_) => {
            return Err(ActionError::invalid(
                "status",
                "`status` has to be active, blocked, expired or deleted.",
            ));
        }
    }
    if let Some(text) = said(query.expires) {
        let end = expires_at(&text, now)
            .map_err(|malformed| ActionError::invalid("expires", malformed.to_string()))?;
        filter.expired_at = end;
    }
    Ok(Some(filter))
}

/// What the store has no column for.
struct Unindexed {
    agent_id: Option<String>,
    access_group_id: Option<String>,
}

impl Unindexed {
    fn is_empty(&self) -> bool {
        self.agent_id.is_none() && self.access_group_id.is_none()
    }

    fn fits(&self, key: &VirtualKey) -> bool {
        let extra = &key.policy.extra;
        let agent = extra.get("agent_id").and_then(Value::as_str);
        let groups = extra.get("access_group_ids").and_then(Value::as_array);
        let in_group = |id: &String| {
            groups.is_some_and(|groups| groups.iter().any(|one| one.as_str() == Some(id)))
        };
        (self.agent_id.is_none() || self.agent_id.as_deref() == agent)
            && self.access_group_id.as_ref().is_none_or(in_group)
    }
}

/// One page of what matches, and how many match.
async fn found(
    acting: &Acting<may::ReadKeys>,
    filter: KeyFilter,
    (order, like): (Order, Unindexed),
    (number, size): (i64, i64),
) -> Result<(Vec<VirtualKey>, i64), ActionError> {
    let skip = size.saturating_mul(number.saturating_sub(1));
    if order == Order::NewestFirst && like.is_empty() {
        let page = Page {
            order: None,
            skip,
            limit: size,
            count: true,
            after: None,
        };
        let listed = keys::list(acting, filter, &page).await?;
        return Ok((listed.items, listed.total.unwrap_or_default()));
    }
    if order == Order::OldestFirst && like.is_empty() {
        return oldest_first(acting, filter, skip, size).await;
    }
    let listed = keys::list(acting, filter, &Page::first(MOST_SORTED)).await?;
    if listed.more {
        return Err(ActionError::invalid(
            "sort_by",
            format!(
                "More than {MOST_SORTED} keys match: too many to be put into this order. Filter by \
                 team_id, user_id or organization_id, or sort by created_at."
            ),
        ));
    }
    let mut items = listed.items;
    items.retain(|key| like.fits(key));
    match order {
        Order::NewestFirst => {}
        Order::OldestFirst => items.reverse(),
        Order::By(column, direction) => {
            let spend = match column {
                Column::Spend => keys::spend_of(acting.store(), &items).await?,
                _ => BTreeMap::new(),
            };
            items.sort_by(|one, other| column.compare(&spend, one, other));
            if direction == Direction::Down {
                items.reverse();
            }
        }
    }
    let total = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let skip = usize::try_from(skip).unwrap_or(usize::MAX);
    let size = usize::try_from(size).unwrap_or(0);
    Ok((items.into_iter().skip(skip).take(size).collect(), total))
}

/// The store lists the newest first: a page from the other end, turned around.
async fn oldest_first(
    acting: &Acting<may::ReadKeys>,
    filter: KeyFilter,
    skip: i64,
    size: i64,
) -> Result<(Vec<VirtualKey>, i64), ActionError> {
    let count = Page {
        count: true,
        ..Page::first(1)
    };
    let counted = keys::list(acting, filter.clone(), &count).await?;
    let total = counted.total.unwrap_or_default();
    let left = total.saturating_sub(skip);
    if left <= 0 {
        return Ok((Vec::new(), total));
    }
    let page = Page {
        skip: left.saturating_sub(size).max(0),
        limit: size.min(left),
        ..Page::default()
    };
    let mut items = keys::list(acting, filter, &page).await?.items;
    items.reverse();
    Ok((items, total))
}

/// LiteLLM's query string of `/key/aliases`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AliasQuery {
    page: Option<i64>,
    size: Option<i64>,
    search: Option<String>,
}

pub(super) async fn aliases(
    acting: Acting<may::ReadKeys>,
    query: web::Query<AliasQuery>,
) -> Result<HttpResponse, Envelope> {
    let AliasQuery { page, size, search } = query.into_inner();
    let (number, size) = page_of(page, Some(size.unwrap_or(50)))?;
    let page = Page {
        order: None,
        skip: size.saturating_mul(number.saturating_sub(1)),
        limit: size,
        count: true,
        after: None,
    };
    let search = said(search);
    let listed = keys::aliases(&acting, search.as_deref(), &page)
        .await
        .map_err(refused)?;
    let total = listed.total.unwrap_or_default();
    Ok(HttpResponse::Ok().json(json!({
        "aliases": listed.items,
        "total_count": total,
        "current_page": number,
        "total_pages": pages(total, size),
        "size": size,
    })))
}
