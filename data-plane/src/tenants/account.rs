//! What a request's spend and rates count on: the budgets and limits of a policy as lines, each
//! with the names of its counters.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use domain::money::NanoUsd;
use domain::policies::{Budget, BudgetMode, Policy, RateLimits};
use domain::spend::SpendScope;
use domain::standing::Level;
use domain::time::TimestampMs;
use domain::windows::{TimeZone, Window, WindowBounds};

use crate::counters::operation::{Bucket, CounterName};

/// The lines of some policies.
#[derive(Default)]
pub struct Lines {
    /// Money.
    pub budgets: Vec<BudgetLine>,
    /// Requests, tokens, parallel requests.
    pub rates: Vec<RateLine>,
}

/// Whose a policy is, and by which calendar its windows turn.
pub struct Holder<'a> {
    /// In the words of refusals.
    pub level: Level,
    /// Whose spend counts.
    pub scope: SpendScope,
    /// The organization's zone.
    pub zone: &'a TimeZone,
    /// From when fixed windows count.
    pub anchor: TimestampMs,
    /// Whether its budgets refuse; else they only count.
    pub refuses: bool,
}

/// All budgets of one holder that have the same window, of all models or one.
pub struct BudgetLine {
    /// Who refuses.
    pub level: Level,
    /// Whose spend counts.
    pub scope: SpendScope,
    /// Only requests to this group; none for all.
    pub model: Option<String>,
    /// None counts from the beginning.
    pub window: Option<Window>,
    /// What opened attempts are found by: `key:key_01…` or `key:key_01…*group`.
    pub found_by: Arc<str>,
    budgets: Vec<Budget>,
    refuses: bool,
    zone: TimeZone,
    anchor: TimestampMs,
    turn: ArcSwapOption<Turn>,
}

/// A line's counter in the present window.
pub struct Turn {
    /// The counter.
    pub counter: CounterName,
    /// The counter of the window before.
    pub previous: Option<CounterName>,
    /// The window; the whole of time without one.
    pub bounds: (TimestampMs, TimestampMs),
}

/// Rates of one holder, of all models or one.
pub struct RateLine {
    /// Who refuses.
    pub level: Level,
    /// Only requests to this model; none for all.
    pub model: Option<String>,
    /// Requests per minute: a bucket whose cost is one.
    pub requests: Option<Bucket>,
    /// Tokens per minute and per day; the cost is each request's.
    pub tokens: Vec<Bucket>,
    /// Parallel requests: name and limit.
    pub parallel: Option<(Arc<str>, u64)>,
}

/// The end of time.
const FOR_EVER: TimestampMs = TimestampMs(u64::MAX);

const MINUTE_MS: u64 = 60_000;
const DAY_S: u64 = 86_400;

impl Lines {
    /// Adds the lines of a policy, and of the shared budget that it points to.
    pub fn add(&mut self, holder: &Holder<'_>, policy: &Policy, shared: Option<&Policy>) {
        let both = || [Some(policy), shared].into_iter().flatten();
        for policy in both() {
            for budget in &policy.budgets {
                self.add_budget(holder, None, budget);
            }
            for (model, budget) in &policy.model_budgets {
                self.add_budget(holder, Some(model), budget);
            }
        }
        let shared_limits = shared.map(|shared| shared.limits).unwrap_or_default();
        self.add_rates(holder, None, lower(policy.limits, shared_limits));
        for (model, limits) in both().flat_map(|policy| &policy.model_limits) {
            self.add_rates(holder, Some(model), *limits);
        }
    }

    fn add_budget(&mut self, holder: &Holder<'_>, model: Option<&String>, budget: &Budget) {
        let same = |line: &&mut BudgetLine| {
            line.scope == holder.scope
                && line.model.as_ref() == model
                && line.window == budget.window
        };
        if let Some(line) = self.budgets.iter_mut().find(same) {
            line.budgets.push(budget.clone());
            return;
        }
        self.budgets.push(BudgetLine {
            level: holder.level,
            scope: holder.scope.clone(),
            model: model.cloned(),
            window: budget.window,
            found_by: found_by(&holder.scope, model.map(String::as_str)),
            budgets: vec![budget.clone()],
            refuses: holder.refuses,
            zone: holder.zone.clone(),
            anchor: holder.anchor,
            turn: ArcSwapOption::empty(),
        });
    }

    fn add_rates(&mut self, holder: &Holder<'_>, model: Option<&String>, limits: RateLimits) {
        let RateLimits {
            rpm,
            tpm,
            tpd,
            parallel,
        } = limits;
        if limits.is_empty() {
            return;
        }
        let found_by = found_by(&holder.scope, model.map(String::as_str));
        let bucket = |kind: &str, capacity: u64, (tick_ms, ticks): (u64, u64)| Bucket {
            name: format!("{found_by}/{kind}").into(),
            cost: 1,
            // Scripts write the largest number that they know where they mean no limit.
            capacity: capacity.min(Bucket::LARGEST),
            tick_ms,
            ticks,
        };
        let per_minute = tpm.map(|tpm| bucket("tpm", tpm, (1, MINUTE_MS)));
        let per_day = tpd.map(|tpd| bucket("tpd", tpd, (1_000, DAY_S)));
        self.rates.push(RateLine {
            level: holder.level,
            model: model.cloned(),
            requests: rpm.map(|rpm| bucket("rpm", rpm, (1, MINUTE_MS))),
            tokens: per_minute.into_iter().chain(per_day).collect(),
            parallel: parallel.map(|parallel| {
                let name = format!("{found_by}/parallel").into();
                (name, parallel.min(Bucket::LARGEST))
            }),
        });
    }
}

/// What attempts are found by when a counter is opened.
#[must_use]
pub fn found_by(scope: &SpendScope, model: Option<&str>) -> Arc<str> {
    let kind = scope.kind.as_str();
    match model {
        Some(model) => format!("{kind}:{}*{model}", scope.id).into(),
        None => format!("{kind}:{}", scope.id).into(),
    }
}

fn lower(one: RateLimits, other: RateLimits) -> RateLimits {
    let lower = |one: Option<u64>, other: Option<u64>| match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    RateLimits {
        rpm: lower(one.rpm, other.rpm),
        tpm: lower(one.tpm, other.tpm),
        tpd: lower(one.tpd, other.tpd),
        parallel: lower(one.parallel, other.parallel),
    }
}

impl BudgetLine {
    /// Whether a request to this group counts here.
    #[must_use]
    pub fn is_for(&self, group: &str) -> bool {
        self.model.as_ref().is_none_or(|model| model == group)
    }

    /// The limit that is enforced at `now`; none where nothing is. Temporary increases are in it.
    #[must_use]
    pub fn limit(&self, now: TimestampMs) -> Option<NanoUsd> {
        let enforced = self
            .budgets
            .iter()
            .filter(|budget| self.refuses && budget.mode == BudgetMode::Enforce);
        enforced.map(|budget| limit_of(budget, now)).min()
    }

    /// Whether somebody is told or shown when `used` is more than a limit that is not enforced.
    #[must_use]
    pub fn is_passed_in_shadow(&self, used: NanoUsd, now: TimestampMs) -> bool {
        self.budgets
            .iter()
            .any(|budget| budget.mode == BudgetMode::Shadow && used > limit_of(budget, now))
    }

    /// The counter of the window in which `now` lies.
    #[must_use]
    pub fn turn(&self, now: TimestampMs) -> Arc<Turn> {
        let known = self.turn.load();
        let is_now = |turn: &&Arc<Turn>| turn.bounds.0 <= now && now < turn.bounds.1;
        if let Some(turn) = known.as_ref().filter(is_now) {
            return Arc::clone(turn);
        }
        let turn = Arc::new(self.turn_at(now));
        self.turn.store(Some(Arc::clone(&turn)));
        turn
    }

    fn turn_at(&self, now: TimestampMs) -> Turn {
        let name = |text: String| CounterName(text.into());
        let Some(window) = self.window else {
            return Turn {
                counter: name(format!("{}/life", self.found_by)),
                previous: None,
                bounds: (TimestampMs(0), FOR_EVER),
            };
        };
        let bounds = window.bounds(now, &self.zone, self.anchor);
        let before = TimestampMs(bounds.starts_at.0.saturating_sub(1));
        let before = window.bounds(before, &self.zone, self.anchor);
        let numbered =
            |bounds: &WindowBounds| name(format!("{}/{window}@{}", self.found_by, bounds.number));
        Turn {
            counter: numbered(&bounds),
            previous: (before.number != bounds.number).then(|| numbered(&before)),
            bounds: (bounds.starts_at, bounds.ends_at),
        }
    }
}

fn limit_of(budget: &Budget, now: TimestampMs) -> NanoUsd {
    let increase = budget.increase.filter(|increase| now < increase.until);
    let more = increase.map_or(0, |increase| increase.by_nanousd.0);
    NanoUsd(budget.limit_nanousd.0.saturating_add(more))
}

impl RateLine {
    /// Whether a request that asked for `asked` and goes to `group` counts here.
    #[must_use]
    pub fn is_for(&self, group: &str, asked: &str) -> bool {
        let named = |model: &String| model == group || model == asked;
        self.model.as_ref().is_none_or(named)
    }
}

#[cfg(test)]
mod tests {
    use domain::spend::ScopeKind;

    use super::*;

    #[test]
    fn a_limit_that_means_none_is_one_that_every_engine_counts_exactly() {
        let most = i64::MAX.unsigned_abs();
        let limits = RateLimits {
            rpm: Some(most),
            tpm: Some(most),
            tpd: Some(u64::MAX),
            parallel: Some(most),
        };
        let policy = Policy {
            limits,
            model_limits: [("gpt-4o".to_owned(), limits)].into(),
            ..Policy::default()
        };
        let zone = TimeZone::default();
        let holder = Holder {
            level: Level::Key,
            scope: SpendScope::new(ScopeKind::Key, "key_1"),
            zone: &zone,
            anchor: TimestampMs(0),
            refuses: true,
        };
        let mut lines = Lines::default();
        lines.add(&holder, &policy, None);
        assert_eq!(lines.rates.len(), 2);
        for line in &lines.rates {
            let buckets: Vec<&Bucket> = line.requests.iter().chain(&line.tokens).collect();
            assert_eq!(buckets.len(), 3);
            for bucket in buckets {
                assert!(bucket.capacity * bucket.ticks < 1 << 53, "{bucket:?}");
            }
            assert!(line.parallel.as_ref().unwrap().1 < 1 << 53);
        }
    }
}
