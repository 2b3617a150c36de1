//! Who is in a team, and what it allows.

use domain::members::Member;
use domain::permissions::{Action, Role};
use domain::policies::Policy;
use domain::teams::Team;
use web_ui::figures::{count, limit};
use web_ui::frame::initials;
use web_ui::markup::{Tone, badge, plain};
use web_ui::pages::parts::Fact;
use web_ui::pages::teams::MemberRow;
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::spend::{self, Spender};
use crate::actions::{members, users};
use crate::error::ActionError;
use crate::pages::lists;
use crate::pages::roles;
use crate::pages::visit::Visit;

/// What a level may use, in a few words.
pub(super) fn models(words: Words, policy: &Policy) -> String {
    let number = u64::try_from(policy.models.len()).unwrap_or(0);
    if number == 0 {
        return words.t("models-all");
    }
    words.with(
        "models-some",
        &[
            ("count", number.into()),
            ("shown", count(words, number).into()),
        ],
    )
}

/// The members, for who may see them, and the name of the first who leads.
pub(super) async fn of(
    visit: &Visit<may::ReadTeams>,
    team: &Team,
) -> Result<(Vec<MemberRow>, Option<String>), ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadMembers>() else {
        return Ok((Vec::new(), None));
    };
    let Ok((_team, listed)) = members::of_team(&reading, team.id.as_str()).await else {
        return Ok((Vec::new(), None));
    };
    let people = users::of_members(&visit.acting, &listed).await?;
    let spenders: Vec<Spender<'_>> = listed
        .iter()
        .map(|member| Spender::member(member, Some(&team.member_policy)))
        .collect();
    let sees_spend = visit.may(Action::ReadSpend);
    let spent = spend::present(visit.acting.store(), &spenders).await?;
    let (words, mut lead) = (visit.words(), None);
    let mut rows = Vec::with_capacity(listed.len());
    for (member, spender) in listed.iter().zip(&spenders) {
        let person = people.get(&member.user_id);
        let name = person.and_then(|one| one.name.clone().or_else(|| one.email.clone()));
        let name = name.unwrap_or_else(|| member.user_id.to_string());
        if member.role == Role::TeamAdmin && lead.is_none() {
            lead = Some(name.clone());
        }
        let sum = spent
            .get(&spender.scope())
            .map(|one| one.spend)
            .unwrap_or_default();
        rows.push(MemberRow {
            mark: initials(&name),
            email: person.and_then(|one| one.email.clone()).unwrap_or_default(),
            role: match member.role {
                Role::TeamAdmin | Role::OrganizationAdmin => {
                    badge(Tone::Info, &words.t("role-team-admin"))
                }
                other => plain(&words.t(roles::word(other))),
            },
            money: lists::cell_of(words, sees_spend.then_some(sum), policy_of(member, team)),
            href: visit
                .frame
                .to(&format!("/teams/{}/members/{}", team.id, member.user_id)),
            name,
        });
    }
    Ok((rows, lead))
}

/// Their own, or what the team gives to each.
fn policy_of<'a>(member: &'a Member, team: &'a Team) -> &'a Policy {
    if member.policy == Policy::default() {
        &team.member_policy
    } else {
        &member.policy
    }
}

/// What a team allows, line by line.
pub(super) fn limits(words: Words, team: &Team) -> Vec<Fact> {
    let fact = |name: &str, value: String| Fact {
        name: words.t(name),
        value,
    };
    let rate =
        |value: Option<u64>| value.map_or_else(|| words.t("no-limit"), |value| count(words, value));
    let policy = &team.policy;
    let models = if policy.models.is_empty() {
        words.t("models-all")
    } else {
        policy.models.join(", ")
    };
    let mut facts = vec![
        fact("models", models),
        fact("rpm", rate(policy.limits.rpm)),
        fact("tpm", rate(policy.limits.tpm)),
        fact("parallel", rate(policy.limits.parallel)),
    ];
    if let Some(budget) = team.member_policy.hard_budget() {
        facts.push(fact("per-member", limit(words, budget.limit_nanousd)));
    }
    facts
}
