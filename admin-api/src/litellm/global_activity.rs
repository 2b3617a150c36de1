//! LiteLLM's `/global/activity…`: requests and tokens by day.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use domain::windows::Day;
use serde::Deserialize;
use serde_json::{Value, json};
use store::usage::{Bucket, Dimension, UsageQuery, UsageRow};

use crate::acting::{Acting, may};
use crate::actions::usage::{self, Days};
use crate::error::{ActionError, Envelope};
use crate::litellm::dates;
use crate::litellm::words::word_or_unknown;
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/global/activity" => activity, ReadSpend,
        "Shows requests and tokens by day."),
    litellm_route!(GET "/global/activity/model" => by_model, ReadSpend,
        "Shows requests and tokens by day, for each model group."),
    litellm_route!(GET "/global/activity/exceptions" => exceptions, ReadSpend,
        "Shows rate limit errors by day."),
    litellm_route!(GET "/global/activity/exceptions/deployment" => exceptions_by_deployment, ReadSpend,
        "Shows rate limit errors by day, for each deployment."),
    litellm_route!(GET "/global/activity/cache_hits" => cache_hits, ReadSpend,
        "Lists answers from the cache; there is none."),
];

/// How many models and deployments LiteLLM shows.
const TOP: usize = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ActivityQuery {
    start_date: Option<String>,
    end_date: Option<String>,
    model_group: Option<String>,
}

impl ActivityQuery {
    async fn days(&self, acting: &Acting<may::ReadSpend>) -> Result<Days, ActionError> {
        let (start, end) = (self.start_date.as_deref(), self.end_date.as_deref());
        dates::required(acting, start, end).await
    }

    /// Days on which the caller got a 429, of one model group when it is named.
    async fn refusals(
        &self,
        acting: &Acting<may::ReadSpend>,
        group_by: Vec<Dimension>,
    ) -> Result<(Days, Vec<UsageRow>), ActionError> {
        let mut filters = vec![(Dimension::Status, vec!["429".to_owned()])];
        let group = self.model_group.clone().filter(|group| !group.is_empty());
        filters.extend(group.map(|group| (Dimension::Group, vec![group])));
        let days = self.days(acting).await?;
        let query = UsageQuery {
            group_by,
            filters,
            bucket: Some(Bucket::Day),
            ..days.query()
        };
        let rows = usage::rows(acting, query).await?;
        Ok((days, rows))
    }
}

fn tokens(row: &UsageRow) -> u64 {
    let completion = row.sums.completion_tokens();
    row.sums.prompt_tokens().saturating_add(completion)
}

async fn activity(
    acting: Acting<may::ReadSpend>,
    query: web::Query<ActivityQuery>,
) -> Result<HttpResponse, Envelope> {
    let days = query.days(&acting).await?;
    let asked = UsageQuery {
        bucket: Some(Bucket::Day),
        ..days.query()
    };
    let rows = usage::rows(&acting, asked).await?;
    let daily = rows.iter().map(|row| {
        json!({
            "date": days.of(row).month_and_day(),
            "api_requests": row.sums.requests,
            "total_tokens": tokens(row),
        })
    });
    let (requests, total) = sums(rows.iter());
    Ok(HttpResponse::Ok().json(json!({
        "daily_data": daily.collect::<Vec<_>>(),
        "sum_api_requests": requests,
        "sum_total_tokens": total,
    })))
}

fn sums<'r>(rows: impl Iterator<Item = &'r UsageRow>) -> (u64, u64) {
    rows.fold((0, 0), |(requests, total): (u64, u64), row| {
        let requests = requests.saturating_add(row.sums.requests);
        (requests, total.saturating_add(tokens(row)))
    })
}

/// Rows by their first word, those with the most requests first.
fn by_word(rows: &[UsageRow]) -> Vec<(&str, Vec<&UsageRow>)> {
    let mut by_word: BTreeMap<&str, Vec<&UsageRow>> = BTreeMap::new();
    for row in rows {
        let word = row.groups.first().map(String::as_str).unwrap_or_default();
        by_word.entry(word).or_default().push(row);
    }
    let mut all: Vec<_> = by_word.into_iter().collect();
    all.sort_by_key(|(_word, rows)| std::cmp::Reverse(sums(rows.iter().copied()).0));
    all.truncate(TOP);
    all
}

async fn by_model(
    acting: Acting<may::ReadSpend>,
    query: web::Query<ActivityQuery>,
) -> Result<HttpResponse, Envelope> {
    let days = query.days(&acting).await?;
    let asked = UsageQuery {
        group_by: vec![Dimension::Group],
        bucket: Some(Bucket::Day),
        ..days.query()
    };
    let rows = usage::rows(&acting, asked).await?;
    let models = by_word(&rows).into_iter().map(|(group, rows)| {
        let name = word_or_unknown(group);
        let daily = rows.iter().map(|row| {
            json!({
                "model_group": name,
                "date": days.of(row).month_and_day(),
                "api_requests": row.sums.requests,
                "total_tokens": tokens(row),
            })
        });
        let (requests, total) = sums(rows.iter().copied());
        json!({
            "model": name,
            "daily_data": daily.collect::<Vec<_>>(),
            "sum_api_requests": requests,
            "sum_total_tokens": total,
        })
    });
    Ok(HttpResponse::Ok().json(models.collect::<Vec<_>>()))
}

fn refused(day: Day, row: &UsageRow) -> Value {
    json!({
        "date": day.month_and_day(),
        "num_rate_limit_exceptions": row.sums.requests,
    })
}

async fn exceptions(
    acting: Acting<may::ReadSpend>,
    query: web::Query<ActivityQuery>,
) -> Result<HttpResponse, Envelope> {
    let (days, rows) = query.refusals(&acting, Vec::new()).await?;
    let daily = rows.iter().map(|row| refused(days.of(row), row));
    Ok(HttpResponse::Ok().json(json!({
        "daily_data": daily.collect::<Vec<_>>(),
        "sum_num_rate_limit_exceptions": sums(rows.iter()).0,
    })))
}

async fn exceptions_by_deployment(
    acting: Acting<may::ReadSpend>,
    query: web::Query<ActivityQuery>,
) -> Result<HttpResponse, Envelope> {
    let (days, rows) = query.refusals(&acting, vec![Dimension::Deployment]).await?;
    let deployments = by_word(&rows).into_iter().map(|(deployment, rows)| {
        let daily = rows.iter().map(|row| refused(days.of(row), row));
        json!({
            "deployment": word_or_unknown(deployment),
            "daily_data": daily.collect::<Vec<_>>(),
            "sum_num_rate_limit_exceptions": sums(rows.iter().copied()).0,
        })
    });
    Ok(HttpResponse::Ok().json(deployments.collect::<Vec<_>>()))
}

async fn cache_hits(
    acting: Acting<may::ReadSpend>,
    query: web::Query<ActivityQuery>,
) -> Result<HttpResponse, Envelope> {
    // The gateway has no cache of answers: every request went to a provider.
    query.days(&acting).await?;
    Ok(HttpResponse::Ok().json(json!([])))
}
