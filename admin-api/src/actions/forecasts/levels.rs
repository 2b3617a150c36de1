//! The levels that have budgets, kind by kind, page by page.

use std::collections::BTreeMap;

use domain::ids::{BudgetId, OrganizationId, TeamId};
use domain::permissions::Scope;
use domain::policies::{Budget, Policy};
use domain::spend::{ScopeKind, SpendScope};
use domain::time::TimestampMs;
use domain::windows::TimeZone;
use store::page::Page;

use super::ForecastFilter;
use crate::acting::{Acting, may};
use crate::error::ActionError;

/// The kinds of levels, in the order of the list. Members come with what they are members of.
pub const KINDS: [ScopeKind; 7] = [
    ScopeKind::Organization,
    ScopeKind::Team,
    ScopeKind::Project,
    ScopeKind::User,
    ScopeKind::Key,
    ScopeKind::EndUser,
    ScopeKind::Tag,
];

/// The most things that are looked through for one page.
const MOST_SCANNED: usize = 1_000;
/// How many things are read at once.
const AT_ONCE: i64 = 100;

/// Something that has budgets.
pub(super) struct Level {
    pub(super) scope: SpendScope,
    pub(super) name: String,
    pub(super) organization_id: Option<OrganizationId>,
    pub(super) team_id: Option<TeamId>,
    pub(super) zone: TimeZone,
    pub(super) made_at: TimestampMs,
    pub(super) budgets: Vec<LevelBudget>,
}

/// One of its budgets.
pub(super) struct LevelBudget {
    pub(super) model: Option<String>,
    pub(super) shared: Option<BudgetId>,
    pub(super) place: Option<usize>,
    pub(super) budget: Budget,
}

/// Reads levels.
pub(super) struct Levels<'a> {
    pub(super) acting: &'a Acting<may::ReadSpend>,
    pub(super) filter: &'a ForecastFilter,
    pub(super) scope: Scope,
    zones: BTreeMap<OrganizationId, TimeZone>,
    shared: BTreeMap<BudgetId, Policy>,
}

impl<'a> Levels<'a> {
    pub(super) fn of(acting: &'a Acting<may::ReadSpend>, filter: &'a ForecastFilter) -> Self {
        Self {
            acting,
            filter,
            scope: acting.scope(),
            zones: BTreeMap::new(),
            shared: BTreeMap::new(),
        }
    }

    /// Levels with budgets after a cursor, as many as `limit` at most, and the cursor of what follows.
    pub(super) async fn page(
        mut self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Level>, Option<String>), ActionError> {
        let mut at = Cursor::read(after)?;
        let (mut found, mut scanned) = (Vec::new(), 0_usize);
        while let Some(kind) = KINDS.get(at.kind).copied() {
            if !self.is_asked(kind) {
                at = at.of_next_kind();
                continue;
            }
            let page = Page {
                after: at.after.clone(),
                ..Page::first(AT_ONCE)
            };
            let listed = self.things(kind, &page).await?;
            for thing in listed.items {
                scanned = scanned.saturating_add(1);
                let own = self.all_with_budgets(thing.levels).await?;
                let (all, room) = (own.len(), limit.saturating_sub(found.len()));
                found.extend(own.into_iter().skip(at.shown).take(room));
                let shown = at.shown.saturating_add(room);
                if shown < all {
                    return Ok((found, Some(Cursor { shown, ..at }.text())));
                }
                (at.after, at.shown) = (Some(thing.id), 0);
                if found.len() >= limit || scanned >= MOST_SCANNED {
                    return Ok((found, Some(at.text())));
                }
            }
            if !listed.more {
                at = at.of_next_kind();
            }
        }
        Ok((found, None))
    }

    async fn all_with_budgets(
        &mut self,
        levels: Vec<(Level, Policy)>,
    ) -> Result<Vec<Level>, ActionError> {
        let mut found = Vec::new();
        for (level, policy) in levels {
            found.extend(self.with_budgets(level, &policy).await?);
        }
        Ok(found)
    }

    fn is_asked(&self, kind: ScopeKind) -> bool {
        let asked = &self.filter.kinds;
        let has_members = matches!(kind, ScopeKind::Organization | ScopeKind::Team);
        asked.is_empty()
            || asked.contains(&kind)
            || (has_members && asked.contains(&ScopeKind::Member))
    }

    /// A level with its budgets, unless it has none or is of another kind than asked for.
    async fn with_budgets(
        &mut self,
        mut level: Level,
        policy: &Policy,
    ) -> Result<Option<Level>, ActionError> {
        let asked = &self.filter.kinds;
        if !asked.is_empty() && !asked.contains(&level.scope.kind) {
            return Ok(None);
        }
        level.budgets = budgets_of(policy, None);
        if let Some(id) = &policy.budget_id {
            let shared = self.shared_policy(id).await?;
            level.budgets.extend(budgets_of(&shared, Some(id)));
        }
        if level.budgets.is_empty() {
            return Ok(None);
        }
        if let Some(id) = level.organization_id.clone() {
            level.zone = self.zone(&id).await?;
        }
        Ok(Some(level))
    }

    async fn shared_policy(&mut self, id: &BudgetId) -> Result<Policy, ActionError> {
        if let Some(known) = self.shared.get(id) {
            return Ok(known.clone());
        }
        let found = self.acting.store().shared_budget(id).await?;
        let policy = found.map(|one| one.policy).unwrap_or_default();
        self.shared.insert(id.clone(), policy.clone());
        Ok(policy)
    }

    async fn zone(&mut self, id: &OrganizationId) -> Result<TimeZone, ActionError> {
        if let Some(known) = self.zones.get(id) {
            return Ok(known.clone());
        }
        let found = self.acting.store().organization(id.as_str()).await?;
        let zone: Option<TimeZone> = found.and_then(|one| one.time_zone.parse().ok());
        let zone = zone.unwrap_or_default();
        self.zones.insert(id.clone(), zone.clone());
        Ok(zone)
    }
}

fn budgets_of(policy: &Policy, shared: Option<&BudgetId>) -> Vec<LevelBudget> {
    let of_all = policy.budgets.iter().enumerate();
    let of_all = of_all.map(|(place, budget)| (Some(place), None, budget));
    let of_models = policy.model_budgets.iter();
    let of_models = of_models.map(|(model, budget)| (None, Some(model.clone()), budget));
    of_all
        .chain(of_models)
        .map(|(place, model, budget)| LevelBudget {
            model,
            shared: shared.cloned(),
            place,
            budget: budget.clone(),
        })
        .collect()
}

/// Where a page begins.
#[derive(Debug, Default, PartialEq, Eq)]
struct Cursor {
    /// The place of the kind in [`KINDS`].
    kind: usize,
    /// After which thing of it.
    after: Option<String>,
    /// How many levels with budgets of the next thing were on pages before: a team may have thousands
    /// of members.
    shown: usize,
}

impl Cursor {
    /// Reads `key:key_…`, or `team:team_…:50`; no id of ours has a colon.
    fn read(text: Option<&str>) -> Result<Self, ActionError> {
        let Some(text) = text.filter(|text| !text.is_empty()) else {
            return Ok(Self::default());
        };
        let wrong =
            || ActionError::invalid("cursor", "`cursor` is the `next_cursor` of a page before.");
        let (kind, rest) = text.split_once(':').ok_or_else(wrong)?;
        let (after, shown) = rest.split_once(':').unwrap_or((rest, "0"));
        Ok(Self {
            kind: KINDS
                .iter()
                .position(|one| one.as_str() == kind)
                .ok_or_else(wrong)?,
            after: Some(after.to_owned()).filter(|after| !after.is_empty()),
            shown: shown.parse().map_err(|_no_number| wrong())?,
        })
    }

    fn text(&self) -> String {
        let kind = KINDS.get(self.kind).map_or("", |kind| kind.as_str());
        let after = self.after.as_deref().unwrap_or_default();
        match self.shown {
            0 => format!("{kind}:{after}"),
            shown => format!("{kind}:{after}:{shown}"),
        }
    }

    const fn of_next_kind(&self) -> Self {
        Self {
            kind: self.kind.saturating_add(1),
            after: None,
            shown: 0,
        }
    }
}
