//! A request and its attempts as `/api/v1` shows them.

use domain::ledger::{AttemptEntry, Payer};
use domain::usage::Usage;
use schemars::JsonSchema;
use serde::Serialize;
use store::requests::{AttemptCorrection, AttemptDetail, RequestDetail, RequestRow};

macro_rules! body {
    ($($(#[$doc:meta])* $field:ident: $type:ty,)+) => {
        /// A finished request.
        #[derive(Clone, Debug, Serialize, JsonSchema)]
        pub struct RequestBody { $($(#[$doc])* pub $field: $type,)+ }

        /// Its members in the order of a table's columns.
        pub(super) const COLUMNS: &[&str] = &[$(stringify!($field)),+];
    };
}

body! {
    /// `req_…`.
    id: String,
    /// When it came in, RFC 3339.
    at: String,
    /// Whose it is.
    organization_id: String,
    /// The virtual key; null with the master key.
    key_id: Option<String>,
    /// The key's team.
    team_id: Option<String>,
    /// The key's project.
    project_id: Option<String>,
    /// The person who owns the key.
    user_id: Option<String>,
    /// The end user.
    end_user: Option<String>,
    /// Its tags.
    tags: Vec<String>,
    /// The key's environment.
    environment: Option<String>,
    /// `chat`, `text_completion`, `embeddings`.
    operation: String,
    /// The model as asked.
    asked_model: String,
    /// The model group that answered; empty when no attempt was made.
    model_group: String,
    /// Its vendor.
    provider: String,
    /// The vendor's name for the model.
    model: String,
    /// The deployment.
    deployment_id: String,
    /// Whether it was streamed.
    stream: bool,
    /// What the caller got; 499 when it was gone, 0 when the node died and nobody knows.
    status: u16,
    /// The code of the error.
    code: Option<String>,
    /// How long it took.
    duration_ms: u64,
    /// The gateway's own part of the time until the answer's head.
    overhead_us: u64,
    /// Until the first byte of the attempt that answered.
    first_byte_ms: Option<u64>,
    /// Fallbacks to other groups.
    fallbacks: u32,
    /// The caller's own id for it.
    call_id: Option<String>,
    /// How many attempts it took.
    attempts: u32,
    /// Input tokens of all attempts.
    prompt_tokens: u64,
    /// Output tokens of all attempts.
    completion_tokens: u64,
    /// Dollars as decimal text, for all attempts, as it is now.
    charge_usd: String,
}

impl From<RequestRow> for RequestBody {
    fn from(row: RequestRow) -> Self {
        let Payer {
            organization_id,
            key_id,
            team_id,
            project_id,
            user_id,
            end_user,
            tags,
            environment,
        } = row.payer;
        Self {
            id: row.id,
            at: row.at.to_rfc3339(),
            organization_id,
            key_id,
            team_id,
            project_id,
            user_id,
            end_user,
            tags,
            environment,
            operation: row.operation,
            asked_model: row.asked_model,
            model_group: row.group,
            provider: row.provider,
            model: row.model,
            deployment_id: row.deployment_id,
            stream: row.stream,
            status: row.status,
            code: row.code,
            duration_ms: row.duration_ms,
            overhead_us: row.overhead_us,
            first_byte_ms: row.first_byte_ms,
            fallbacks: row.fallbacks,
            call_id: row.call_id,
            attempts: row.attempts,
            prompt_tokens: row.prompt_tokens,
            completion_tokens: row.completion_tokens,
            charge_usd: row.charge_nanousd.to_string(),
        }
    }
}

/// A request with its attempts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RequestDetailBody {
    /// The request.
    pub request: RequestBody,
    /// Its attempts, in order.
    pub attempts: Vec<AttemptBody>,
}

/// An attempt at a provider.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AttemptBody {
    /// 1 for the first.
    pub number: u32,
    /// When its money was reserved, RFC 3339: decides the window of a budget.
    pub reserved_at: String,
    /// The model group.
    pub model_group: String,
    /// The deployment.
    pub deployment_id: String,
    /// The vendor.
    pub provider: String,
    /// The vendor's name for the model.
    pub model: String,
    /// `ok`, or what went wrong in one word; `orphaned` when its node died and nobody knows.
    pub outcome: String,
    /// The provider's status, when it answered.
    pub status: Option<u16>,
    /// How long it took.
    pub duration_ms: u64,
    /// How long until the first byte.
    pub first_byte_ms: Option<u64>,
    /// What was counted.
    pub usage: TokensBody,
    /// Dollars as decimal text, as it is now.
    pub charge_usd: String,
    /// Whether there was a price.
    pub priced: bool,
    /// The most that was held for it.
    pub held_usd: String,
    /// What was corrected of its charge, the oldest first.
    pub corrections: Vec<CorrectionBody>,
}

/// Tokens by kind; every token stands in one member.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TokensBody {
    /// Input text without a cache.
    pub input_tokens: u64,
    /// Input read from a cache.
    pub cache_read_tokens: u64,
    /// Input written to a cache for 5 minutes.
    pub cache_write_tokens: u64,
    /// Input written to a cache for an hour.
    pub cache_write_1h_tokens: u64,
    /// Audio in the input.
    pub audio_input_tokens: u64,
    /// Images in the input.
    pub image_input_tokens: u64,
    /// Output text.
    pub output_tokens: u64,
    /// Output spent on reasoning.
    pub reasoning_tokens: u64,
    /// Audio in the output.
    pub audio_output_tokens: u64,
    /// Whether the gateway counted, because the provider did not say.
    pub estimated: bool,
}

/// A changed charge: both figures are kept.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CorrectionBody {
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// Dollars as it was.
    pub old_usd: String,
    /// Dollars as it became.
    pub new_usd: String,
}

impl From<RequestDetail> for RequestDetailBody {
    fn from(detail: RequestDetail) -> Self {
        Self {
            request: detail.request.into(),
            attempts: detail.attempts.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<AttemptDetail> for AttemptBody {
    fn from(detail: AttemptDetail) -> Self {
        let AttemptEntry {
            number,
            reserved_at,
            group,
            deployment_id,
            provider,
            model,
            outcome,
            status,
            duration_ms,
            first_byte_ms,
            usage,
            charge_nanousd,
            priced,
            held_nanousd,
        } = detail.attempt;
        Self {
            number,
            reserved_at: reserved_at.to_rfc3339(),
            model_group: group,
            deployment_id,
            provider,
            model,
            outcome,
            status,
            duration_ms,
            first_byte_ms,
            usage: usage.into(),
            charge_usd: charge_nanousd.to_string(),
            priced,
            held_usd: held_nanousd.to_string(),
            corrections: detail.corrections.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Usage> for TokensBody {
    fn from(usage: Usage) -> Self {
        let Usage {
            input_tokens,
            cache_read_tokens,
            cache_write_tokens,
            cache_write_1h_tokens,
            audio_input_tokens,
            image_input_tokens,
            output_tokens,
            reasoning_tokens,
            audio_output_tokens,
            service_tier: _,
            estimated,
        } = usage;
        Self {
            input_tokens,
            cache_read_tokens,
            cache_write_tokens,
            cache_write_1h_tokens,
            audio_input_tokens,
            image_input_tokens,
            output_tokens,
            reasoning_tokens,
            audio_output_tokens,
            estimated,
        }
    }
}

impl From<AttemptCorrection> for CorrectionBody {
    fn from(correction: AttemptCorrection) -> Self {
        let AttemptCorrection {
            at,
            actor,
            reason,
            old_nanousd,
            new_nanousd,
        } = correction;
        Self {
            at: at.to_rfc3339(),
            actor,
            reason,
            old_usd: old_nanousd.to_string(),
            new_usd: new_nanousd.to_string(),
        }
    }
}
