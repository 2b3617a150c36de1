//! `/api/v1/alerts`: what was told of budgets and months, and where it goes.

use actix_web::{HttpResponse, web};
use domain::alerts::{AlertTarget, Delivery, Matter};
use domain::time::TimestampMs;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::alerts::Told;
use web_ui::words::Words;

use crate::acting::{Acting, may};
use crate::actions::alerts::{self, NewTarget};
use crate::alerts::words;
use crate::api::page::{ListQuery, Paged};
use crate::api::{named, read};
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/alerts" => list, ReadAlerts,
        "Lists alerts of budgets and of months that are over, and how far each is on its way to each target.",
        query AlertQuery, answers 200 Paged<AlertBody>),
    route!(GET "/api/v1/alerts/targets" => targets, ReadAlerts,
        "Lists where alerts go, beside the targets of the configuration file.",
        query AlertQuery, answers 200 Paged<AlertTargetBody>),
    route!(POST "/api/v1/alerts/targets" => create, WriteAlerts, "Sets where alerts go.",
        body AlertTargetWrite, answers 201 AlertTargetBody),
    route!(DELETE "/api/v1/alerts/targets/{alert_target_id}" => delete, WriteAlerts,
        "Removes a target of alerts; what is on its way there is given up.", answers 204),
    route!(POST "/api/v1/alerts/targets/{alert_target_id}/test" => test, WriteAlerts,
        "Sends a target a message that says that it is a test.", answers 200 AlertTestBody),
];

/// Which alerts or targets.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct AlertQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Those of this organization.
    pub organization_id: Option<String>,
}

/// What a target is set with.
#[derive(Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AlertTargetWrite {
    /// Whose alerts. When missing, those of all organizations for an administrator of the platform,
    /// and those of their organization for anybody else.
    pub organization_id: Option<String>,
    /// For people.
    pub name: String,
    /// `webhook`, `slack` or `email`.
    pub kind: String,
    /// Where, for `webhook` and `slack`; it is never shown again.
    pub url: Option<String>,
    /// Under what messages of a webhook are signed (`x-headgate-signature`); it is never shown again.
    pub secret: Option<String>,
    /// To whom, for `email`.
    pub recipients: Vec<String>,
    /// Whether it hears what each month came to as well.
    pub monthly: bool,
}

/// A target, without its secrets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AlertTargetBody {
    /// `altg_…`.
    pub id: String,
    /// Whose alerts; null for those of all.
    pub organization_id: Option<String>,
    /// For people.
    pub name: String,
    /// `webhook`, `slack` or `email`.
    pub kind: String,
    /// The host of its address.
    pub host: Option<String>,
    /// Whether its messages are signed.
    pub signed: bool,
    /// To whom e-mail goes.
    pub recipients: Vec<String>,
    /// Whether it hears what each month came to as well.
    pub monthly: bool,
    /// When it was set, RFC 3339.
    pub created_at: String,
    /// By whom.
    pub created_by: String,
}

impl From<AlertTarget> for AlertTargetBody {
    fn from(target: AlertTarget) -> Self {
        let AlertTarget {
            id,
            organization_id,
            name,
            kind,
            monthly,
            of_platform: _,
            info,
            sealed_settings: _,
            stamps,
        } = target;
        let recipients = info.get("recipients").and_then(Value::as_array);
        let recipients = recipients.into_iter().flatten().filter_map(Value::as_str);
        Self {
            id: id.to_string(),
            organization_id: organization_id.map(|id| id.to_string()),
            name,
            kind: kind.as_str().to_owned(),
            host: info.get("host").and_then(Value::as_str).map(str::to_owned),
            signed: info.get("signed") == Some(&Value::Bool(true)),
            recipients: recipients.map(str::to_owned).collect(),
            monthly,
            created_at: stamps.created_at.to_rfc3339(),
            created_by: stamps.created_by,
        }
    }
}

/// What came of a test.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AlertTestBody {
    /// Whether the target took it.
    pub delivered: bool,
    /// Why not.
    pub error: Option<String>,
}

/// An alert.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct AlertBody {
    /// `alert_…`; targets get the same one, however often it is sent.
    pub id: String,
    /// When it was seen, RFC 3339.
    pub created_at: String,
    /// `threshold_crossed`, `budget_crossed`, `soft_budget_crossed`, `month_closed`.
    pub event: String,
    /// In which organization; null for a person's own budget, and for a month of all.
    pub organization_id: Option<String>,
    /// In which team.
    pub team_id: Option<String>,
    /// Whose budget: `key`, `team`, …; `organization` for a month, null for one of all.
    pub scope_kind: Option<String>,
    /// Its id.
    pub scope_id: Option<String>,
    /// Its name.
    pub scope_name: String,
    /// Of one model only.
    pub model: Option<String>,
    /// The threshold, in percent of the limit; null for a month.
    pub percent: Option<u8>,
    /// What was spent, in dollars as decimal text.
    pub spend_usd: String,
    /// The limit, in dollars as decimal text; null for a month.
    pub limit_usd: Option<String>,
    /// The budget's window; null when it never starts anew. The month, as `2026-10`.
    pub window: Option<String>,
    /// When the window or month ends, RFC 3339.
    pub window_ends_at: Option<String>,
    /// The sentences for people.
    pub message: String,
    /// How far it is on its way to each target.
    pub deliveries: Vec<AlertDeliveryBody>,
}

/// An alert on its way to one target.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AlertDeliveryBody {
    /// `altg_…`, or `file:name` for one of the configuration file.
    pub target: String,
    /// `waiting`, `sent`, `dead`.
    pub state: String,
    /// How often it was tried.
    pub attempts: u64,
    /// When it is tried next, RFC 3339; null when it is not.
    pub next_attempt_at: Option<String>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was sent or given up, RFC 3339.
    pub ended_at: Option<String>,
}

impl From<Told> for AlertBody {
    fn from(told: Told) -> Self {
        let Told { alert, deliveries } = told;
        let about = Self {
            id: alert.id.to_string(),
            created_at: alert.at.to_rfc3339(),
            event: alert.matter.event().to_owned(),
            scope_name: alert.matter.name().to_owned(),
            window_ends_at: alert.matter.ends_at().map(TimestampMs::to_rfc3339),
            message: words::text(Words::default(), &alert),
            organization_id: alert.organization_id.map(|id| id.to_string()),
            team_id: alert.team_id.map(|id| id.to_string()),
            deliveries: deliveries.into_iter().map(Into::into).collect(),
            ..Self::default()
        };
        match alert.matter {
            Matter::Budget(stand) => Self {
                scope_kind: Some(stand.scope.kind.as_str().to_owned()),
                scope_id: Some(stand.scope.id),
                model: stand.model,
                percent: Some(stand.percent),
                spend_usd: stand.spent.to_string(),
                limit_usd: Some(stand.limit.to_string()),
                window: stand.window,
                ..about
            },
            Matter::Month(close) => Self {
                scope_kind: close.of.as_ref().map(|_| "organization".to_owned()),
                scope_id: close.of.map(|id| id.to_string()),
                spend_usd: close.spent.to_string(),
                window: Some(close.month),
                ..about
            },
            Matter::Test { .. } => about,
        }
    }
}

impl From<Delivery> for AlertDeliveryBody {
    fn from(delivery: Delivery) -> Self {
        let Delivery {
            id: _,
            alert_id: _,
            target,
            state,
            attempts,
            next_attempt_at,
            last_error,
            ended_at,
        } = delivery;
        Self {
            target: target.to_string(),
            state: state.as_str().to_owned(),
            attempts,
            next_attempt_at: ended_at.is_none().then(|| next_attempt_at.to_rfc3339()),
            last_error,
            ended_at: ended_at.map(TimestampMs::to_rfc3339),
        }
    }
}

impl AlertQuery {
    fn parts(self) -> Result<(Option<String>, store::page::Page), ActionError> {
        let Self {
            cursor,
            limit,
            organization_id,
        } = self;
        let page = ListQuery {
            cursor,
            limit,
            search: None,
        };
        Ok((organization_id, page.page()?))
    }
}

async fn list(
    acting: Acting<may::ReadAlerts>,
    query: web::Query<AlertQuery>,
) -> Result<web::Json<Paged<AlertBody>>, Problem> {
    let (organization, page) = query.into_inner().parts()?;
    let listed = alerts::list(&acting, organization.as_deref(), &page).await?;
    Ok(web::Json(Paged::of(
        listed,
        |one| one.alert.id.to_string(),
        AlertBody::from,
    )))
}

async fn targets(
    acting: Acting<may::ReadAlerts>,
    query: web::Query<AlertQuery>,
) -> Result<web::Json<Paged<AlertTargetBody>>, Problem> {
    let (organization, page) = query.into_inner().parts()?;
    let listed = alerts::targets(&acting, organization.as_deref(), &page).await?;
    Ok(web::Json(Paged::of(
        listed,
        |one| one.id.to_string(),
        AlertTargetBody::from,
    )))
}

async fn create(
    acting: Acting<may::WriteAlerts>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let AlertTargetWrite {
        organization_id,
        name,
        kind,
        url,
        secret,
        recipients,
        monthly,
    } = read(&body)?;
    let new = NewTarget {
        organization_id,
        name: named(name)?,
        kind,
        url,
        secret,
        recipients,
        monthly,
    };
    let made = alerts::create(&acting, new).await?;
    Ok(HttpResponse::Created().json(AlertTargetBody::from(made)))
}

async fn delete(
    acting: Acting<may::WriteAlerts>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    alerts::delete(&acting, &id).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn test(
    acting: Acting<may::WriteAlerts>,
    id: web::Path<String>,
) -> Result<web::Json<AlertTestBody>, Problem> {
    let sent = alerts::test(&acting, &id).await?;
    Ok(web::Json(AlertTestBody {
        delivered: sent.is_ok(),
        error: sent.err(),
    }))
}
