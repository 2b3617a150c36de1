//! A team's money in this month: spent so far, where it is heading, the even pace, the budget.

use domain::money::NanoUsd;
use domain::spend::ScopeKind;
use domain::teams::Team;
use domain::windows::{Day, Local};
use store::usage::{Bucket, Dimension, UsageOrder, UsageQuery};
use web_ui::chart::{self, Area, Chart, Legend, Line};
use web_ui::figures::{basis_points, limit, money, percent};
use web_ui::markup::{Markup, Tone, badge};
use web_ui::pages::parts::Fact;
use web_ui::pages::teams::SpendPart;
use web_ui::words::Words;

use crate::acting::{Acting, may};
use crate::actions::forecasts::{self, Forecast, ForecastFilter};
use crate::actions::usage;
use crate::error::ActionError;
use crate::pages::budget_lines;
use crate::pages::clock::Clock;
use crate::pages::measures::Measure;
use crate::pages::ranges::month_begins;
use crate::pages::visit::Visit;

/// How many models are shown.
const PARTS: i64 = 6;

/// What the page shows of a team's money.
pub(super) struct Burn {
    pub title: String,
    pub badge: Option<Markup>,
    pub figures: Vec<Fact>,
    pub chart: Markup,
    pub split: Vec<SpendPart>,
}

/// Reads and draws it; nothing of it for who may not see spend.
pub(super) async fn of(visit: &Visit<may::ReadTeams>, team: &Team) -> Result<Burn, ActionError> {
    let (words, clock) = (visit.words(), &visit.clock);
    let local = Local::at(clock.now, &clock.zone);
    let month = words.t(&format!("month-long-{}", local.month));
    let mut burn = Burn {
        title: words.with("burn-title", &[("month", month.into())]),
        badge: None,
        figures: Vec::new(),
        chart: Markup::default(),
        split: Vec::new(),
    };
    let Ok(reading) = visit.acting.also::<may::ReadSpend>() else {
        return Ok(burn);
    };
    let days = days(&reading, clock, team).await?;
    let filter = ForecastFilter {
        kinds: vec![ScopeKind::Team],
        only: vec![team.id.to_string()],
        ..ForecastFilter::default()
    };
    let (found, _next) = forecasts::list(&reading, &filter, (None, 20)).await?;
    let budget = found
        .iter()
        .find(|one| one.model.is_none() && is_monthly(one));
    burn.figures = figures(clock, &days, budget);
    burn.chart = drawn(clock, &days, (team, budget));
    let first = found
        .iter()
        .filter(|one| one.runs_out_at.is_some())
        .min_by_key(|one| one.runs_out_at);
    burn.badge = first.map(|one| {
        let tone = if one.left.0 <= 0 {
            Tone::Danger
        } else {
            Tone::Warn
        };
        badge(tone, &budget_lines::note(clock, one))
    });
    burn.split = split(&reading, clock, team).await?;
    Ok(burn)
}

fn is_monthly(one: &Forecast) -> bool {
    let window = one.window.map(|window| window.to_string());
    matches!(window.as_deref(), Some("1mo" | "30d"))
}

fn of_team(reading: &Acting<may::ReadSpend>, clock: &Clock, team: &Team) -> UsageQuery {
    UsageQuery {
        zone: clock.zone.clone(),
        filters: vec![(Dimension::Team, vec![team.id.to_string()])],
        limit: usage::MOST_ROWS,
        ..UsageQuery::sum(reading.scope(), month_begins(clock), clock.now)
    }
}

/// The days of this month: what each cost, none for those ahead.
struct Days {
    first: Day,
    spent: Vec<Option<u64>>,
}

async fn days(
    reading: &Acting<may::ReadSpend>,
    clock: &Clock,
    team: &Team,
) -> Result<Days, ActionError> {
    let first = Day::at(month_begins(clock), &clock.zone);
    let today = usize::try_from(first.days_until(Day::at(clock.now, &clock.zone))).unwrap_or(0);
    let month = Local::at(clock.now, &clock.zone).month;
    let all = std::iter::successors(Some(first), |day| Some(day.next()));
    let of_month = |day: &Day| Local::at(day.begins_at(&clock.zone), &clock.zone).month == month;
    let length = all.take_while(of_month).count();
    let mut spent: Vec<Option<u64>> = (0..length)
        .map(|place| (place <= today).then_some(0))
        .collect();
    let query = UsageQuery {
        bucket: Some(Bucket::Day),
        ..of_team(reading, clock, team)
    };
    for row in usage::rows(reading, query).await? {
        let Some(at) = row.bucket_starts_at else {
            continue;
        };
        let place =
            usize::try_from(first.days_until(Day::at(at, &clock.zone))).unwrap_or(usize::MAX);
        if let Some(Some(day)) = spent.get_mut(place) {
            *day = Measure::Spend.value(&row.sums);
        }
    }
    Ok(Days { first, spent })
}

fn nano(value: u64) -> NanoUsd {
    NanoUsd(i64::try_from(value).unwrap_or(i64::MAX))
}

impl Days {
    fn total(&self) -> u64 {
        self.spent
            .iter()
            .flatten()
            .copied()
            .fold(0, u64::saturating_add)
    }

    /// What a day costs at the present pace: the forecast's own, or this month's average.
    fn pace(&self, budget: Option<&Forecast>) -> u64 {
        let known = u64::try_from(self.spent.iter().flatten().count()).unwrap_or(0);
        let average = self.total().checked_div(known).unwrap_or(0);
        budget.map_or(average, |one| u64::try_from(one.per_day.0).unwrap_or(0))
    }

    fn ahead(&self) -> u64 {
        u64::try_from(self.spent.iter().filter(|day| day.is_none()).count()).unwrap_or(0)
    }
}

fn figures(clock: &Clock, days: &Days, budget: Option<&Forecast>) -> Vec<Fact> {
    let words = clock.words;
    let fact = |name: String, value: String| Fact { name, value };
    let mut figures = vec![fact(
        words.t("burn-spent"),
        money(words, nano(days.total()), 2),
    )];
    if let Some(one) = budget {
        let name = words.with("burn-left", &[("limit", limit(words, one.limit).into())]);
        figures.push(fact(name, money(words, one.left, 2)));
    }
    let pace = days.pace(budget);
    let forecast = days
        .total()
        .saturating_add(pace.saturating_mul(days.ahead()));
    let all = std::iter::successors(Some(days.first), |day| Some(day.next()));
    let last = all.take(days.spent.len()).last().unwrap_or(days.first);
    let told = [("day", clock.day(last.begins_at(&clock.zone)).into())];
    figures.push(fact(
        words.with("burn-forecast", &told),
        money(words, nano(forecast), 2),
    ));
    figures.push(fact(words.t("burn-pace"), money(words, nano(pace), 2)));
    figures
}

/// What was spent by the end of each day, none for those ahead; and in all.
fn added_up(days: &Days) -> (Vec<Option<u64>>, u64) {
    let mut sum = 0_u64;
    let mut spent: Vec<Option<u64>> = Vec::with_capacity(days.spent.len());
    for day in &days.spent {
        spent.push(day.map(|day| {
            sum = sum.saturating_add(day);
            sum
        }));
    }
    (spent, sum)
}

/// Spent, the forecast, and the even pace of a budget where there is one.
fn lines(words: Words, days: &Days, budget: Option<&Forecast>) -> Vec<Line> {
    let (spent, sum) = added_up(days);
    let today = spent.iter().rposition(Option::is_some).unwrap_or(0);
    let pace = days.pace(budget);
    let forecast = (0..spent.len()).map(|place| {
        let ahead = u64::try_from(place.checked_sub(today)?).unwrap_or(0);
        Some(sum.saturating_add(pace.saturating_mul(ahead)))
    });
    let forecast: Vec<Option<u64>> = forecast.collect();
    let length = u64::try_from(spent.len()).unwrap_or(1).max(1);
    let line = |name: &str, slot, values| Line {
        name: words.t(name),
        slot,
        filled: name == "burn-spent",
        forecast: name == "burn-line-forecast",
        values,
    };
    let mut lines = vec![
        line("burn-spent", "1", spent),
        line("burn-line-forecast", "1", forecast),
    ];
    if let Some(cap) = budget.and_then(|one| u64::try_from(one.limit.0).ok()) {
        let even = (1..=length).map(|day| Some(cap / length * day));
        lines.push(line("burn-line-pace", "6", even.collect()));
    }
    lines
}

fn drawn(clock: &Clock, days: &Days, (team, budget): (&Team, Option<&Forecast>)) -> Markup {
    let words = clock.words;
    let lines = lines(words, days, budget);
    let entry = |name: String, slot| Legend {
        name,
        slot,
        value: String::new(),
    };
    let limit =
        budget.map(|one| words.with("burn-budget", &[("limit", limit(words, one.limit).into())]));
    let legend = lines.iter().map(|one| entry(one.name.clone(), one.slot));
    let legend = legend.chain(limit.map(|name| entry(name, "cap")));
    let spent = money(words, nano(days.total()), 2);
    let told = [("name", (&team.name).into()), ("spent", spent.into())];
    let all = std::iter::successors(Some(days.first), |day| Some(day.next()));
    let labels = all.take(days.spent.len());
    let labels = labels.map(|day| clock.day(day.begins_at(&clock.zone)));
    let chart = Chart {
        id: "burn",
        caption: words.with("burn-caption", &[("name", (&team.name).into())]),
        summary: words.with("burn-summary", &told),
        axis: words.t("date-head"),
        labels: labels.collect(),
        size: "tall",
        ticks: 6,
        legend: legend.collect(),
        words,
    };
    Area {
        chart,
        lines,
        cap: budget.and_then(|one| u64::try_from(one.limit.0).ok()),
        short: Measure::Spend.short(),
        full: Measure::Spend.full(),
    }
    .draw()
}

async fn split(
    reading: &Acting<may::ReadSpend>,
    clock: &Clock,
    team: &Team,
) -> Result<Vec<SpendPart>, ActionError> {
    let query = UsageQuery {
        group_by: vec![Dimension::Group],
        order: UsageOrder::Charge,
        limit: PARTS,
        total: true,
        ..of_team(reading, clock, team)
    };
    let report = usage::report(reading, query).await?;
    let total = report.total.map_or(0, |sums| Measure::Spend.value(&sums));
    let each = report
        .rows
        .into_iter()
        .filter(|row| row.sums.charge_nanousd.0 > 0)
        .map(|row| {
            let part = basis_points(Measure::Spend.value(&row.sums), total).unwrap_or(0);
            let told = [("share", percent(clock.words, part).into())];
            SpendPart {
                name: row.groups.into_iter().next().unwrap_or_default(),
                spent: money(clock.words, row.sums.charge_nanousd, 2),
                bar: chart::share(part, &clock.words.with("share-of-all", &told)),
            }
        });
    Ok(each.collect())
}
