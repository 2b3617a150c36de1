//! `/audit`: the trail as LiteLLM's paid part shows it.

use actix_web::web;
use domain::audit::ChainedEntry;
use domain::time::TimestampMs;
use serde::Deserialize;
use serde_json::{Value, json};
use store::audit::{AuditFilter, AuditPage};

use crate::acting::{Acting, may};
use crate::actions::audit;
use crate::error::{ActionError, Envelope};
use crate::routes::{Route, litellm_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(GET "/audit" => list, ReadAudit, "Lists the audit trail."),
    litellm_route!(GET "/audit/{sequence}" => show, ReadAudit, "Shows an entry of the audit trail."),
];

/// LiteLLM's bound.
const MOST: i64 = 100;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Query {
    page: Option<i64>,
    page_size: Option<i64>,
    changed_by: Option<String>,
    action: Option<String>,
    table_name: Option<String>,
    object_id: Option<String>,
    start_date: Option<String>,
    end_date: Option<String>,
}

/// LiteLLM's names of tables, and the kinds of things that they hold.
const TABLES: [(&str, &str); 8] = [
    ("LiteLLM_TeamTable", "team"),
    ("LiteLLM_UserTable", "user"),
    ("LiteLLM_VerificationToken", "key"),
    ("LiteLLM_ProxyModelTable", "deployment"),
    ("LiteLLM_OrganizationTable", "organization"),
    ("LiteLLM_BudgetTable", "budget"),
    ("LiteLLM_EndUserTable", "end_user"),
    ("LiteLLM_CredentialsTable", "credential"),
];

fn table_of(kind: &str) -> &str {
    let found = TABLES.iter().find(|(_table, ours)| *ours == kind);
    found.map_or(kind, |(table, _ours)| *table)
}

fn kind_of(table: String) -> String {
    let found = TABLES.iter().find(|(theirs, _kind)| *theirs == table);
    found.map_or(table, |(_table, kind)| (*kind).to_owned())
}

/// `2027-01-31`, or a time of RFC 3339; a day stands for its beginning, or its end.
fn time(field: &str, text: Option<String>, end: &str) -> Result<Option<TimestampMs>, ActionError> {
    let Some(text) = text else {
        return Ok(None);
    };
    let day = text.len() == "2027-01-31".len();
    let full = if day { format!("{text}T{end}Z") } else { text };
    TimestampMs::parse_rfc3339(&full)
        .map(Some)
        .map_err(|malformed| ActionError::invalid(field, format!("`{field}`: {malformed}.")))
}

fn shown(chained: &ChainedEntry) -> Value {
    let entry = &chained.entry;
    let parsed = |text: &Option<String>| {
        let value = text.as_deref().map(serde_json::from_str::<Value>);
        value.and_then(Result::ok).unwrap_or(Value::Null)
    };
    json!({
        "id": chained.sequence.to_string(),
        "updated_at": entry.at.to_rfc3339(),
        "changed_by": entry.on_behalf_of.as_deref().unwrap_or(&entry.actor_id),
        "changed_by_api_key": null,
        "action": entry.action,
        "table_name": table_of(&entry.object_kind),
        "object_id": entry.object_id,
        "before_value": parsed(&entry.before),
        "updated_values": parsed(&entry.after),
        "ip_address": entry.address,
        "request_id": entry.request_id,
    })
}

async fn list(
    acting: Acting<may::ReadAudit>,
    query: web::Query<Query>,
) -> Result<web::Json<Value>, Envelope> {
    let query = query.into_inner();
    let page = query.page.unwrap_or(1);
    let page_size = query.page_size.unwrap_or(10);
    if page < 1 || !(1..=MOST).contains(&page_size) {
        let message = format!("`page` begins with 1, and `page_size` has to be 1 to {MOST}.");
        return Err(ActionError::invalid("page", message).into());
    }
    let filter = AuditFilter {
        actor_id: query.changed_by,
        action: query.action,
        object_kind: query.table_name.map(kind_of),
        object_id: query.object_id,
        from: time("start_date", query.start_date, "00:00:00")?,
        until: time("end_date", query.end_date, "23:59:59.999")?,
        ..AuditFilter::default()
    };
    let skipped = page.saturating_sub(1).saturating_mul(page_size);
    let whole = AuditPage {
        before_sequence: None,
        limit: skipped.saturating_add(page_size).min(MOST_DEEP),
        count: true,
    };
    let listed = audit::list(&acting, filter, &whole).await?;
    let total = listed.total.unwrap_or(0);
    let passed = usize::try_from(skipped).unwrap_or(usize::MAX);
    let shown: Vec<Value> = listed.items.iter().skip(passed).map(shown).collect();
    let pages = total.saturating_add(page_size - 1).div_euclid(page_size);
    Ok(web::Json(json!({
        "audit_logs": shown,
        "total": total,
        "page": page,
        "page_size": page_size,
        "total_pages": pages,
    })))
}

/// Pages are counted from the newest entry; beyond this many entries one asks by time.
const MOST_DEEP: i64 = 10_000;

async fn show(
    acting: Acting<may::ReadAudit>,
    sequence: web::Path<String>,
) -> Result<web::Json<Value>, Envelope> {
    Ok(web::Json(shown(&audit::find(&acting, &sequence).await?)))
}
