//! Outcomes over time above the list.

use domain::permissions::Scope;
use domain::time::TimestampMs;
use domain::windows::Day;
use store::requests::RequestFilter;
use store::usage::{Bucket, Dimension, UsageQuery};
use web_ui::chart::{Chart, Legend, Series, StackedBars};
use web_ui::figures::{count, short};
use web_ui::markup::Markup;

use super::list::Reading;
use super::terms;
use crate::actions::usage;
use crate::error::ActionError;
use crate::pages::ranges::Range;

const HOUR_MS: u64 = 3_600_000;
/// A picture of more columns says nothing.
const MOST_COLUMNS: usize = 60;

/// The kinds of outcomes, from the bottom: text and colour.
const KINDS: [(&str, &str); 4] = [
    ("outcome-ok", "6"),
    ("outcome-limited", "warn"),
    ("outcome-refused", "5"),
    ("outcome-failed", "err"),
];

fn kind(status: &str) -> usize {
    match status.parse::<u16>().unwrap_or(0) {
        200..400 => 0,
        429 => 1,
        400..500 => 2,
        _ => 3,
    }
}

/// The columns of a range: their beginnings, and which one a moment is in.
struct Columns {
    starts: Vec<TimestampMs>,
    bucket: Bucket,
}

impl Columns {
    fn of(visit: &Reading, range: Range) -> Option<Self> {
        let zone = &visit.clock.zone;
        match range.word {
            "24h" => {
                let first = range.from.0 / HOUR_MS;
                let hours = (first..=range.to.0 / HOUR_MS).map(|hour| TimestampMs(hour * HOUR_MS));
                Some(Self {
                    starts: hours.collect(),
                    bucket: Bucket::Hour,
                })
            }
            "7d" | "30d" | "mtd" | "" => {
                let first = Day::at(range.from, zone);
                let days = std::iter::successors(Some(first), |day| Some(day.next()));
                let days = days
                    .map(|day| day.begins_at(zone))
                    .take_while(|at| *at < range.to)
                    .take(MOST_COLUMNS + 1);
                let starts: Vec<TimestampMs> = days.collect();
                (starts.len() <= MOST_COLUMNS).then_some(Self {
                    starts,
                    bucket: Bucket::Day,
                })
            }
            // Roll-ups are kept by quarters of an hour: an hour has too few of them for a picture.
            _ => None,
        }
    }

    fn place(&self, at: TimestampMs) -> Option<usize> {
        self.starts
            .partition_point(|start| *start <= at)
            .checked_sub(1)
    }
}

/// The chart, where the range is long enough, roll-ups know the conditions, and the list need not wait for it.
pub(super) async fn outcomes(
    visit: &Reading,
    range: Range,
    (filter, is_wide): (&RequestFilter, bool),
) -> Result<Option<Markup>, ActionError> {
    let (filters, others) = terms::dimensions(filter);
    let Some(columns) = Columns::of(visit, range).filter(|_| !others && !is_wide) else {
        return Ok(None);
    };
    let query = UsageQuery {
        zone: visit.clock.zone.clone(),
        group_by: vec![Dimension::Status],
        bucket: Some(columns.bucket),
        filters,
        limit: usage::MOST_ROWS,
        ..UsageQuery::sum(Scope::default(), range.from, range.to)
    };
    let mut values = vec![vec![0_u64; columns.starts.len()]; KINDS.len()];
    for row in usage::rows(&visit.acting, query).await? {
        let status = row.groups.first().map_or("", String::as_str);
        let place = row.bucket_starts_at.and_then(|at| columns.place(at));
        let series = values.get_mut(kind(status));
        if let (Some(place), Some(series)) = (place, series)
            && let Some(value) = series.get_mut(place)
        {
            *value = value.saturating_add(row.sums.requests);
        }
    }
    Ok(Some(drawn(visit, &columns, values)))
}

fn drawn(visit: &Reading, columns: &Columns, values: Vec<Vec<u64>>) -> Markup {
    let words = visit.words();
    let sum = |values: &[u64]| values.iter().copied().fold(0, u64::saturating_add);
    let series: Vec<Series> = KINDS
        .iter()
        .zip(values)
        .filter(|((text, _slot), values)| *text == "outcome-ok" || sum(values) > 0)
        .map(|((text, slot), values)| Series {
            name: words.t(text),
            slot,
            values,
        })
        .collect();
    let legend = series.iter().map(|one| Legend {
        name: one.name.clone(),
        slot: one.slot,
        value: count(words, sum(&one.values)),
    });
    let total = count(
        words,
        series
            .iter()
            .map(|one| sum(&one.values))
            .fold(0, u64::saturating_add),
    );
    let label = |at: &TimestampMs| match columns.bucket {
        Bucket::Hour => visit.clock.minute(*at),
        _ => visit.clock.day(*at),
    };
    let chart = Chart {
        id: "hist",
        caption: words.t("requests-outcomes"),
        summary: words.with("requests-over-time", &[("total", (&total).into())]),
        axis: words.t("time"),
        labels: columns.starts.iter().map(label).collect(),
        size: "short",
        ticks: 7,
        legend: legend.collect(),
        words,
    };
    StackedBars {
        chart,
        series,
        cap: None,
        partial_last: true,
        short,
        full: count,
    }
    .draw()
}
