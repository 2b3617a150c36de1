//! What a thing may do and spend, as flags.

use admin_api::api::policy::{BudgetBody, LimitsBody, ModeBody, PolicyBody};
use clap::Args;
use domain::policies::Policy;
use serde_json::Map;

use crate::commands::refusal::Refusal;

/// What a key, a team, a person or an organization may do and spend.
#[derive(Clone, Debug, Default, Args)]
pub struct PolicyFlags {
    /// Models by name, wildcard (openai/*) or access group [default: all]
    #[arg(long, value_name = "MODEL", value_delimiter = ',')]
    models: Vec<String>,
    /// The most that may be spent, in dollars; with a window: 50/1mo
    #[arg(long = "budget", value_name = "USD[/WINDOW]")]
    budgets: Vec<String>,
    /// From how many dollars on somebody is told; with a window: 40/1mo
    #[arg(long = "soft-budget", value_name = "USD[/WINDOW]")]
    soft_budgets: Vec<String>,
    /// A shared budget, by its id
    #[arg(long, value_name = "ID")]
    budget_id: Option<String>,
    /// Requests per minute
    #[arg(long, value_name = "N")]
    rpm: Option<u64>,
    /// Tokens per minute
    #[arg(long, value_name = "N")]
    tpm: Option<u64>,
    /// Requests at the same time
    #[arg(long, value_name = "N")]
    parallel: Option<u64>,
    /// Paths or groups of paths
    #[arg(long, value_name = "ROUTE", value_delimiter = ',')]
    allowed_routes: Vec<String>,
    /// Addresses or networks that requests may come from
    #[arg(long, value_name = "CIDR", value_delimiter = ',')]
    allowed_addresses: Vec<String>,
    /// Tags that every request carries
    #[arg(long, value_name = "TAG", value_delimiter = ',')]
    tags: Vec<String>,
    /// Your own notes, a JSON object
    #[arg(long, value_name = "JSON")]
    metadata: Option<String>,
}

impl PolicyFlags {
    /// The policy that the flags mean.
    ///
    /// # Errors
    /// When one of them means nothing.
    pub fn policy(self) -> Result<Policy, Refusal> {
        let metadata = match self.metadata {
            Some(text) => serde_json::from_str(&text).map_err(|malformed| {
                Refusal::Usage(format!("--metadata is no JSON object: {malformed}"))
            })?,
            None => Map::new(),
        };
        let hard = self
            .budgets
            .iter()
            .map(|text| budget(text, ModeBody::Enforce));
        let soft = self
            .soft_budgets
            .iter()
            .map(|text| budget(text, ModeBody::Soft));
        let body = PolicyBody {
            models: self.models,
            budgets: hard.chain(soft).collect(),
            budget_id: self.budget_id,
            limits: LimitsBody {
                rpm: self.rpm,
                tpm: self.tpm,
                tpd: None,
                parallel: self.parallel,
            },
            allowed_routes: self.allowed_routes,
            allowed_addresses: self.allowed_addresses,
            tags: self.tags,
            metadata,
            ..PolicyBody::default()
        };
        Ok(body.read(&Policy::default())?)
    }
}

fn budget(text: &str, mode: ModeBody) -> BudgetBody {
    let (limit, window) = match text.split_once('/') {
        Some((limit, window)) => (limit, Some(window.to_owned())),
        None => (text, None),
    };
    BudgetBody {
        limit_usd: limit.to_owned(),
        window,
        mode,
        increase: None,
        alert_at_percent: None,
    }
}

/// A policy in a few words for people.
pub fn lines(policy: &PolicyBody) -> Vec<(&'static str, String)> {
    let budget = |budget: &BudgetBody| {
        let window = budget.window.as_ref().map(|window| format!("/{window}"));
        let soft = match budget.mode {
            ModeBody::Enforce => "",
            ModeBody::Shadow => " (shadow)",
            ModeBody::Soft => " (soft)",
        };
        format!("{}{}{soft}", budget.limit_usd, window.unwrap_or_default())
    };
    let budgets: Vec<String> = policy.budgets.iter().map(budget).collect();
    let limits = [
        ("rpm", policy.limits.rpm),
        ("tpm", policy.limits.tpm),
        ("tpd", policy.limits.tpd),
        ("parallel", policy.limits.parallel),
    ];
    let limits: Vec<String> = limits
        .into_iter()
        .filter_map(|(word, limit)| Some(format!("{word} {}", limit?)))
        .collect();
    vec![
        ("models", policy.models.join(", ")),
        ("budgets, USD", budgets.join(", ")),
        (
            "shared budget",
            policy.budget_id.clone().unwrap_or_default(),
        ),
        ("limits", limits.join(", ")),
        ("routes", policy.allowed_routes.join(", ")),
        ("addresses", policy.allowed_addresses.join(", ")),
        ("tags", policy.tags.join(", ")),
    ]
}
