//! Stub until merged.
use crate::time::TimestampMs;
/// Key of the chain.
pub struct AuditKey(pub [u8; 32]);
/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "stub")]
pub struct AuditEntry {
    pub at: TimestampMs,
    pub organization_id: Option<String>,
    pub team_id: Option<String>,
    pub actor_kind: String,
    pub actor_id: String,
    pub address: Option<String>,
    pub session_id: Option<String>,
    pub on_behalf_of: Option<String>,
    pub request_id: Option<String>,
    pub action: String,
    pub object_kind: String,
    pub object_id: String,
    pub before: Option<String>,
    pub after: Option<String>,
    pub reason: Option<String>,
}
/// Chained.
pub struct ChainedEntry {
    /// n
    pub sequence: i64,
    /// e
    pub entry: AuditEntry,
    /// m
    pub mac: String,
}
/// Chains.
#[must_use]
pub fn chain(_key: &AuditKey, previous: &str, sequence: i64, entry: AuditEntry) -> ChainedEntry {
    ChainedEntry {
        sequence,
        entry,
        mac: format!("{previous}x"),
    }
}
