//! 30 days as columns, split by something: what charts of usage on several pages have in common.

use std::collections::{BTreeMap, BTreeSet};

use domain::windows::Day;
use store::Store;
use store::usage::{Bucket, Dimension, UsageQuery, UsageRow};
use web_ui::chart::{Chart, Legend, Series, StackedBars};
use web_ui::markup::Markup;
use web_ui::words::Words;

use crate::acting::{Acting, may};
use crate::actions::usage;
use crate::error::ActionError;
use crate::pages::clock::Clock;
use crate::pages::labels::Labels;
use crate::pages::measures::Measure;
use crate::pages::side_by_side::both;

/// How many days, today with them.
pub const DAYS: u16 = 30;
/// Colours in order; what comes after the fifth is put together under the last.
pub(super) const SLOTS: [&str; 5] = ["1", "2", "3", "4", "5"];
const REST: &str = "6";

/// A chart of the last 30 days.
pub struct Daily {
    /// The id of its element.
    pub id: &'static str,
    /// By what it is split.
    pub group: Dimension,
    /// Of what.
    pub filters: Vec<(Dimension, Vec<String>)>,
    /// What is measured.
    pub measure: Measure,
    /// How tall.
    pub size: &'static str,
    /// The even pace of a budget.
    pub cap: Option<u64>,
    /// What it shows.
    pub caption: String,
}

impl Daily {
    /// Reads and draws it; `name` tells a group's word for people.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn draw(
        self,
        reading: &Acting<may::ReadSpend>,
        clock: &Clock,
        name: impl Fn(&str) -> String,
    ) -> Result<Markup, ActionError> {
        let read = self.read(reading, clock, None).await?;
        Ok(read.draw(clock, name))
    }

    /// Reads it. Which groups come first is found out, unless it is known.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn read(
        self,
        reading: &Acting<may::ReadSpend>,
        clock: &Clock,
        known: Option<Vec<String>>,
    ) -> Result<Read, ActionError> {
        let first = Day::at(clock.now, &clock.zone).back(DAYS - 1);
        let by_day = UsageQuery {
            zone: clock.zone.clone(),
            group_by: vec![self.group],
            bucket: Some(Bucket::Day),
            filters: self.filters.clone(),
            limit: usage::MOST_ROWS,
            order: self.measure.order(),
            ..UsageQuery::sum(reading.scope(), first.begins_at(&clock.zone), clock.now)
        };
        let (of_first, all) = match self.has_many_groups() {
            true => {
                let of_all = UsageQuery {
                    group_by: Vec::new(),
                    ..by_day.clone()
                };
                let (of_first, all) = both(
                    self.first_groups(reading, &by_day, known),
                    usage::rows(reading, of_all),
                )
                .await?;
                (of_first, Some(all))
            }
            false => (usage::rows(reading, by_day).await?, None),
        };
        Ok(Read {
            daily: self,
            first,
            of_first,
            all,
        })
    }

    /// Whether there may be thousands of them, each request in one: only those that are drawn are
    /// then read by days, and the others are what is left of the whole.
    pub(super) const fn has_many_groups(&self) -> bool {
        matches!(
            self.group,
            Dimension::Key | Dimension::User | Dimension::EndUser | Dimension::Project
        )
    }

    /// The days of the groups that add up to the most.
    async fn first_groups(
        &self,
        reading: &Acting<may::ReadSpend>,
        by_day: &UsageQuery,
        known: Option<Vec<String>>,
    ) -> Result<Vec<UsageRow>, ActionError> {
        let words: Vec<String> = match known {
            Some(known) => known.into_iter().take(SLOTS.len()).collect(),
            None => {
                let most = UsageQuery {
                    bucket: None,
                    limit: i64::try_from(SLOTS.len()).unwrap_or(0),
                    ..by_day.clone()
                };
                let most = usage::report(reading, most).await?.rows.into_iter();
                most.filter_map(|row| row.groups.into_iter().next())
                    .collect()
            }
        };
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let mut of_these = by_day.clone();
        of_these.filters.push((self.group, words));
        usage::rows(reading, of_these).await
    }

    /// The figures of each day, by their group; under no word where there are no groups.
    fn by_day(&self, clock: &Clock, first: Day, rows: &[UsageRow]) -> BTreeMap<String, Vec<u64>> {
        let mut groups: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for row in rows {
            let Some(at) = row.bucket_starts_at else {
                continue;
            };
            let word = row.groups.first().cloned().unwrap_or_default();
            let days = groups
                .entry(word)
                .or_insert_with(|| vec![0; usize::from(DAYS)]);
            let place =
                usize::try_from(first.days_until(Day::at(at, &clock.zone))).unwrap_or(usize::MAX);
            if let Some(day) = days.get_mut(place) {
                *day = self.measure.value(&row.sums);
            }
        }
        groups
    }

    fn legend(&self, words: Words, series: &[Series]) -> Vec<Legend> {
        let full = self.measure.full();
        let each = series.iter().map(|one| Legend {
            name: one.name.clone(),
            slot: one.slot,
            value: full(words, sum(&one.values)),
        });
        let pace = self.cap.map(|_cap| Legend {
            name: words.t("budget-pace"),
            slot: "cap",
            value: String::new(),
        });
        each.chain(pace).collect()
    }

    fn bars(
        mut self,
        (clock, first): (&Clock, Day),
        (ranked, mut rest): (Vec<(String, Vec<u64>)>, Vec<u64>),
        name: impl Fn(&str) -> String,
    ) -> Markup {
        let words = clock.words;
        let full = self.measure.full();
        let mut series: Vec<Series> = Vec::new();
        for (place, (word, values)) in ranked.into_iter().enumerate() {
            match SLOTS.get(place) {
                Some(slot) => {
                    let name = if word.is_empty() {
                        words.t("without")
                    } else {
                        name(&word)
                    };
                    series.push(Series { name, slot, values });
                }
                None => add(&mut rest, &values),
            }
        }
        if rest.iter().any(|value| *value > 0) {
            series.push(Series {
                name: words.t("others"),
                slot: REST,
                values: rest,
            });
        }
        let total = full(words, total(&series));
        // Far above the columns it would press them to the ground.
        let most = most(&series);
        self.cap = self.cap.filter(|cap| *cap <= most.saturating_mul(4));
        let legend = self.legend(words, &series);
        let told = [("what", (&self.caption).into()), ("total", (&total).into())];
        let chart = Chart {
            id: self.id,
            summary: words.with("chart-daily", &told),
            caption: self.caption,
            axis: words.t("date-head"),
            labels: labels(clock, first),
            size: self.size,
            ticks: 6,
            legend,
            words,
        };
        let (short, cap) = (self.measure.short(), self.cap);
        StackedBars {
            chart,
            series,
            cap,
            partial_last: true,
            short,
            full,
        }
        .draw()
    }
}

/// The days of a chart as they were read.
pub struct Read {
    daily: Daily,
    first: Day,
    of_first: Vec<UsageRow>,
    all: Option<Vec<UsageRow>>,
}

impl Read {
    /// With the even pace of a budget.
    pub const fn capped(mut self, cap: Option<u64>) -> Self {
        self.daily.cap = cap;
        self
    }

    /// The names of the groups that are drawn.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn labels(&self, store: &Store) -> Result<Labels, ActionError> {
        Labels::of_words(store, self.daily.group, self.drawn()).await
    }

    /// The groups that have a colour of their own: as many as there are of those, by what the chart
    /// puts first.
    fn drawn(&self) -> BTreeSet<String> {
        let mut weights: BTreeMap<&str, u64> = BTreeMap::new();
        for row in &self.of_first {
            let weight = match self.daily.measure {
                Measure::Latency => row.sums.requests,
                measure => measure.value(&row.sums),
            };
            let word = row.groups.first().map_or("", String::as_str);
            let sum = weights.entry(word).or_default();
            *sum = sum.saturating_add(weight);
        }
        let mut order: Vec<(&str, u64)> = weights.into_iter().collect();
        order.sort_by_key(|(_word, weight)| std::cmp::Reverse(*weight));
        let first = order.into_iter().take(SLOTS.len());
        first.map(|(word, _weight)| word.to_owned()).collect()
    }

    /// Draws it; `name` tells a group's word for people.
    pub fn draw(self, clock: &Clock, name: impl Fn(&str) -> String) -> Markup {
        let Self {
            daily,
            first,
            of_first,
            all,
        } = self;
        let groups = daily.by_day(clock, first, &of_first);
        if daily.measure == Measure::Latency {
            return daily.lines((clock, first), (&of_first, groups), name);
        }
        let ranked = ranked(groups);
        let all = all.and_then(|all| daily.by_day(clock, first, &all).remove(""));
        let mut rest = all.unwrap_or_default();
        for (_word, values) in &ranked {
            take(&mut rest, values);
        }
        daily.bars((clock, first), (ranked, rest), name)
    }
}

fn sum(values: &[u64]) -> u64 {
    values.iter().copied().fold(0, u64::saturating_add)
}

/// What all columns add up to.
fn total(series: &[Series]) -> u64 {
    let sums = series.iter().map(|one| sum(&one.values));
    sums.fold(0, u64::saturating_add)
}

/// What the highest column adds up to.
fn most(series: &[Series]) -> u64 {
    let columns = (0..usize::from(DAYS)).map(|day| {
        let parts = series.iter().filter_map(|one| one.values.get(day));
        parts.copied().fold(0, u64::saturating_add)
    });
    columns.max().unwrap_or(0)
}

/// What adds up to the most comes first.
fn ranked(groups: BTreeMap<String, Vec<u64>>) -> Vec<(String, Vec<u64>)> {
    let mut ranked: Vec<(String, Vec<u64>)> = groups.into_iter().collect();
    ranked.sort_by_key(|(_word, values)| std::cmp::Reverse(sum(values)));
    ranked.retain(|(_word, values)| values.iter().any(|value| *value > 0));
    ranked
}

fn take(from: &mut [u64], less: &[u64]) {
    for (left, value) in from.iter_mut().zip(less) {
        *left = left.saturating_sub(*value);
    }
}

fn add(to: &mut Vec<u64>, more: &[u64]) {
    to.resize(more.len().max(to.len()), 0);
    for (sum, value) in to.iter_mut().zip(more) {
        *sum = sum.saturating_add(*value);
    }
}

/// The days as they are written below a chart.
pub fn labels(clock: &Clock, first: Day) -> Vec<String> {
    let days = std::iter::successors(Some(first), |day| Some(day.next()));
    days.take(usize::from(DAYS))
        .map(|day| clock.day(day.begins_at(&clock.zone)))
        .collect()
}
