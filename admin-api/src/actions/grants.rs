//! A grant is never wider than the granter's.

use domain::permissions::PlatformRole;
use domain::policies::{Budget, BudgetMode, Policy, RateLimits};

use crate::acting::{Acting, Permission};
use crate::actions::keys::covers;
use crate::error::ActionError;

/// Refuses a policy that is wider than the one above it, unless a platform administrator sets it:
/// models outside, more money in the same kind of window, higher limits.
///
/// # Errors
/// [`ActionError::Invalid`], which names what is too wide and the most that is possible.
pub fn within<P: Permission>(
    acting: &Acting<P>,
    policy: &Policy,
    above: &Policy,
    level: &str,
) -> Result<(), ActionError> {
    if acting.actor.rights.platform == Some(PlatformRole::PlatformAdmin) {
        return Ok(());
    }
    capped(policy, above, level)
}

/// Refuses a policy that is wider than `above`, whoever sets it.
///
/// # Errors
/// As [`within`].
pub fn capped(policy: &Policy, above: &Policy, level: &str) -> Result<(), ActionError> {
    models_within(policy, above, level)?;
    routes_and_addresses_within(policy, above, level)?;
    for most in above
        .budgets
        .iter()
        .filter(|budget| budget.mode == BudgetMode::Enforce)
    {
        if let Some(wider) = policy.budgets.iter().find(|budget| is_wider(budget, most)) {
            return Err(ActionError::invalid(
                "max_budget",
                format!(
                    "A budget of {} dollars is above the {level}'s {}.",
                    wider.limit_nanousd, most.limit_nanousd
                ),
            ));
        }
    }
    single_models_within(policy, above, level)?;
    limits_within(&policy.limits, &above.limits, level)
}

/// Refuses models that the level above does not allow, whoever sets them.
///
/// # Errors
/// [`ActionError::Invalid`] on `models`, which names the first of them.
pub fn models_within(policy: &Policy, above: &Policy, level: &str) -> Result<(), ActionError> {
    match first_outside(&policy.models, &above.models) {
        None => Ok(()),
        Some(model) => Err(ActionError::invalid(
            "models",
            format!(
                "The {level} does not allow the model `{model}`. Allowed: {}.",
                above.models.join(", ")
            ),
        )),
    }
}

fn routes_and_addresses_within(
    policy: &Policy,
    above: &Policy,
    level: &str,
) -> Result<(), ActionError> {
    let mut routes = policy.allowed_routes.iter();
    if let Some(route) = routes.find(|route| !covers(&above.allowed_routes, route))
        && !above.allowed_routes.is_empty()
    {
        return Err(ActionError::invalid(
            "allowed_routes",
            format!(
                "The {level} does not allow `{route}`. Allowed: {}.",
                above.allowed_routes.join(", ")
            ),
        ));
    }
    let addresses = &policy.allowed_addresses;
    if !addresses.is_empty() && !addresses.is_within(&above.allowed_addresses) {
        let most: Vec<String> = above.allowed_addresses.texts().collect();
        return Err(ActionError::invalid(
            "allowed_addresses",
            format!("The {level} allows addresses of {} only.", most.join(", ")),
        ));
    }
    Ok(())
}

fn single_models_within(policy: &Policy, above: &Policy, level: &str) -> Result<(), ActionError> {
    for (model, most) in &above.model_limits {
        if let Some(asked) = policy.model_limits.get(model) {
            limits_within(asked, most, &format!("{level} (for `{model}`)"))?;
        }
    }
    for (model, most) in &above.model_budgets {
        if let Some(asked) = policy.model_budgets.get(model)
            && most.mode == BudgetMode::Enforce
            && is_wider(asked, most)
        {
            return Err(ActionError::invalid(
                "model_max_budget",
                format!(
                    "A budget of {} dollars for `{model}` is above the {level}'s {}.",
                    asked.limit_nanousd, most.limit_nanousd
                ),
            ));
        }
    }
    Ok(())
}

fn limits_within(asked: &RateLimits, most: &RateLimits, level: &str) -> Result<(), ActionError> {
    let limits = [
        ("rpm_limit", asked.rpm, most.rpm),
        ("tpm_limit", asked.tpm, most.tpm),
        ("tpd_limit", asked.tpd, most.tpd),
        ("max_parallel_requests", asked.parallel, most.parallel),
    ];
    for (field, asked, most) in limits {
        if let (Some(asked), Some(most)) = (asked, most)
            && asked > most
        {
            return Err(ActionError::invalid(
                field,
                format!("`{field}` of {asked} is above the {level}'s {most}."),
            ));
        }
    }
    Ok(())
}

/// A budget that lets more money out than `most` would, in the same window.
fn is_wider(budget: &Budget, most: &Budget) -> bool {
    budget.mode == BudgetMode::Enforce
        && budget.window == most.window
        && budget.limit_nanousd > most.limit_nanousd
}

/// The first model that is not allowed above. Nothing above means everything; asking for everything
/// (an empty list) where something is listed above is no widening: the levels hold together.
fn first_outside<'a>(asked: &'a [String], above: &[String]) -> Option<&'a String> {
    if above.is_empty() {
        return None;
    }
    asked.iter().find(|model| {
        !SPECIAL.contains(&model.as_str())
            && !above.iter().any(|pattern| matches_pattern(pattern, model))
    })
}

/// Words of LiteLLM's that name no model of their own, and grant nothing by themselves.
const SPECIAL: [&str; 3] = ["all-team-models", "no-default-models", "default"];

fn matches_pattern(pattern: &str, model: &str) -> bool {
    if pattern == "all-proxy-models" {
        return true;
    }
    match pattern.split_once('*') {
        Some((start, end)) => {
            model.len() >= start.len() + end.len()
                && model.starts_with(start)
                && model.ends_with(end)
        }
        None => pattern == model,
    }
}
