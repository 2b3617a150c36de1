//! How deployments do at the moment: the last hour minute by minute, and how long answers take.

use std::collections::BTreeMap;

use domain::ledger::{FOLDED, ORPHANED};
use domain::time::TimestampMs;
use store::requests::LatestAttempt;

use crate::acting::{Acting, may};
use crate::error::ActionError;

const MINUTE_MS: u64 = 60_000;
/// How many minutes are told.
pub const MINUTES: usize = 60;
/// The most attempts that are looked at: with more, the hour is told from the newest.
const MOST: i64 = 10_000;
/// In how many of a minute's attempts failures are some, and many: one in so many.
const SOME: u64 = 20;
const MANY: u64 = 2;

/// How a minute went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Minute {
    /// Nothing was asked.
    Quiet,
    /// All or nearly all was answered.
    Well,
    /// Some of it failed: one in twenty, or more.
    Partly,
    /// Half of it failed, or more.
    Badly,
}

/// The last hour of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pulse {
    /// The minutes, the oldest first.
    pub minutes: Vec<Minute>,
    /// How many attempts there were.
    pub attempts: u64,
    /// How many of them failed.
    pub failures: u64,
    /// How long the middle one of those that were answered took.
    pub p50_ms: Option<u64>,
    /// How long the one took that is slower than 95 of 100.
    pub p95_ms: Option<u64>,
}

/// The last hour by the deployments' ids, of what the actor may see.
///
/// # Errors
/// When the store does not answer.
pub async fn last_hour(
    acting: &Acting<may::ReadSpend>,
    now: TimestampMs,
) -> Result<BTreeMap<String, Pulse>, ActionError> {
    let minutes = u64::try_from(MINUTES).unwrap_or(60);
    let since = TimestampMs(now.0.saturating_sub(minutes * MINUTE_MS));
    let scope = acting.scope();
    let attempts = acting.store().latest_attempts(&scope, since, MOST).await?;
    Ok(pulses(&attempts, since))
}

/// What was counted of one deployment.
#[derive(Default)]
struct Counted {
    minutes: BTreeMap<usize, (u64, u64)>,
    answered_ms: Vec<u64>,
}

fn pulses(attempts: &[LatestAttempt], since: TimestampMs) -> BTreeMap<String, Pulse> {
    let mut all: BTreeMap<String, Counted> = BTreeMap::new();
    for attempt in attempts {
        // Nobody knows how these went.
        if attempt.outcome == ORPHANED || attempt.outcome == FOLDED {
            continue;
        }
        let one = all.entry(attempt.deployment_id.clone()).or_default();
        let place = attempt.at.0.saturating_sub(since.0) / MINUTE_MS;
        let place = usize::try_from(place).unwrap_or(MINUTES).min(MINUTES - 1);
        let minute = one.minutes.entry(place).or_default();
        minute.0 = minute.0.saturating_add(1);
        if attempt.outcome == "ok" {
            one.answered_ms.push(attempt.duration_ms);
        } else {
            minute.1 = minute.1.saturating_add(1);
        }
    }
    let each = all.into_iter().map(|(id, counted)| (id, pulse(counted)));
    each.collect()
}

fn pulse(mut counted: Counted) -> Pulse {
    counted.answered_ms.sort_unstable();
    let minutes = (0..MINUTES).map(|place| match counted.minutes.get(&place) {
        None => Minute::Quiet,
        Some((asked, failed)) if failed.saturating_mul(MANY) >= *asked && *failed > 0 => {
            Minute::Badly
        }
        Some((asked, failed)) if failed.saturating_mul(SOME) >= *asked && *failed > 0 => {
            Minute::Partly
        }
        Some(_well) => Minute::Well,
    });
    let sums = counted.minutes.values();
    let sums = sums.fold((0_u64, 0_u64), |sum, one| {
        (sum.0.saturating_add(one.0), sum.1.saturating_add(one.1))
    });
    Pulse {
        minutes: minutes.collect(),
        attempts: sums.0,
        failures: sums.1,
        p50_ms: at_percent(&counted.answered_ms, 50),
        p95_ms: at_percent(&counted.answered_ms, 95),
    }
}

/// The value that so many percent of sorted values do not exceed.
fn at_percent(sorted: &[u64], percent: usize) -> Option<u64> {
    let place = sorted.len().saturating_mul(percent).div_ceil(100);
    sorted.get(place.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(minute: u64, outcome: &str, duration_ms: u64) -> LatestAttempt {
        LatestAttempt {
            deployment_id: "d".to_owned(),
            at: TimestampMs(1_000 + minute * MINUTE_MS),
            outcome: outcome.to_owned(),
            duration_ms,
        }
    }

    #[test]
    fn an_hour_is_told_by_its_minutes_and_how_long_answers_took() {
        let mut attempts: Vec<_> = (1..=100).map(|ms| attempt(0, "ok", ms)).collect();
        attempts.extend((0..6).map(|_| attempt(0, "timeout", 9_000)));
        attempts.push(attempt(1, "timeout", 9_000));
        attempts.push(attempt(59, "ok", 7));
        attempts.push(attempt(60, "ok", 7));
        attempts.push(attempt(2, ORPHANED, 1));
        let pulses = pulses(&attempts, TimestampMs(1_000));
        let pulse = pulses.get("d").unwrap();
        let first: Vec<Minute> = pulse.minutes.iter().take(3).copied().collect();
        assert_eq!(first, [Minute::Partly, Minute::Badly, Minute::Quiet]);
        assert_eq!(pulse.minutes.last(), Some(&Minute::Well));
        assert_eq!((pulse.attempts, pulse.failures), (109, 7));
        assert_eq!((pulse.p50_ms, pulse.p95_ms), (Some(49), Some(95)));
    }

    #[test]
    fn what_never_answered_has_no_time_of_answering() {
        let pulses = pulses(&[attempt(0, "timeout", 9)], TimestampMs(1_000));
        assert_eq!(pulses.get("d").unwrap().p95_ms, None);
        assert_eq!(at_percent(&[5], 50), Some(5));
    }
}
