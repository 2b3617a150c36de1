//! LiteLLM's `/customer/…`, which is `/end_user/…` as well.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, web};
use domain::end_users::EndUser;
use domain::ids::BudgetId;
use domain::policies::Policy;
use domain::spend::SpendScope;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::acting::{Acting, Permission, may};
use crate::actions::end_users::{self, NewEndUser};
use crate::actions::levels::EVERYTHING;
use crate::actions::spend::{self, Present, Spender};
use crate::error::{ActionError, Envelope};
use crate::fields::Fields;
use crate::litellm::budgets::{limits, public_ids};
use crate::litellm::policy::{self, number};
use crate::litellm::refusals::{missing, refused};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/customer/new" => new, WriteEndUsers, "Makes an end user."),
    litellm_route!(POST "/customer/update" => update, WriteEndUsers, "Changes an end user."),
    litellm_route!(POST "/customer/delete" => delete, WriteEndUsers, "Removes end users."),
    litellm_route!(POST "/customer/block" => block, WriteEndUsers, "Refuses end users' requests."),
    litellm_route!(POST "/customer/unblock" => unblock, WriteEndUsers, "Lets end users in again."),
    litellm_route!(GET "/customer/info" => info, ReadEndUsers, "Shows an end user."),
    litellm_route!(GET "/customer/list" => list, ReadEndUsers, "Lists end users."),
    litellm_route!(POST "/end_user/new" => new, WriteEndUsers, "Makes an end user."),
    litellm_route!(POST "/end_user/update" => update, WriteEndUsers, "Changes an end user."),
    litellm_route!(POST "/end_user/delete" => delete, WriteEndUsers, "Removes end users."),
    litellm_route!(POST "/end_user/block" => block, WriteEndUsers, "Refuses end users' requests."),
    litellm_route!(POST "/end_user/unblock" => unblock, WriteEndUsers, "Lets end users in again."),
    litellm_route!(GET "/end_user/info" => info, ReadEndUsers, "Shows an end user."),
    litellm_route!(GET "/end_user/list" => list, ReadEndUsers, "Lists end users."),
];

/// Members of LiteLLM's that are kept and shown, and that decide nothing here.
const KEPT: [&str; 3] = ["allowed_model_region", "default_model", "object_permission"];

type Spent = BTreeMap<SpendScope, Present>;
type Budgets = BTreeMap<BudgetId, String>;

fn row(end_user: &EndUser, spent: &Spent, budgets: &Budgets) -> Map<String, Value> {
    let budget = end_user
        .policy
        .budget_id
        .as_ref()
        .and_then(|id| budgets.get(id));
    let own = spent
        .get(&Spender::from(end_user).scope())
        .copied()
        .unwrap_or_default();
    let mut row = Map::new();
    for name in KEPT {
        let kept = end_user.policy.extra.get(name);
        row.insert(name.to_owned(), kept.cloned().unwrap_or_default());
    }
    let limits = limits(&end_user.policy, own.resets_at);
    let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
    put("user_id", json!(end_user.external_id));
    put("id", json!(end_user.id));
    put("organization_id", json!(end_user.organization_id));
    put("blocked", json!(end_user.blocked));
    put("alias", json!(end_user.name));
    put("spend", number(own.spend));
    put("models", json!(end_user.policy.models));
    put("budget_id", json!(budget));
    put("metadata", json!(end_user.policy.metadata));
    put("litellm_budget_table", Value::Object(limits));
    row
}

async fn rows<P: Permission>(
    acting: &Acting<P>,
    end_users: &[EndUser],
) -> Result<Vec<Map<String, Value>>, ActionError> {
    let spenders: Vec<Spender<'_>> = end_users.iter().map(Spender::from).collect();
    let spent = spend::present(acting.store(), &spenders).await?;
    let budgets = public_ids(acting.store(), end_users.iter().map(|one| &one.policy)).await?;
    Ok(end_users
        .iter()
        .map(|one| row(one, &spent, &budgets))
        .collect())
}

/// One row; whoever may write end users may see what they have spent.
async fn shown<P: Permission>(
    acting: &Acting<P>,
    end_user: EndUser,
) -> Result<HttpResponse, Envelope> {
    let mut rows = rows(acting, &[end_user]).await?;
    Ok(HttpResponse::Ok().json(rows.pop()))
}

/// Reads what may be said of an end user.
fn apply(fields: &mut Fields, policy: &mut Policy) -> Result<(), ActionError> {
    for name in KEPT {
        let given = fields.take::<Value>(name, "any value")?;
        if let Some(value) = given.value() {
            policy.extra.insert(name.to_owned(), value);
        }
    }
    policy::apply(fields, policy)
}

/// Either limits of their own, or those of a shared budget.
fn one_of_both(fields: &Fields) -> Result<(), ActionError> {
    if fields.has("max_budget") && fields.has("budget_id") {
        return Err(ActionError::invalid(
            "budget_id",
            "Set either `max_budget` or `budget_id`, not both.",
        ));
    }
    Ok(())
}

async fn new(
    acting: Acting<may::WriteEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    one_of_both(&fields)?;
    let Some(user_id) = fields.text("user_id")?.value() else {
        return Err(missing(
            "user_id",
            "the name that requests give the customer",
        ));
    };
    let mut new = NewEndUser {
        organization_id: fields.text("organization_id")?.value(),
        external_id: user_id.clone(),
        name: fields.text("alias")?.value(),
        blocked: fields.flag("blocked")?.value().unwrap_or_default(),
        ..NewEndUser::default()
    };
    apply(&mut fields, &mut new.policy)?;
    let made = end_users::create(&acting, new)
        .await
        .map_err(|error| match error {
            ActionError::Conflict { .. } => refused(ActionError::invalid(
                "user_id",
                format!(
                    "Customer already exists, passed user_id={user_id}. Please pass a new user_id."
                ),
            )),
            other => refused(other),
        })?;
    shown(&acting, made).await
}

async fn update(
    acting: Acting<may::WriteEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let mut fields = Fields::read(&body)?;
    one_of_both(&fields)?;
    let Some(user_id) = fields.text("user_id")?.value() else {
        return Err(missing("user_id", "say which customer"));
    };
    let changed = end_users::update(&acting, &user_id, |end_user| {
        fields.text("alias")?.set(&mut end_user.name);
        fields.flag("blocked")?.replace(&mut end_user.blocked);
        apply(&mut fields, &mut end_user.policy)
    });
    let changed = changed.await.map_err(refused)?;
    shown(&acting, changed).await
}

/// `user_ids` of a body.
fn named(body: &[u8]) -> Result<Vec<String>, Envelope> {
    let ids = Fields::read(body)?.texts("user_ids")?.value();
    let mut ids = ids.unwrap_or_default();
    ids.sort();
    ids.dedup();
    if ids.is_empty() {
        return Err(missing("user_ids", "a list of customers' ids"));
    }
    Ok(ids)
}

async fn delete(
    acting: Acting<may::WriteEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let ids = named(&body)?;
    let gone = end_users::delete(&acting, &ids).await?;
    Ok(HttpResponse::Ok().json(json!({
        "deleted_customers": gone.len(),
        "message": format!("Successfully deleted customers with ids: {ids:?}"),
    })))
}

async fn block(
    acting: Acting<may::WriteEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    set_blocked(&acting, &body, true).await
}

async fn unblock(
    acting: Acting<may::WriteEndUsers>,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    set_blocked(&acting, &body, false).await
}

async fn set_blocked(
    acting: &Acting<may::WriteEndUsers>,
    body: &[u8],
    blocked: bool,
) -> Result<HttpResponse, Envelope> {
    let changed = end_users::set_blocked(acting, &named(body)?, blocked).await?;
    let rows = rows(acting, &changed).await?;
    Ok(HttpResponse::Ok().json(json!({"blocked_users": rows})))
}

#[derive(Deserialize)]
struct InfoQuery {
    end_user_id: String,
}

async fn info(
    acting: Acting<may::ReadEndUsers>,
    query: web::Query<InfoQuery>,
) -> Result<HttpResponse, Envelope> {
    let found = end_users::find(&acting, &query.end_user_id).await?;
    shown(&acting, found).await
}

async fn list(acting: Acting<may::ReadEndUsers>) -> Result<HttpResponse, Envelope> {
    let listed = end_users::list(&acting, (None, None), &EVERYTHING).await?;
    let rows = rows(&acting, &listed.items).await?;
    Ok(HttpResponse::Ok().json(rows))
}
