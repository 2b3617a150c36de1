//! Templates applied to a key: what its maker left out is filled in, what is above is refused.

use domain::lifetimes::expires_at;
use domain::policies::{Budget, BudgetMode, Policy, RateLimits};
use domain::templates::Template;
use domain::time::TimestampMs;

use crate::AdminApi;
use crate::actions::grants;
use crate::actions::keys::owner::Owner;
use crate::error::ActionError;
use crate::fields::Given;

/// The templates for a key, in the order in which they fill in: its organization's for its
/// environment, then the configuration's.
pub(super) async fn applying(
    api: &AdminApi,
    owner: &Owner,
    environment: Option<&str>,
) -> Result<Vec<Template>, ActionError> {
    let own = api
        .store
        .template_for(&owner.organization.id, environment)
        .await?;
    Ok(own
        .into_iter()
        .chain(api.settings.file.load().key_template.clone())
        .collect())
}

/// Fills a policy in from templates and refuses what is above their caps.
///
/// # Errors
/// [`ActionError::Invalid`], which names the cap.
pub(super) fn apply(policy: &mut Policy, templates: &[Template]) -> Result<(), ActionError> {
    for template in templates {
        fill(policy, &template.defaults);
    }
    for template in templates {
        fill_caps(policy, &template.caps);
        grants::capped(policy, &template.caps, &described(template))?;
    }
    Ok(())
}

fn described(template: &Template) -> String {
    format!("template `{}`", template.name)
}

/// When a key ends. `said` is what its maker says; a new key of whom nothing is said gets the
/// templates' lifetime.
///
/// # Errors
/// [`ActionError::Invalid`] for a text that is no time, and for a life that is too long.
pub(super) fn end(
    said: &Given<String>,
    templates: &[Template],
    now: TimestampMs,
) -> Result<Option<TimestampMs>, ActionError> {
    let default = templates
        .iter()
        .find_map(|one| one.default_lifetime.as_ref());
    let asked = match said {
        Given::Value(text) => read(text, now)?,
        Given::Absent | Given::Null => match default {
            Some(text) => read(text, now)?,
            None => None,
        },
    };
    let said = matches!(said, Given::Value(_));
    let mut end = asked;
    for template in templates {
        let Some(text) = &template.longest_lifetime else {
            continue;
        };
        let Some(latest) = read(text, now)? else {
            continue;
        };
        end = match end {
            Some(end) if end <= latest => Some(end),
            // Defaults of one template do not pass the cap of another.
            _ if !said => Some(latest),
            _ => {
                return Err(ActionError::invalid(
                    "duration",
                    format!(
                        "The {} allows a life of {text} at most.",
                        described(template)
                    ),
                ));
            }
        };
    }
    Ok(end)
}

/// Reads a lifetime or a date.
///
/// # Errors
/// [`ActionError::Invalid`] for another text.
pub(super) fn read(text: &str, now: TimestampMs) -> Result<Option<TimestampMs>, ActionError> {
    expires_at(text, now).map_err(|malformed| {
        ActionError::invalid(
            "duration",
            format!("`{text}` does not say when the key ends: {malformed}."),
        )
    })
}

/// Takes from `defaults` what a policy does not say.
fn fill(policy: &mut Policy, defaults: &Policy) {
    let or_else = |list: &mut Vec<String>, other: &Vec<String>| {
        if list.is_empty() {
            list.clone_from(other);
        }
    };
    or_else(&mut policy.models, &defaults.models);
    or_else(&mut policy.allowed_routes, &defaults.allowed_routes);
    or_else(&mut policy.tags, &defaults.tags);
    if policy.budgets.is_empty() {
        policy.budgets.clone_from(&defaults.budgets);
    }
    if policy.budget_id.is_none() {
        policy.budget_id.clone_from(&defaults.budget_id);
    }
    if policy.allowed_addresses.is_empty() {
        policy.allowed_addresses = defaults.allowed_addresses.clone();
    }
    fill_limits(&mut policy.limits, &defaults.limits);
    for (asked, real) in &defaults.model_aliases {
        let slot = policy.model_aliases.entry(asked.clone());
        slot.or_insert_with(|| real.clone());
    }
    for (model, limits) in &defaults.model_limits {
        fill_limits(
            policy.model_limits.entry(model.clone()).or_default(),
            limits,
        );
    }
    for (model, budget) in &defaults.model_budgets {
        let slot = policy.model_budgets.entry(model.clone());
        slot.or_insert_with(|| budget.clone());
    }
    for (name, value) in &defaults.metadata {
        let slot = policy.metadata.entry(name.clone());
        slot.or_insert_with(|| value.clone());
    }
    for (name, value) in &defaults.extra {
        let slot = policy.extra.entry(name.clone());
        slot.or_insert_with(|| value.clone());
    }
}

fn fill_limits(limits: &mut RateLimits, others: &RateLimits) {
    limits.rpm = limits.rpm.or(others.rpm);
    limits.tpm = limits.tpm.or(others.tpm);
    limits.tpd = limits.tpd.or(others.tpd);
    limits.parallel = limits.parallel.or(others.parallel);
}

/// A cap holds also where the maker says nothing: nothing would be more than the cap. A cap on a
/// budget is one more budget beside those of other windows.
fn fill_caps(policy: &mut Policy, caps: &Policy) {
    fill_limits(&mut policy.limits, &caps.limits);
    for (model, limits) in &caps.model_limits {
        fill_limits(
            policy.model_limits.entry(model.clone()).or_default(),
            limits,
        );
    }
    if policy.models.is_empty() {
        policy.models.clone_from(&caps.models);
    }
    if policy.allowed_routes.is_empty() {
        policy.allowed_routes.clone_from(&caps.allowed_routes);
    }
    if policy.allowed_addresses.is_empty() {
        policy.allowed_addresses = caps.allowed_addresses.clone();
    }
    let enforced = |budget: &&Budget| budget.mode == BudgetMode::Enforce;
    for cap in caps.budgets.iter().filter(enforced) {
        let mut own = policy.budgets.iter().filter(enforced);
        if !own.any(|budget| budget.window == cap.window) {
            policy.budgets.push(cap.clone());
        }
    }
    for (model, cap) in &caps.model_budgets {
        let slot = policy.model_budgets.entry(model.clone());
        slot.or_insert_with(|| cap.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::{OrganizationId, TemplateId};
    use domain::money::NanoUsd;
    use domain::stamps::Stamps;

    const NOW: TimestampMs = TimestampMs(1_800_000_000_000);
    const DAY_MS: u64 = 86_400_000;

    fn budget(dollars: i64, window: Option<&str>) -> Budget {
        Budget {
            limit_nanousd: NanoUsd(dollars * 1_000_000_000),
            window: window.map(|text| text.parse().unwrap()),
            mode: BudgetMode::Enforce,
            increase: None,
            alert_at_percent: None,
        }
    }

    fn development() -> Template {
        Template {
            id: TemplateId::generate(),
            organization_id: OrganizationId::default_one(),
            environment: Some("development".to_owned()),
            name: "Development".to_owned(),
            defaults: Policy {
                limits: RateLimits {
                    rpm: Some(10),
                    ..RateLimits::default()
                },
                tags: vec!["env:development".to_owned()],
                ..Policy::default()
            },
            default_lifetime: Some("30d".to_owned()),
            caps: Policy {
                budgets: vec![budget(50, Some("1mo"))],
                ..Policy::default()
            },
            longest_lifetime: Some("90d".to_owned()),
            stamps: Stamps::default(),
        }
    }

    #[test]
    fn a_key_of_whom_nothing_is_said_gets_the_defaults_and_the_caps() {
        let mut policy = Policy::default();
        apply(&mut policy, &[development()]).unwrap();
        assert_eq!(policy.limits.rpm, Some(10));
        assert_eq!(policy.tags, ["env:development"]);
        assert_eq!(policy.budgets, [budget(50, Some("1mo"))]);
        let end = end(&Given::Absent, &[development()], NOW).unwrap();
        assert_eq!(end, Some(TimestampMs(NOW.0 + 30 * DAY_MS)));
    }

    #[test]
    fn what_the_maker_says_stays_when_it_is_below_the_cap() {
        let mut policy = Policy {
            budgets: vec![budget(20, Some("1mo"))],
            limits: RateLimits {
                rpm: Some(99),
                ..RateLimits::default()
            },
            ..Policy::default()
        };
        apply(&mut policy, &[development()]).unwrap();
        assert_eq!(policy.budgets, [budget(20, Some("1mo"))]);
        assert_eq!(policy.limits.rpm, Some(99));
    }

    #[test]
    fn a_budget_of_another_window_does_not_get_around_the_cap() {
        let mut policy = Policy {
            budgets: vec![budget(40, Some("1d"))],
            ..Policy::default()
        };
        apply(&mut policy, &[development()]).unwrap();
        let both = [budget(40, Some("1d")), budget(50, Some("1mo"))];
        assert_eq!(policy.budgets, both);
    }

    #[test]
    fn more_than_the_cap_is_refused_by_its_name() {
        let mut policy = Policy {
            budgets: vec![budget(51, Some("1mo"))],
            ..Policy::default()
        };
        let refused = apply(&mut policy, &[development()])
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("50") && refused.contains("Development"),
            "{refused}"
        );
        for text in ["91d", "never", "-1"] {
            let refused = end(&Given::Value(text.to_owned()), &[development()], NOW);
            let refused = refused.unwrap_err().to_string();
            assert!(refused.contains("90d"), "{text}: {refused}");
        }
    }
}
