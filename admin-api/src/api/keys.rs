//! `/api/v1/keys`.

use actix_web::{HttpResponse, web};
use domain::ids::{KeyId, OrganizationId, ProjectId, ServiceAccountId, TeamId, UserId};
use domain::money::NanoUsd;
use domain::policies::TemporaryIncrease;
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use schemars::JsonSchema;
use serde::Deserialize;
use store::virtual_keys::KeyFilter;

use crate::acting::{Acting, Permission, may};
use crate::actions::keys::{self, AskedOwner, Details, Increase, MadeKey, NewKey, Rotation};
use crate::api::key_shapes::{KeyBody, KeyCreate, KeyMade, KeyWrite};
use crate::api::page::{ListQuery, Paged};
use crate::api::{merge_patch, read};
use crate::error::{ActionError, Problem};
use crate::fields::Given;
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/keys" => list, ReadKeys, "Lists virtual keys.",
        query KeyQuery, answers 200 Paged<KeyBody>),
    route!(POST "/api/v1/keys" => create, WriteKeys, "Makes a virtual key; it is shown this once.",
        body KeyCreate, answers 201 KeyMade),
    route!(POST "/api/v1/keys/find" => find, ReadKeys,
        "Shows the key of an id, a hash or a key in the clear.", body KeyFind, answers 200 KeyBody),
    route!(GET "/api/v1/keys/{key_id}" => show, ReadKeys,
        "Shows a key, by its id or hash, with the secrets that work.", answers 200 KeyBody),
    route!(PATCH "/api/v1/keys/{key_id}" => update, WriteKeys, "Changes a key (JSON merge patch).",
        body KeyWrite, answers 200 KeyBody),
    route!(DELETE "/api/v1/keys/{key_id}" => delete, WriteKeys, "Removes a key; for 30 days it may be restored.", answers 204),
    route!(POST "/api/v1/keys/{key_id}/block" => block, WriteKeys, "Refuses a key from now on, for a reason where one is given.",
        body KeyBlock, answers 200 KeyBody),
    route!(POST "/api/v1/keys/{key_id}/unblock" => unblock, WriteKeys, "Lets a blocked key in again.",
        answers 200 KeyBody),
    route!(POST "/api/v1/keys/{key_id}/rotate" => rotate, WriteKeys,
        "Gives a key a new secret; the old one works on for the grace period.",
        body KeyRotate, answers 200 KeyMade),
    route!(POST "/api/v1/keys/{key_id}/reset-spend" => reset_spend, ResetSpend,
        "Sets a key's spend to zero, or to less than it is.", body SpendResetBody, answers 200 KeyBody),
    route!(POST "/api/v1/keys/{key_id}/budget-increase" => increase, ResetSpend,
        "Raises a key's budget for a time.", body KeyIncrease, answers 200 KeyBody),
];

/// Which keys.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct KeyQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Only what contains this in its alias or id, or ends in these four characters.
    pub search: Option<String>,
    /// Those of this organization.
    pub organization_id: Option<String>,
    /// Those of this team.
    pub team_id: Option<String>,
    /// Those of this project.
    pub project_id: Option<String>,
    /// Those of this person.
    pub user_id: Option<String>,
    /// Those of this service account.
    pub service_account_id: Option<String>,
    /// Those of this environment.
    pub environment: Option<String>,
    /// Those with exactly this alias.
    pub alias: Option<String>,
    /// Those that are blocked, or those that are not.
    pub blocked: Option<bool>,
    /// Those that have ended, or those that have not.
    pub expired: Option<bool>,
}

/// Which key.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyFind {
    /// Its id, its hash, or the key itself.
    pub key: String,
}

/// How a key is rotated.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeyRotate {
    /// How long the old secret works on: `24h`, at most `30d`; without it, it ends at once.
    pub grace: Option<String>,
    /// The new key itself, when you have one.
    pub key: Option<String>,
}

/// Why a key is blocked.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeyBlock {
    /// Why: it stands in the audit trail and on the key's page.
    pub reason: Option<String>,
}

/// Why spend is set anew.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SpendResetBody {
    /// Why: it stands in the audit trail.
    pub reason: String,
    /// To how many dollars; zero unless said.
    #[serde(default)]
    pub to_usd: Option<String>,
}

/// More money for a time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyIncrease {
    /// By how many dollars, decimal text.
    pub by_usd: String,
    /// Until when: `24h` from now, or a date.
    pub until: String,
    /// Why: it stands in the audit trail.
    pub reason: String,
}

/// A key in a path. One in the clear is refused: paths are logged.
fn asked(id: &str) -> Result<&str, ActionError> {
    if id.starts_with("sk-") {
        return Err(ActionError::invalid(
            "key_id",
            "A key does not belong into a path, where logs keep it. Name it by its id or hash, or \
             send it in the body of POST /api/v1/keys/find.",
        ));
    }
    Ok(id)
}

async fn shown<P: Permission>(
    acting: &Acting<P>,
    key: VirtualKey,
) -> Result<web::Json<KeyBody>, Problem> {
    let details = keys::details(acting.store(), key).await?;
    Ok(web::Json(KeyBody::from(details)))
}

async fn shown_once<P: Permission>(
    acting: &Acting<P>,
    made: MadeKey,
) -> Result<KeyMade, ActionError> {
    let details = keys::details(acting.store(), made.key.clone()).await?;
    Ok(KeyMade::of(made, details))
}

async fn list(
    acting: Acting<may::ReadKeys>,
    query: web::Query<KeyQuery>,
) -> Result<web::Json<Paged<KeyBody>>, Problem> {
    let query = query.into_inner();
    let page = ListQuery {
        cursor: query.cursor,
        limit: query.limit,
        search: None,
    };
    let now = TimestampMs::now();
    let filter = KeyFilter {
        organization_id: query.organization_id.map(OrganizationId::new),
        team_id: query.team_id.map(TeamId::new),
        project_id: query.project_id.map(ProjectId::new),
        user_id: query.user_id.map(UserId::new),
        service_account_id: query.service_account_id.map(ServiceAccountId::new),
        alias: query.alias,
        environment: query.environment,
        search: query.search,
        blocked: query.blocked,
        expired_at: (query.expired == Some(true)).then_some(now),
        alive_at: (query.expired == Some(false)).then_some(now),
        ..KeyFilter::default()
    };
    let listed = keys::list(&acting, filter, &page.page_of(KeyId::is_one)?).await?;
    let spend = keys::spend_of(acting.store(), &listed.items).await?;
    let body = |key: VirtualKey| {
        let present = spend.get(&key.id).copied().unwrap_or_default();
        let details = Details {
            key,
            secrets: Vec::new(),
            present,
        };
        KeyBody {
            secrets: None,
            ..KeyBody::from(details)
        }
    };
    Ok(web::Json(Paged::of(listed, |key| key.id.to_string(), body)))
}

async fn create(acting: Acting<may::WriteKeys>, body: web::Bytes) -> Result<HttpResponse, Problem> {
    let body: KeyCreate = read(&body)?;
    let chosen = body
        .key
        .map(|text| keys::chosen("key", &text))
        .transpose()?;
    let new = NewKey {
        owner: AskedOwner {
            organization_id: body.organization_id,
            team_id: body.team_id,
            project_id: body.project_id,
            user_id: body.user_id,
            service_account_id: body.service_account_id,
        },
        alias: body.alias,
        environment: body.environment,
        policy: body.policy.read(&Default::default())?,
        lifetime: body.expires.map_or(Given::Absent, Given::Value),
        chosen,
        blocked: body.blocked,
        ..NewKey::default()
    };
    let made = keys::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(shown_once(&acting, made).await?))
}

async fn find(
    acting: Acting<may::ReadKeys>,
    body: web::Bytes,
) -> Result<web::Json<KeyBody>, Problem> {
    let KeyFind { key } = read(&body)?;
    let key = keys::find(&acting, &key).await?;
    shown(&acting, key).await
}

async fn show(
    acting: Acting<may::ReadKeys>,
    id: web::Path<String>,
) -> Result<web::Json<KeyBody>, Problem> {
    let key = keys::find(&acting, asked(&id)?).await?;
    shown(&acting, key).await
}

async fn update(
    acting: Acting<may::WriteKeys>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<KeyBody>, Problem> {
    let id = asked(&id)?;
    // What `expires` is now is known to the key alone.
    let before = keys::find(&acting, id).await?;
    let expires = before.expires_at.map(TimestampMs::to_rfc3339);
    let changed = keys::update(&acting, before.id.as_str(), |change| {
        let now = KeyWrite::of(change, expires.clone());
        merge_patch(&now, &body)?.put_into(change, expires.as_deref())
    });
    let changed = changed.await?;
    shown(&acting, changed).await
}

async fn delete(
    acting: Acting<may::WriteKeys>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    keys::delete(&acting, &[asked(&id)?.to_owned()], &[]).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn block(
    acting: Acting<may::WriteKeys>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<KeyBody>, Problem> {
    let KeyBlock { reason } = read(&body)?;
    let key = keys::block(&acting, asked(&id)?, reason).await?;
    shown(&acting, key).await
}

async fn unblock(
    acting: Acting<may::WriteKeys>,
    id: web::Path<String>,
) -> Result<web::Json<KeyBody>, Problem> {
    let key = keys::set_blocked(&acting, asked(&id)?, false).await?;
    shown(&acting, key).await
}

async fn rotate(
    acting: Acting<may::WriteKeys>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let KeyRotate { grace, key } = read(&body)?;
    let chosen = key.map(|text| keys::chosen("key", &text)).transpose()?;
    let rotation = Rotation { grace, chosen };
    let made = keys::rotate(&acting, asked(&id)?, rotation, |_change| Ok(())).await?;
    Ok(HttpResponse::Ok().json(shown_once(&acting, made).await?))
}

fn dollars(field: &str, text: &str) -> Result<NanoUsd, ActionError> {
    NanoUsd::from_usd(text).map_err(|malformed| ActionError::invalid(field, malformed.to_string()))
}

async fn reset_spend(
    acting: Acting<may::ResetSpend>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<KeyBody>, Problem> {
    let SpendResetBody { reason, to_usd } = read(&body)?;
    let to = to_usd.map_or(Ok(NanoUsd::default()), |text| dollars("to_usd", &text))?;
    let reset = keys::reset_spend(&acting, asked(&id)?, to, Some(reason)).await?;
    shown(&acting, reset.key).await
}

async fn increase(
    acting: Acting<may::ResetSpend>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<web::Json<KeyBody>, Problem> {
    let KeyIncrease {
        by_usd,
        until,
        reason,
    } = read(&body)?;
    let end = domain::lifetimes::expires_at(&until, TimestampMs::now())
        .map_err(|malformed| ActionError::invalid("until", malformed.to_string()))?;
    let until = end.ok_or_else(|| ActionError::invalid("until", "An increase has to end."))?;
    let increase = Increase {
        increase: TemporaryIncrease {
            by_nanousd: dollars("by_usd", &by_usd)?,
            until,
        },
        reason: Some(reason),
    };
    let key = keys::increase_budget(&acting, asked(&id)?, increase).await?;
    shown(&acting, key).await
}
