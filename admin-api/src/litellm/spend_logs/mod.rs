//! LiteLLM's `/spend/logs…`: requests as rows, and days added up.

mod row;
mod summary;

use actix_web::{HttpResponse, web};
use domain::ids::{KeyId, TeamId, UserId};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use domain::windows::TimeZone;
use serde::Deserialize;
use serde_json::{Value, json};
use store::page::Page;
use store::requests::{RequestFilter, RequestRow};
use store::usage::Dimension;

use crate::acting::{Acting, may};
use crate::actions::{keys, requests, usage};
use crate::error::{ActionError, Envelope};
use crate::litellm::dates;
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/spend/logs" => logs, ReadSpend,
        "Lists requests; with dates, what every day has cost."),
    litellm_route!(GET "/spend/logs/v2" => paged, ReadSpend, "Lists requests, page by page."),
    litellm_route!(GET "/spend/logs/ui" => paged, ReadSpend, "Lists requests, page by page."),
    litellm_route!(GET "/spend/logs/ui/{request_id}" => detail, ReadSpend,
        "Shows a request with its attempts."),
    litellm_route!(GET "/spend/logs/session/ui" => session, ReadSpend,
        "Lists the requests with one id of the caller's own."),
];

/// The most rows of an answer without pages.
const MOST_ROWS: i64 = 1_000;
/// The farthest that a page may lie from the newest request, in rows.
const FARTHEST: i64 = 100_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LogsQuery {
    api_key: Option<String>,
    user_id: Option<String>,
    request_id: Option<String>,
    team_id: Option<String>,
    end_user: Option<String>,
    key_alias: Option<String>,
    model: Option<String>,
    model_id: Option<String>,
    model_group: Option<String>,
    status_filter: Option<String>,
    error_code: Option<String>,
    min_spend: Option<String>,
    session_id: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
    summarize: Option<String>,
    page: Option<i64>,
    page_size: Option<i64>,
}

fn said(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

impl LogsQuery {
    /// What the store is asked for. A key that is named has to be one that the actor may see.
    async fn filter(&self, acting: &Acting<may::ReadSpend>) -> Result<RequestFilter, ActionError> {
        let id = async |dimension, word: Option<&String>| match said(word) {
            Some(word) => usage::our_id(acting, dimension, word).await.map(Some),
            None => Ok(None),
        };
        let key_id = match said(self.api_key.as_ref()) {
            Some(key) => Some(keys::find(acting, &key).await?.id),
            None => match said(self.key_alias.as_ref()) {
                Some(alias) => Some(of_alias(acting, alias).await?),
                None => None,
            },
        };
        let failed = match self.status_filter.as_deref().unwrap_or_default() {
            "success" => Some(false),
            "failure" => Some(true),
            _ => None,
        };
        let least = said(self.min_spend.as_ref());
        let least = least.as_deref().map(NanoUsd::from_usd).transpose();
        let status = said(self.error_code.as_ref()).map(|code| code.parse::<u16>());
        Ok(RequestFilter {
            key_id,
            failed,
            status: status
                .transpose()
                .map_err(|_no_status| ActionError::invalid("error_code", "It is a status."))?,
            team_id: id(Dimension::Team, self.team_id.as_ref())
                .await?
                .map(TeamId::new),
            user_id: id(Dimension::User, self.user_id.as_ref())
                .await?
                .map(UserId::new),
            end_user: said(self.end_user.as_ref()),
            model: said(self.model.as_ref()),
            group: said(self.model_group.as_ref()),
            deployment_id: said(self.model_id.as_ref()),
            call_id: said(self.session_id.as_ref()),
            least_charge: least
                .map_err(|malformed| ActionError::invalid("min_spend", malformed.to_string()))?,
            ..RequestFilter::default()
        })
    }

    fn is_summarized(&self) -> bool {
        let text = self.summarize.as_deref().unwrap_or("true");
        !matches!(text.to_lowercase().as_str(), "false" | "0" | "no" | "off")
    }
}

async fn of_alias(acting: &Acting<may::ReadSpend>, alias: String) -> Result<KeyId, ActionError> {
    let filter = store::virtual_keys::KeyFilter {
        scope: acting.scope(),
        alias: Some(alias.clone()),
        ..store::virtual_keys::KeyFilter::default()
    };
    let found = acting
        .store()
        .virtual_keys(&filter, &Page::first(1))
        .await?;
    let found = found.items.into_iter().next();
    found
        .map(|key| key.id)
        .ok_or_else(|| ActionError::not_found("Key", alias))
}

async fn shown(
    acting: &Acting<may::ReadSpend>,
    rows: &[RequestRow],
) -> Result<Vec<Value>, ActionError> {
    let names = row::names(acting, rows).await?;
    let rows = rows.iter().map(|one| Value::Object(row::row(one, &names)));
    Ok(rows.collect())
}

async fn logs(
    acting: Acting<may::ReadSpend>,
    query: web::Query<LogsQuery>,
) -> Result<HttpResponse, Envelope> {
    if let Some(id) = said(query.request_id.as_ref()) {
        // LiteLLM answers what is not there with an empty list.
        return Ok(match requests::find(&acting, &id).await {
            Ok(found) => HttpResponse::Ok().json(shown(&acting, &[found.request]).await?),
            Err(ActionError::NotFound { .. }) => HttpResponse::Ok().json(json!([])),
            Err(other) => return Err(other.into()),
        });
    }
    let mut filter = query.filter(&acting).await?;
    let zone = usage::time_zone(&acting, None).await?;
    let (start, end) = (query.start_date.as_deref(), query.end_date.as_deref());
    if let Some(days) = dates::asked(start, end, &zone)? {
        if query.is_summarized() {
            let summed = summary::of_days(&acting, &filter, &days).await?;
            return Ok(HttpResponse::Ok().json(summed));
        }
        (filter.from, filter.until) = (Some(days.from()), Some(days.until()));
    }
    let listed = requests::list(&acting, filter, &Page::first(MOST_ROWS)).await?;
    Ok(HttpResponse::Ok().json(shown(&acting, &listed.items).await?))
}

/// A moment as LiteLLM's console writes it (`2027-01-31 08:30:00`, in UTC), a date, or RFC 3339.
fn moment(field: &'static str, text: Option<&str>) -> Result<Option<TimestampMs>, ActionError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let utc = TimeZone::default();
    if let Ok(day) = text.parse::<domain::windows::Day>() {
        let day = if field == "end_date" { day.next() } else { day };
        return Ok(Some(day.begins_at(&utc)));
    }
    let written = text.replacen(' ', "T", 1);
    let read = TimestampMs::parse_rfc3339(&written)
        .or_else(|_no_offset| TimestampMs::parse_rfc3339(&format!("{written}Z")));
    let read = read.map_err(|_no_time| {
        ActionError::invalid(
            field,
            format!("`{field}`: write 2027-01-31 08:30:00, in UTC."),
        )
    })?;
    // The last second is meant with it.
    let until = TimestampMs(read.0.saturating_add(1_000));
    Ok(Some(if field == "end_date" { until } else { read }))
}

async fn paged(
    acting: Acting<may::ReadSpend>,
    query: web::Query<LogsQuery>,
) -> Result<HttpResponse, Envelope> {
    let (number, size) = (query.page.unwrap_or(1), query.page_size.unwrap_or(50));
    if number < 1 || !(1..=100).contains(&size) {
        let message = "`page` counts from 1, and `page_size` has to be 1 to 100.";
        return Err(Envelope(ActionError::invalid("page", message)));
    }
    let skip = size.saturating_mul(number.saturating_sub(1));
    if skip > FARTHEST {
        let message = "That page is too far. Give an earlier `end_date`, or use the cursors of \
                       `/api/v1/requests`.";
        return Err(Envelope(ActionError::invalid("page", message)));
    }
    let (items, total) = match said(query.request_id.as_ref()) {
        Some(id) => match requests::find(&acting, &id).await {
            Ok(found) => (vec![found.request], Some(1)),
            Err(ActionError::NotFound { .. }) => (Vec::new(), Some(0)),
            Err(other) => return Err(other.into()),
        },
        None => {
            let filter = RequestFilter {
                from: moment("start_date", query.start_date.as_deref())?,
                until: moment("end_date", query.end_date.as_deref())?,
                ..query.filter(&acting).await?
            };
            let page = Page {
                order: None,
                skip,
                limit: size,
                count: true,
                after: None,
            };
            let listed = requests::list(&acting, filter, &page).await?;
            let seen = i64::try_from(listed.items.len()).unwrap_or(0);
            // Where the store cannot count, there is at least what was seen, and one more page.
            let least = skip
                .saturating_add(seen)
                .saturating_add(i64::from(listed.more));
            (listed.items, Some(listed.total.unwrap_or(least)))
        }
    };
    let total = total.unwrap_or_default();
    let pages = total.saturating_add(size).saturating_sub(1) / size;
    Ok(HttpResponse::Ok().json(json!({
        "data": shown(&acting, &items).await?,
        "total": total,
        "page": number,
        "page_size": size,
        "total_pages": pages,
    })))
}

async fn detail(
    acting: Acting<may::ReadSpend>,
    id: web::Path<String>,
) -> Result<HttpResponse, Envelope> {
    let found = requests::find(&acting, &id).await?;
    let names = row::names(&acting, std::slice::from_ref(&found.request)).await?;
    Ok(HttpResponse::Ok().json(row::detailed(&found, &names)))
}

async fn session(
    acting: Acting<may::ReadSpend>,
    query: web::Query<LogsQuery>,
) -> Result<HttpResponse, Envelope> {
    let Some(id) = said(query.session_id.as_ref()) else {
        let message = "Say which: `session_id` is the caller's own id of its requests.";
        return Err(Envelope(ActionError::invalid("session_id", message)));
    };
    let filter = RequestFilter {
        call_id: Some(id),
        ..RequestFilter::default()
    };
    let listed = requests::list(&acting, filter, &Page::first(MOST_ROWS)).await?;
    let data = shown(&acting, &listed.items).await?;
    let total = data.len();
    Ok(HttpResponse::Ok().json(json!({
        "data": data,
        "total": total,
        "page": 1,
        "page_size": MOST_ROWS,
        "total_pages": 1,
    })))
}
