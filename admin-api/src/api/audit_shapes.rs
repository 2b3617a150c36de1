//! An entry of the audit trail, and what a verification found, as `/api/v1` shows them.

use domain::audit::ChainedEntry;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// An entry's members in the order of a table's columns.
pub(super) const COLUMNS: &[&str] = &[
    "sequence",
    "at",
    "organization_id",
    "team_id",
    "actor_kind",
    "actor_id",
    "address",
    "session_id",
    "on_behalf_of",
    "request_id",
    "action",
    "object_kind",
    "object_id",
    "before",
    "after",
    "reason",
    "mac",
];

/// An entry of the audit trail.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AuditBody {
    /// Its number: 1 for the first, one more for each.
    pub sequence: i64,
    /// When, RFC 3339.
    pub at: String,
    /// In which organization; null for what concerns the whole platform.
    pub organization_id: Option<String>,
    /// In which team.
    pub team_id: Option<String>,
    /// What acted: `session`, `key`, `master_key`, `command_line`, `system`, `anonymous`.
    pub actor_kind: String,
    /// Who.
    pub actor_id: String,
    /// From which address.
    pub address: Option<String>,
    /// In which session of the console.
    pub session_id: Option<String>,
    /// For whom, where somebody acts for another.
    pub on_behalf_of: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// What was done: `key.create`.
    pub action: String,
    /// To which kind of thing.
    pub object_kind: String,
    /// To which.
    pub object_id: String,
    /// The thing before; secrets as digests.
    pub before: Value,
    /// The thing after; secrets as digests.
    pub after: Value,
    /// Why, where somebody said so.
    pub reason: Option<String>,
    /// Its link in the chain.
    pub mac: String,
}

/// What a verification found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VerifiedBody {
    /// Whether all is as it was written.
    pub whole: bool,
    /// How many entries were read.
    pub entries: u64,
    /// The last one's number.
    pub last_sequence: i64,
    /// Up to which entry the end is vouched for by an anchor outside the database.
    pub last_anchored: Option<i64>,
    /// What is wrong, in words.
    pub faults: Vec<String>,
}

fn parsed(text: Option<String>) -> Value {
    // The trail keeps texts of its own making; one that was edited is shown as it lies there.
    text.map_or(Value::Null, |text| {
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    })
}

impl From<ChainedEntry> for AuditBody {
    fn from(chained: ChainedEntry) -> Self {
        let ChainedEntry {
            sequence,
            entry,
            mac,
        } = chained;
        Self {
            sequence,
            at: entry.at.to_rfc3339(),
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
            before: parsed(entry.before),
            after: parsed(entry.after),
            reason: entry.reason,
            mac: mac.to_string(),
        }
    }
}
