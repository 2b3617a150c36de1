//! LiteLLM's `/spend/keys|users|tags`, `/global/spend` and its reset.

use actix_web::{HttpResponse, web};
use domain::virtual_keys::VirtualKey;
use serde::Deserialize;
use serde_json::{Value, json};
use store::usage::{Dimension, UsageOrder, UsageQuery};

use crate::acting::{Acting, may};
use crate::actions::spend::{self, LIFE, Present};
use crate::actions::usage;
use crate::error::Envelope;
use crate::litellm::dates;
use crate::litellm::policy::{number, shown};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/global/spend" => total, ReadSpend, "Says what all requests have cost."),
    litellm_route!(POST "/global/spend/reset" => reset, CorrectSpend,
        "Sets the spend of all keys and teams to zero; what was used stays in the ledger."),
    litellm_route!(GET "/spend/keys" => keys, ReadSpend, "Lists keys by what they have spent."),
    litellm_route!(GET "/spend/users" => users, ReadSpend, "Lists people by what they have spent."),
    litellm_route!(GET "/spend/tags" => tags, ReadSpend, "Lists tags by what they have cost."),
];

/// The most rows of a list of spend.
const MOST_ROWS: usize = 1_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SpendQuery {
    limit: Option<usize>,
    user_id: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
}

async fn total(acting: Acting<may::ReadSpend>) -> Result<HttpResponse, Envelope> {
    let spent = spend::total(&acting).await?;
    // No budget holds for the platform as a whole.
    Ok(HttpResponse::Ok().json(json!({"spend": number(spent), "max_budget": null})))
}

async fn reset(acting: Acting<may::CorrectSpend>) -> Result<HttpResponse, Envelope> {
    spend::reset_everything(&acting).await?;
    Ok(HttpResponse::Ok().json(json!({
        "message": "Spend for all API Keys and Teams reset successfully",
        "status": "success",
    })))
}

fn key_row((key, spent): &(VirtualKey, Present)) -> Value {
    let mut row = shown(&key.policy);
    let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
    put("token", json!(key.hash));
    put("key_name", json!(format!("sk-...{}", key.last_four)));
    put("key_alias", json!(key.alias));
    put("spend", number(spent.spend));
    put(
        "budget_reset_at",
        json!(spent.resets_at.map(|end| end.to_rfc3339())),
    );
    put("user_id", json!(key.user_id));
    put("team_id", json!(key.team_id));
    put("organization_id", json!(key.organization_id));
    put("expires", json!(key.expires_at.map(|end| end.to_rfc3339())));
    put("blocked", json!(key.blocked));
    put("created_at", json!(key.stamps.created_at.to_rfc3339()));
    Value::Object(row)
}

async fn keys(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let limit = query.limit.unwrap_or(MOST_ROWS).clamp(1, MOST_ROWS);
    let top = spend::top_keys(&acting, limit).await?;
    let rows: Vec<Value> = top.iter().map(key_row).collect();
    Ok(HttpResponse::Ok().json(rows))
}

async fn users(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let people = spend::users(&acting, query.user_id.as_deref()).await?;
    let rows: Vec<Value> = people
        .iter()
        .map(|(user, spent)| {
            let mut row = shown(&user.policy);
            let id = user
                .external_id
                .clone()
                .unwrap_or_else(|| user.id.to_string());
            let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
            put("user_id", json!(id));
            put("user_email", json!(user.email));
            put("user_alias", json!(user.name));
            put("spend", number(spent.spend));
            put(
                "budget_reset_at",
                json!(spent.resets_at.map(|end| end.to_rfc3339())),
            );
            Value::Object(row)
        })
        .take(MOST_ROWS)
        .collect();
    Ok(HttpResponse::Ok().json(rows))
}

async fn tags(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let zone = usage::time_zone(&acting, None).await?;
    let (start, end) = (query.start_date.as_deref(), query.end_date.as_deref());
    let all = UsageQuery {
        limit: usage::MOST_ROWS,
        ..UsageQuery::sum(acting.scope(), LIFE.0, LIFE.1)
    };
    let asked = UsageQuery {
        group_by: vec![Dimension::Tag],
        order: UsageOrder::Charge,
        ..dates::asked(start, end, &zone)?.map_or(all, |days| days.query())
    };
    let rows = usage::rows(&acting, asked).await?;
    let rows = rows.iter().map(|row| {
        json!({
            "individual_request_tag": row.groups.first(),
            "log_count": row.sums.requests,
            "total_spend": number(row.sums.charge_nanousd),
        })
    });
    Ok(HttpResponse::Ok().json(rows.collect::<Vec<_>>()))
}
