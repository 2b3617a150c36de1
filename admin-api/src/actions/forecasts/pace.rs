//! How fast money is spent at present: what was charged lately, over the time that it took.

use std::collections::{BTreeMap, BTreeSet};

use domain::money::NanoUsd;
use domain::permissions::Scope;
use domain::spend::ScopeKind;
use domain::time::TimestampMs;
use domain::windows::WindowBounds;
use store::usage::{Dimension, UsageQuery};

use super::levels::{Level, LevelBudget};
use crate::acting::{Acting, may};
use crate::actions::usage::MOST_ROWS;
use crate::error::ActionError;

const HOUR_MS: u64 = 60 * 60 * 1_000;
const DAY_MS: u64 = 24 * HOUR_MS;
const WEEK_MS: u64 = 7 * DAY_MS;

/// So much in so long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pace {
    pub(super) charged: NanoUsd,
    pub(super) span_ms: u64,
}

impl Pace {
    /// What a day costs.
    pub(super) fn per_day(self) -> NanoUsd {
        if self.span_ms == 0 {
            return NanoUsd::default();
        }
        let day = i128::from(self.charged.0) * i128::from(DAY_MS) / i128::from(self.span_ms);
        NanoUsd(i64::try_from(day).unwrap_or(i64::MAX))
    }

    /// When so much will have been spent; now when nothing is left.
    pub(super) fn runs_out_at(self, left: NanoUsd, now: TimestampMs) -> Option<TimestampMs> {
        if left.0 <= 0 {
            return Some(now);
        }
        if self.charged.0 <= 0 {
            return None;
        }
        let lasts = i128::from(left.0) * i128::from(self.span_ms) / i128::from(self.charged.0);
        let lasts = u64::try_from(lasts).ok()?;
        now.0.checked_add(lasts).map(TimestampMs)
    }
}

/// Over how long the pace of a budget is taken: a day for windows of up to a day, else a week.
fn span_ms(one: &LevelBudget, level: &Level, now: TimestampMs) -> u64 {
    let window = one.budget.window;
    let bounds = window.map(|window| window.bounds(now, &level.zone, level.made_at));
    let length = bounds.map(
        |WindowBounds {
             starts_at, ends_at, ..
         }| { ends_at.0.saturating_sub(starts_at.0) },
    );
    // A day in which the clock goes back has 25 hours.
    match length {
        Some(length) if length <= DAY_MS + HOUR_MS => DAY_MS,
        _ => WEEK_MS,
    }
}

/// The dimensions whose words make a scope's id.
fn dimensions(level: &Level) -> &'static [Dimension] {
    match level.scope.kind {
        ScopeKind::Organization => &[Dimension::Organization],
        ScopeKind::Team => &[Dimension::Team],
        ScopeKind::Project => &[Dimension::Project],
        ScopeKind::User => &[Dimension::User],
        ScopeKind::Key => &[Dimension::Key],
        ScopeKind::Member if level.team_id.is_some() => &[Dimension::Team, Dimension::User],
        ScopeKind::Member => &[Dimension::Organization, Dimension::User],
        ScopeKind::EndUser => &[Dimension::Organization, Dimension::EndUser],
        ScopeKind::Tag => &[Dimension::Organization, Dimension::Tag],
    }
}

/// What was charged lately to one scope, of one model group or of all.
type Lately = BTreeMap<(&'static [Dimension], u64, String, Option<String>), NanoUsd>;

/// The paces of the budgets of several levels.
pub(super) struct Paces {
    lately: Lately,
    now: TimestampMs,
}

impl Paces {
    /// Reads them: one query for each kind of level and each of the two spans.
    pub(super) async fn of(
        acting: &Acting<may::ReadSpend>,
        levels: &[Level],
        now: TimestampMs,
    ) -> Result<Self, ActionError> {
        let mut asked: BTreeMap<(&'static [Dimension], u64), BTreeSet<String>> = BTreeMap::new();
        for level in levels {
            let dimensions = dimensions(level);
            let first = level.scope.id.split('/').next().unwrap_or_default();
            for one in &level.budgets {
                let of_span = asked.entry((dimensions, span_ms(one, level, now)));
                of_span.or_default().insert(first.to_owned());
            }
        }
        let mut lately = BTreeMap::new();
        for ((dimensions, span_ms), ids) in asked {
            read(acting, (dimensions, span_ms, now), ids, &mut lately).await?;
        }
        Ok(Self { lately, now })
    }

    /// The pace of one budget. Of a level that is younger than the span, the time since it was made.
    pub(super) fn of_budget(&self, level: &Level, one: &LevelBudget) -> Pace {
        let span = span_ms(one, level, self.now);
        let id = level.scope.id.clone();
        let key = (dimensions(level), span, id, one.model.clone());
        let age_ms = self.now.0.saturating_sub(level.made_at.0).max(HOUR_MS);
        Pace {
            charged: self.lately.get(&key).copied().unwrap_or_default(),
            span_ms: span.min(age_ms),
        }
    }
}

async fn read(
    acting: &Acting<may::ReadSpend>,
    (dimensions, span_ms, now): (&'static [Dimension], u64, TimestampMs),
    ids: BTreeSet<String>,
    lately: &mut Lately,
) -> Result<(), ActionError> {
    let everything = Scope {
        everything: true,
        ..Scope::default()
    };
    let from = TimestampMs(now.0.saturating_sub(span_ms));
    let filters = dimensions
        .first()
        .map(|one| (*one, ids.into_iter().collect()));
    let mut group_by = dimensions.to_vec();
    group_by.push(Dimension::Group);
    let query = UsageQuery {
        group_by,
        filters: filters.into_iter().collect(),
        limit: MOST_ROWS,
        ..UsageQuery::sum(everything, from, now)
    };
    for row in acting.store().usage(&query).await?.rows {
        let mut words = row.groups;
        let model = words.pop();
        let id = words.join("/");
        let charge = row.sums.charge_nanousd.0;
        for of in [None, model] {
            let sum = lately
                .entry((dimensions, span_ms, id.clone(), of))
                .or_default();
            *sum = NanoUsd(sum.0.saturating_add(charge));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_runs_out_when_what_is_left_is_spent_at_the_present_pace() {
        let pace = Pace {
            charged: NanoUsd(7_000_000_000),
            span_ms: WEEK_MS,
        };
        assert_eq!(pace.per_day(), NanoUsd(1_000_000_000));
        let now = TimestampMs(1_000);
        let at = pace.runs_out_at(NanoUsd(3_000_000_000), now);
        assert_eq!(at, Some(TimestampMs(1_000 + 3 * DAY_MS)));
        assert_eq!(pace.runs_out_at(NanoUsd(0), now), Some(now));
        assert_eq!(pace.runs_out_at(NanoUsd(-5), now), Some(now));
    }

    #[test]
    fn what_is_not_spent_does_not_run_out() {
        let still = Pace {
            charged: NanoUsd(0),
            span_ms: DAY_MS,
        };
        assert_eq!(still.runs_out_at(NanoUsd(1), TimestampMs(5)), None);
        let slow = Pace {
            charged: NanoUsd(1),
            span_ms: WEEK_MS,
        };
        assert_eq!(slow.runs_out_at(NanoUsd(i64::MAX), TimestampMs(5)), None);
    }
}
