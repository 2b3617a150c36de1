//! LiteLLM's `/spend/calculate`: what a call would cost, or what an answer has cost.

use actix_web::{HttpResponse, web};
use domain::money::NanoUsd;
use domain::prices::Price;
use domain::usage::{ServiceTier, Usage};
use providers::catalogue;
use providers::openai::body::{BodyKind, CallerBody};
use providers::tokenizer::count_messages;
use serde_json::{Map, Value, json};

use crate::acting::{Acting, may};
use crate::actions::deployments::{self, Listing, Usable};
use crate::error::{ActionError, Envelope};
use crate::fields::Fields;
use crate::litellm::policy::number;
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/spend/calculate" => calculate, ReadDeployments,
        "Says what a call would cost, or what an answer has cost."),
];

/// A model as the catalogue and the configuration know it.
struct Priced {
    vendor: String,
    model: String,
    price: Price,
}

/// The model of a group that the actor may use, or one of the catalogue.
async fn priced(acting: &Acting<may::ReadDeployments>, asked: &str) -> Result<Priced, ActionError> {
    let listing = Listing {
        model_name: Some(asked.to_owned()),
        ..Listing::default()
    };
    let usable = Usable::of(acting).await?;
    let known = deployments::all(acting, usable.scope(), &listing).await?;
    let known = known.into_iter().filter(|one| usable.holds(one));
    for one in known {
        let price = one.price(one.facts().as_ref());
        if let (Some(meant), Some(price)) = (one.meant(), price) {
            return Ok(Priced {
                vendor: meant.provider.clone(),
                model: meant.model.clone(),
                price,
            });
        }
    }
    let unknown = || {
        let message = format!(
            "Nobody knows what `{asked}` costs. Configure its price, or name a model of the catalogue."
        );
        ActionError::invalid("model", message)
    };
    let (vendor, model) = match asked.split_once('/') {
        Some((vendor, model)) if providers::find(vendor).is_some() => (vendor, model),
        _ => (catalogue::vendor_of(asked).ok_or_else(unknown)?, asked),
    };
    let provider = providers::find(vendor).ok_or_else(unknown)?;
    let facts = catalogue::look_up(provider, model, None);
    let price = facts.and_then(|facts| facts.price).ok_or_else(unknown)?;
    Ok(Priced {
        vendor: vendor.to_owned(),
        model: model.to_owned(),
        price,
    })
}

/// What the input of a call would cost: LiteLLM counts no output before there is one.
async fn before(
    acting: &Acting<may::ReadDeployments>,
    model: &str,
    messages: Value,
) -> Result<NanoUsd, ActionError> {
    let priced = priced(acting, model).await?;
    let body = json!({"model": model, "messages": messages}).to_string();
    let wrong = |bad: &dyn std::fmt::Display| ActionError::invalid("messages", bad.to_string());
    let body = CallerBody::read(web::Bytes::from(body), BodyKind::Chat);
    let body = body.map_err(|bad| wrong(&bad))?;
    let call = body.chat_call().map_err(|bad| wrong(&bad))?;
    let usage = Usage {
        input_tokens: count_messages(&priced.vendor, &priced.model, &call),
        estimated: true,
        ..Usage::default()
    };
    Ok(priced.price.charge(&usage))
}

/// What an answer of OpenAI's form has used.
fn usage_of(answer: &Map<String, Value>) -> Usage {
    let usage = answer.get("usage").unwrap_or(&Value::Null);
    let whole = |place: &str| usage.pointer(place).and_then(Value::as_u64).unwrap_or(0);
    let cached = whole("/prompt_tokens_details/cached_tokens");
    let written = whole("/cache_creation_input_tokens");
    let audio_in = whole("/prompt_tokens_details/audio_tokens");
    let reasoning = whole("/completion_tokens_details/reasoning_tokens");
    let audio_out = whole("/completion_tokens_details/audio_tokens");
    let apart = cached.saturating_add(written).saturating_add(audio_in);
    let tier = answer.get("service_tier").and_then(Value::as_str);
    Usage {
        input_tokens: whole("/prompt_tokens").saturating_sub(apart),
        cache_read_tokens: cached,
        cache_write_tokens: written,
        audio_input_tokens: audio_in,
        output_tokens: whole("/completion_tokens")
            .saturating_sub(reasoning)
            .saturating_sub(audio_out),
        reasoning_tokens: reasoning,
        audio_output_tokens: audio_out,
        service_tier: tier.map_or(ServiceTier::Standard, ServiceTier::from_word),
        ..Usage::default()
    }
}

async fn calculate(
    acting: Acting<may::ReadDeployments>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let model = fields.text("model")?.value();
    let messages = fields.take::<Value>("messages", "a list of messages")?;
    let answer = fields.object("completion_response")?.value();
    let cost = match (model, messages.value(), answer) {
        (Some(model), Some(messages), _) => before(&acting, &model, messages).await?,
        (model, None, Some(answer)) => {
            let own = answer.get("model").and_then(Value::as_str);
            let model = model.or_else(|| own.map(str::to_owned));
            let model = model.ok_or_else(|| {
                ActionError::invalid("model", "Say which model gave this answer.")
            })?;
            priced(&acting, &model)
                .await?
                .price
                .charge(&usage_of(&answer))
        }
        (Some(_), None, None) => {
            let message = "`messages` has to be given with `model`.";
            return Err(Envelope(ActionError::invalid("messages", message)));
        }
        (None, _, _) => {
            let message = "Give either `model` with `messages`, or `completion_response`.";
            return Err(Envelope(ActionError::invalid("model", message)));
        }
    };
    Ok(HttpResponse::Ok().json(json!({"cost": number(cost)})))
}
