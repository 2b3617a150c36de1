//! The figures on top of the overview.

use domain::money::NanoUsd;
use domain::spend::ScopeKind;
use domain::time::TimestampMs;
use domain::windows::Day;
use store::usage::{Bucket, Dimension, UsageOrder, UsageQuery, UsageSums};
use web_ui::chart;
use web_ui::figures::{basis_points, duration, money, percent, percent_figure, short, short_money};
use web_ui::markup::Markup;
use web_ui::pages::overview::Tile;
use web_ui::words::Words;

use super::Reading;
use crate::actions::forecasts::Forecast;
use crate::actions::usage;
use crate::error::ActionError;
use crate::pages::daily::DAYS;
use crate::pages::keys::used;
use crate::pages::measures::Measure;
use crate::pages::ranges::{Range, month_begins};

const DAY_MS: u64 = 86_400_000;

/// The organization's budget of a month, when exactly one is seen.
pub(super) fn monthly(budgets: &[Forecast]) -> Option<&Forecast> {
    let mut found = budgets.iter().filter(|one| {
        let window = one.window.map(|window| window.to_string());
        one.scope.kind == ScopeKind::Organization
            && one.model.is_none()
            && matches!(window.as_deref(), Some("1mo" | "30d"))
    });
    let only = found.next()?;
    found.next().is_none().then_some(only)
}

async fn sums(
    visit: &Reading,
    from: TimestampMs,
    to: TimestampMs,
) -> Result<UsageSums, ActionError> {
    let query = UsageQuery::sum(visit.acting.scope(), from, to);
    let rows = usage::report(&visit.acting, query).await?.rows;
    Ok(rows
        .into_iter()
        .next()
        .map(|row| row.sums)
        .unwrap_or_default())
}

/// Each of the last 30 days.
async fn days(visit: &Reading) -> Result<Vec<UsageSums>, ActionError> {
    let zone = &visit.clock.zone;
    let first = Day::at(visit.clock.now, zone).back(DAYS - 1);
    let query = UsageQuery {
        zone: zone.clone(),
        bucket: Some(Bucket::Day),
        limit: usage::MOST_ROWS,
        ..UsageQuery::sum(visit.acting.scope(), first.begins_at(zone), visit.clock.now)
    };
    let mut days = vec![UsageSums::default(); usize::from(DAYS)];
    for row in usage::rows(&visit.acting, query).await? {
        let Some(at) = row.bucket_starts_at else {
            continue;
        };
        let place = usize::try_from(first.days_until(Day::at(at, zone))).unwrap_or(usize::MAX);
        if let Some(day) = days.get_mut(place) {
            *day = row.sums;
        }
    }
    Ok(days)
}

fn trend(days: &[UsageSums], class: &str, value: impl Fn(&UsageSums) -> u64) -> Option<Markup> {
    let values: Vec<u64> = days.iter().map(value).collect();
    Some(chart::spark(&values, class, ""))
}

/// What the tiles show.
pub(super) struct Figures {
    days: Vec<UsageSums>,
    now: UsageSums,
    before: UsageSums,
    status: Option<String>,
    /// Today, and yesterday until this time of the day.
    today: (NanoUsd, NanoUsd),
    month: NanoUsd,
}

/// Reads the figures; each is a question of its own to the database, which answers them side by side.
/// All are heard to their end, whatever becomes of one: a query that is given up harms its connection.
pub(super) async fn read(visit: &Reading, range: Range) -> Result<Figures, ActionError> {
    let clock = &visit.clock;
    let (from, to) = range.before();
    let day = Day::at(clock.now, &clock.zone);
    let then = TimestampMs(clock.now.0.saturating_sub(DAY_MS));
    let (days, now, before, status, today, yesterday, month) = tokio::join!(
        days(visit),
        sums(visit, range.from, range.to),
        sums(visit, from, to),
        most_failed(visit, range),
        sums(visit, day.begins_at(&clock.zone), clock.now),
        sums(visit, day.back(1).begins_at(&clock.zone), then),
        sums(visit, month_begins(clock), clock.now),
    );
    Ok(Figures {
        days: days?,
        now: now?,
        before: before?,
        status: status?,
        today: (today?.charge_nanousd, yesterday?.charge_nanousd),
        month: month?.charge_nanousd,
    })
}

/// The tiles, from left to right.
pub(super) fn of(visit: &Reading, figures: &Figures, budget: Option<&Forecast>) -> Vec<Tile> {
    let Figures {
        days,
        now,
        before,
        status,
        today: _,
        month: _,
    } = figures;
    vec![
        today(visit, figures),
        month(visit, figures.month, budget),
        requests(visit, (now, before), days),
        errors(visit, (now, before), status.clone(), days),
        latency(visit, now, days),
        tokens(visit, now, days),
    ]
}

fn today(visit: &Reading, figures: &Figures) -> Tile {
    let (clock, words) = (&visit.clock, visit.words());
    let (spent, before) = figures.today;
    let whole = |amount: NanoUsd| u64::try_from(amount.0).unwrap_or(0);
    Tile {
        href: visit.frame.to("/usage?r=24h"),
        label: words.t("tile-today"),
        value: money(words, spent, 2),
        delta: visit.frame.delta(whole(spent), whole(before), true),
        note: words.with(
            "tile-today-note",
            &[("time", clock.minute(clock.now).into())],
        ),
        spark: trend(&figures.days, "", |one| Measure::Spend.value(one)),
        ..Tile::default()
    }
}

fn month(visit: &Reading, spent: NanoUsd, budget: Option<&Forecast>) -> Tile {
    let words = visit.words();
    let label = words.t("tile-month");
    let href = visit.frame.to("/budgets");
    let Some(budget) = budget else {
        return Tile {
            href,
            label,
            value: money(words, spent, 2),
            note: words.t("tile-month-set"),
            ..Tile::default()
        };
    };
    let bounds = budget.bounds;
    let left_ms = bounds.map_or(0, |bounds| {
        bounds.ends_at.0.saturating_sub(visit.clock.now.0)
    });
    let more = i128::from(budget.per_day.0) * i128::from(left_ms) / i128::from(DAY_MS);
    let forecast = NanoUsd(
        budget
            .spent
            .0
            .saturating_add(i64::try_from(more).unwrap_or(i64::MAX)),
    );
    let share = used(budget.spent, budget.limit);
    let gone = bounds.and_then(|bounds| {
        let whole = bounds.ends_at.0.saturating_sub(bounds.starts_at.0);
        basis_points(visit.clock.now.0.saturating_sub(bounds.starts_at.0), whole)
    });
    let told = [
        ("share", percent(words, share).into()),
        ("forecast", money(words, forecast, 0).into()),
    ];
    let said = [
        ("share", percent(words, share).into()),
        (
            "gone",
            gone.map(|gone| percent(words, gone))
                .unwrap_or_default()
                .into(),
        ),
    ];
    Tile {
        href,
        label,
        value: money(words, budget.spent, 0),
        unit: format!("/ {}", limit_money(words, budget.limit)),
        bar: Some(chart::bar(
            share,
            gone,
            &words.with("budget-used-gone", &said),
        )),
        note: words.with("tile-month-note", &told),
        ..Tile::default()
    }
}

/// A limit beside a large figure.
fn limit_money(words: Words, amount: NanoUsd) -> String {
    if amount.0 < 10_000_000_000_000 {
        return money(words, amount, 0);
    }
    short_money(words, NanoUsd(amount.0 - amount.0 % 1_000_000_000))
}

fn requests(visit: &Reading, (now, before): (&UsageSums, &UsageSums), days: &[UsageSums]) -> Tile {
    let words = visit.words();
    Tile {
        href: visit.frame.to("/requests"),
        label: words.t("tile-requests"),
        value: short(words, now.requests),
        delta: visit.frame.delta(now.requests, before.requests, false),
        note: words.t("tile-previous"),
        spark: trend(days, "", |one| one.requests),
        ..Tile::default()
    }
}

/// The status with which most failed.
async fn most_failed(visit: &Reading, range: Range) -> Result<Option<String>, ActionError> {
    let query = UsageQuery {
        group_by: vec![Dimension::Status],
        order: UsageOrder::Failures,
        ..UsageQuery::sum(visit.acting.scope(), range.from, range.to)
    };
    let rows = usage::report(&visit.acting, query).await?.rows;
    let most = rows.into_iter().next().filter(|row| row.sums.failures > 0);
    Ok(most.and_then(|row| row.groups.into_iter().next()))
}

fn errors(
    visit: &Reading,
    (now, before): (&UsageSums, &UsageSums),
    most: Option<String>,
    days: &[UsageSums],
) -> Tile {
    let words = visit.words();
    let share = |sums: &UsageSums| basis_points(sums.failures, sums.requests).unwrap_or(0);
    Tile {
        href: visit.frame.to("/requests?status=failed"),
        label: words.t("tile-errors"),
        value: percent_figure(words, share(now)),
        unit: "%".to_owned(),
        delta: visit.frame.delta(share(now), share(before), true),
        note: match most {
            Some(status) => words.with("tile-errors-note", &[("status", status.into())]),
            None => words.t("tile-errors-none"),
        },
        spark: trend(days, "err", |one| one.failures),
        ..Tile::default()
    }
}

fn latency(visit: &Reading, now: &UsageSums, days: &[UsageSums]) -> Tile {
    let words = visit.words();
    let average = |sums: &UsageSums| sums.duration_ms.checked_div(sums.requests).unwrap_or(0);
    Tile {
        href: visit.frame.to("/requests"),
        label: words.t("tile-latency"),
        value: duration(words, average(now)),
        note: words.t("tile-latency-note"),
        spark: trend(days, "", average),
        ..Tile::default()
    }
}

fn tokens(visit: &Reading, now: &UsageSums, days: &[UsageSums]) -> Tile {
    let words = visit.words();
    let all = crate::pages::measures::tokens(now);
    let output = [
        now.output_tokens,
        now.reasoning_tokens,
        now.audio_output_tokens,
    ];
    let output = output.into_iter().fold(0, u64::saturating_add);
    let input = all.saturating_sub(output);
    // A narrow tile breaks between the two, not before a unit.
    let whole = |count: u64| short(words, count).replace(' ', "\u{a0}");
    let cached = basis_points(now.cache_read_tokens, input).unwrap_or(0);
    Tile {
        href: visit.frame.to("/usage?m=tokens"),
        label: words.t("tile-tokens"),
        value: format!("{} · {}", whole(input), whole(output)),
        note: words.with(
            "tile-tokens-note",
            &[("share", percent(words, cached).into())],
        ),
        spark: trend(days, "", crate::pages::measures::tokens),
        ..Tile::default()
    }
}
