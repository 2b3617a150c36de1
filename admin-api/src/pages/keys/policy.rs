//! What a level allows, as forms say it: budget, rates, models, tags, addresses.

use domain::addresses::AllowedAddresses;
use domain::ids::BudgetId;
use domain::money::NanoUsd;
use domain::policies::{Budget, BudgetMode, Policy};

use crate::error::ActionError;
use crate::pages::form::Form;

/// The field of whether members may make keys of their own.
pub(crate) const MEMBERS_KEYS: &str = "members_may_create_keys";

/// What a policy is, as a form would say it.
pub(crate) fn of_policy(policy: &Policy) -> Vec<(String, String)> {
    let budget = policy
        .budgets
        .iter()
        .find(|one| one.mode == BudgetMode::Enforce);
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let limits = &policy.limits;
    let addresses: Vec<String> = policy.allowed_addresses.texts().collect();
    let money = budget.map(|one| web_ui::typed::field(one.limit_nanousd));
    let window = budget.and_then(|one| one.window).map(|one| one.to_string());
    let members = [
        ("budget", money.unwrap_or_default()),
        ("period", window.unwrap_or_default()),
        ("rpm", number(limits.rpm)),
        ("tpm", number(limits.tpm)),
        ("parallel", number(limits.parallel)),
        ("tags", policy.tags.join(", ")),
        ("addresses", addresses.join(", ")),
        (
            "shared",
            policy
                .budget_id
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
        ),
    ];
    let models = policy.models.iter().map(|model| ("models", model.clone()));
    let all = members.into_iter().chain(models);
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What a key shall allow by its form; what the form does not show stays as it is in `kept`.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub(crate) fn policy(typed: &Form, kept: &Policy) -> Result<Policy, ActionError> {
    let mut policy = kept.clone();
    // Boxes that are not ticked are not sent: the form says that it has them.
    if typed.says("models_shown") {
        policy.models = typed.all("models");
    }
    if typed.says("tags") {
        policy.tags = list(typed.text("tags"));
    }
    for (name, limit) in [
        ("rpm", &mut policy.limits.rpm),
        ("tpm", &mut policy.limits.tpm),
        ("parallel", &mut policy.limits.parallel),
    ] {
        if typed.says(name) {
            *limit = whole(typed, name)?;
        }
    }
    if typed.says("addresses") {
        let addresses = list(typed.text("addresses"));
        let read = AllowedAddresses::parse(addresses.iter().map(String::as_str));
        policy.allowed_addresses = read.map_err(|malformed| {
            ActionError::invalid("allowed_addresses", malformed.to_string())
        })?;
    }
    if typed.says("shared") {
        policy.budget_id = typed.given("shared").map(BudgetId::new);
    }
    set_budget(typed, ("budget", "period"), &mut policy.budgets)?;
    Ok(policy)
}

/// Sets whether members may make keys of their own, where a form says it.
pub(crate) fn set_members_keys(typed: &Form, policy: &mut Policy) {
    if typed.says(MEMBERS_KEYS) {
        policy.members_may_create_keys = match typed.text(MEMBERS_KEYS) {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        };
    }
}

/// What a policy says of it, as its form would.
pub(crate) fn of_members_keys(policy: &Policy) -> (String, String) {
    let said = match policy.members_may_create_keys {
        Some(true) => "yes",
        Some(false) => "no",
        None => "",
    };
    (MEMBERS_KEYS.to_owned(), said.to_owned())
}

/// Sets the budget that is enforced, the first of them, to what two fields of a form say; what the
/// form does not say stays.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub(crate) fn set_budget(
    typed: &Form,
    fields: (&'static str, &str),
    budgets: &mut Vec<Budget>,
) -> Result<(), ActionError> {
    if !typed.says(fields.0) {
        return Ok(());
    }
    let enforced = |one: &Budget| one.mode == BudgetMode::Enforce;
    let place = budgets.iter().position(enforced);
    let before = place.map(|place| budgets.remove(place));
    if let Some(budget) = budget(typed, fields, before)? {
        let place = place.unwrap_or(0).min(budgets.len());
        budgets.insert(place, budget);
    }
    Ok(())
}

/// Dollars as people of the page's language type them: `$5,000.50`.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub(crate) fn dollars(typed: &Form, field: &str) -> Result<NanoUsd, ActionError> {
    web_ui::typed::money(typed.language(), typed.text(field))
        .map_err(|malformed| ActionError::invalid(field, format!("Budget: {malformed}.")))
}

fn budget(
    typed: &Form,
    (field, window): (&'static str, &str),
    before: Option<Budget>,
) -> Result<Option<Budget>, ActionError> {
    if typed.given(field).is_none() {
        return Ok(None);
    }
    let limit = dollars(typed, field)?;
    let window = typed.given(window).map(|text| text.parse()).transpose();
    let window = window.map_err(|malformed: domain::spans::NotASpan| {
        ActionError::invalid("window", malformed.to_string())
    })?;
    let new = Budget {
        limit_nanousd: limit,
        window,
        mode: BudgetMode::Enforce,
        increase: None,
        alert_at_percent: None,
    };
    // What the form does not show stays.
    Ok(Some(before.map_or(new.clone(), |before| Budget {
        limit_nanousd: new.limit_nanousd,
        window: new.window,
        ..before
    })))
}

fn list(text: &str) -> Vec<String> {
    let words = text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// A whole number as people type it; none is no limit.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub(crate) fn whole(typed: &Form, name: &str) -> Result<Option<u64>, ActionError> {
    let Some(text) = typed.given(name) else {
        return Ok(None);
    };
    let digits = text.replace([',', ' ', '_'], "");
    let number = digits.parse().map_err(|_no_number| {
        ActionError::invalid(
            name,
            format!("`{text}` is no whole number. Leave it empty for no limit."),
        )
    });
    number.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_of_a_key_says_the_key_again() {
        let mut kept = Policy::default();
        kept.metadata.insert("note".to_owned(), "mine".into());
        let typed = Form::read(
            b"budget=%245%2C000.5&period=1mo&rpm=3%2C000&tags=eu%2C+batch&models=m&models_shown=1",
        )
        .unwrap();
        let policy = policy(&typed, &kept).unwrap();
        assert_eq!(
            policy.budgets.first().unwrap().limit_nanousd,
            NanoUsd(5_000_500_000_000)
        );
        assert_eq!(policy.limits.rpm, Some(3_000));
        assert_eq!(policy.tags, ["eu", "batch"]);
        assert_eq!(policy.metadata, kept.metadata);
    }

    #[test]
    fn what_is_no_number_is_named() {
        let typed = Form::read(b"rpm=many").unwrap();
        let refused = policy(&typed, &Policy::default()).unwrap_err();
        assert_eq!(refused.field(), Some("rpm"));
        let typed = Form::read(b"budget=much").unwrap();
        let refused = policy(&typed, &Policy::default()).unwrap_err();
        assert_eq!(refused.field(), Some("budget"));
    }
}
