//! Every budget of every level: how much is spent, how much is left, when it starts anew and when it
//! will run out at the present pace.

mod levels;
mod pace;
mod things;

use domain::ids::{BudgetId, OrganizationId, TeamId};
use domain::ledger::Wanted;
use domain::money::NanoUsd;
use domain::policies::{BudgetMode, TemporaryIncrease};
use domain::spend::{ScopeKind, SpendScope};
use domain::time::TimestampMs;
use domain::windows::{TimeZone, Window, WindowBounds};

pub use self::levels::KINDS;
use self::levels::{Level, LevelBudget, Levels};
use self::pace::Paces;
use crate::acting::{Acting, may};
use crate::actions::spend::{LIFE, wanted};
use crate::error::ActionError;

/// Which budgets.
#[derive(Clone, Debug, Default)]
pub struct ForecastFilter {
    /// Of these kinds of levels; of all when empty.
    pub kinds: Vec<ScopeKind>,
    /// In this organization only.
    pub organization_id: Option<OrganizationId>,
    /// Of these things only, where they are teams, people or keys; of all when empty.
    pub only: Vec<String>,
}

/// A budget, and how it stands.
#[derive(Clone, Debug)]
pub struct Forecast {
    /// Whose spend it bounds.
    pub scope: SpendScope,
    /// Its name for people.
    pub name: String,
    /// In which organization.
    pub organization_id: Option<OrganizationId>,
    /// In which team.
    pub team_id: Option<TeamId>,
    /// Of one model only.
    pub model: Option<String>,
    /// The shared budget that it comes from.
    pub budget_id: Option<BudgetId>,
    /// Its place among the budgets of all models.
    pub place: Option<usize>,
    /// What happens at the limit.
    pub mode: BudgetMode,
    /// The limit, a temporary increase with it.
    pub limit: NanoUsd,
    /// The window; none counts from the beginning.
    pub window: Option<Window>,
    /// From when to when the present window is.
    pub bounds: Option<WindowBounds>,
    /// What is spent in it, as the ledger has it.
    pub spent: NanoUsd,
    /// What is left; below zero when a provider billed more than was held.
    pub left: NanoUsd,
    /// What a day costs at the present pace.
    pub per_day: NanoUsd,
    /// When it will run out at the present pace; none when it starts anew before, or nothing is spent.
    pub runs_out_at: Option<TimestampMs>,
    /// Whose days are meant.
    pub zone: TimeZone,
}

/// Lists budgets, level by level. A page may have fewer than asked for and still be followed by
/// another one: levels without a budget are passed over.
///
/// # Errors
/// When the store does not answer, or the cursor is none.
pub async fn list(
    acting: &Acting<may::ReadSpend>,
    filter: &ForecastFilter,
    (after, limit): (Option<&str>, usize),
) -> Result<(Vec<Forecast>, Option<String>), ActionError> {
    let (found, next) = Levels::of(acting, filter).page(after, limit).await?;
    let now = TimestampMs::now();
    let mut asked: Vec<Wanted> = Vec::new();
    let mut all: Vec<(&Level, &LevelBudget, Option<WindowBounds>)> = Vec::new();
    for level in &found {
        for one in &level.budgets {
            let window = one.budget.window;
            let bounds = window.map(|window| window.bounds(now, &level.zone, level.made_at));
            let range = bounds.map_or(LIFE, |bounds| (bounds.starts_at, bounds.ends_at));
            asked.push(wanted(&level.scope, one.model.as_ref(), window, range));
            all.push((level, one, bounds));
        }
    }
    let sums = acting.store().window_spend(&asked).await?;
    let paces = Paces::of(acting, &found, now).await?;
    let each = all.into_iter().zip(sums.nanousd);
    let forecasts = each.map(|((level, one, bounds), spent)| {
        let pace = paces.of_budget(level, one);
        forecast(level, one, (bounds, spent), (pace, now))
    });
    Ok((forecasts.collect(), next))
}

fn forecast(
    level: &Level,
    one: &LevelBudget,
    (bounds, spent): (Option<WindowBounds>, NanoUsd),
    (pace, now): (pace::Pace, TimestampMs),
) -> Forecast {
    let budget = &one.budget;
    let more = budget.increase.filter(|increase| increase.until > now);
    let more = more.map_or(0, |TemporaryIncrease { by_nanousd, .. }| by_nanousd.0);
    let limit = NanoUsd(budget.limit_nanousd.0.saturating_add(more));
    let left = NanoUsd(limit.0.saturating_sub(spent.0));
    let runs_out_at = pace.runs_out_at(left, now);
    let ends_at = bounds.map(|bounds| bounds.ends_at);
    Forecast {
        scope: level.scope.clone(),
        name: level.name.clone(),
        organization_id: level.organization_id.clone(),
        team_id: level.team_id.clone(),
        model: one.model.clone(),
        budget_id: one.shared.clone(),
        place: one.place,
        mode: budget.mode,
        limit,
        window: budget.window,
        bounds,
        spent,
        left,
        per_day: pace.per_day(),
        runs_out_at: runs_out_at.filter(|at| ends_at.is_none_or(|end| *at < end)),
        zone: level.zone.clone(),
    }
}
