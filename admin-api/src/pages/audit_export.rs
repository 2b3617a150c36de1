//! `/ui/audit.jsonl`: the audit trail as lines of JSON, each with its code, to be kept and checked elsewhere.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use store::audit::AuditPage;

use crate::acting::may;
use crate::actions::audit;
use crate::api::audit::AuditBody;
use crate::error::ActionError;
use crate::pages::PageFault;
use crate::pages::audit::Asked;
use crate::pages::visit::Visit;
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/audit.jsonl" => lines, ReadAudit, "The audit trail as lines of JSON."),
];

/// How many entries are read at once.
const AT_ONCE: i64 = 1_000;
/// The most entries of one answer; the header says where the next begins.
const MOST: usize = 50_000;

async fn lines(
    visit: Visit<may::ReadAudit>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let (mut text, mut written) = (String::new(), 0_usize);
    let mut before_sequence = asked.after();
    let more = loop {
        let page = AuditPage {
            before_sequence,
            limit: AT_ONCE,
            count: false,
        };
        let filter = asked.filter(visit.clock.now);
        let listed = audit::list(&visit.acting, filter, &page).await?;
        before_sequence = listed.items.last().map(|one| one.sequence);
        written = written.saturating_add(listed.items.len());
        for entry in listed.items {
            let line = serde_json::to_string(&AuditBody::from(entry));
            text.push_str(&line.map_err(|fault| ActionError::Internal(fault.to_string()))?);
            text.push('\n');
        }
        if !listed.more || written >= MOST {
            break listed.more;
        }
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CONTENT_TYPE, "application/jsonl; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"audit.jsonl\""));
    if let Some(cursor) = before_sequence.filter(|_last| more) {
        response.insert_header(("x-next-cursor", cursor.to_string()));
    }
    Ok(response.body(text))
}
