//! The audit trail's rows.

use diesel::{Insertable, Queryable, Selectable};
use domain::audit::ChainedEntry;

use crate::column::Column;

/// A row of `audit_entries`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = crate::schema::audit_entries)]
pub(crate) struct AuditRow {
    sequence: i64,
    at_ms: i64,
    organization_id: Option<String>,
    team_id: Option<String>,
    actor_kind: String,
    actor_id: String,
    address: Option<String>,
    session_id: Option<String>,
    on_behalf_of: Option<String>,
    request_id: Option<String>,
    action: String,
    object_kind: String,
    object_id: String,
    before_value: Option<String>,
    after_value: Option<String>,
    reason: Option<String>,
    mac: String,
}

impl From<&ChainedEntry> for AuditRow {
    fn from(chained: &ChainedEntry) -> Self {
        let entry = chained.entry.clone();
        Self {
            sequence: chained.sequence,
            at_ms: entry.at.to_stored(),
            organization_id: entry.organization_id,
            team_id: entry.team_id,
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id,
            address: entry.address,
            session_id: entry.session_id,
            on_behalf_of: entry.on_behalf_of,
            request_id: entry.request_id,
            action: entry.action,
            object_kind: entry.object_kind,
            object_id: entry.object_id,
            before_value: entry.before,
            after_value: entry.after,
            reason: entry.reason,
            mac: chained.mac.to_string(),
        }
    }
}
