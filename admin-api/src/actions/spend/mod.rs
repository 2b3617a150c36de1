//! What has been spent: by one thing, in the present window of its main budget or from the beginning.

mod corrections;
mod lists;
mod reset_all;

use std::collections::{BTreeMap, BTreeSet};

use domain::end_users::EndUser;
use domain::ids::{BudgetId, OrganizationId};
use domain::ledger::Wanted;
use domain::members::Member;
use domain::money::NanoUsd;
use domain::organizations::Organization;
use domain::policies::Policy;
use domain::projects::Project;
use domain::spend::{ScopeKind, SpendScope};
use domain::tags::Tag;
use domain::teams::Team;
use domain::time::TimestampMs;
use domain::users::User;
use domain::virtual_keys::VirtualKey;
use domain::windows::{TimeZone, Window};
use store::Store;

pub use self::corrections::{Booking, give, lower, set};
pub use self::lists::{top_keys, total, users};
pub use self::reset_all::reset_everything;
use crate::error::ActionError;

/// From the beginning to the end of the calendar.
pub const LIFE: (TimestampMs, TimestampMs) = (TimestampMs(0), TimestampMs(253_402_300_799_999));

/// Something that spends, and what bounds it.
#[derive(Clone, Copy)]
pub struct Spender<'a> {
    kind: ScopeKind,
    /// The id, or what it is within and the name there.
    id: (&'a str, Option<&'a str>),
    policy: &'a Policy,
    organization_id: Option<&'a OrganizationId>,
    made_at: TimestampMs,
}

/// What it has spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Present {
    /// In the present window of its main budget; from the beginning when that has none.
    pub spend: NanoUsd,
    /// When that window ends.
    pub resets_at: Option<TimestampMs>,
}

impl<'a> Spender<'a> {
    fn new(kind: ScopeKind, id: &'a str, policy: &'a Policy, made_at: TimestampMs) -> Self {
        Self {
            kind,
            id: (id, None),
            policy,
            organization_id: None,
            made_at,
        }
    }

    const fn of(mut self, organization_id: &'a OrganizationId) -> Self {
        self.organization_id = Some(organization_id);
        self
    }

    const fn named(mut self, name: &'a str) -> Self {
        self.id.1 = Some(name);
        self
    }

    /// A member, with their own policy or the one that their team gives to each.
    #[must_use]
    pub fn member(member: &'a Member, of_team: Option<&'a Policy>) -> Self {
        let own = member.policy != Policy::default();
        let policy = of_team.filter(|_| !own).unwrap_or(&member.policy);
        let within = member.team_id.as_ref().map(domain::ids::TeamId::as_str);
        let within = within.unwrap_or_else(|| member.organization_id.as_str());
        Self::new(ScopeKind::Member, within, policy, member.stamps.created_at)
            .named(member.user_id.as_str())
            .of(&member.organization_id)
    }

    /// To what its spend is booked.
    #[must_use]
    pub fn scope(&self) -> SpendScope {
        match self.id {
            (within, Some(name)) => SpendScope::new(self.kind, format!("{within}/{name}")),
            (id, None) => SpendScope::new(self.kind, id),
        }
    }
}

impl<'a> From<&'a VirtualKey> for Spender<'a> {
    fn from(key: &'a VirtualKey) -> Self {
        let made_at = key.stamps.created_at;
        Self::new(ScopeKind::Key, key.id.as_str(), &key.policy, made_at).of(&key.organization_id)
    }
}

impl<'a> From<&'a User> for Spender<'a> {
    fn from(user: &'a User) -> Self {
        let made_at = user.stamps.created_at;
        Self::new(ScopeKind::User, user.id.as_str(), &user.policy, made_at)
    }
}

impl<'a> From<&'a Team> for Spender<'a> {
    fn from(team: &'a Team) -> Self {
        let made_at = team.stamps.created_at;
        Self::new(ScopeKind::Team, team.id.as_str(), &team.policy, made_at)
            .of(&team.organization_id)
    }
}

impl<'a> From<&'a Project> for Spender<'a> {
    fn from(project: &'a Project) -> Self {
        let made_at = project.stamps.created_at;
        Self::new(
            ScopeKind::Project,
            project.id.as_str(),
            &project.policy,
            made_at,
        )
        .of(&project.organization_id)
    }
}

impl<'a> From<&'a Organization> for Spender<'a> {
    fn from(one: &'a Organization) -> Self {
        let made_at = one.stamps.created_at;
        Self::new(
            ScopeKind::Organization,
            one.id.as_str(),
            &one.policy,
            made_at,
        )
        .of(&one.id)
    }
}

impl<'a> From<&'a EndUser> for Spender<'a> {
    fn from(one: &'a EndUser) -> Self {
        let (within, made_at) = (one.organization_id.as_str(), one.stamps.created_at);
        Self::new(ScopeKind::EndUser, within, &one.policy, made_at)
            .named(&one.external_id)
            .of(&one.organization_id)
    }
}

impl<'a> From<&'a Tag> for Spender<'a> {
    fn from(tag: &'a Tag) -> Self {
        let (within, made_at) = (tag.organization_id.as_str(), tag.stamps.created_at);
        Self::new(ScopeKind::Tag, within, &tag.policy, made_at)
            .named(&tag.name)
            .of(&tag.organization_id)
    }
}

/// A sum of spend for the store: of a budget's window, or of one model group only.
#[must_use]
pub fn wanted(
    scope: &SpendScope,
    model: Option<&String>,
    window: Option<Window>,
    (from, to): (TimestampMs, TimestampMs),
) -> Wanted {
    Wanted {
        scope: scope.clone(),
        model: model.cloned(),
        window,
        from,
        to,
        except: Vec::new(),
    }
}

/// The shared budgets and zones of several spenders.
struct Around {
    zones: BTreeMap<OrganizationId, TimeZone>,
    shared: BTreeMap<BudgetId, Policy>,
}

impl Around {
    async fn of(store: &Store, spenders: &[Spender<'_>]) -> Result<Self, ActionError> {
        let ids = spenders
            .iter()
            .filter_map(|one| one.policy.budget_id.as_ref());
        let mut shared = BTreeMap::new();
        for id in ids.collect::<BTreeSet<_>>() {
            if let Some(found) = store.shared_budget(id).await? {
                shared.insert(id.clone(), found.policy);
            }
        }
        let around = Self {
            zones: BTreeMap::new(),
            shared,
        };
        // Whose budgets have no window needs no zone.
        let windowed = spenders.iter().filter(|one| {
            let policies = around.policies(one);
            policies.into_iter().any(has_windows)
        });
        let ids = windowed.filter_map(|one| one.organization_id);
        let mut zones = BTreeMap::new();
        for id in ids.collect::<BTreeSet<_>>() {
            if let Some(found) = store.organization(id.as_str()).await? {
                zones.insert(id.clone(), found.time_zone.parse().unwrap_or_default());
            }
        }
        Ok(Self { zones, ..around })
    }

    /// Its own policy, and the shared one that it points to.
    fn policies<'a>(&'a self, spender: &Spender<'a>) -> Vec<&'a Policy> {
        let shared = spender.policy.budget_id.as_ref();
        let shared = shared.and_then(|id| self.shared.get(id));
        [Some(spender.policy), shared]
            .into_iter()
            .flatten()
            .collect()
    }

    /// The window of its main budget.
    fn window(&self, spender: &Spender<'_>) -> Option<Window> {
        let policies = self.policies(spender).into_iter();
        let mut main = policies.filter_map(Policy::hard_budget);
        main.next()?.window
    }

    /// From when to when a window of it is at present.
    fn bounds(
        &self,
        spender: &Spender<'_>,
        window: Window,
        now: TimestampMs,
    ) -> (TimestampMs, TimestampMs) {
        let zone = spender.organization_id.and_then(|id| self.zones.get(id));
        let utc = TimeZone::default();
        let bounds = window.bounds(now, zone.unwrap_or(&utc), spender.made_at);
        (bounds.starts_at, bounds.ends_at)
    }
}

fn has_windows(policy: &Policy) -> bool {
    let all = policy.budgets.iter().chain(policy.model_budgets.values());
    all.into_iter().any(|budget| budget.window.is_some())
}

/// What each of these has spent.
///
/// # Errors
/// When the store does not answer.
pub async fn present(
    store: &Store,
    spenders: &[Spender<'_>],
) -> Result<BTreeMap<SpendScope, Present>, ActionError> {
    let around = Around::of(store, spenders).await?;
    let now = TimestampMs::now();
    let (mut of_life, mut windowed, mut ends) = (Vec::new(), Vec::new(), Vec::new());
    for spender in spenders {
        let scope = spender.scope();
        match around.window(spender) {
            None => of_life.push(scope),
            Some(window) => {
                let range = around.bounds(spender, window, now);
                windowed.push(wanted(&scope, None, Some(window), range));
                ends.push((scope, range.1));
            }
        }
    }
    let sums = store.spend_of(&of_life).await?.into_iter();
    let mut present: BTreeMap<SpendScope, Present> = sums
        .map(|(scope, spend)| {
            let resets_at = None;
            (scope, Present { spend, resets_at })
        })
        .collect();
    if !windowed.is_empty() {
        let sums = store.window_spend(&windowed).await?;
        let each = ends.into_iter().zip(sums.nanousd);
        present.extend(each.map(|((scope, ends_at), spend)| {
            let resets_at = Some(ends_at);
            (scope, Present { spend, resets_at })
        }));
    }
    Ok(present)
}

/// What each of these has spent, and nothing else of it.
///
/// # Errors
/// As [`present`].
pub async fn shown<'a, T>(
    store: &Store,
    things: &'a [T],
) -> Result<BTreeMap<SpendScope, NanoUsd>, ActionError>
where
    Spender<'a>: From<&'a T>,
{
    let spenders: Vec<Spender<'_>> = things.iter().map(Spender::from).collect();
    let found = present(store, &spenders).await?.into_iter();
    Ok(found.map(|(scope, one)| (scope, one.spend)).collect())
}

/// What one of these has spent.
///
/// # Errors
/// As [`present`].
pub async fn present_of(store: &Store, spender: Spender<'_>) -> Result<Present, ActionError> {
    let found = present(store, &[spender]).await?;
    Ok(found.into_values().next().unwrap_or_default())
}
