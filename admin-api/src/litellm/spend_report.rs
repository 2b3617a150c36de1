//! LiteLLM's `/global/spend/report`: what every day has cost, by team, end user or key, and by model.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use domain::money::NanoUsd;
use domain::windows::Day;
use serde::Deserialize;
use serde_json::{Value, json};
use store::usage::{Bucket, Dimension, UsageQuery, UsageRow, UsageSums};

use crate::acting::{Acting, may};
use crate::actions::usage::{self, Days, add};
use crate::error::{ActionError, Envelope};
use crate::litellm::dates;
use crate::litellm::policy::number;
use crate::litellm::report_names::ReportNames;
use crate::litellm::words::{key_word, word_or_unknown};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/global/spend/report" => report, ReadSpend,
        "Shows what every day has cost, by team, end user or key."),
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReportQuery {
    start_date: Option<String>,
    end_date: Option<String>,
    group_by: Option<String>,
    api_key: Option<String>,
    internal_user_id: Option<String>,
    team_id: Option<String>,
    customer_id: Option<String>,
}

fn named(dimension: Dimension, word: Option<&String>) -> Option<(Dimension, Vec<String>)> {
    let word = word.filter(|word| !word.is_empty())?;
    Some((dimension, vec![word.clone()]))
}

async fn report(
    acting: Acting<may::ReadSpend>,
    query: web::Query<ReportQuery>,
) -> Result<HttpResponse, Envelope> {
    let (start, end) = (query.start_date.as_deref(), query.end_date.as_deref());
    let days = dates::required(&acting, start, end).await?;
    let filters = [
        named(Dimension::Key, query.api_key.as_ref()),
        named(Dimension::User, query.internal_user_id.as_ref()),
        named(Dimension::Team, query.team_id.as_ref()),
        named(Dimension::EndUser, query.customer_id.as_ref()),
    ];
    let filters: Vec<_> = filters.into_iter().flatten().collect();
    let of_one = query.api_key.is_some() || query.internal_user_id.is_some();
    let answer = match query.group_by.as_deref().unwrap_or("team") {
        _ if of_one => of_keys(&acting, &days, filters).await?,
        "api_key" => of_keys(&acting, &days, filters).await?,
        "team" => by_day(&acting, &days, (Dimension::Team, filters)).await?,
        "customer" => by_day(&acting, &days, (Dimension::EndUser, filters)).await?,
        _ => {
            let message = "`group_by` has to be team, customer or api_key.";
            return Err(Envelope(ActionError::invalid("group_by", message)));
        }
    };
    Ok(HttpResponse::Ok().json(answer))
}

async fn rows(
    acting: &Acting<may::ReadSpend>,
    days: &Days,
    (group_by, filters): (Vec<Dimension>, Vec<(Dimension, Vec<String>)>),
    bucket: Option<Bucket>,
) -> Result<(Vec<UsageRow>, ReportNames), ActionError> {
    let query = UsageQuery {
        group_by: group_by.clone(),
        bucket,
        filters,
        ..days.query()
    };
    let rows = usage::rows(acting, query).await?;
    let mut names = ReportNames::default();
    for (place, dimension) in group_by.into_iter().enumerate() {
        let words = rows.iter().filter_map(|row| row.groups.get(place));
        names
            .read(acting, dimension, words.map(String::as_str))
            .await?;
    }
    Ok((rows, names))
}

fn total_tokens(sums: &UsageSums) -> u64 {
    let completion = sums.completion_tokens();
    sums.prompt_tokens().saturating_add(completion)
}

/// `[{"group_by_day", "teams": [{"team_name", "total_spend", "metadata": […]}]}]`.
async fn by_day(
    acting: &Acting<may::ReadSpend>,
    days: &Days,
    (dimension, filters): (Dimension, Vec<(Dimension, Vec<String>)>),
) -> Result<Value, ActionError> {
    let group_by = vec![dimension, Dimension::Model, Dimension::Key];
    let (rows, names) = rows(acting, days, (group_by, filters), Some(Bucket::Day)).await?;
    let (list, label) = match dimension {
        Dimension::EndUser => ("customers", "customer"),
        _ => ("teams", "team_name"),
    };
    let mut by_day: BTreeMap<Day, BTreeMap<String, (NanoUsd, Vec<Value>)>> = BTreeMap::new();
    for row in &rows {
        let mut words = row.groups.iter().map(String::as_str);
        let mut word = || words.next().unwrap_or_default();
        let (one, model, key) = (word(), word(), word());
        let name = match names.team(one) {
            Some(team) if !team.name.is_empty() => team.name.clone(),
            _ if one.is_empty() => "Unassigned".to_owned(),
            _ => names.id(dimension, one),
        };
        let day = by_day.entry(days.of(row)).or_default();
        let (sum, parts) = day.entry(name).or_default();
        *sum = NanoUsd(sum.0.saturating_add(row.sums.charge_nanousd.0));
        parts.push(json!({
            "model": word_or_unknown(model),
            "spend": number(row.sums.charge_nanousd),
            "total_tokens": total_tokens(&row.sums),
            "api_key": key_word(&names, key),
        }));
    }
    let shown = by_day.into_iter().map(|(day, all)| {
        let all = all.into_iter().map(|(name, (sum, parts))| {
            json!({label: name, "total_spend": number(sum), "metadata": parts})
        });
        json!({"group_by_day": day.to_string(), list: all.collect::<Vec<_>>()})
    });
    Ok(Value::Array(shown.collect()))
}

/// `[{"api_key", "total_cost", "total_input_tokens", "total_output_tokens", "model_details": […]}]`.
async fn of_keys(
    acting: &Acting<may::ReadSpend>,
    days: &Days,
    filters: Vec<(Dimension, Vec<String>)>,
) -> Result<Value, ActionError> {
    let group_by = vec![Dimension::Key, Dimension::Model];
    let (rows, names) = rows(acting, days, (group_by, filters), None).await?;
    let mut by_key: BTreeMap<&str, (UsageSums, Vec<Value>)> = BTreeMap::new();
    for row in &rows {
        let mut words = row.groups.iter().map(String::as_str);
        let mut word = || words.next().unwrap_or_default();
        let (key, model) = (word(), word());
        let (sums, parts) = by_key.entry(key).or_default();
        add(sums, &row.sums);
        parts.push(json!({
            "model": word_or_unknown(model),
            "total_cost": number(row.sums.charge_nanousd),
            "total_input_tokens": row.sums.prompt_tokens(),
            "total_output_tokens": row.sums.completion_tokens(),
        }));
    }
    let shown = by_key.into_iter().map(|(key, (sums, parts))| {
        json!({
            "api_key": key_word(&names, key),
            "total_cost": number(sums.charge_nanousd),
            "total_input_tokens": sums.prompt_tokens(),
            "total_output_tokens": sums.completion_tokens(),
            "model_details": parts,
        })
    });
    Ok(Value::Array(shown.collect()))
}
