//! LiteLLM's routes that show single keys.

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::acting::{Acting, may};
use crate::actions::keys;
use crate::error::{ActionError, Envelope};
use crate::fields::Fields;
use crate::litellm::keys::names::Names;
use crate::litellm::keys::refused;
use crate::litellm::keys::shape::detailed;

/// The most keys of one `/v2/key/info`.
const MOST_KEYS: usize = 500;

/// Which key; the caller's own when none is named.
#[derive(Deserialize)]
pub(super) struct InfoQuery {
    key: Option<String>,
}

pub(super) async fn info(
    acting: Acting<may::Myself>,
    query: web::Query<InfoQuery>,
) -> Result<HttpResponse, Envelope> {
    let asked = query.key.as_deref().filter(|key| !key.is_empty());
    let key = keys::find_own(&acting, asked).await.map_err(refused)?;
    let names = Names::of(acting.store(), std::slice::from_ref(&key)).await?;
    // As it was asked for: callers find their own question again by it.
    let named = asked.map_or_else(|| key.hash.to_string(), str::to_owned);
    let details = keys::details(acting.store(), key).await?;
    let info = detailed(&details, &names);
    Ok(HttpResponse::Ok().json(json!({"key": named, "info": info})))
}

pub(super) async fn info_of_several(
    acting: Acting<may::ReadKeys>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let asked = Fields::read(&body)?.texts("keys")?.value();
    let asked = asked.filter(|keys| !keys.is_empty() && keys.len() <= MOST_KEYS);
    let asked = asked.ok_or_else(|| {
        ActionError::invalid(
            "keys",
            format!("`keys` has to have 1 to {MOST_KEYS} keys, hashes or ids."),
        )
    })?;
    let (mut found, mut named) = (Vec::new(), Vec::new());
    let mut missing = None;
    for one in asked {
        match keys::find(&acting, &one).await {
            Ok(key) => {
                found.push(key);
                named.push(one);
            }
            Err(error @ ActionError::NotFound { .. }) => missing = Some(error),
            Err(error) => return Err(refused(error)),
        }
    }
    if let (true, Some(missing)) = (found.is_empty(), missing) {
        return Err(refused(missing));
    }
    let names = Names::of(acting.store(), &found).await?;
    let mut infos = Vec::with_capacity(found.len());
    for key in found {
        let details = keys::details(acting.store(), key).await?;
        infos.push(Value::Object(detailed(&details, &names)));
    }
    Ok(HttpResponse::Ok().json(json!({"key": named, "info": infos})))
}

pub(super) async fn health(_acting: Acting<may::Myself>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"key": "healthy", "logging_callbacks": null}))
}
