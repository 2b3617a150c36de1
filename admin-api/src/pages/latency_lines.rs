//! How long requests took, by day: lines beside each other, since averages do not add up.

use std::collections::BTreeMap;

use domain::windows::Day;
use store::usage::UsageRow;
use web_ui::chart::{Area, Chart, Legend, Line};
use web_ui::figures::duration;
use web_ui::markup::Markup;

use crate::pages::clock::Clock;
use crate::pages::daily::{Daily, SLOTS, labels};

impl Daily {
    /// Each group is a line, those with the most requests first.
    pub(super) fn lines(
        self,
        (clock, first): (&Clock, Day),
        (rows, mut groups): (&[UsageRow], BTreeMap<String, Vec<u64>>),
        name: impl Fn(&str) -> String,
    ) -> Markup {
        let words = clock.words;
        let order = ranked(rows);
        // Of thousands only those that are drawn were read.
        let others =
            order.len() > SLOTS.len() || (self.has_many_groups() && order.len() == SLOTS.len());
        let (mut lines, mut legend) = (Vec::new(), Vec::new());
        for ((word, (requests, ms)), slot) in order.into_iter().zip(SLOTS) {
            let values = groups.remove(word).unwrap_or_default();
            let known = |value: u64| (value > 0).then_some(value);
            let name = match word {
                "" => words.t("without"),
                word => name(word),
            };
            legend.push(Legend {
                name: name.clone(),
                slot,
                value: duration(words, ms.checked_div(requests).unwrap_or(0)),
            });
            lines.push(Line {
                name,
                slot,
                filled: false,
                forecast: false,
                values: values.into_iter().map(known).collect(),
            });
        }
        if others {
            let shown = u64::try_from(lines.len()).unwrap_or(0);
            legend.push(Legend {
                name: words.with("chart-most-requests", &[("count", shown.into())]),
                slot: "",
                value: String::new(),
            });
        }
        let chart = Chart {
            id: self.id,
            summary: words.with("chart-latency", &[("what", (&self.caption).into())]),
            caption: self.caption,
            axis: words.t("date-head"),
            labels: labels(clock, first),
            size: self.size,
            ticks: 6,
            legend,
            words,
        };
        Area {
            chart,
            lines,
            cap: None,
            short: duration,
            full: duration,
        }
        .draw()
    }
}

/// Requests and milliseconds of each group that has any, most requests first.
fn ranked(rows: &[UsageRow]) -> Vec<(&str, (u64, u64))> {
    let mut weights: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for row in rows {
        let Some(word) = row.groups.first() else {
            continue;
        };
        let (requests, ms) = weights.entry(word).or_default();
        *requests = requests.saturating_add(row.sums.requests);
        *ms = ms.saturating_add(row.sums.duration_ms);
    }
    let mut order: Vec<(&str, (u64, u64))> = weights.into_iter().collect();
    order.retain(|(_word, (requests, _ms))| *requests > 0);
    order.sort_by_key(|(_word, (requests, _ms))| std::cmp::Reverse(*requests));
    order
}
