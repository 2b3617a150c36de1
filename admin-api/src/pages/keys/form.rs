//! The form of a key: filled for a page, and read into what the actions want.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{OrganizationId, UserId};
use domain::money::NanoUsd;
use domain::teams::Team;
use domain::time::TimestampMs;
use domain::virtual_keys::VirtualKey;
use store::page::Page;
use store::teams::TeamFilter;
use web_ui::figures::money;
use web_ui::pages::key_forms::KeyForm;
use web_ui::pages::parts::Choice;
use web_ui::words::Words;

use super::list::ENVIRONMENTS;
pub(crate) use super::policy::{
    MEMBERS_KEYS, dollars, of_members_keys, of_policy, policy, set_budget, set_members_keys, whole,
};
use super::{line, model_prices};
use crate::acting::{Permission, may};
use crate::actions::levels::meant_team;
use crate::actions::{budgets, teams};
use crate::error::ActionError;
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::lists;
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
        "budget_id" => "k-sb",
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

/// What a key is, as its form would say it.
pub(super) fn of_key(key: &VirtualKey) -> Form {
    let mut members = members_of(key);
    members.push(("expires".to_owned(), "same".to_owned()));
    Form::of(members)
}

fn members_of(key: &VirtualKey) -> Vec<(String, String)> {
    let team = key.team_id.as_ref().map(ToString::to_string);
    let mut members = of_policy(&key.policy);
    members.extend([
        ("name".to_owned(), key.alias.clone().unwrap_or_default()),
        ("team".to_owned(), team.unwrap_or_default()),
        (
            "environment".to_owned(),
            key.environment.clone().unwrap_or_default(),
        ),
    ]);
    members
}

/// What a key like another is, as its form would say it before anybody has typed.
pub(super) fn like(key: &VirtualKey, own: Option<&UserId>) -> Form {
    let mine = key.user_id.is_some() && key.user_id.as_ref() == own;
    let mut members = vec![
        ("from".to_owned(), key.id.to_string()),
        (
            "owner".to_owned(),
            if mine { "person" } else { "service" }.to_owned(),
        ),
        (
            "expires".to_owned(),
            if key.expires_at.is_some() {
                "90d"
            } else {
                "never"
            }
            .to_owned(),
        ),
        (
            "name".to_owned(),
            key.alias
                .as_ref()
                .map(|alias| format!("{alias}-2"))
                .unwrap_or_default(),
        ),
    ];
    // The first of a name counts.
    members.extend(members_of(key));
    Form::of(members)
}

/// Windows to choose from.
pub(crate) fn periods(words: Words, chosen: &str) -> Vec<Choice> {
    choices(words, &PERIODS, chosen)
}

/// Ends of keys to choose from.
pub(super) fn ends(words: Words, chosen: &str) -> Vec<Choice> {
    choices(words, &ENDS, chosen)
}

/// Whether what was refused is something that was typed, so that the form is shown again.
pub(crate) fn is_typed(refused: &ActionError) -> bool {
    matches!(
        refused,
        ActionError::Invalid { .. }
            | ActionError::Conflict { .. }
            | ActionError::NotFound { kind: "Budget", .. }
    )
}

/// The member that was refused; empty where none is named.
pub(crate) fn member_of(refused: &ActionError) -> &str {
    match refused {
        ActionError::NotFound { kind: "Budget", .. } => "budget_id",
        refused => refused.field().unwrap_or_default(),
    }
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

/// Shared budgets of an organization to choose from, and the one that is chosen; those of all while it
/// is not known whose is meant; none where there are none to see.
///
/// # Errors
/// When the store does not answer.
pub(crate) async fn shared<P: Permission>(
    visit: &Visit<P>,
    chosen: &str,
    organization: Option<&OrganizationId>,
) -> Result<Vec<Choice>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadBudgets>() else {
        return Ok(Vec::new());
    };
    let reading = match organization {
        Some(id) => reading.looking_at(Some(id.clone())),
        None => reading,
    };
    let listed = budgets::list(&reading, None, &Page::first(200)).await?;
    let each = listed.items.into_iter().map(|one| {
        let id = one.id.as_str();
        let name = one.external_id.clone().unwrap_or_else(|| id.to_owned());
        Choice::of(id, name, id == chosen)
    });
    let mut choices: Vec<Choice> = each.collect();
    if !chosen.is_empty() && choices.iter().all(|one| !one.chosen) {
        choices.push(Choice::of(chosen, chosen, true));
    }
    if !choices.is_empty() {
        let none = visit.words().t("shared-budget-none");
        choices.insert(0, Choice::of("", none, chosen.is_empty()));
    }
    Ok(choices)
}

/// Those of the key's organization, or of that of the team that is chosen for a new one.
async fn shared_by(
    visit: &Visit<may::WriteKeys>,
    typed: &Form,
    key: Option<&VirtualKey>,
) -> Result<Vec<Choice>, ActionError> {
    let organization = match (key, typed.given("team")) {
        (Some(key), _) => Some(key.organization_id.clone()),
        (None, Some(team)) => {
            let team = meant_team(&visit.acting, &team).await?;
            team.map(|team| team.organization_id)
        }
        (None, None) => None,
    };
    shared(visit, typed.text("shared"), organization.as_ref()).await
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
    let member = refused.map(|error| member_of(error).to_owned());
    let fault_field = member.as_deref().map_or("", field_of);
    let folded = ["k-r", "k-t", "k-pa", "k-env", "k-ip", "k-tags"];
    let said = ["rpm", "tpm", "parallel", "tags", "addresses", "environment"];
    Ok(KeyForm {
        fault: refused.map(|error| told(words, error)),
        fault_field,
        name: text("name"),
        teams: team_choices(visit, typed.text("team")).await?,
        owners: owners(visit, typed.text("owner"), key.is_some()),
        models: model_prices::choices(visit, &chosen).await?,
        cheap: typed.text("cheap") == "on",
        from: text("from"),
        budget: text("budget"),
        periods: periods(words, typed.text("period")),
        shared: shared_by(visit, typed, key).await?,
        live: match key {
            Some(_) => None,
            None => Some(line::live(visit, typed).await?),
        },
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

/// A team's name, and what is left of its budget.
fn with_left(words: Words, team: &Team, spent: Option<&BTreeMap<String, NanoUsd>>) -> String {
    let Some((budget, spent)) = team.policy.hard_budget().zip(spent) else {
        return team.name.clone();
    };
    let spent = spent.get(team.id.as_str()).copied().unwrap_or_default();
    let left = budget.limit_nanousd.0.saturating_sub(spent.0).max(0);
    let told = [
        ("team", (&team.name).into()),
        ("left", money(words, NanoUsd(left), 2).into()),
    ];
    words.with("keys-team-left", &told)
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
        let spent = lists::spent(visit, &listed.items).await?;
        let each = listed.items.into_iter().map(|team| {
            let is_it = team.id.as_str() == chosen;
            Choice::of(
                team.id.as_str(),
                with_left(words, &team, spent.as_ref()),
                is_it,
            )
        });
        choices.extend(each);
    }
    Ok(choices)
}
