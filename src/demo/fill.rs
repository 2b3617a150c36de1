//! Fills the demo's store: the scene first, then what happened in it, then the budgets that fit.

use std::collections::BTreeMap;

use domain::keys::{PlainKey, Secret};
use domain::ledger::{Appended, Batch, Ledger as _, Position, RequestEntry};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use domain::windows::{Day, Local, TimeZone};

use crate::commands::operator::Operator;
use crate::commands::refusal::Refusal;
use crate::demo::cast::{ORGANIZATIONS, Standing, TEAMS};
use crate::demo::shape;
use crate::demo::stage::Stage;
use crate::demo::traffic::{self, Way, Ways};

/// One play out of many; always this one.
const SEED: u64 = 20_261_123;

/// The name under which the ledger has it.
const STRAND: &str = "demo";

/// What the ledger takes at once.
const AT_ONCE: usize = 5_000;

const DAY_MS: u64 = 86_400_000;
const DOLLAR: i64 = 1_000_000_000;

/// What was filled.
pub struct Filled {
    /// How many requests lie behind.
    pub requests: usize,
    /// The keys that go on, and what they ask.
    pub keys: Vec<(PlainKey, [&'static str; 2])>,
}

/// Fills the store.
///
/// # Errors
/// Those of the actions and of the store.
pub async fn fill(operator: &Operator, password: Secret) -> Result<Filled, Refusal> {
    let now = TimestampMs::now();
    let stage = Stage::build(operator, password).await?;
    let ways = ways(operator);
    let entries = traffic::all(&stage.players, &ways, now, SEED);
    let spent = Spent::of(&entries, now);
    let requests = entries.len();
    append(operator, entries).await?;
    for (team, (_name, _home, standing)) in stage.teams.iter().zip(TEAMS) {
        if let Some(limit) = spent.limit(team, standing) {
            stage.set_budget(operator, team, limit).await?;
        }
    }
    let models = stage.players.iter().map(|player| player.key.models);
    let before = (shape::DAYS + 3) * DAY_MS;
    let begun = TimestampMs(now.0.saturating_sub(before));
    stage.date_back(operator, begun).await?;
    Ok(Filled {
        requests,
        keys: stage.plain.into_iter().zip(models).collect(),
    })
}

/// The deployments of the demo's configuration, with the catalogue's prices.
fn ways(operator: &Operator) -> Ways {
    let mut ways = Ways::new();
    for one in &operator.config.table.deployments {
        let provider = providers::find(&one.provider);
        let facts =
            provider.and_then(|provider| providers::catalogue::look_up(provider, &one.model, None));
        ways.entry(one.group.clone()).or_default().push(Way {
            deployment_id: one.id.to_string(),
            provider: one.provider.clone(),
            model: one.model.clone(),
            price: facts.and_then(|facts| facts.price),
        });
    }
    ways
}

async fn append(operator: &Operator, entries: Vec<RequestEntry>) -> Result<(), Refusal> {
    let mut from = Position {
        segment: 0,
        offset_bytes: 0,
    };
    let mut rest = entries.into_iter();
    loop {
        let entries: Vec<RequestEntry> = rest.by_ref().take(AT_ONCE).collect();
        if entries.is_empty() {
            return Ok(());
        }
        let to = Position {
            segment: 0,
            offset_bytes: from.offset_bytes + u64::try_from(entries.len()).unwrap_or(1),
        };
        let batch = Batch {
            strand: STRAND.to_owned(),
            from,
            to,
            entries,
        };
        let taken = operator.api.store.append(batch).await;
        if taken.map_err(|fault| Refusal::Refused(fault.to_string()))? != Appended::Taken {
            return Err(Refusal::Refused("the store is not empty".to_owned()));
        }
        from = to;
    }
}

/// What each team spent in this month and in the last seven days.
struct Spent {
    month: BTreeMap<String, i64>,
    week: BTreeMap<String, i64>,
}

impl Spent {
    fn of(entries: &[RequestEntry], now: TimestampMs) -> Self {
        let months: Vec<TimestampMs> = ORGANIZATIONS
            .iter()
            .map(|one| month_begins(now, &one.zone.parse().unwrap_or_default()))
            .collect();
        let mut spent = Self {
            month: BTreeMap::new(),
            week: BTreeMap::new(),
        };
        // The organizations' months begin hours apart: the later one is near enough for both.
        let month = months.into_iter().max().unwrap_or(now);
        for entry in entries {
            let Some(team) = entry.payer.team_id.as_ref() else {
                continue;
            };
            let charge: i64 = entry.attempts.iter().map(|one| one.charge_nanousd.0).sum();
            if entry.at >= month {
                *spent.month.entry(team.clone()).or_default() += charge;
            }
            if entry.at.0 + 7 * DAY_MS >= now.0 {
                *spent.week.entry(team.clone()).or_default() += charge;
            }
        }
        spent
    }

    /// The budget with which a team stands as the play wants it.
    fn limit(&self, team: &str, standing: Standing) -> Option<NanoUsd> {
        let month = self.month.get(team).copied().unwrap_or(0);
        let per_day = self.week.get(team).copied().unwrap_or(0) / 7;
        let limit = match standing {
            Standing::Free => return None,
            Standing::Used(percent) => month / i64::try_from(percent).ok()? * 100,
            Standing::EndsIn(days) => month + per_day * i64::try_from(days).ok()?,
        };
        // People set round budgets: to the dollar, to the cent where there is not much yet. Up, since
        // no budget here is ever overspent.
        let step = if limit > 40 * DOLLAR {
            DOLLAR
        } else {
            DOLLAR / 100
        };
        Some(NanoUsd((limit / step + 1) * step))
    }
}

fn month_begins(now: TimestampMs, zone: &TimeZone) -> TimestampMs {
    let day = Local::at(now, zone).day;
    let today = Day::at(now, zone);
    today.back(u16::from(day.saturating_sub(1))).begins_at(zone)
}
