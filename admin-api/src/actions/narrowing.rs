//! Whoever administers a thing but not what is above it may make it narrower, not wider.

use domain::permissions::PlatformRole;
use domain::policies::{Budget, BudgetMode, Policy, RateLimits};

use crate::acting::{Acting, Permission};
use crate::actions::grants;
use crate::error::ActionError;

/// Refuses a policy that allows more than the same thing's policy did before: here, unlike against
/// a level above, a limit that is taken away is wider, since nothing else holds it.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub fn not_wider(after: &Policy, before: &Policy, level: &str) -> Result<(), ActionError> {
    let refused = |field: &str| {
        Err(ActionError::invalid(
            field,
            format!(
                "You may make this {level} narrower, not wider: `{field}` would allow more than now."
            ),
        ))
    };
    grants::capped(after, before, level)?;
    if !stays_a_list(&after.models, &before.models) {
        return refused("models");
    }
    let enforced = |budget: &&Budget| budget.mode == BudgetMode::Enforce;
    let kept = |most: &Budget| after.budgets.iter().any(|budget| is_within(budget, most));
    if !before.budgets.iter().filter(enforced).all(kept) {
        return refused("max_budget");
    }
    if before.budget_id.is_some() && before.budget_id != after.budget_id {
        return refused("budget_id");
    }
    if let Some(field) = first_wider(after.limits, before.limits) {
        return refused(field);
    }
    let looser = |(model, most): (&String, &RateLimits)| {
        first_wider(
            after.model_limits.get(model).copied().unwrap_or_default(),
            *most,
        )
        .is_some()
    };
    if before.model_limits.iter().any(looser) {
        return refused("model_rpm_limit");
    }
    let dearer = |(model, most): (&String, &Budget)| {
        !after
            .model_budgets
            .get(model)
            .is_some_and(|budget| is_within(budget, most))
    };
    if before.model_budgets.iter().any(dearer) {
        return refused("model_max_budget");
    }
    if !within_list(&after.allowed_routes, &before.allowed_routes) {
        return refused("allowed_routes");
    }
    if !before.allowed_addresses.is_empty() && before.allowed_addresses != after.allowed_addresses {
        return refused("allowed_addresses");
    }
    Ok(())
}

/// Whether the actor is a platform administrator.
#[must_use]
pub fn is_platform_admin<P: Permission>(acting: &Acting<P>) -> bool {
    acting.actor.rights.platform == Some(PlatformRole::PlatformAdmin)
}

/// Whether a list of models stays a list: an empty one is everything. [`grants::capped`] compares
/// what is in them.
fn stays_a_list(after: &[String], before: &[String]) -> bool {
    before.is_empty() || !after.is_empty()
}

/// Whether a list of routes allows no more than before; an empty one is everything.
fn within_list(after: &[String], before: &[String]) -> bool {
    before.is_empty() || (!after.is_empty() && after.iter().all(|one| before.contains(one)))
}

fn is_within(budget: &Budget, most: &Budget) -> bool {
    budget.mode == BudgetMode::Enforce
        && budget.window == most.window
        && budget.limit_nanousd <= most.limit_nanousd
        && (budget.increase.is_none() || budget.increase == most.increase)
}

fn first_wider(after: RateLimits, before: RateLimits) -> Option<&'static str> {
    let pairs = [
        ("rpm_limit", after.rpm, before.rpm),
        ("tpm_limit", after.tpm, before.tpm),
        ("tpd_limit", after.tpd, before.tpd),
        ("max_parallel_requests", after.parallel, before.parallel),
    ];
    let wider = |(field, after, before): (&'static str, Option<u64>, Option<u64>)| {
        let most = before?;
        after.is_none_or(|asked| asked > most).then_some(field)
    };
    pairs.into_iter().find_map(wider)
}

#[cfg(test)]
mod tests {
    use domain::money::NanoUsd;

    use super::*;

    fn limited() -> Policy {
        Policy {
            models: vec!["gpt-4o".to_owned(), "claude".to_owned()],
            budgets: vec![Budget {
                limit_nanousd: NanoUsd(9),
                window: None,
                mode: BudgetMode::Enforce,
                increase: None,
                alert_at_percent: None,
            }],
            limits: RateLimits {
                rpm: Some(10),
                ..RateLimits::default()
            },
            allowed_routes: vec!["llm_api_routes".to_owned()],
            ..Policy::default()
        }
    }

    #[test]
    fn a_policy_that_takes_a_limit_away_is_wider() {
        let before = limited();
        let wider: [fn(&mut Policy); 7] = [
            |policy| policy.models.clear(),
            |policy| policy.models.push("o3".to_owned()),
            |policy| policy.budgets.clear(),
            |policy| {
                policy
                    .budgets
                    .iter_mut()
                    .for_each(|budget| budget.limit_nanousd = NanoUsd(10))
            },
            |policy| {
                policy
                    .budgets
                    .iter_mut()
                    .for_each(|budget| budget.mode = BudgetMode::Shadow)
            },
            |policy| policy.limits.rpm = None,
            |policy| policy.allowed_routes.clear(),
        ];
        for widen in wider {
            let mut after = before.clone();
            widen(&mut after);
            assert!(not_wider(&after, &before, "team").is_err(), "{after:?}");
        }
    }

    #[test]
    fn a_narrower_policy_is_taken() {
        let before = limited();
        let mut after = before.clone();
        after.models.truncate(1);
        after.limits.rpm = Some(1);
        after.limits.tpm = Some(1_000);
        after
            .budgets
            .iter_mut()
            .for_each(|budget| budget.limit_nanousd = NanoUsd(1));
        assert!(not_wider(&after, &before, "team").is_ok());
        assert!(not_wider(&before, &before, "team").is_ok());
        assert!(not_wider(&before, &Policy::default(), "team").is_ok());
    }
}
