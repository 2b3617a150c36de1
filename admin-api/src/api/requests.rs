//! `/api/v1/requests`: finished requests, the newest first, and one with its attempts.

use actix_web::{HttpResponse, web};
use domain::ids::{KeyId, OrganizationId, ProjectId, RequestId, TeamId, UserId};
use domain::money::NanoUsd;
use schemars::JsonSchema;
use serde::Deserialize;
use store::requests::RequestFilter;
use store::usage::Dimension;

use crate::acting::{Acting, may};
use crate::actions::{requests, usage};
use crate::api::audit::Format;
use crate::api::page::Paged;
use crate::api::request_shapes::{COLUMNS, RequestBody, RequestDetailBody};
use crate::api::{csv, ranges};
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/requests" => list, ReadSpend,
        "Lists finished requests, newest first; with `format=csv` as a table.",
        query RequestsAsked, answers 200 Paged<RequestBody>),
    route!(GET "/api/v1/requests/{request_id}" => show, ReadSpend,
        "Shows a request with its attempts and what was corrected of them.",
        answers 200 RequestDetailBody),
];

/// Which requests. Model group, vendor, model and deployment are those that answered.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RequestsAsked {
    /// From when: RFC 3339, or a date in the zone of your organization.
    pub from: Option<String>,
    /// Until when, exclusive.
    pub until: Option<String>,
    /// In this organization.
    pub organization: Option<String>,
    /// Of this team.
    pub team: Option<String>,
    /// Of this project.
    pub project: Option<String>,
    /// Of this key: its id or hash.
    pub key: Option<String>,
    /// Of this person's keys.
    pub user: Option<String>,
    /// Of this end user.
    pub end_user: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// Of keys of this environment.
    pub environment: Option<String>,
    /// Answered by this model group.
    pub model_group: Option<String>,
    /// Answered by this vendor.
    pub provider: Option<String>,
    /// Answered by this model, by the vendor's name.
    pub model: Option<String>,
    /// Answered by this deployment.
    pub deployment: Option<String>,
    /// `chat`, `text_completion`, `embeddings`.
    pub operation: Option<String>,
    /// With this status.
    pub status: Option<u16>,
    /// Those that failed, or those that did not.
    pub failed: Option<bool>,
    /// That asked for this model.
    pub asked_model: Option<String>,
    /// With this code of error.
    pub code: Option<String>,
    /// The one with this id of the caller's own.
    pub call_id: Option<String>,
    /// Streamed or not.
    pub stream: Option<bool>,
    /// That cost so many dollars or more.
    pub least_charge_usd: Option<String>,
    /// The `next_cursor` of the page before (of a table: of its `x-next-cursor` header).
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said; of a table 1 to 10,000, as many unless said.
    pub limit: Option<i64>,
    /// As what.
    pub format: Format,
}

fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

impl RequestsAsked {
    async fn filter(self, acting: &Acting<may::ReadSpend>) -> Result<RequestFilter, ActionError> {
        let zone = usage::time_zone(acting, self.organization.as_deref()).await?;
        let id = async |dimension, word: Option<String>| match said(word) {
            Some(word) => usage::our_id(acting, dimension, word).await.map(Some),
            None => Ok(None),
        };
        let least = said(self.least_charge_usd);
        let least = least.as_deref().map(NanoUsd::from_usd).transpose();
        Ok(RequestFilter {
            from: ranges::moment("from", self.from.as_deref(), &zone)?,
            until: ranges::moment("until", self.until.as_deref(), &zone)?,
            organization_id: id(Dimension::Organization, self.organization)
                .await?
                .map(OrganizationId::new),
            team_id: id(Dimension::Team, self.team).await?.map(TeamId::new),
            project_id: said(self.project).map(ProjectId::new),
            key_id: id(Dimension::Key, self.key).await?.map(KeyId::new),
            user_id: id(Dimension::User, self.user).await?.map(UserId::new),
            end_user: said(self.end_user),
            tag: said(self.tag),
            environment: said(self.environment),
            group: said(self.model_group),
            provider: said(self.provider),
            model: said(self.model),
            deployment_id: said(self.deployment),
            operation: said(self.operation),
            status: self.status,
            failed: self.failed,
            asked_model: said(self.asked_model),
            code: said(self.code),
            call_id: said(self.call_id),
            stream: self.stream,
            least_charge: least.map_err(|malformed| {
                ActionError::invalid("least_charge_usd", malformed.to_string())
            })?,
            ..RequestFilter::default()
        })
    }
}

async fn list(
    acting: Acting<may::ReadSpend>,
    query: web::Query<RequestsAsked>,
) -> Result<HttpResponse, Problem> {
    let mut asked = query.into_inner();
    let format = asked.format;
    let is_one = |cursor: &str| RequestId::time_of(cursor).is_some();
    let page = ranges::page(asked.cursor.take(), is_one, (asked.limit, format))?;
    let filter = asked.filter(&acting).await?;
    let listed = requests::list(&acting, filter, &page).await?;
    let page = Paged::of(listed, |one| one.id.clone(), RequestBody::from);
    Ok(match format {
        Format::Json => HttpResponse::Ok().json(page),
        Format::Csv => csv::answer("requests", COLUMNS, &page.items, page.next_cursor),
    })
}

async fn show(
    acting: Acting<may::ReadSpend>,
    id: web::Path<String>,
) -> Result<web::Json<RequestDetailBody>, Problem> {
    Ok(web::Json(requests::find(&acting, &id).await?.into()))
}
