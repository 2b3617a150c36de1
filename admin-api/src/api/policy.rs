//! A policy as `/api/v1` shows and takes it: money as decimal dollars, windows as `1mo`.

use std::collections::BTreeMap;

use domain::addresses::AllowedAddresses;
use domain::ids::BudgetId;
use domain::money::NanoUsd;
use domain::policies::{Budget, BudgetMode, Policy, RateLimits, TemporaryIncrease};
use domain::time::TimestampMs;
use domain::windows::Window;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::ActionError;

/// What a level allows. A missing or empty member allows what the level above allows.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyBody {
    /// Models by name, wildcard (`openai/*`) or access group.
    pub models: Vec<String>,
    /// Other names for models: asked name to real name.
    pub model_aliases: BTreeMap<String, String>,
    /// Money; all of them hold at once.
    pub budgets: Vec<BudgetBody>,
    /// A shared budget.
    pub budget_id: Option<String>,
    /// Requests, tokens, parallel requests.
    pub limits: LimitsBody,
    /// The same for single models.
    pub model_limits: BTreeMap<String, LimitsBody>,
    /// Money for single models.
    pub model_budgets: BTreeMap<String, BudgetBody>,
    /// Paths or groups of paths.
    pub allowed_routes: Vec<String>,
    /// Addresses or networks (CIDR) that requests may come from.
    pub allowed_addresses: Vec<String>,
    /// Of an organization: whether its members may make keys of their own without a team (null: no, but in
    /// `default`). Of a team: whether its members may make keys of their own in it (null: yes).
    pub members_may_create_keys: Option<bool>,
    /// Tags that every request carries.
    pub tags: Vec<String>,
    /// Your own notes.
    pub metadata: Map<String, Value>,
}

/// Money in a window.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetBody {
    /// Dollars as decimal text: `"50"`, `"0.000000001"`.
    pub limit_usd: String,
    /// `1d`, `7d`, `1mo`, `24h`, …; null counts from the beginning.
    #[serde(default)]
    pub window: Option<String>,
    /// What happens at the limit.
    #[serde(default)]
    pub mode: ModeBody,
    /// A temporary increase.
    #[serde(default)]
    pub increase: Option<IncreaseBody>,
    /// At how many percent of the limit somebody is told; null for the usual ones (50, 80 and 100; 100
    /// for `soft`), an empty list for never.
    #[serde(default)]
    pub alert_at_percent: Option<Vec<u8>>,
}

/// More money until a day.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IncreaseBody {
    /// Dollars as decimal text.
    pub by_usd: String,
    /// Until when, RFC 3339.
    pub until: String,
}

/// What happens when a budget's limit is reached.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModeBody {
    /// Requests are refused.
    #[default]
    Enforce,
    /// Requests are let in, and counted as ones that would have been refused.
    Shadow,
    /// Somebody is told.
    Soft,
}

/// Rate and parallel limits; null does not limit.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LimitsBody {
    /// Requests per minute.
    pub rpm: Option<u64>,
    /// Tokens per minute.
    pub tpm: Option<u64>,
    /// Tokens per day.
    pub tpd: Option<u64>,
    /// Requests at the same time.
    pub parallel: Option<u64>,
}

impl From<&Policy> for PolicyBody {
    fn from(policy: &Policy) -> Self {
        Self {
            models: policy.models.clone(),
            model_aliases: policy.model_aliases.clone(),
            budgets: policy.budgets.iter().map(BudgetBody::from).collect(),
            budget_id: policy.budget_id.as_ref().map(ToString::to_string),
            limits: policy.limits.into(),
            model_limits: policy
                .model_limits
                .iter()
                .map(|(model, limits)| (model.clone(), (*limits).into()))
                .collect(),
            model_budgets: policy
                .model_budgets
                .iter()
                .map(|(model, budget)| (model.clone(), budget.into()))
                .collect(),
            allowed_routes: policy.allowed_routes.clone(),
            allowed_addresses: policy.allowed_addresses.texts().collect(),
            members_may_create_keys: policy.members_may_create_keys,
            tags: policy.tags.clone(),
            metadata: policy.metadata.clone(),
        }
    }
}

impl PolicyBody {
    /// The policy that it means; members of LiteLLM's that a policy had stay.
    ///
    /// # Errors
    /// [`ActionError::Invalid`], which names the member.
    pub fn read(self, kept: &Policy) -> Result<Policy, ActionError> {
        let budgets = self.budgets.into_iter().map(BudgetBody::read);
        let model_budgets = self.model_budgets.into_iter();
        Ok(Policy {
            models: self.models,
            model_aliases: self.model_aliases,
            budgets: budgets.collect::<Result<_, _>>()?,
            budget_id: self.budget_id.map(BudgetId::new),
            limits: self.limits.into(),
            model_limits: self
                .model_limits
                .into_iter()
                .map(|(model, limits)| (model, limits.into()))
                .collect(),
            model_budgets: model_budgets
                .map(|(model, budget)| Ok((model, budget.read()?)))
                .collect::<Result<_, ActionError>>()?,
            allowed_routes: self.allowed_routes,
            allowed_addresses: AllowedAddresses::parse(
                self.allowed_addresses.iter().map(String::as_str),
            )
            .map_err(|malformed| {
                ActionError::invalid("allowed_addresses", malformed.to_string())
            })?,
            members_may_create_keys: self.members_may_create_keys,
            tags: self.tags,
            metadata: self.metadata,
            extra: kept.extra.clone(),
        })
    }
}

impl From<&Budget> for BudgetBody {
    fn from(budget: &Budget) -> Self {
        Self {
            limit_usd: budget.limit_nanousd.to_string(),
            window: budget.window.as_ref().map(ToString::to_string),
            mode: match budget.mode {
                BudgetMode::Enforce => ModeBody::Enforce,
                BudgetMode::Shadow => ModeBody::Shadow,
                BudgetMode::Soft => ModeBody::Soft,
            },
            alert_at_percent: budget.alert_at_percent.clone(),
            increase: budget.increase.map(|increase| IncreaseBody {
                by_usd: increase.by_nanousd.to_string(),
                until: increase.until.to_rfc3339(),
            }),
        }
    }
}

impl BudgetBody {
    /// The budget that it means.
    ///
    /// # Errors
    /// [`ActionError::Invalid`], which names the member.
    pub fn read(self) -> Result<Budget, ActionError> {
        let increase = self.increase.map(|increase| {
            Ok::<_, ActionError>(TemporaryIncrease {
                by_nanousd: dollars("increase.by_usd", &increase.by_usd)?,
                until: TimestampMs::parse_rfc3339(&increase.until).map_err(|malformed| {
                    ActionError::invalid("increase.until", malformed.to_string())
                })?,
            })
        });
        Ok(Budget {
            limit_nanousd: dollars("limit_usd", &self.limit_usd)?,
            window: self.window.as_deref().map(window).transpose()?,
            mode: match self.mode {
                ModeBody::Enforce => BudgetMode::Enforce,
                ModeBody::Shadow => BudgetMode::Shadow,
                ModeBody::Soft => BudgetMode::Soft,
            },
            increase: increase.transpose()?,
            alert_at_percent: self.alert_at_percent.map(percents).transpose()?,
        })
    }
}

fn dollars(field: &str, text: &str) -> Result<NanoUsd, ActionError> {
    NanoUsd::from_usd(text).map_err(|malformed| ActionError::invalid(field, malformed.to_string()))
}

/// Thresholds of a budget: a few, each from 1 to 200 percent, in order and once.
pub(crate) fn percents(mut percents: Vec<u8>) -> Result<Vec<u8>, ActionError> {
    percents.sort_unstable();
    percents.dedup();
    if percents.len() > 10 || percents.iter().any(|percent| !(1..=200).contains(percent)) {
        return Err(ActionError::invalid(
            "alert_at_percent",
            "`alert_at_percent` has to be at most 10 whole numbers from 1 to 200.",
        ));
    }
    Ok(percents)
}

fn window(text: &str) -> Result<Window, ActionError> {
    text.parse().map_err(|malformed: domain::spans::NotASpan| {
        ActionError::invalid("window", malformed.to_string())
    })
}

impl From<RateLimits> for LimitsBody {
    fn from(limits: RateLimits) -> Self {
        let RateLimits {
            rpm,
            tpm,
            tpd,
            parallel,
        } = limits;
        Self {
            rpm,
            tpm,
            tpd,
            parallel,
        }
    }
}

impl From<LimitsBody> for RateLimits {
    fn from(limits: LimitsBody) -> Self {
        let LimitsBody {
            rpm,
            tpm,
            tpd,
            parallel,
        } = limits;
        Self {
            rpm,
            tpm,
            tpd,
            parallel,
        }
    }
}
