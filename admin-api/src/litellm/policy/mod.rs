//! LiteLLM's flat fields (`max_budget`, `tpm_limit`, …) to a policy and back.

mod in_metadata;
mod shown;

use std::collections::BTreeMap;

use domain::addresses::AllowedAddresses;
use domain::ids::BudgetId;
use domain::policies::{Budget, BudgetMode, Policy, TemporaryIncrease};
use domain::time::TimestampMs;
use domain::windows::Window;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::ActionError;
use crate::fields::{Fields, Given, amount};

pub use shown::{number, shown};

/// Changes a policy by the members that are there. LiteLLM replaces lists, maps and metadata whole.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub fn apply(fields: &mut Fields, policy: &mut Policy) -> Result<(), ActionError> {
    in_metadata::lifted(fields)?.replace(&mut policy.metadata);
    fields.texts("models")?.replace(&mut policy.models);
    let aliases = fields.take("aliases", "an object of names")?;
    aliases.replace(&mut policy.model_aliases);
    fields
        .take("model_aliases", "an object of names")?
        .replace(&mut policy.model_aliases);
    apply_budgets(fields, policy)?;
    apply_limits(fields, policy)?;
    fields
        .texts("allowed_routes")?
        .replace(&mut policy.allowed_routes);
    apply_key_type(fields, policy)?;
    fields.texts("tags")?.replace(&mut policy.tags);
    fields
        .name("budget_id")?
        .map(BudgetId::new)
        .set(&mut policy.budget_id);
    fields
        .texts("allowed_addresses")?
        .try_map(|texts| AllowedAddresses::parse(texts.iter().map(String::as_str)))
        .map_err(|malformed| ActionError::invalid("allowed_addresses", malformed.to_string()))?
        .replace(&mut policy.allowed_addresses);
    fields
        .flag("members_may_create_keys")?
        .set(&mut policy.members_may_create_keys);
    Ok(())
}

/// `key_type`: which routes a key is for; `default` says nothing of them, as in LiteLLM.
fn apply_key_type(fields: &mut Fields, policy: &mut Policy) -> Result<(), ActionError> {
    let Given::Value(key_type) = fields.text("key_type")? else {
        return Ok(());
    };
    let group = match key_type.as_str() {
        "default" => return Ok(()),
        "llm_api" => "llm_api_routes",
        "management" => "management_routes",
        "read_only" => "info_routes",
        _ => {
            return Err(ActionError::invalid(
                "key_type",
                "`key_type` has to be default, llm_api, management or read_only.",
            ));
        }
    };
    policy.allowed_routes = vec![group.to_owned()];
    Ok(())
}

/// One window of `budget_limits`.
#[derive(Deserialize)]
struct WindowLimit {
    budget_duration: String,
    max_budget: Box<RawValue>,
}

/// One model of `model_max_budget`.
#[derive(Deserialize)]
struct ModelLimit {
    #[serde(alias = "max_budget")]
    budget_limit: Box<RawValue>,
    #[serde(alias = "budget_duration")]
    time_period: Option<String>,
}

/// The main budget, the soft one, and further windows, in this order.
fn apply_budgets(fields: &mut Fields, policy: &mut Policy) -> Result<(), ActionError> {
    let mut more = further(policy);
    let main = main_budgets(fields, policy)?;
    let limits: Given<Vec<WindowLimit>> =
        fields.take("budget_limits", "a list of {budget_duration, max_budget}")?;
    limits.try_map(windows)?.replace(&mut more);
    let models: Given<BTreeMap<String, ModelLimit>> = fields.take(
        "model_max_budget",
        "an object of {budget_limit, time_period}",
    )?;
    models
        .try_map(model_budgets)?
        .replace(&mut policy.model_budgets);
    policy.budgets = main.into_iter().flatten().chain(more).collect();
    Ok(())
}

/// A window of its own, as LiteLLM keeps it: it stays when the budget goes, and is the next one's.
const WINDOW: &str = "budget_duration";

/// The main budget and the soft one. LiteLLM has one window for both.
fn main_budgets(
    fields: &mut Fields,
    policy: &mut Policy,
) -> Result<[Option<Budget>; 2], ActionError> {
    let (hard, soft) = (policy.hard_budget().cloned(), policy.soft_budget().cloned());
    let mut window = window_of(policy);
    let said = fields
        .name(WINDOW)?
        .try_map(|text| parsed_window(WINDOW, &text))?;
    let soft_window = match &soft {
        Some(soft) if said == Given::Absent => Some(soft.window),
        _ => None,
    };
    said.set(&mut window);
    let mut limit = hard.as_ref().map(|budget| budget.limit_nanousd);
    fields.money("max_budget")?.set(&mut limit);
    let mut increase = hard.as_ref().and_then(|budget| budget.increase);
    apply_increase(fields, &mut increase)?;
    let mut soft_limit = soft.as_ref().map(|budget| budget.limit_nanousd);
    fields.money("soft_budget")?.set(&mut soft_limit);
    policy.extra.remove(WINDOW);
    if let (None, None, Some(window)) = (limit, soft_limit, window) {
        let kept = Value::from(window.to_string());
        policy.extra.insert(WINDOW.to_owned(), kept);
    }
    let hard = limit.map(|limit_nanousd| Budget {
        limit_nanousd,
        window,
        mode: BudgetMode::Enforce,
        increase,
        alert_at_percent: hard.and_then(|budget| budget.alert_at_percent),
    });
    let soft = soft_limit.map(|limit_nanousd| Budget {
        limit_nanousd,
        window: soft_window.unwrap_or(window),
        mode: BudgetMode::Soft,
        increase: None,
        alert_at_percent: soft.and_then(|budget| budget.alert_at_percent),
    });
    Ok([hard, soft])
}

/// The window of the main budget; where there is none, of the soft one, or the one that is kept.
fn window_of(policy: &Policy) -> Option<Window> {
    match policy.hard_budget().or_else(|| policy.soft_budget()) {
        Some(budget) => budget.window,
        None => policy.extra.get(WINDOW)?.as_str()?.parse().ok(),
    }
}

/// The budgets beside the main and the soft one.
fn further(policy: &Policy) -> Vec<Budget> {
    let hard = policy
        .budgets
        .iter()
        .filter(|budget| budget.mode != BudgetMode::Soft);
    hard.skip(1).cloned().collect()
}

fn windows(limits: Vec<WindowLimit>) -> Result<Vec<Budget>, ActionError> {
    let one = |limit: WindowLimit| {
        Ok(Budget {
            limit_nanousd: amount("budget_limits", &limit.max_budget)?,
            window: Some(parsed_window("budget_limits", &limit.budget_duration)?),
            mode: BudgetMode::Enforce,
            increase: None,
            alert_at_percent: None,
        })
    };
    limits.into_iter().map(one).collect()
}

fn model_budgets(
    models: BTreeMap<String, ModelLimit>,
) -> Result<BTreeMap<String, Budget>, ActionError> {
    let one = |(model, limit): (String, ModelLimit)| {
        let window = limit.time_period.as_deref();
        let budget = Budget {
            limit_nanousd: amount("model_max_budget", &limit.budget_limit)?,
            window: window
                .map(|text| parsed_window("model_max_budget", text))
                .transpose()?,
            mode: BudgetMode::Enforce,
            increase: None,
            alert_at_percent: None,
        };
        Ok((model, budget))
    };
    models.into_iter().map(one).collect()
}

fn apply_increase(
    fields: &mut Fields,
    increase: &mut Option<TemporaryIncrease>,
) -> Result<(), ActionError> {
    let by = fields.money("temp_budget_increase")?;
    let until = fields.text("temp_budget_expiry")?;
    match (by, until) {
        (Given::Value(by_nanousd), Given::Value(until)) => {
            let now = TimestampMs::now();
            let refused = |why: &str| ActionError::invalid("temp_budget_expiry", why);
            let until = domain::lifetimes::expires_at(&until, now)
                .map_err(|malformed| refused(&malformed.to_string()))?
                .ok_or_else(|| refused("A temporary increase has to end."))?;
            if until <= now {
                return Err(refused(
                    "The increase would be over already. Give an end that lies ahead.",
                ));
            }
            *increase = Some(TemporaryIncrease { by_nanousd, until });
            Ok(())
        }
        (Given::Null, _) => {
            *increase = None;
            Ok(())
        }
        (Given::Value(_), _) => Err(ActionError::invalid(
            "temp_budget_expiry",
            "`temp_budget_increase` needs `temp_budget_expiry`: `24h`, or a date.",
        )),
        (Given::Absent, _) => Ok(()),
    }
}

/// Reads a window such as `30d`.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub fn parsed_window(field: &str, text: &str) -> Result<Window, ActionError> {
    text.parse::<Window>().map_err(|malformed| {
        ActionError::invalid(
            field,
            format!("`{text}` is no window of time: {malformed}."),
        )
    })
}

fn apply_limits(fields: &mut Fields, policy: &mut Policy) -> Result<(), ActionError> {
    fields.whole("rpm_limit")?.set(&mut policy.limits.rpm);
    fields.whole("tpm_limit")?.set(&mut policy.limits.tpm);
    fields.whole("tpd_limit")?.set(&mut policy.limits.tpd);
    fields
        .whole("max_parallel_requests")?
        .set(&mut policy.limits.parallel);
    let rpm: Given<BTreeMap<String, u64>> =
        fields.take("model_rpm_limit", "an object of numbers")?;
    let tpm: Given<BTreeMap<String, u64>> =
        fields.take("model_tpm_limit", "an object of numbers")?;
    if rpm != Given::Absent {
        let rpm = rpm.value().unwrap_or_default();
        policy
            .model_limits
            .values_mut()
            .for_each(|limits| limits.rpm = None);
        for (model, limit) in rpm {
            policy.model_limits.entry(model).or_default().rpm = Some(limit);
        }
    }
    if tpm != Given::Absent {
        let tpm = tpm.value().unwrap_or_default();
        policy
            .model_limits
            .values_mut()
            .for_each(|limits| limits.tpm = None);
        for (model, limit) in tpm {
            policy.model_limits.entry(model).or_default().tpm = Some(limit);
        }
    }
    policy
        .model_limits
        .retain(|_model, limits| !limits.is_empty());
    Ok(())
}
