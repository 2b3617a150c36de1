//! Where may a model's requests go? Deployments, groups, aliases, fallbacks, strategy.
//!
//! The data plane's `route` step and the console's dry run read a table with the same functions:
//! [`names`] finds what a name means, [`rights`] whether it may be asked, [`shares`] what weighs how
//! much, [`fallbacks`] who takes over. [`explanation`] says all of it of one name.

pub mod explanation;
pub mod fallbacks;
pub mod names;
pub mod pattern;
pub mod rights;
pub mod shares;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::ids::{DeploymentId, OrganizationId};
use crate::keys::Secret;
use crate::prices::TokenRates;

/// One model at one provider with one credential and one price: an entry of `model_list`.
#[derive(Clone)]
pub struct Deployment {
    /// Unique in the table.
    pub id: DeploymentId,
    /// The public model name, or a pattern with `*`; deployments of one name form a group.
    pub group: String,
    /// Whose it is; none for the platform's own, which everybody may use.
    pub organization_id: Option<OrganizationId>,
    /// The provider's name as it stands before the slash of `litellm_params.model`.
    pub provider: String,
    /// The provider's name for the model, without the provider's prefix; may hold one `*`, which
    /// stands for what the group's `*` took.
    pub model: String,
    /// The provider's address without a trailing slash, when it is not the vendor's usual one.
    pub base_url: Option<String>,
    /// The credential; none means that the provider asks for none, or that it is missing.
    pub api_key: Option<Secret>,
    /// `api_version`, for vendors that have one (Anthropic's version header).
    pub api_version: Option<String>,
    /// OpenAI's organization header.
    pub organization: Option<String>,
    /// Headers the operator adds to each request of this deployment.
    pub extra_headers: Vec<(String, String)>,
    /// Members added to each request's body unless the caller set them: `extra_body` and unknown
    /// `litellm_params`.
    pub extra_body: Map<String, Value>,
    /// Share of traffic under `simple-shuffle`; missing is 0 when a sibling has one.
    pub weight: Option<u64>,
    /// Requests per minute that the operator expects this deployment to take.
    pub rpm: Option<u64>,
    /// Tokens per minute that the operator expects this deployment to take.
    pub tpm: Option<u64>,
    /// Lower orders are tried first; the next order only when they fail.
    pub order: u64,
    /// Longest time for a whole answer, overriding the router's.
    pub timeout_ms: Option<u64>,
    /// Longest time to a stream's first event, overriding the router's.
    pub stream_timeout_ms: Option<u64>,
    /// Retries on this deployment's errors, overriding the router's.
    pub num_retries: Option<u32>,
    /// What to do with parameters the provider does not have.
    pub parameters: ParameterPolicy,
    /// A canned answer; the provider is not called.
    pub mock_response: Option<String>,
    /// What the operator says of the model.
    pub info: ModelInfo,
    /// Where it was written: it decides whether its address is checked.
    pub origin: Origin,
}

/// Where a deployment was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// In the operator's file or environment: its address is taken as it is.
    #[default]
    File,
    /// In the store, through the API: every address that its name resolves to is checked.
    Store,
}

/// What happens to parameters that a provider cannot honour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParameterPolicy {
    /// Leave such parameters out instead of refusing the request.
    pub drop_unsupported: bool,
    /// Always leave these out, supported or not (`additional_drop_params`).
    pub drop_always: Vec<String>,
    /// Always send these as they are (`allowed_openai_params`).
    pub allow_always: Vec<String>,
}

/// `model_info`: what the operator says of a model, over what the catalogue says.
#[derive(Clone, Debug, Default)]
pub struct ModelInfo {
    /// The catalogue's name for price and context, when it differs from the deployment's.
    pub base_model: Option<String>,
    /// `chat`, `completion`, `embedding`, …; guessed from the catalogue when missing.
    pub mode: Option<String>,
    /// The most tokens that the model reads.
    pub max_input_tokens: Option<u64>,
    /// The most tokens that the model writes.
    pub max_output_tokens: Option<u64>,
    /// Rates of `litellm_params` or `model_info`, over the catalogue's.
    pub rates: TokenRates,
    /// Everything else, shown as it is.
    pub extra: Map<String, Value>,
}

/// Another public name for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The group that answers.
    pub group: String,
    /// True when `GET /models` does not list it.
    pub hidden: bool,
}

/// How the candidates of a group are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// By chance, weighted by `weight`, `rpm` or `tpm`.
    #[default]
    SimpleShuffle,
    /// By the moving average of the time to the first token.
    Latency,
}

impl Strategy {
    /// The word of `router_settings.routing_strategy`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SimpleShuffle => "simple-shuffle",
            Self::Latency => "latency-based-routing",
        }
    }
}

/// One target of a fallback.
#[derive(Clone, Debug, PartialEq)]
pub struct FallbackTarget {
    /// The group to go to.
    pub group: String,
    /// Members that replace the request's own on the way there.
    pub overrides: Map<String, Value>,
}

/// Fallback lists by group name; a name may be a pattern, and `*` matches every group.
pub type FallbackLists = BTreeMap<String, Vec<FallbackTarget>>;

/// `router_settings`, and the settings of `litellm_settings` that mean the same.
#[derive(Clone, Debug)]
pub struct RouterSettings {
    /// How candidates are ordered.
    pub strategy: Strategy,
    /// Retries after the first attempt within a group (LiteLLM's default: 2).
    pub num_retries: u32,
    /// Retries by the kind of failure, where the operator set them.
    pub retry_policy: RetryPolicy,
    /// The same for single groups.
    pub group_retry_policies: BTreeMap<String, RetryPolicy>,
    /// The least wait before a retry on the same deployment.
    pub retry_after_ms: u64,
    /// Longest time for a whole answer.
    pub timeout_ms: u64,
    /// Longest time to a stream's first event; none means that `timeout_ms` holds.
    pub stream_timeout_ms: Option<u64>,
    /// Groups to go to when a group has failed.
    pub fallbacks: FallbackLists,
    /// Groups to go to for every group without a list of its own.
    pub default_fallbacks: Vec<FallbackTarget>,
    /// Groups to go to when the prompt is too long.
    pub context_window_fallbacks: Option<FallbackLists>,
    /// Groups to go to when the provider refuses the content.
    pub content_policy_fallbacks: Option<FallbackLists>,
    /// The most fallbacks of one request (LiteLLM's default: 5).
    pub max_fallbacks: u32,
}

/// Retries by the kind of failure; a missing one takes `default`, then `num_retries`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The provider's 400 (`BadRequestErrorRetries`).
    pub bad_request: Option<u32>,
    /// The provider's 401 and 403 (`AuthenticationErrorRetries`).
    pub authentication: Option<u32>,
    /// A time-out (`TimeoutErrorRetries`).
    pub timeout: Option<u32>,
    /// The provider's 429 (`RateLimitErrorRetries`).
    pub rate_limit: Option<u32>,
    /// Refused content (`ContentPolicyViolationErrorRetries`).
    pub content_policy: Option<u32>,
    /// The provider's 5xx (`InternalServerErrorRetries`, `ServiceUnavailableErrorRetries`).
    pub server: Option<u32>,
    /// Any other (`DefaultRetries`).
    pub default: Option<u32>,
}

impl Default for RouterSettings {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            num_retries: 2,
            retry_policy: RetryPolicy::default(),
            group_retry_policies: BTreeMap::new(),
            retry_after_ms: 0,
            timeout_ms: 600_000,
            stream_timeout_ms: None,
            fallbacks: BTreeMap::new(),
            default_fallbacks: Vec::new(),
            context_window_fallbacks: None,
            content_policy_fallbacks: None,
            max_fallbacks: 5,
        }
    }
}

/// Everything that decides where a request may go, swapped whole.
#[derive(Clone, Default)]
pub struct RoutingTable {
    /// In the order of the file.
    pub deployments: Vec<Deployment>,
    /// Other names of groups (`model_group_alias`).
    pub aliases: BTreeMap<String, Alias>,
    /// Strategy, retries, time-outs, fallbacks.
    pub router: RouterSettings,
}

impl Deployment {
    /// Whether requests of an organization may go there.
    #[must_use]
    pub fn is_for(&self, organization_id: &str) -> bool {
        let owner = self.organization_id.as_ref();
        owner.is_none_or(|owner| owner.as_str() == organization_id)
    }

    /// Names under which keys may be allowed to ask its group.
    pub fn access_groups(&self) -> impl Iterator<Item = &str> {
        access_groups(&self.info.extra)
    }
}

/// Names under which keys may be allowed to ask a deployment's group: `access_groups` of its
/// `model_info`.
pub fn access_groups(info: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let listed = info.get("access_groups").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str)
}

impl RoutingTable {
    /// The file's table with the deployments of the store beside its own: equal names join one
    /// group. An id that the file has already stays the file's.
    #[must_use]
    pub fn merge(file: &Self, stored: Vec<Deployment>) -> Self {
        let mut merged = file.clone();
        for deployment in stored {
            let taken = |known: &Deployment| known.id == deployment.id;
            if !merged.deployments.iter().any(taken) {
                merged.deployments.push(deployment);
            }
        }
        merged
    }
}
