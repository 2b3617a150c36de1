//! `/api/v1/audit`: who changed what, and whether the trail is whole.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use domain::ids::OrganizationId;
use domain::time::TimestampMs;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use store::audit::{AuditFilter, AuditPage};

use crate::acting::{Acting, may};
use crate::actions::audit;
pub use crate::api::audit_shapes::AuditBody;
use crate::api::audit_shapes::{COLUMNS, VerifiedBody};
use crate::api::csv;
use crate::api::page::Paged;
use crate::error::{ActionError, Problem};
use crate::routes::{Route, route};

/// The routes.
pub const ROUTES: &[Route] = &[
    route!(GET "/api/v1/audit" => list, ReadAudit,
        "Lists the audit trail, newest first; with `format=csv` as a table.",
        query AuditQuery, answers 200 Paged<AuditBody>),
    route!(GET "/api/v1/audit/{sequence}" => show, ReadAudit, "Shows an entry of the audit trail.",
        answers 200 AuditBody),
    route!(POST "/api/v1/audit/verify" => verify, VerifyAudit,
        "Reads the whole audit trail and tells every edit, deletion, insertion and reordering.",
        answers 200 VerifiedBody),
];

/// The most entries of one page.
const MOST: i64 = 200;
/// The most entries of one table.
const MOST_ROWS: i64 = 10_000;

/// Which entries.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct AuditQuery {
    /// Of this actor: `user_…`, `master_key`, `command_line`, …
    pub who: Option<String>,
    /// Of exactly this action: `key.create`.
    pub action: Option<String>,
    /// About this kind of thing: `key`.
    pub object_kind: Option<String>,
    /// About the thing with this id.
    pub object: Option<String>,
    /// In this organization.
    pub organization_id: Option<String>,
    /// From this time on, RFC 3339.
    pub from: Option<String>,
    /// Before this time, RFC 3339.
    pub until: Option<String>,
    /// The `next_cursor` of the page before (of a table: of its `x-next-cursor` header).
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said; of a table 1 to 10,000, as many unless said.
    pub limit: Option<i64>,
    /// As what.
    #[serde(default)]
    pub format: Format,
}

/// As what a list comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// A page.
    #[default]
    Json,
    /// A table for a spreadsheet.
    Csv,
}

impl AuditQuery {
    fn page(&self) -> Result<AuditPage, ActionError> {
        let most = match self.format {
            Format::Json => MOST,
            Format::Csv => MOST_ROWS,
        };
        let limit = self.limit.unwrap_or(match self.format {
            Format::Json => 50,
            Format::Csv => MOST_ROWS,
        });
        if !(1..=most).contains(&limit) {
            return Err(ActionError::invalid(
                "limit",
                format!("`limit` has to be 1 to {most}."),
            ));
        }
        let cursor = self.cursor.as_deref().map(str::parse).transpose();
        Ok(AuditPage {
            before_sequence: cursor.map_err(|_no_number| {
                ActionError::invalid("cursor", "`cursor` is the `next_cursor` of a page before.")
            })?,
            limit,
            count: false,
        })
    }

    fn filter(self) -> Result<AuditFilter, ActionError> {
        Ok(AuditFilter {
            organization_id: self.organization_id.map(OrganizationId::new),
            actor_id: self.who,
            action: self.action,
            object_kind: self.object_kind,
            object_id: self.object,
            from: time("from", self.from.as_deref())?,
            until: time("until", self.until.as_deref())?,
            ..AuditFilter::default()
        })
    }
}

fn time(field: &str, text: Option<&str>) -> Result<Option<TimestampMs>, ActionError> {
    text.map(TimestampMs::parse_rfc3339)
        .transpose()
        .map_err(|malformed| ActionError::invalid(field, format!("`{field}`: {malformed}.")))
}

async fn list(
    acting: Acting<may::ReadAudit>,
    query: web::Query<AuditQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.into_inner();
    let (format, page) = (query.format, query.page()?);
    let listed = audit::list(&acting, query.filter()?, &page).await?;
    let page = Paged::of(listed, |one| one.sequence.to_string(), AuditBody::from);
    Ok(match format {
        Format::Json => HttpResponse::Ok().json(page),
        Format::Csv => table(page),
    })
}

/// The entries as a table.
fn table(page: Paged<AuditBody>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8; header=present"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""));
    if let Some(cursor) = page.next_cursor {
        response.insert_header(("x-next-cursor", cursor));
    }
    let rows = page.items.iter().map(serde_json::to_value);
    let rows: Vec<Value> = rows.filter_map(Result::ok).collect();
    response.body(csv::table(COLUMNS, &rows))
}

async fn show(
    acting: Acting<may::ReadAudit>,
    sequence: web::Path<String>,
) -> Result<web::Json<AuditBody>, Problem> {
    Ok(web::Json(audit::find(&acting, &sequence).await?.into()))
}

async fn verify(acting: Acting<may::VerifyAudit>) -> Result<web::Json<VerifiedBody>, Problem> {
    let verified = audit::verify(&acting).await?;
    let verification = verified.verification;
    let lines = verified.unreadable_anchor_lines.iter();
    let faults = verification.faults.iter().map(ToString::to_string);
    let faults: Vec<String> = faults
        .chain(lines.map(|line| format!("line {line} of the file of anchors cannot be read")))
        .collect();
    Ok(web::Json(VerifiedBody {
        whole: faults.is_empty(),
        entries: verification.entries,
        last_sequence: verification.last_sequence,
        last_anchored: verification.last_anchored,
        faults,
    }))
}
