//! Deployments as LiteLLM's `/model/info` shows them.

use actix_web::{HttpResponse, web};
use domain::money::PicoUsd;
use domain::routing::Origin;
use providers::catalogue::{Feature, ModelFacts};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::acting::{Acting, Permission, may};
use crate::actions::deployments::{self, KnownDeployment, Listing, Usable};
use crate::error::{ActionError, Envelope};

/// Abilities of models under LiteLLM's names.
pub(super) const ABILITIES: [(&str, Feature); 14] = [
    ("supports_vision", Feature::Vision),
    ("supports_pdf_input", Feature::PdfInput),
    ("supports_function_calling", Feature::FunctionCalling),
    ("supports_tool_choice", Feature::ToolChoice),
    ("supports_response_schema", Feature::ResponseSchema),
    ("supports_prompt_caching", Feature::PromptCaching),
    ("supports_reasoning", Feature::Reasoning),
    ("supports_system_messages", Feature::SystemMessages),
    ("supports_web_search", Feature::WebSearch),
    ("supports_audio_input", Feature::AudioInput),
    ("supports_audio_output", Feature::AudioOutput),
    ("supports_assistant_prefill", Feature::AssistantPrefill),
    ("supports_computer_use", Feature::ComputerUse),
    (
        "supports_parallel_function_calling",
        Feature::ParallelFunctionCalling,
    ),
];

/// LiteLLM's query string of `/model/info`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct InfoQuery {
    litellm_model_id: Option<String>,
    model: Option<String>,
    #[serde(rename = "modelId")]
    model_id: Option<String>,
    search: Option<String>,
    page: Option<usize>,
    size: Option<usize>,
}

/// All deployments that the actor may use.
pub(super) async fn usable<P: Permission>(
    acting: &Acting<P>,
    listing: &Listing,
) -> Result<Vec<KnownDeployment>, ActionError> {
    let usable = Usable::of(acting).await?;
    let mut all = deployments::all(acting, usable.scope(), listing).await?;
    all.retain(|one| usable.holds(one));
    Ok(all)
}

/// A price of one token as a number of dollars, made from its digits.
pub(super) fn per_token(rate: Option<PicoUsd>) -> Value {
    const PICO: u64 = 1_000_000_000_000;
    let Some(PicoUsd(pico)) = rate else {
        return Value::Null;
    };
    let text = format!("{}.{:012}", pico / PICO, pico % PICO);
    serde_json::from_str(&text).unwrap_or_default()
}

/// An entry of `data`.
pub(super) fn row(known: &KnownDeployment, with_addresses: bool) -> Value {
    json!({
        "model_name": known.model_name,
        "litellm_params": known.shown_params(with_addresses),
        "model_info": model_info(known),
    })
}

fn model_info(known: &KnownDeployment) -> Map<String, Value> {
    let facts = known.facts();
    let mut info = of_the_model(known, facts.as_ref());
    // What the operator wrote stands over what the catalogue says.
    info.extend(known.info.clone());
    let mut put = |name: &str, value: Value| info.insert(name.to_owned(), value);
    put("id", json!(known.id));
    put("db_model", json!(known.origin == Origin::Store));
    put("blocked", json!(known.blocked));
    if let Some(organization) = &known.organization_id {
        put("organization_id", json!(organization));
    }
    if let Some(stamps) = &known.stamps {
        put("created_at", json!(stamps.created_at.to_rfc3339()));
        put("created_by", json!(stamps.created_by));
        put("updated_at", json!(stamps.updated_at.to_rfc3339()));
        put("updated_by", json!(stamps.updated_by));
    }
    info
}

/// What the catalogue and the configuration say of a deployment's model.
fn of_the_model(known: &KnownDeployment, facts: Option<&ModelFacts>) -> Map<String, Value> {
    let mut info = Map::new();
    let mut put = |name: &str, value: Value| info.insert(name.to_owned(), value);
    let meant = known.meant();
    let own = meant.map(|meant| &meant.info);
    let most_in = own
        .and_then(|own| own.max_input_tokens)
        .or_else(|| facts.and_then(|facts| facts.max_input_tokens));
    let most_out = own
        .and_then(|own| own.max_output_tokens)
        .or_else(|| facts.and_then(|facts| facts.max_output_tokens));
    let mode = own.and_then(|own| own.mode.as_deref());
    let mode = mode.or_else(|| facts.map(|facts| facts.mode.as_str()));
    put("key", json!(meant.map(|meant| meant.model.as_str())));
    put(
        "litellm_provider",
        json!(meant.map(|meant| meant.provider.as_str())),
    );
    put("mode", json!(mode.filter(|mode| !mode.is_empty())));
    put("max_tokens", json!(most_out));
    put("max_input_tokens", json!(most_in));
    put("max_output_tokens", json!(most_out));
    let price = known.price(facts);
    let base = price.map(|price| price.standard.base).unwrap_or_default();
    put("input_cost_per_token", per_token(base.input));
    put("output_cost_per_token", per_token(base.output));
    put("cache_read_input_token_cost", per_token(base.cache_read));
    put(
        "cache_creation_input_token_cost",
        per_token(base.cache_write),
    );
    for (name, feature) in ABILITIES {
        let has = facts.map(|facts| facts.supports.has(feature));
        put(name, json!(has));
    }
    info
}

pub(super) async fn list(
    acting: Acting<may::Myself>,
    query: web::Query<InfoQuery>,
) -> Result<HttpResponse, Envelope> {
    let query = query.into_inner();
    let rows = asked(&acting, &query).await?;
    if let (Some(id), true) = (&query.litellm_model_id, rows.is_empty()) {
        return Err(Envelope(ActionError::not_found("Model", id)));
    }
    Ok(HttpResponse::Ok().json(json!({"data": rows})))
}

async fn asked(acting: &Acting<may::Myself>, query: &InfoQuery) -> Result<Vec<Value>, ActionError> {
    let listing = Listing {
        search: query.search.clone(),
        model_name: query.model.clone(),
        origin: None,
    };
    let mut found = usable(acting, &listing).await?;
    if let Some(id) = query.litellm_model_id.as_ref().or(query.model_id.as_ref()) {
        found.retain(|one| one.id.as_str() == id);
    }
    let with_addresses = Usable::shows_addresses(acting);
    Ok(found.iter().map(|one| row(one, with_addresses)).collect())
}

pub(super) async fn paged(
    acting: Acting<may::Myself>,
    query: web::Query<InfoQuery>,
) -> Result<HttpResponse, Envelope> {
    let query = query.into_inner();
    let (page, size) = (
        query.page.unwrap_or(1).max(1),
        query.size.unwrap_or(50).clamp(1, 1_000),
    );
    let rows = asked(&acting, &query).await?;
    let total = rows.len();
    let skip = size.saturating_mul(page.saturating_sub(1));
    let data: Vec<Value> = rows.into_iter().skip(skip).take(size).collect();
    Ok(HttpResponse::Ok().json(json!({
        "data": data,
        "total_count": total,
        "current_page": page,
        "total_pages": total.div_ceil(size),
        "size": size,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_of_a_token_is_told_to_its_last_digit() {
        assert_eq!(per_token(Some(PicoUsd(150_000))).to_string(), "1.5e-7");
        assert_eq!(per_token(Some(PicoUsd(1))).to_string(), "1e-12");
        assert_eq!(
            per_token(Some(PicoUsd(2_500_000_000_000))).to_string(),
            "2.5"
        );
        assert_eq!(per_token(None), Value::Null);
    }
}
