//! LiteLLM's `/global/spend/…`: what keys, teams, models, vendors, tags and end users cost, of the last
//! 30 days unless said.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use domain::money::NanoUsd;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::usage::{Bucket, Dimension, UsageOrder, UsageQuery, UsageRow};

use crate::acting::{Acting, may};
use crate::actions::usage::{self, Days};
use crate::error::{ActionError, Envelope};
use crate::fields::Fields;
use crate::litellm::dates;
use crate::litellm::policy::number;
use crate::litellm::report_names::ReportNames;
use crate::litellm::words::{key_word, word_or_unknown};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/global/spend/keys" => keys, ReadSpend,
        "Lists the keys that have cost the most lately."),
    litellm_route!(GET "/global/spend/teams" => teams, ReadSpend,
        "Shows what teams have cost lately, by day."),
    litellm_route!(GET "/global/spend/models" => models, ReadSpend,
        "Lists the models that have cost the most lately."),
    litellm_route!(GET "/global/spend/provider" => providers, ReadSpend,
        "Shows what vendors have cost."),
    litellm_route!(GET "/global/spend/tags" => tags, ReadSpend, "Shows what tags have cost."),
    litellm_route!(GET "/global/spend/all_tag_names" => tag_names, ReadSpend,
        "Lists the tags of requests lately."),
    litellm_route!(GET "/global/all_end_users" => end_user_names, ReadSpend,
        "Lists the end users of requests lately."),
    litellm_route!(POST "/global/spend/end_users" => end_users, ReadSpend,
        "Lists the end users who have cost the most."),
    litellm_route!(GET "/global/spend/logs" => logs, ReadSpend, "Shows what every day has cost."),
];

/// The most rows of a list.
const MOST_ROWS: i64 = 1_000;
/// How many end users LiteLLM lists.
const END_USERS: i64 = 100;
/// How many teams LiteLLM sums up.
const TEAMS: usize = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SpendQuery {
    limit: Option<i64>,
    start_date: Option<String>,
    end_date: Option<String>,
    api_key: Option<String>,
    tags: Option<String>,
}

impl SpendQuery {
    async fn days(&self, acting: &Acting<may::ReadSpend>) -> Result<Days, ActionError> {
        let (start, end) = (self.start_date.as_deref(), self.end_date.as_deref());
        dates::or_last_days(acting, start, end).await
    }

    /// What has cost the most, by one dimension.
    async fn top(
        &self,
        acting: &Acting<may::ReadSpend>,
        (dimension, limit): (Dimension, i64),
    ) -> Result<Vec<UsageRow>, ActionError> {
        let mut filters = Vec::new();
        filters.extend(filter(Dimension::Key, self.api_key.as_ref()));
        filters.extend(filter(Dimension::Tag, self.tags.as_ref()));
        let query = UsageQuery {
            group_by: vec![dimension],
            order: UsageOrder::Charge,
            filters,
            limit,
            ..self.days(acting).await?.query()
        };
        Ok(usage::report(acting, query).await?.rows)
    }
}

fn filter(dimension: Dimension, words: Option<&String>) -> Option<(Dimension, Vec<String>)> {
    let words = words.map(String::as_str).unwrap_or_default().split(',');
    let words = words.map(str::trim).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_owned).collect();
    (!words.is_empty()).then_some((dimension, words))
}

fn word(row: &UsageRow) -> &str {
    row.groups.first().map(String::as_str).unwrap_or_default()
}

async fn keys(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let limit = query.limit.unwrap_or(10).clamp(1, MOST_ROWS);
    let rows = query.top(&acting, (Dimension::Key, limit)).await?;
    let mut names = ReportNames::default();
    names
        .read(&acting, Dimension::Key, rows.iter().map(word))
        .await?;
    let rows = rows.iter().map(|row| {
        let key = word(row);
        json!({
            "api_key": key_word(&names, key),
            "key_alias": names.key(key).and_then(|key| key.alias.as_ref()),
            "key_name": names.key_name(key),
            "total_spend": number(row.sums.charge_nanousd),
        })
    });
    Ok(HttpResponse::Ok().json(rows.collect::<Vec<_>>()))
}

/// A team by its name for people, as LiteLLM's charts have it.
fn team_name(names: &ReportNames, id: &str) -> String {
    match names.team(id) {
        _ if id.is_empty() => "Unassigned".to_owned(),
        Some(team) if !team.name.is_empty() => team.name.clone(),
        _ => names.id(Dimension::Team, id),
    }
}

async fn teams(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let days = query.days(&acting).await?;
    let asked = UsageQuery {
        group_by: vec![Dimension::Team],
        bucket: Some(Bucket::Day),
        ..days.query()
    };
    let rows = usage::rows(&acting, asked).await?;
    let mut names = ReportNames::default();
    names
        .read(&acting, Dimension::Team, rows.iter().map(word))
        .await?;
    let mut by_day: BTreeMap<String, BTreeMap<String, NanoUsd>> = BTreeMap::new();
    let mut by_team: BTreeMap<String, NanoUsd> = BTreeMap::new();
    for row in &rows {
        let team = team_name(&names, word(row));
        let day = by_day.entry(days.of(row).to_string()).or_default();
        for sum in [
            day.entry(team.clone()).or_default(),
            by_team.entry(team).or_default(),
        ] {
            *sum = NanoUsd(sum.0.saturating_add(row.sums.charge_nanousd.0));
        }
    }
    let daily = by_day.into_iter().map(|(date, teams)| {
        let mut day = Map::from_iter([("date".to_owned(), json!(date))]);
        day.extend(teams.into_iter().map(|(team, sum)| (team, number(sum))));
        Value::Object(day)
    });
    let daily: Vec<Value> = daily.collect();
    let mut top: Vec<(&String, &NanoUsd)> = by_team.iter().collect();
    top.sort_by_key(|(_team, sum)| std::cmp::Reverse(**sum));
    let top = top.into_iter().take(TEAMS);
    let top = top.map(|(team, sum)| json!({"team_id": team, "total_spend": number(*sum)}));
    Ok(HttpResponse::Ok().json(json!({
        "daily_spend": daily,
        "teams": by_team.keys().collect::<Vec<_>>(),
        "total_spend_per_team": top.collect::<Vec<_>>(),
    })))
}

async fn models(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let limit = query.limit.unwrap_or(10).clamp(1, MOST_ROWS);
    let rows = query.top(&acting, (Dimension::Model, limit)).await?;
    let rows = rows.iter().map(|row| {
        json!({
            "model": word_or_unknown(word(row)),
            "total_spend": number(row.sums.charge_nanousd),
        })
    });
    Ok(HttpResponse::Ok().json(rows.collect::<Vec<_>>()))
}

async fn providers(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let rows = query.top(&acting, (Dimension::Provider, MOST_ROWS)).await?;
    let rows = rows.iter().map(|row| {
        json!({
            "provider": word_or_unknown(word(row)),
            "spend": number(row.sums.charge_nanousd),
        })
    });
    Ok(HttpResponse::Ok().json(rows.collect::<Vec<_>>()))
}

async fn tags(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let rows = query.top(&acting, (Dimension::Tag, MOST_ROWS)).await?;
    let rows = rows.iter().map(|row| {
        json!({
            "name": word(row),
            "spend": number(row.sums.charge_nanousd),
            "log_count": row.sums.requests,
        })
    });
    let rows: Vec<Value> = rows.collect();
    Ok(HttpResponse::Ok().json(json!({"spend_per_tag": rows})))
}

async fn names_of(
    acting: &Acting<may::ReadSpend>,
    query: &SpendQuery,
    dimension: Dimension,
) -> Result<Vec<String>, ActionError> {
    let rows = query.top(acting, (dimension, MOST_ROWS)).await?;
    let words = rows.iter().map(word).filter(|word| !word.is_empty());
    Ok(words.map(str::to_owned).collect())
}

async fn tag_names(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let names = names_of(&acting, &query, Dimension::Tag).await?;
    Ok(HttpResponse::Ok().json(json!({"tag_names": names})))
}

async fn end_user_names(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let names = names_of(&acting, &query, Dimension::EndUser).await?;
    Ok(HttpResponse::Ok().json(json!({"end_users": names})))
}

async fn end_users(
    acting: Acting<may::ReadSpend>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let query = SpendQuery {
        api_key: fields.text("api_key")?.value(),
        start_date: fields.text("startTime")?.value(),
        end_date: fields.text("endTime")?.value(),
        ..SpendQuery::default()
    };
    let rows = query.top(&acting, (Dimension::EndUser, END_USERS)).await?;
    let rows = rows.iter().filter(|row| !word(row).is_empty());
    let rows = rows.map(|row| {
        json!({
            "end_user": word(row),
            "total_count": row.sums.requests,
            "total_spend": number(row.sums.charge_nanousd),
        })
    });
    Ok(HttpResponse::Ok().json(rows.collect::<Vec<_>>()))
}

async fn logs(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let days = query.days(&acting).await?;
    let filters = filter(Dimension::Key, query.api_key.as_ref());
    let asked = UsageQuery {
        bucket: Some(Bucket::Day),
        filters: filters.into_iter().collect(),
        ..days.query()
    };
    let rows = usage::rows(&acting, asked).await?;
    let rows = rows.iter().map(|row| {
        json!({
            "date": days.of(row).to_string(),
            "spend": number(row.sums.charge_nanousd),
        })
    });
    Ok(HttpResponse::Ok().json(rows.collect::<Vec<_>>()))
}
