//! The form of a key: filled for a page, and read into what the actions want.

use std::collections::BTreeSet;

use domain::addresses::AllowedAddresses;
use domain::policies::{Budget, BudgetMode, Policy};
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use store::page::Page;
use store::teams::TeamFilter;
use web_ui::pages::keys::KeyForm;
use web_ui::pages::parts::Choice;
use web_ui::words::Words;

use super::list::ENVIRONMENTS;
use crate::acting::{Permission, may};
use crate::actions::deployments::{self, Listing};
use crate::actions::teams;
use crate::error::ActionError;
use crate::pages::form::Form;
use crate::pages::visit::Visit;

/// The windows of a budget: what is kept, and its text.
const PERIODS: [(&str, &str); 4] = [
    ("1mo", "window-month"),
    ("7d", "window-week"),
    ("1d", "window-day"),
    ("", "window-none"),
];
/// When a key ends.
const ENDS: [(&str, &str); 4] = [
    ("never", "never"),
    ("30d", "ends-30"),
    ("90d", "ends-90"),
    ("365d", "ends-365"),
];

/// Which field of the form shows a member of the API.
fn field_of(member: &str) -> &'static str {
    match member {
        "alias" => "k-name",
        "team_id" | "organization_id" | "Team" => "k-team",
        "limit_usd" | "budget" | "max_budget" | "budgets" => "k-b",
        "window" => "k-p",
        "duration" | "expires" => "k-e",
        "rpm" | "rpm_limit" => "k-r",
        "tpm" | "tpm_limit" => "k-t",
        "parallel" | "max_parallel_requests" => "k-pa",
        "environment" => "k-env",
        "allowed_addresses" => "k-ip",
        "tags" => "k-tags",
        _ => "kf",
    }
}

/// What is typed before anybody has typed.
pub(super) fn blank(team: &str) -> Form {
    let members = [
        ("owner", "service"),
        ("period", "1mo"),
        ("expires", "90d"),
        ("team", team),
    ];
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Form::of(members.into_iter().map(text).collect())
}

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
    ];
    let models = policy.models.iter().map(|model| ("models", model.clone()));
    let all = members.into_iter().chain(models);
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What a key is, as its form would say it.
pub(super) fn of_key(key: &VirtualKey) -> Form {
    let team = key.team_id.as_ref().map(ToString::to_string);
    let mut members = of_policy(&key.policy);
    members.extend([
        ("name".to_owned(), key.alias.clone().unwrap_or_default()),
        ("team".to_owned(), team.unwrap_or_default()),
        (
            "environment".to_owned(),
            key.environment.clone().unwrap_or_default(),
        ),
        ("expires".to_owned(), "same".to_owned()),
    ]);
    Form::of(members)
}

/// Windows to choose from.
pub(crate) fn periods(words: Words, chosen: &str) -> Vec<Choice> {
    choices(words, &PERIODS, chosen)
}

/// Whether what was refused is something that was typed, so that the form is shown again.
pub(crate) const fn is_typed(refused: &ActionError) -> bool {
    matches!(
        refused,
        ActionError::Invalid { .. } | ActionError::Conflict { .. }
    )
}

/// Refuses a form that was filled before somebody else's change. A form without a version, which a
/// program sends, is taken.
pub(crate) fn as_it_was(changed_at: TimestampMs, typed: &Form) -> Result<(), ActionError> {
    let now = changed_at.0.to_string();
    match typed.given("version") {
        Some(version) if version != now => Err(ActionError::Conflict {
            field: "version",
            message: "Somebody else has changed this while you were typing. Compare with what \
                      the page shows, and save again to write your values."
                .to_owned(),
        }),
        _ => Ok(()),
    }
}

/// The form with what was typed, and what was wrong with it.
pub(super) async fn filled(
    visit: &Visit<may::WriteKeys>,
    typed: &Form,
    refused: Option<&ActionError>,
    key: Option<&VirtualKey>,
) -> Result<KeyForm, ActionError> {
    let words = visit.words();
    let chosen: BTreeSet<String> = typed.all("models").into_iter().collect();
    let text = |name: &str| typed.text(name).to_owned();
    let mut ends = choices(words, &ENDS, typed.text("expires"));
    if let Some(key) = key {
        let now = key
            .expires_at
            .map_or_else(|| words.t("never"), |end| visit.clock.date(end));
        let same = words.with("ends-same", &[("end", (&now).into())]);
        ends.insert(0, Choice::of("same", same, typed.text("expires") == "same"));
    }
    let member = refused.map(|error| error.field().unwrap_or_default().to_owned());
    let fault_field = member.as_deref().map_or("", field_of);
    let folded = ["k-r", "k-t", "k-pa", "k-env", "k-ip", "k-tags"];
    let said = ["rpm", "tpm", "parallel", "tags", "addresses", "environment"];
    Ok(KeyForm {
        fault: refused.map(ToString::to_string),
        fault_field,
        name: text("name"),
        teams: team_choices(visit, typed.text("team")).await?,
        owners: owners(visit, typed.text("owner"), key.is_some()),
        models: model_choices(visit, &chosen).await?,
        budget: text("budget"),
        periods: periods(words, typed.text("period")),
        ends,
        more: folded.contains(&fault_field) || said.iter().any(|name| !typed.text(name).is_empty()),
        rpm: text("rpm"),
        tpm: text("tpm"),
        parallel: text("parallel"),
        environments: environments(words, typed.text("environment")),
        tags: text("tags"),
        addresses: text("addresses"),
        back: match key {
            Some(key) => visit.frame.to(&format!("/keys/{}", key.id)),
            None => visit.frame.to("/keys"),
        },
        submit: words.t(if key.is_some() { "save" } else { "keys-create" }),
    })
}

fn choices(words: Words, all: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> = all
        .iter()
        .map(|(value, id)| Choice::of(*value, words.t(id), *value == chosen))
        .collect();
    // What somebody else wrote otherwise is kept.
    if !chosen.is_empty() && chosen != "same" && !choices.iter().any(|one| one.chosen) {
        choices.push(Choice::of(chosen, chosen, true));
    }
    choices
}

fn environments(words: Words, chosen: &str) -> Vec<Choice> {
    let mut all = ENVIRONMENTS;
    if let Some(first) = all.first_mut() {
        *first = ("", "environment-none");
    }
    choices(words, &all, chosen)
}

fn owners(visit: &Visit<may::WriteKeys>, chosen: &str, is_made: bool) -> Vec<Choice> {
    if is_made {
        return Vec::new();
    }
    let words = visit.words();
    let service = Choice {
        icon: "server",
        ..Choice::of("service", words.t("owner-service"), chosen != "person")
    };
    let person = Choice {
        icon: "user-round",
        ..Choice::of("person", words.t("owner-me"), chosen == "person")
    };
    if visit.acting.actor.rights.user_id.is_some() {
        vec![service, person]
    } else {
        vec![service]
    }
}

async fn team_choices(
    visit: &Visit<may::WriteKeys>,
    chosen: &str,
) -> Result<Vec<Choice>, ActionError> {
    let words = visit.words();
    let mut choices = vec![Choice::of(
        "",
        words.t("keys-without-team"),
        chosen.is_empty(),
    )];
    if let Ok(reading) = visit.acting.also::<may::ReadTeams>() {
        let listed = teams::list(&reading, TeamFilter::default(), &Page::first(200)).await?;
        let each = listed.items.into_iter();
        choices.extend(
            each.map(|team| Choice::of(team.id.as_str(), team.name, team.id.as_str() == chosen)),
        );
    }
    Ok(choices)
}

pub(crate) async fn model_choices<P: Permission>(
    visit: &Visit<P>,
    chosen: &BTreeSet<String>,
) -> Result<Vec<Choice>, ActionError> {
    let mut names = chosen.clone();
    if let Ok(reading) = visit.acting.also::<may::ReadDeployments>() {
        let listed = deployments::list(&reading, &Listing::default(), &Page::first(200)).await?;
        names.extend(listed.items.into_iter().map(|one| one.model_name));
    }
    Ok(names
        .into_iter()
        .map(|name| Choice::of(&name, &name, chosen.contains(&name)))
        .collect())
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
    if typed.says("budget") {
        let enforced = |one: &Budget| one.mode == BudgetMode::Enforce;
        let place = policy.budgets.iter().position(enforced);
        let before = place.map(|place| policy.budgets.remove(place));
        if let Some(budget) = budget(typed, before)? {
            let place = place.unwrap_or(0).min(policy.budgets.len());
            policy.budgets.insert(place, budget);
        }
    }
    Ok(policy)
}

fn budget(typed: &Form, before: Option<Budget>) -> Result<Option<Budget>, ActionError> {
    let Some(text) = typed.given("budget") else {
        return Ok(None);
    };
    let limit = web_ui::typed::money(typed.language(), &text)
        .map_err(|malformed| ActionError::invalid("budget", format!("Budget: {malformed}.")))?;
    let window = typed.given("period").map(|text| text.parse()).transpose();
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

fn whole(typed: &Form, name: &str) -> Result<Option<u64>, ActionError> {
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
    use domain::money::NanoUsd;

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
        assert_eq!(field_of(refused.field().unwrap()), "k-b");
    }
}
