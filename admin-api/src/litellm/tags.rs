//! LiteLLM's `/tag/…`.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use domain::ids::BudgetId;
use domain::tags::Tag;
use serde_json::{Map, Value, json};

use crate::acting::{Acting, Permission, may};
use crate::actions::levels::EVERYTHING;
use crate::actions::spend::{self, Present, Spender};
use crate::actions::tags::{self, NewTag};
use crate::error::{ActionError, Envelope};
use crate::fields::Fields;
use crate::litellm::budgets::{limits, public_ids};
use crate::litellm::policy::{self, number};
use crate::litellm::refusals::{missing, refused};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/tag/new" => new, WriteEndUsers, "Makes a tag."),
    litellm_route!(POST "/tag/update" => update, WriteEndUsers, "Changes a tag."),
    litellm_route!(POST "/tag/delete" => delete, WriteEndUsers, "Removes a tag."),
    litellm_route!(POST "/tag/info" => info, ReadEndUsers, "Shows tags."),
    litellm_route!(GET "/tag/list" => list, ReadEndUsers, "Lists tags."),
];

fn row(tag: &Tag, spent: Present, budgets: &BTreeMap<BudgetId, String>) -> Map<String, Value> {
    let budget = tag.policy.budget_id.as_ref().and_then(|id| budgets.get(id));
    let names = tag
        .policy
        .models
        .iter()
        .map(|model| (model.clone(), json!(model)));
    let mut row = Map::new();
    let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
    put("name", json!(tag.name));
    put("id", json!(tag.id));
    put("organization_id", json!(tag.organization_id));
    put("description", json!(tag.description));
    put("models", json!(tag.policy.models));
    put("model_info", Value::Object(names.collect()));
    put("spend", number(spent.spend));
    put("budget_id", json!(budget));
    let limits = limits(&tag.policy, spent.resets_at);
    put("litellm_budget_table", Value::Object(limits));
    put("created_at", json!(tag.stamps.created_at.to_rfc3339()));
    put("created_by", json!(tag.stamps.created_by));
    put("updated_at", json!(tag.stamps.updated_at.to_rfc3339()));
    row
}

async fn rows<P: Permission>(
    acting: &Acting<P>,
    tags: &[Tag],
) -> Result<Vec<Map<String, Value>>, ActionError> {
    let spenders: Vec<Spender<'_>> = tags.iter().map(Spender::from).collect();
    let spent = spend::present(acting.store(), &spenders).await?;
    let of = |tag: &Tag| {
        let own = spent.get(&Spender::from(tag).scope());
        own.copied().unwrap_or_default()
    };
    let budgets = public_ids(acting.store(), tags.iter().map(|tag| &tag.policy)).await?;
    Ok(tags.iter().map(|tag| row(tag, of(tag), &budgets)).collect())
}

async fn done<P: Permission>(
    acting: &Acting<P>,
    tag: Tag,
    what: &str,
) -> Result<HttpResponse, Envelope> {
    let message = format!("Tag {} {what} successfully", tag.name);
    let mut rows = rows(acting, &[tag]).await?;
    Ok(HttpResponse::Ok().json(json!({"message": message, "tag": rows.pop()})))
}

async fn new(
    acting: Acting<may::WriteEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let mut new = NewTag {
        organization_id: fields.text("organization_id")?.value(),
        name: fields.text("name")?.value().unwrap_or_default(),
        description: fields.text("description")?.value(),
        ..NewTag::default()
    };
    policy::apply(&mut fields, &mut new.policy)?;
    let made = tags::create(&acting, new).await.map_err(refused)?;
    done(&acting, made, "created").await
}

/// `name` of a body.
fn named(fields: &mut Fields) -> Result<String, Envelope> {
    let name = fields.text("name")?.value();
    name.ok_or_else(|| missing("name", "say which tag"))
}

async fn update(
    acting: Acting<may::WriteEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    let name = named(&mut fields)?;
    let changed = tags::update(&acting, &name, |tag| {
        fields.text("description")?.set(&mut tag.description);
        policy::apply(&mut fields, &mut tag.policy)
    });
    let changed = changed.await.map_err(refused)?;
    done(&acting, changed, "updated").await
}

async fn delete(
    acting: Acting<may::WriteEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let name = named(&mut Fields::read(&body)?)?;
    let gone = tags::delete(&acting, &name).await?;
    Ok(HttpResponse::Ok().json(json!({
        "message": format!("Tag {} deleted successfully", gone.name),
    })))
}

async fn info(
    acting: Acting<may::ReadEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let Some(names) = Fields::read(&body)?.texts("names")?.value() else {
        return Err(missing("names", "a list of tags"));
    };
    let mut found = Vec::new();
    for name in names {
        found.push(tags::find(&acting, &name).await?);
    }
    let rows = rows(&acting, &found).await?;
    let by_name = found.iter().map(|tag| tag.name.clone()).zip(rows);
    let by_name: BTreeMap<String, Map<String, Value>> = by_name.collect();
    Ok(HttpResponse::Ok().json(by_name))
}

async fn list(acting: Acting<may::ReadEndUsers>) -> Result<HttpResponse, Envelope> {
    let listed = tags::list(&acting, (None, None), &EVERYTHING).await?;
    let rows = rows(&acting, &listed.items).await?;
    Ok(HttpResponse::Ok().json(rows))
}
