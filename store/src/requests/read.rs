//! A request out of its row and its combination of dimensions.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use domain::ledger::Payer;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::error::{Result, StoreError};
use crate::ledger::tags_of;
use crate::requests::RequestRow;
use crate::requests::counted::count;
use crate::sql::Dialect;

/// The columns of [`Row`], out of `requests r` and `usage_dimensions d`.
pub(super) fn columns(dialect: Dialect) -> String {
    format!(
        "r.id, r.at_ms, r.asked_model, r.stream, r.code, r.duration_ms, r.overhead_us, \
         r.first_byte_ms, r.fallbacks, r.call_id, r.attempts, r.prompt_tokens, \
         r.completion_tokens, r.charge_nanousd, d.organization_id, d.team_id, d.project_id, \
         d.key_id, d.user_id, d.end_user, d.environment, d.model_group, d.provider, d.model, \
         d.deployment_id, d.operation, d.status, {} AS tags",
        tags_of(dialect)
    )
}

#[derive(QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = Text)]
    pub id: String,
    #[diesel(sql_type = BigInt)]
    at_ms: i64,
    #[diesel(sql_type = Text)]
    asked_model: String,
    #[diesel(sql_type = Bool)]
    stream: bool,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<String>,
    #[diesel(sql_type = BigInt)]
    duration_ms: i64,
    #[diesel(sql_type = BigInt)]
    overhead_us: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    first_byte_ms: Option<i64>,
    #[diesel(sql_type = BigInt)]
    fallbacks: i64,
    #[diesel(sql_type = Nullable<Text>)]
    call_id: Option<String>,
    #[diesel(sql_type = BigInt)]
    attempts: i64,
    #[diesel(sql_type = BigInt)]
    prompt_tokens: i64,
    #[diesel(sql_type = BigInt)]
    completion_tokens: i64,
    #[diesel(sql_type = BigInt)]
    charge_nanousd: i64,
    #[diesel(sql_type = Text)]
    organization_id: String,
    #[diesel(sql_type = Text)]
    team_id: String,
    #[diesel(sql_type = Text)]
    project_id: String,
    #[diesel(sql_type = Text)]
    key_id: String,
    #[diesel(sql_type = Text)]
    user_id: String,
    #[diesel(sql_type = Text)]
    end_user: String,
    #[diesel(sql_type = Text)]
    environment: String,
    #[diesel(sql_type = Text)]
    model_group: String,
    #[diesel(sql_type = Text)]
    provider: String,
    #[diesel(sql_type = Text)]
    model: String,
    #[diesel(sql_type = Text)]
    deployment_id: String,
    #[diesel(sql_type = Text)]
    operation: String,
    #[diesel(sql_type = BigInt)]
    status: i64,
    /// A JSON array.
    #[diesel(sql_type = Text)]
    tags: String,
}

impl TryFrom<Row> for RequestRow {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        let tags = serde_json::from_str(&row.tags).map_err(|unread| StoreError::Unreadable {
            column: "tags",
            id: row.id.clone(),
            cause: unread.to_string(),
        })?;
        let some = |word: String| (!word.is_empty()).then_some(word);
        let small = |stored: i64| u32::try_from(stored).unwrap_or(0);
        Ok(Self {
            id: row.id,
            at: TimestampMs(count(row.at_ms)),
            payer: Payer {
                organization_id: row.organization_id,
                key_id: some(row.key_id),
                team_id: some(row.team_id),
                project_id: some(row.project_id),
                user_id: some(row.user_id),
                end_user: some(row.end_user),
                tags,
                environment: some(row.environment),
            },
            operation: row.operation,
            asked_model: row.asked_model,
            group: row.model_group,
            provider: row.provider,
            model: row.model,
            deployment_id: row.deployment_id,
            stream: row.stream,
            status: u16::try_from(row.status).unwrap_or(0),
            code: row.code,
            duration_ms: count(row.duration_ms),
            overhead_us: count(row.overhead_us),
            first_byte_ms: row.first_byte_ms.map(count),
            fallbacks: small(row.fallbacks),
            call_id: row.call_id,
            attempts: small(row.attempts),
            prompt_tokens: count(row.prompt_tokens),
            completion_tokens: count(row.completion_tokens),
            charge_nanousd: NanoUsd(row.charge_nanousd),
        })
    }
}
