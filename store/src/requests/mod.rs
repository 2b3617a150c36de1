//! Requests and their attempts, as the ledger has them: listed, and one in full.

pub(crate) mod counted;
mod detail;
mod finished;
mod latest_attempts;
mod list;
mod matching;
mod read;
mod walk;
mod wide;

pub use self::latest_attempts::LatestAttempt;

use domain::ids::{KeyId, OrganizationId, ProjectId, TeamId, UserId};
use domain::ledger::{AttemptEntry, Payer};
use domain::money::NanoUsd;
use domain::permissions::Scope;
use domain::time::TimestampMs;

pub use self::finished::Ended;

/// Which requests are listed; all that is said holds at once.
///
/// Group, provider, model and deployment are those of the attempt that answered (the last). A list
/// reads only the quarters of an hour in which the roll-ups know of such requests; what roll-ups do
/// not know (`asked_model`, `code`, `call_id`, `stream`, `least_charge`) narrows what was read, so
/// give a range with them.
#[derive(Clone, Debug, Default)]
pub struct RequestFilter {
    /// Those of organizations and teams that may be seen; an owner sees those of their own keys.
    pub scope: Scope,
    /// Those of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Those of this team.
    pub team_id: Option<TeamId>,
    /// Those of this project.
    pub project_id: Option<ProjectId>,
    /// Those of this key.
    pub key_id: Option<KeyId>,
    /// Those of this person's keys.
    pub user_id: Option<UserId>,
    /// Those of this end user, by name.
    pub end_user: Option<String>,
    /// Those with this tag.
    pub tag: Option<String>,
    /// Those of keys of this environment.
    pub environment: Option<String>,
    /// Those of this model group.
    pub group: Option<String>,
    /// Those of this vendor.
    pub provider: Option<String>,
    /// Those of this model of a vendor's.
    pub model: Option<String>,
    /// Those of this deployment.
    pub deployment_id: Option<String>,
    /// `chat`, `text_completion`, `embeddings`.
    pub operation: Option<String>,
    /// Those whose caller got this status.
    pub status: Option<u16>,
    /// Those that failed (a status of 400 or above, or a node that died), or those that did not.
    pub failed: Option<bool>,
    /// Those that asked for this model.
    pub asked_model: Option<String>,
    /// Those with this code of error.
    pub code: Option<String>,
    /// The one with the caller's own id.
    pub call_id: Option<String>,
    /// Those that were streamed, or not.
    pub stream: Option<bool>,
    /// Those that cost this or more.
    pub least_charge: Option<NanoUsd>,
    /// Those of this time and later.
    pub from: Option<TimestampMs>,
    /// Those before this time.
    pub until: Option<TimestampMs>,
}

/// A request in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRow {
    /// `req_…`.
    pub id: String,
    /// When it came in.
    pub at: TimestampMs,
    /// Whose it is; end user and tags as they were counted.
    pub payer: Payer,
    /// `chat`, `text_completion`, `embeddings`.
    pub operation: String,
    /// The model as asked.
    pub asked_model: String,
    /// The group that answered; empty when no attempt was made.
    pub group: String,
    /// Its vendor.
    pub provider: String,
    /// The vendor's name for the model.
    pub model: String,
    /// The deployment.
    pub deployment_id: String,
    /// Whether it was streamed.
    pub stream: bool,
    /// What the caller got; 0 when its node died and nobody knows.
    pub status: u16,
    /// Our code of the error.
    pub code: Option<String>,
    /// How long it took.
    pub duration_ms: u64,
    /// Our own part of the time until the answer's head.
    pub overhead_us: u64,
    /// Until the first byte of the attempt that answered.
    pub first_byte_ms: Option<u64>,
    /// Fallbacks to other groups.
    pub fallbacks: u32,
    /// The caller's own id for it.
    pub call_id: Option<String>,
    /// How many attempts it took.
    pub attempts: u32,
    /// Input tokens of all attempts.
    pub prompt_tokens: u64,
    /// Output tokens of all attempts.
    pub completion_tokens: u64,
    /// What is charged for all attempts, as it is now.
    pub charge_nanousd: NanoUsd,
}

/// A request in full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestDetail {
    /// The request.
    pub request: RequestRow,
    /// Its attempts, in order, each with what was corrected.
    pub attempts: Vec<AttemptDetail>,
}

/// An attempt, and what became of its charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptDetail {
    /// As it is now.
    pub attempt: AttemptEntry,
    /// What was corrected, the oldest first.
    pub corrections: Vec<AttemptCorrection>,
}

/// A changed figure of an attempt: both are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptCorrection {
    /// When.
    pub at: TimestampMs,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// As it was.
    pub old_nanousd: NanoUsd,
    /// As it became.
    pub new_nanousd: NanoUsd,
}
