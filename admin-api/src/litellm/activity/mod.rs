//! LiteLLM's `/…/daily/activity`: usage day by day, broken down by model, vendor, key and entity.

mod fold;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};
use store::usage::{Bucket, Dimension, UsageQuery, UsageRow, UsageSums};

use self::fold::DayFold;
use crate::acting::{Acting, may};
use crate::actions::usage::{self, Days};
use crate::error::{ActionError, Envelope};
use crate::litellm::dates;
use crate::litellm::policy::number;
use crate::litellm::report_names::ReportNames;
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/user/daily/activity" => of_users, ReadSpend, "Shows people's usage by day."),
    litellm_route!(GET "/user/daily/activity/aggregated" => of_users_whole, ReadSpend,
        "Shows people's usage by day, on one page."),
    litellm_route!(GET "/team/daily/activity" => of_teams, ReadSpend, "Shows teams' usage by day."),
    litellm_route!(GET "/team/daily/activity/aggregated" => of_teams_whole, ReadSpend,
        "Shows teams' usage by day, on one page."),
    litellm_route!(GET "/organization/daily/activity" => of_organizations, ReadSpend,
        "Shows organizations' usage by day."),
    litellm_route!(GET "/organization/daily/activity/aggregated" => of_organizations_whole, ReadSpend,
        "Shows organizations' usage by day, on one page."),
    litellm_route!(GET "/tag/daily/activity" => of_tags, ReadSpend, "Shows tags' usage by day."),
    litellm_route!(GET "/tag/daily/activity/aggregated" => of_tags_whole, ReadSpend,
        "Shows tags' usage by day, on one page."),
    litellm_route!(GET "/customer/daily/activity" => of_customers, ReadSpend,
        "Shows end users' usage by day."),
    litellm_route!(GET "/customer/daily/activity/aggregated" => of_customers_whole, ReadSpend,
        "Shows end users' usage by day, on one page."),
    litellm_route!(GET "/end_user/daily/activity" => of_customers, ReadSpend,
        "Shows end users' usage by day."),
    litellm_route!(GET "/end_user/daily/activity/aggregated" => of_customers_whole, ReadSpend,
        "Shows end users' usage by day, on one page."),
];

/// How many days a page has.
const DAYS_OF_A_PAGE: u32 = 31;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ActivityQuery {
    start_date: Option<String>,
    end_date: Option<String>,
    user_id: Option<String>,
    team_ids: Option<String>,
    exclude_team_ids: Option<String>,
    organization_ids: Option<String>,
    exclude_organization_ids: Option<String>,
    end_user_ids: Option<String>,
    exclude_end_user_ids: Option<String>,
    tags: Option<String>,
    exclude_tags: Option<String>,
    model: Option<String>,
    api_key: Option<String>,
    page: Option<u32>,
}

fn words(text: Option<&String>) -> Vec<String> {
    let words = text.map(String::as_str).unwrap_or_default().split(',');
    let words = words.map(str::trim).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

impl ActivityQuery {
    /// The entities that are asked for, and those that are not.
    fn entities(&self, dimension: Dimension) -> (Vec<String>, Vec<String>) {
        let (of, but) = match dimension {
            Dimension::Team => (&self.team_ids, &self.exclude_team_ids),
            Dimension::Organization => (&self.organization_ids, &self.exclude_organization_ids),
            Dimension::EndUser => (&self.end_user_ids, &self.exclude_end_user_ids),
            Dimension::Tag => (&self.tags, &self.exclude_tags),
            _ => (&self.user_id, &None),
        };
        (words(of.as_ref()), words(but.as_ref()))
    }
}

/// What the groups of a row are, in this order, after the entity.
const GROUPS: [Dimension; 5] = [
    Dimension::Key,
    Dimension::Model,
    Dimension::Group,
    Dimension::Provider,
    Dimension::Operation,
];

async fn rows(
    acting: &Acting<may::ReadSpend>,
    query: &ActivityQuery,
    (entity, days): (Dimension, &Days),
) -> Result<Vec<UsageRow>, ActionError> {
    let (of, but) = query.entities(entity);
    let mut filters = vec![
        (entity, of),
        (Dimension::Model, words(query.model.as_ref())),
        (Dimension::Key, words(query.api_key.as_ref())),
    ];
    filters.retain(|(_dimension, words)| !words.is_empty());
    let mut group_by = vec![entity];
    group_by.extend(GROUPS);
    let asked = UsageQuery {
        group_by,
        bucket: Some(Bucket::Day),
        filters,
        ..days.query()
    };
    let mut excluded = Vec::new();
    for word in but {
        excluded.push(usage::our_id(acting, entity, word).await?);
    }
    let mut rows = usage::rows(acting, asked).await?;
    // A person's figures are those of everybody who asks for nobody; the others are of entities.
    rows.retain(|row| {
        let word = row.groups.first().map(String::as_str).unwrap_or_default();
        let is_one = !word.is_empty() || entity == Dimension::User;
        is_one && !excluded.iter().any(|one| one == word)
    });
    Ok(rows)
}

async fn names(
    acting: &Acting<may::ReadSpend>,
    rows: &[UsageRow],
    entity: Dimension,
) -> Result<ReportNames, ActionError> {
    let mut names = ReportNames::default();
    for (place, dimension) in [(0, entity), (1, Dimension::Key)] {
        let words = rows.iter().filter_map(|row| row.groups.get(place));
        names
            .read(acting, dimension, words.map(String::as_str))
            .await?;
    }
    names.read_owners(acting).await?;
    Ok(names)
}

/// The figures of a sum under LiteLLM's names.
fn metrics(sums: &UsageSums) -> Value {
    let (prompt, completion) = (sums.prompt_tokens(), sums.completion_tokens());
    let written = sums
        .cache_write_tokens
        .saturating_add(sums.cache_write_1h_tokens);
    json!({
        "spend": number(sums.charge_nanousd),
        "flat_cost": 0.0,
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "cache_read_input_tokens": sums.cache_read_tokens,
        "cache_creation_input_tokens": written,
        "compression_saved_tokens": 0,
        "compression_savings_spend": 0.0,
        "prompt_caching_savings_spend": 0.0,
        "gateway_injected_caching_savings_spend": 0.0,
        "autorouter_savings_spend": 0.0,
        "total_tokens": prompt.saturating_add(completion),
        "successful_requests": sums.requests.saturating_sub(sums.failures),
        "failed_requests": sums.failures,
        "api_requests": sums.requests,
        "total_response_time_ms": sums.duration_ms,
        "timed_requests": sums.requests,
    })
}

/// The figures of a page, and where it stands.
fn metadata(sums: &UsageSums, (page, pages): (u32, u32)) -> Value {
    let (prompt, completion) = (sums.prompt_tokens(), sums.completion_tokens());
    let written = sums
        .cache_write_tokens
        .saturating_add(sums.cache_write_1h_tokens);
    json!({
        "total_spend": number(sums.charge_nanousd),
        "total_flat_cost": 0.0,
        "total_prompt_tokens": prompt,
        "total_completion_tokens": completion,
        "total_tokens": prompt.saturating_add(completion),
        "total_api_requests": sums.requests,
        "total_successful_requests": sums.requests.saturating_sub(sums.failures),
        "total_failed_requests": sums.failures,
        "total_cache_read_input_tokens": sums.cache_read_tokens,
        "total_cache_creation_input_tokens": written,
        "total_compression_saved_tokens": 0,
        "total_compression_savings_spend": 0.0,
        "total_prompt_caching_savings_spend": 0.0,
        "total_gateway_injected_caching_savings_spend": 0.0,
        "total_autorouter_savings_spend": 0.0,
        "total_response_time_ms": sums.duration_ms,
        "total_timed_requests": sums.requests,
        "page": page,
        "total_pages": pages,
        "has_more": page < pages,
        "api_key_limit": null,
        "total_api_keys": null,
    })
}

/// The days of a page, the last ones on the first, and how many pages there are.
fn page_of(days: Days, asked: u32) -> Result<(Days, (u32, u32)), ActionError> {
    let count = days.first.days_until(days.last).saturating_add(1);
    let pages = count.div_ceil(DAYS_OF_A_PAGE);
    if asked == 0 {
        return Err(ActionError::invalid("page", "`page` counts from 1."));
    }
    let skipped = asked.saturating_sub(1).saturating_mul(DAYS_OF_A_PAGE);
    let back = |days_back: u32| {
        let days_back = u16::try_from(days_back).unwrap_or(u16::MAX);
        days.last.back(days_back)
    };
    let (last, first) = (
        back(skipped),
        back(skipped.saturating_add(DAYS_OF_A_PAGE - 1)),
    );
    let first = first.max(days.first);
    Ok((
        Days {
            first,
            last,
            ..days
        },
        (asked, pages),
    ))
}

async fn activity(
    acting: Acting<may::ReadSpend>,
    query: ActivityQuery,
    (entity, whole): (Dimension, bool),
) -> Result<HttpResponse, Envelope> {
    let (start, end) = (query.start_date.as_deref(), query.end_date.as_deref());
    let days = dates::required(&acting, start, end).await?;
    let (days, place) = match whole {
        true => (days, (1, 1)),
        false => page_of(days, query.page.unwrap_or(1))?,
    };
    if place.0 > place.1 {
        let none = json!({"results": [], "metadata": metadata(&UsageSums::default(), place)});
        return Ok(HttpResponse::Ok().json(none));
    }
    let rows = rows(&acting, &query, (entity, &days)).await?;
    let names = names(&acting, &rows, entity).await?;
    let mut total = UsageSums::default();
    let by_day = DayFold::of_days(&rows, &days, &mut total);
    let results = by_day.iter().rev();
    let results = results.map(|(day, fold)| fold.shown(*day, entity, &names));
    Ok(HttpResponse::Ok().json(json!({
        "results": results.collect::<Vec<_>>(),
        "metadata": metadata(&total, place),
    })))
}

macro_rules! handlers {
    ($($name:ident, $whole:ident = $dimension:ident;)+) => {$(
        async fn $name(
            acting: Acting<may::ReadSpend>,
            query: web::Query<ActivityQuery>,
        ) -> Result<HttpResponse, Envelope> {
            activity(acting, query.into_inner(), (Dimension::$dimension, false)).await
        }

        async fn $whole(
            acting: Acting<may::ReadSpend>,
            query: web::Query<ActivityQuery>,
        ) -> Result<HttpResponse, Envelope> {
            activity(acting, query.into_inner(), (Dimension::$dimension, true)).await
        }
    )+};
}

handlers! {
    of_users, of_users_whole = User;
    of_teams, of_teams_whole = Team;
    of_organizations, of_organizations_whole = Organization;
    of_tags, of_tags_whole = Tag;
    of_customers, of_customers_whole = EndUser;
}
