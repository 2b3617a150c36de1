//! LiteLLM's `/spend/…` and `/global/spend…`, as far as the store knows what was spent.

use actix_web::{HttpResponse, web};
use domain::money::NanoUsd;
use domain::spend::Adjustment;
use domain::virtual_keys::VirtualKey;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::acting::{Acting, may};
use crate::actions::spend;
use crate::error::Envelope;
use crate::litellm::policy::{number, shown};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/global/spend" => total, ReadSpend, "Says what all keys have spent."),
    litellm_route!(GET "/global/spend/keys" => top_keys, ReadSpend,
        "Lists the keys that have spent the most."),
    litellm_route!(GET "/spend/keys" => keys, ReadSpend, "Lists keys by what they have spent."),
    litellm_route!(GET "/spend/users" => users, ReadSpend, "Lists people by what they have spent."),
    litellm_route!(GET "/spend/logs" => logs, ReadSpend, "Lists what was booked on a key."),
];

/// The most rows of a list of spend.
const MOST_ROWS: usize = 1_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SpendQuery {
    limit: Option<usize>,
    user_id: Option<String>,
    api_key: Option<String>,
}

impl SpendQuery {
    fn limit(&self, usual: usize) -> usize {
        self.limit.unwrap_or(usual).clamp(1, MOST_ROWS)
    }
}

async fn total(acting: Acting<may::ReadSpend>) -> Result<HttpResponse, Envelope> {
    let spent = spend::total(&acting).await?;
    // No budget holds for the platform as a whole.
    Ok(HttpResponse::Ok().json(json!({"spend": number(spent), "max_budget": null})))
}

async fn top_keys(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let top = spend::top_keys(&acting, query.limit(10)).await?;
    let rows: Vec<Value> = top
        .iter()
        .map(|(key, spent)| {
            json!({
                "api_key": key.hash,
                "key_alias": key.alias,
                "key_name": format!("sk-...{}", key.last_four),
                "total_spend": number(*spent),
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(rows))
}

fn key_row((key, spent): &(VirtualKey, NanoUsd)) -> Value {
    let mut row = shown(&key.policy);
    let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
    put("token", json!(key.hash));
    put("key_name", json!(format!("sk-...{}", key.last_four)));
    put("key_alias", json!(key.alias));
    put("spend", number(*spent));
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
    let top = spend::top_keys(&acting, query.limit(MOST_ROWS)).await?;
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
            put("spend", number(*spent));
            Value::Object(row)
        })
        .take(MOST_ROWS)
        .collect();
    Ok(HttpResponse::Ok().json(rows))
}

/// A correction as a row of LiteLLM's log: its kind stands where a request has its call.
fn log_row((key, correction): &(VirtualKey, Adjustment)) -> Value {
    let at = correction.at.to_rfc3339();
    json!({
        "request_id": correction.id,
        "call_type": correction.kind,
        "api_key": key.hash,
        "spend": number(correction.amount_nanousd),
        "startTime": at,
        "endTime": at,
        "user": key.user_id,
        "team_id": key.team_id,
        "model": "",
        "total_tokens": 0,
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "metadata": {"reason": correction.reason, "actor": correction.actor},
    })
}

/// What was booked on a key. Requests are not kept one by one yet, so that without a key there is
/// nothing to list.
async fn logs(
    acting: Acting<may::ReadSpend>,
    query: web::Query<SpendQuery>,
) -> Result<HttpResponse, Envelope> {
    let Some(key) = &query.api_key else {
        return Ok(HttpResponse::Ok().json(json!([])));
    };
    let corrections = spend::corrections_of_key(&acting, key).await?;
    let rows: Vec<Value> = corrections.iter().map(log_row).collect();
    Ok(HttpResponse::Ok().json(rows))
}
