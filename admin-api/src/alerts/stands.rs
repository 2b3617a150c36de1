//! How the budgets of those whose spend moved stand now.

use std::collections::BTreeMap;

use domain::alerts::{AlertEvent, BudgetStand, reached};
use domain::ids::{BudgetId, OrganizationId, TeamId};
use domain::ledger::Wanted;
use domain::members::Member;
use domain::money::NanoUsd;
use domain::policies::{Budget, BudgetMode, Policy};
use domain::spend::{ScopeKind, SpendScope};
use domain::stamps::Stamps;
use domain::teams::Team;
use domain::time::TimestampMs;
use domain::users::User;
use domain::windows::{TimeZone, WindowBounds};
use store::alerts::Holders;

use crate::actions::spend::{LIFE, wanted};

/// A soft budget tells when all of it is spent, unless it says otherwise.
const SOFT_PERCENTS: [u8; 1] = [100];

/// Somebody who has budgets, and who is told of them.
struct Level<'a> {
    scope: SpendScope,
    name: String,
    organization_id: Option<OrganizationId>,
    team_id: Option<TeamId>,
    policy: &'a Policy,
    stamps: &'a Stamps,
    key_hash: Option<String>,
    user_id: Option<String>,
}

/// One budget, before its spend is known.
pub(super) struct Candidate {
    stand: BudgetStand,
    percents: Vec<u8>,
    /// What to ask the ledger.
    pub wanted: Wanted,
    /// In which organization.
    pub organization_id: Option<OrganizationId>,
    /// In which team.
    pub team_id: Option<TeamId>,
}

impl Candidate {
    /// The thresholds that so much spend has reached, each as it is told.
    pub fn reached(&self, spent: NanoUsd) -> impl Iterator<Item = BudgetStand> {
        let reached = reached(spent, self.stand.limit, &self.percents);
        reached.into_iter().map(move |percent| BudgetStand {
            percent,
            spent,
            event: match (self.stand.mode, percent) {
                (BudgetMode::Soft, 100..) => AlertEvent::SoftBudgetCrossed,
                (_, 100..) => AlertEvent::BudgetCrossed,
                _ => AlertEvent::ThresholdCrossed,
            },
            ..self.stand.clone()
        })
    }
}

/// What levels point to, by its id.
struct Index<'a> {
    zones: BTreeMap<&'a str, TimeZone>,
    teams: BTreeMap<&'a TeamId, &'a Team>,
    users: BTreeMap<&'a str, &'a User>,
    shared: BTreeMap<&'a BudgetId, &'a Policy>,
}

impl<'a> Index<'a> {
    fn of(holders: &'a Holders) -> Self {
        let zone = |text: &str| text.parse().unwrap_or_default();
        let organizations = holders.organizations.iter();
        let teams = holders.teams.iter();
        let users = holders.users.iter();
        let shared = holders.budgets.iter();
        Self {
            zones: organizations
                .map(|one| (one.id.as_str(), zone(&one.time_zone)))
                .collect(),
            teams: teams.map(|one| (&one.id, one)).collect(),
            users: users.map(|one| (one.id.as_str(), one)).collect(),
            shared: shared.map(|one| (&one.id, &one.policy)).collect(),
        }
    }
}

/// Every budget of these.
pub(super) fn candidates(holders: &Holders, usual: &[u8], now: TimestampMs) -> Vec<Candidate> {
    let index = Index::of(holders);
    let mut candidates = Vec::new();
    for level in levels(holders, &index) {
        let shared = level.policy.budget_id.as_ref();
        let shared = shared.and_then(|id| index.shared.get(id).copied());
        for of in std::iter::once(level.policy)
            .chain(shared)
            .flat_map(budgets_of)
        {
            candidates.push(candidate(&index, &level, of, (usual, now)));
        }
    }
    candidates
}

fn budgets_of(policy: &Policy) -> impl Iterator<Item = (Option<&String>, &Budget)> {
    let of_all = policy.budgets.iter().map(|budget| (None, budget));
    let of_models = policy.model_budgets.iter();
    of_all.chain(of_models.map(|(model, budget)| (Some(model), budget)))
}

fn candidate(
    index: &Index<'_>,
    level: &Level<'_>,
    (model, budget): (Option<&String>, &Budget),
    (usual, now): (&[u8], TimestampMs),
) -> Candidate {
    let organization = level.organization_id.as_ref();
    let zone = organization.and_then(|id| index.zones.get(id.as_str()));
    let zone = zone.cloned().unwrap_or_default();
    let bounds: Option<WindowBounds> = budget
        .window
        .map(|window| window.bounds(now, &zone, level.stamps.created_at));
    let range = bounds.map_or(LIFE, |bounds| (bounds.starts_at, bounds.ends_at));
    let more = budget.increase.filter(|increase| increase.until > now);
    let more = more.map_or(0, |increase| increase.by_nanousd.0);
    let usual = match budget.mode {
        BudgetMode::Soft => &SOFT_PERCENTS,
        BudgetMode::Enforce | BudgetMode::Shadow => usual,
    };
    let person = level.user_id.as_ref();
    let person = person.and_then(|id| index.users.get(id.as_str()));
    Candidate {
        percents: budget
            .alert_at_percent
            .clone()
            .unwrap_or_else(|| usual.to_vec()),
        wanted: wanted(&level.scope, model, budget.window, range),
        organization_id: level.organization_id.clone(),
        team_id: level.team_id.clone(),
        stand: BudgetStand {
            event: AlertEvent::ThresholdCrossed,
            scope: level.scope.clone(),
            name: level.name.clone(),
            model: model.cloned(),
            mode: budget.mode,
            percent: 0,
            spent: NanoUsd(0),
            limit: NanoUsd(budget.limit_nanousd.0.saturating_add(more)),
            window: budget.window.map(|window| window.to_string()),
            window_starts_at: bounds.map(|bounds| bounds.starts_at),
            window_ends_at: bounds.map(|bounds| bounds.ends_at),
            key_hash: level.key_hash.clone(),
            user_id: level.user_id.clone(),
            user_email: person.and_then(|one| one.email.clone()),
        },
    }
}

fn levels<'a>(holders: &'a Holders, index: &Index<'a>) -> Vec<Level<'a>> {
    let mut levels = above_people(holders);
    levels.extend(holders.users.iter().map(|one| Level {
        user_id: Some(one.id.to_string()),
        ..level(
            SpendScope::new(ScopeKind::User, one.id.as_str()),
            one.email.clone().or_else(|| one.name.clone()),
            (None, None),
            (&one.policy, &one.stamps),
        )
    }));
    levels.extend(holders.members.iter().map(|one| of_member(index, one)));
    levels.extend(holders.keys.iter().map(|one| Level {
        key_hash: Some(one.hash.to_string()),
        user_id: one.user_id.as_ref().map(ToString::to_string),
        ..level(
            SpendScope::new(ScopeKind::Key, one.id.as_str()),
            one.alias.clone(),
            (Some(&one.organization_id), one.team_id.as_ref()),
            (&one.policy, &one.stamps),
        )
    }));
    levels.extend(holders.end_users.iter().map(|one| {
        let organization = &one.organization_id;
        level(
            SpendScope::end_user(organization.as_str(), &one.external_id),
            Some(one.external_id.clone()),
            (Some(organization), None),
            (&one.policy, &one.stamps),
        )
    }));
    levels.extend(holders.tags.iter().map(|one| {
        let organization = &one.organization_id;
        level(
            SpendScope::tag(organization.as_str(), &one.name),
            Some(one.name.clone()),
            (Some(organization), None),
            (&one.policy, &one.stamps),
        )
    }));
    levels
}

fn above_people(holders: &Holders) -> Vec<Level<'_>> {
    let organizations = holders.organizations.iter().map(|one| {
        level(
            SpendScope::new(ScopeKind::Organization, one.id.as_str()),
            Some(one.name.clone()),
            (Some(&one.id), None),
            (&one.policy, &one.stamps),
        )
    });
    let teams = holders.teams.iter().map(|one| {
        level(
            SpendScope::new(ScopeKind::Team, one.id.as_str()),
            Some(one.name.clone()),
            (Some(&one.organization_id), Some(&one.id)),
            (&one.policy, &one.stamps),
        )
    });
    let projects = holders.projects.iter().map(|one| {
        level(
            SpendScope::new(ScopeKind::Project, one.id.as_str()),
            Some(one.name.clone()),
            (Some(&one.organization_id), Some(&one.team_id)),
            (&one.policy, &one.stamps),
        )
    });
    organizations.chain(teams).chain(projects).collect()
}

/// A member, with their own policy or the one that their team gives to each.
fn of_member<'a>(index: &Index<'a>, member: &'a Member) -> Level<'a> {
    let team = member.team_id.as_ref();
    let team = team.and_then(|id| index.teams.get(id).copied());
    let own = member.policy != Policy::default();
    let policy = match team {
        Some(team) if !own => &team.member_policy,
        _ => &member.policy,
    };
    let within = member.team_id.as_ref().map(TeamId::as_str);
    let within = within.unwrap_or_else(|| member.organization_id.as_str());
    let person = index.users.get(member.user_id.as_str());
    let name = person.and_then(|one| one.email.clone().or_else(|| one.name.clone()));
    Level {
        user_id: Some(member.user_id.to_string()),
        ..level(
            SpendScope::member(within, member.user_id.as_str()),
            name,
            (Some(&member.organization_id), member.team_id.as_ref()),
            (policy, &member.stamps),
        )
    }
}

fn level<'a>(
    scope: SpendScope,
    name: Option<String>,
    (organization, team): (Option<&OrganizationId>, Option<&TeamId>),
    (policy, stamps): (&'a Policy, &'a Stamps),
) -> Level<'a> {
    Level {
        name: name.unwrap_or_else(|| scope.id.clone()),
        scope,
        organization_id: organization.cloned(),
        team_id: team.cloned(),
        policy,
        stamps,
        key_hash: None,
        user_id: None,
    }
}
