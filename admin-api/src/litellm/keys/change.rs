//! LiteLLM's routes that make, change and remove keys.

use std::borrow::Cow;

use actix_web::{HttpResponse, web};
use domain::actors::ActorKind;
use domain::keys::KeyHash;
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::acting::{Acting, Permission, may};
use crate::actions::keys::{self, KeyChange, MadeKey, Rotation};
use crate::actions::spend::Present;
use crate::error::{ActionError, Envelope};
use crate::fields::{Fields, Given};
use crate::litellm::keys::names::Names;
use crate::litellm::keys::shape;
use crate::litellm::keys::{refused, request};
use crate::litellm::policy::number;

/// The most keys of one `/key/bulk_update` or `/key/delete`.
const MOST_KEYS: usize = 500;

async fn made<P: Permission>(
    acting: &Acting<P>,
    made: &MadeKey,
    echoed: [(&str, Value); 2],
) -> Result<HttpResponse, ActionError> {
    let names = Names::of(acting.store(), std::slice::from_ref(&made.key)).await?;
    let mut answer = shape::made(made, spent(acting, &made.key).await?, &names);
    for (name, value) in echoed {
        answer.insert(name.to_owned(), value);
    }
    Ok(HttpResponse::Ok().json(answer))
}

async fn changed<P: Permission>(
    acting: &Acting<P>,
    key: &VirtualKey,
) -> Result<HttpResponse, ActionError> {
    let names = Names::of(acting.store(), std::slice::from_ref(key)).await?;
    let mut row = shape::row(key, spent(acting, key).await?, &names);
    row.insert("key".to_owned(), json!(key.hash));
    Ok(HttpResponse::Ok().json(row))
}

async fn spent<P: Permission>(
    acting: &Acting<P>,
    key: &VirtualKey,
) -> Result<Present, ActionError> {
    let spend = keys::spend_of(acting.store(), [key]).await?;
    Ok(spend.get(&key.id).copied().unwrap_or_default())
}

/// What of the request is said again as it came.
fn echo(body: &[u8]) -> Result<[(&'static str, Value); 2], ActionError> {
    let mut fields = Fields::read(body)?;
    let key_type = fields.text("key_type")?.value();
    Ok([
        ("duration", json!(fields.text("duration")?.value())),
        ("key_type", json!(key_type.as_deref().unwrap_or("default"))),
    ])
}

/// `key` of a body.
fn named(fields: &mut Fields) -> Result<String, ActionError> {
    let key = fields.text("key")?.value();
    key.filter(|key| !key.is_empty())
        .ok_or_else(|| ActionError::invalid("key", "Say which key: the key, its hash or its id."))
}

pub(super) async fn generate(
    acting: Acting<may::WriteKeys>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let echoed = echo(&body).map_err(refused)?;
    let new = request::new_key(Fields::read(&body)?).map_err(refused)?;
    let key = keys::create(&acting, new).await.map_err(refused)?;
    Ok(made(&acting, &key, echoed).await?)
}

pub(super) async fn generate_for_service_account(
    acting: Acting<may::WriteKeys>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let echoed = echo(&body).map_err(refused)?;
    let mut new = request::new_key(Fields::read(&body)?).map_err(refused)?;
    if new.owner.team_id.is_none() {
        return Err(Envelope(ActionError::invalid(
            "team_id",
            "team_id is required for service account keys. Name the team that the account is of.",
        )));
    }
    // LiteLLM names the account by the key's alias; ours are found again by that name.
    new.owner.user_id = None;
    if new.owner.service_account_id.is_none() {
        let named = new.policy.metadata.get("service_account_id");
        let named = named.and_then(Value::as_str).map(str::to_owned);
        let name = named.or_else(|| new.alias.clone());
        new.service_account_name = Some(name.unwrap_or_else(|| "service-account".to_owned()));
    }
    let key = keys::create(&acting, new).await.map_err(refused)?;
    Ok(made(&acting, &key, echoed).await?)
}

pub(super) async fn update(
    acting: Acting<may::WriteKeys>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let asked = named(&mut fields)?;
    let change = |change: &mut KeyChange| request::change(fields, change);
    let key = keys::update(&acting, &asked, change)
        .await
        .map_err(refused)?;
    Ok(changed(&acting, &key).await?)
}

pub(super) async fn bulk_update(
    acting: Acting<may::WriteKeys>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let keys: Given<Vec<Box<RawValue>>> = fields.take("keys", "a list of {key, …}")?;
    let keys = keys.value().unwrap_or_default();
    if keys.is_empty() || keys.len() > MOST_KEYS {
        return Err(Envelope(ActionError::invalid(
            "keys",
            format!("`keys` has to have 1 to {MOST_KEYS} keys, each with its changes."),
        )));
    }
    let requested = keys.len();
    let mut changes = Vec::with_capacity(requested);
    for raw in keys {
        let mut fields = Fields::read(raw.get().as_bytes())?;
        let asked = named(&mut fields)?;
        changes.push((asked, move |change: &mut KeyChange| {
            request::change(fields, change)
        }));
    }
    let done = keys::update_many(&acting, changes).await.map_err(refused)?;
    let rows: Vec<VirtualKey> = done
        .changed
        .iter()
        .map(|(_asked, key)| key.clone())
        .collect();
    let names = Names::of(acting.store(), &rows).await?;
    let spend = keys::spend_of(acting.store(), rows.iter()).await?;
    let successful = done.changed.iter().map(|(asked, key)| {
        let spent = spend.get(&key.id).copied().unwrap_or_default();
        json!({"key": asked, "key_info": shape::row(key, spent, &names)})
    });
    let failed = done.failed.iter().map(
        |(asked, error)| json!({"key": asked, "key_info": null, "failed_reason": error.to_string()}),
    );
    Ok(HttpResponse::Ok().json(json!({
        "total_requested": requested,
        "successful_updates": successful.collect::<Vec<_>>(),
        "failed_updates": failed.collect::<Vec<_>>(),
    })))
}

pub(super) async fn delete(
    acting: Acting<may::WriteKeys>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let asked = fields.texts("keys")?.value().unwrap_or_default();
    let aliases = fields.texts("key_aliases")?.value().unwrap_or_default();
    if asked.len().saturating_add(aliases.len()) > MOST_KEYS {
        return Err(Envelope(ActionError::invalid(
            "keys",
            format!("Delete {MOST_KEYS} keys at a time at most."),
        )));
    }
    let gone = keys::delete(&acting, &asked, &aliases)
        .await
        .map_err(refused)?;
    let gone = as_asked(&asked, &aliases, &gone);
    Ok(HttpResponse::Ok().json(json!({"deleted_keys": gone})))
}

/// Keys under the names by which they were asked for, as LiteLLM answers; one that was asked for by
/// a secret that it no longer has is named by its hash.
fn as_asked<'a>(
    asked: &'a [String],
    aliases: &'a [String],
    gone: &'a [VirtualKey],
) -> Vec<Cow<'a, str>> {
    let names = |key: &'a VirtualKey| -> Vec<Cow<'a, str>> {
        let of_key = asked.iter().filter(|text| {
            let hash = KeyHash::from_hex(text).unwrap_or_else(|_no_hash| KeyHash::of(text));
            key.id.as_str() == text.as_str() || key.hash == hash
        });
        let alias = key.alias.as_ref();
        let of_alias = aliases.iter().filter(|text| alias == Some(*text));
        let names = of_key
            .chain(of_alias)
            .map(|name| Cow::Borrowed(name.as_str()));
        let names: Vec<_> = names.collect();
        match names.is_empty() {
            true => vec![Cow::Owned(key.hash.to_string())],
            false => names,
        }
    };
    gone.iter().flat_map(names).collect()
}

pub(super) async fn block(
    acting: Acting<may::WriteKeys>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let asked = named(&mut Fields::read(&body)?)?;
    let key = keys::set_blocked(&acting, &asked, true)
        .await
        .map_err(refused)?;
    Ok(changed(&acting, &key).await?)
}

pub(super) async fn unblock(
    acting: Acting<may::WriteKeys>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let asked = named(&mut Fields::read(&body)?)?;
    let key = keys::set_blocked(&acting, &asked, false)
        .await
        .map_err(refused)?;
    Ok(changed(&acting, &key).await?)
}

pub(super) async fn regenerate(
    acting: Acting<may::WriteKeys>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let asked = match (fields.text("key")?.value(), &acting.actor.kind) {
        (Some(asked), _) => asked,
        (None, ActorKind::Key(own, _person)) => own.to_string(),
        (None, _) => return Err(Envelope(named(&mut fields).err().unwrap_or_else(no_key))),
    };
    rotated(&acting, &asked, fields, &body)
        .await
        .map_err(refused)
}

fn no_key() -> ActionError {
    ActionError::invalid("key", "Say which key: the key, its hash or its id.")
}

pub(super) async fn regenerate_named(
    acting: Acting<may::WriteKeys>,
    asked: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let _named_in_the_path = fields.text("key")?;
    rotated(&acting, &asked, fields, &body)
        .await
        .map_err(refused)
}

async fn rotated(
    acting: &Acting<may::WriteKeys>,
    asked: &str,
    mut fields: Fields,
    body: &[u8],
) -> Result<HttpResponse, ActionError> {
    if fields.text("new_master_key")?.value().is_some() {
        return Err(ActionError::invalid(
            "new_master_key",
            "The master key is the configuration's: set `HEADGATE_MASTER_KEY` and start again.",
        ));
    }
    let chosen = fields.text("new_key")?.value();
    let rotation = Rotation {
        grace: fields.text("grace_period")?.value(),
        chosen: match chosen {
            Some(text) => Some(keys::chosen("new_key", &text)?),
            None => None,
        },
    };
    let change = |change: &mut KeyChange| request::change(fields, change);
    let key = keys::rotate(acting, asked, rotation, change).await?;
    made(acting, &key, echo(body)?).await
}

pub(super) async fn reset_spend(
    acting: Acting<may::ResetSpend>,
    asked: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let to = fields.money("reset_to")?.value();
    let to = to.ok_or_else(|| {
        ActionError::invalid("reset_to", "Say to how many dollars: {\"reset_to\": 0}.")
    })?;
    let reason = fields.text("reason")?.value();
    let reset = keys::reset_spend(&acting, &asked, to, reason)
        .await
        .map_err(refused)?;
    let budget = reset.key.policy.hard_budget();
    Ok(HttpResponse::Ok().json(json!({
        "key_hash": reset.key.hash,
        "spend": number(reset.spend_nanousd),
        "previous_spend": number(reset.before_nanousd),
        "max_budget": budget.map(|budget| number(budget.limit_nanousd)),
        "budget_reset_at": reset.resets_at.map(TimestampMs::to_rfc3339),
    })))
}
