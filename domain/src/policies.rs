//! What may a level do, and how much? Models, budgets, limits: the same value on every level.
//!
//! An organization, a team, a project, a person, a member and a key each have a [`Policy`]. They
//! hold together: what is allowed is what all of them allow, and every budget of every level counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::addresses::AllowedAddresses;
use crate::ids::BudgetId;
use crate::money::NanoUsd;
use crate::windows::Window;

/// What one level allows. Empty and missing members allow what the level above allows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Models by name, wildcard (`openai/*`) or access group; empty means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Other names for models: asked name to real name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub model_aliases: BTreeMap<String, String>,
    /// Money; all of them hold at once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub budgets: Vec<Budget>,
    /// A budget that is kept elsewhere and shared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_id: Option<BudgetId>,
    /// Requests, tokens, parallel requests.
    #[serde(skip_serializing_if = "RateLimits::is_empty")]
    pub limits: RateLimits,
    /// The same for single models.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub model_limits: BTreeMap<String, RateLimits>,
    /// Money for single models.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub model_budgets: BTreeMap<String, Budget>,
    /// Paths or groups of paths (`llm_api_routes`, `info_routes`, `management_routes`); empty means all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowed_routes: Vec<String>,
    /// Of an organization: whether its members may make keys of their own without a team; none means
    /// no, but in `default`. Of a team: whether its members may make keys of their own in it; none
    /// means yes. Says nothing on other levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members_may_create_keys: Option<bool>,
    /// Where requests may come from; empty means everywhere.
    #[serde(skip_serializing_if = "AllowedAddresses::is_empty")]
    pub allowed_addresses: AllowedAddresses,
    /// Tags that every request of this level carries.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What people note here.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub metadata: Map<String, Value>,
    /// Members of LiteLLM's that are kept and shown, and that decide nothing here.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub extra: Map<String, Value>,
}

/// Money in a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The most that may be spent in one window.
    pub limit_nanousd: NanoUsd,
    /// The window; none counts from the beginning and never starts anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// What happens at the limit.
    #[serde(default)]
    pub mode: BudgetMode,
    /// A temporary increase of the limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub increase: Option<TemporaryIncrease>,
    /// At how many percent of the limit somebody is told; none means the usual ones, an empty list
    /// never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert_at_percent: Option<Vec<u8>>,
}

/// What happens when a budget's limit is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetMode {
    /// Requests that would pass it are refused.
    #[default]
    Enforce,
    /// They are let in, counted and shown.
    Shadow,
    /// Somebody is told.
    Soft,
}

/// More money until a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemporaryIncrease {
    /// By how much the limit is higher.
    pub by_nanousd: NanoUsd,
    /// Until when.
    pub until: crate::time::TimestampMs,
}

/// Rate and parallel limits; a missing one does not limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateLimits {
    /// Requests per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rpm: Option<u64>,
    /// Tokens per minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpm: Option<u64>,
    /// Tokens per day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tpd: Option<u64>,
    /// Requests that run at the same time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parallel: Option<u64>,
}

impl RateLimits {
    /// Whether nothing is limited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Policy {
    /// The budget that LiteLLM calls `max_budget`: the first that is enforced.
    #[must_use]
    pub fn hard_budget(&self) -> Option<&Budget> {
        self.budgets
            .iter()
            .find(|budget| budget.mode != BudgetMode::Soft)
    }

    /// The budget that LiteLLM calls `soft_budget`.
    #[must_use]
    pub fn soft_budget(&self) -> Option<&Budget> {
        self.budgets
            .iter()
            .find(|budget| budget.mode == BudgetMode::Soft)
    }
}
