//! Columns of parts: spend by team and day, outcomes by minute.

use std::fmt::Write as _;

use super::{Chart, Format, HEIGHT, Plot, cap_line, grid, height_of, hundredths, nice};
use crate::markup::Markup;

/// One part of every column.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// Its colour's slot.
    pub slot: &'static str,
    /// One for each column.
    pub values: Vec<u64>,
}

/// A chart of columns.
#[derive(Clone, Debug)]
pub struct StackedBars {
    /// What all charts have.
    pub chart: Chart,
    /// The parts, from the bottom.
    pub series: Vec<Series>,
    /// A line across: the even pace of a budget.
    pub cap: Option<u64>,
    /// Whether the last column is not over yet.
    pub partial_last: bool,
    /// How values are written beside the axis.
    pub short: Format,
    /// How values are written in the table.
    pub full: Format,
}

impl StackedBars {
    /// Draws it.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let count = self.chart.labels.len();
        let value = |series: &Series, at: usize| series.values.get(at).copied().unwrap_or(0);
        let total = |at: usize| {
            self.series
                .iter()
                .map(|one| value(one, at))
                .fold(0, u64::saturating_add)
        };
        let most = (0..count).map(total).chain(self.cap).max().unwrap_or(0);
        let (top, intervals) = nice(most);
        let width = u64::try_from(count).unwrap_or(0).max(1) * 10;
        let mut columns = String::new();
        let mut rows = Vec::with_capacity(count);
        for at in 0..count {
            let is_partial = self.partial_last && at + 1 == count;
            columns.push_str(if is_partial {
                "<g class=\"col partial\">"
            } else {
                "<g class=\"col\">"
            });
            self.column(&mut columns, at, top);
            columns.push_str("</g>");
            let full = |value: u64| (self.full)(self.chart.words, value);
            let cells = self.series.iter().map(|one| full(value(one, at)));
            rows.push(cells.chain([full(total(at))]).collect());
        }
        let (grid, cap) = (grid(width, intervals), cap_line(width, self.cap, top));
        let names = self.series.iter().map(|one| one.name.clone());
        let slots: Vec<&str> = self.series.iter().map(|one| one.slot).collect();
        let plot = Plot {
            svg: format!(
                "<svg viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" \
                 aria-hidden=\"true\">{grid}{columns}{cap}</svg>"
            ),
            top,
            intervals,
            class: "",
            slots: slots.join(","),
            heads: names.chain([self.chart.words.t("chart-total")]).collect(),
            rows,
            totals: true,
        };
        self.chart.framed(&plot, self.short)
    }

    fn column(&self, columns: &mut String, at: usize, top: u64) {
        let x = hundredths(u64::try_from(at).unwrap_or(0) * 1_000 + 160);
        let mut y = HEIGHT * 100;
        for series in &self.series {
            let height = height_of(series.values.get(at).copied().unwrap_or(0), top);
            if height == 0 {
                continue;
            }
            y = y.saturating_sub(height);
            let _written = write!(
                columns,
                "<rect class=\"s{}\" x=\"{x}\" y=\"{}\" width=\"6.8\" height=\"{}\"/>",
                series.slot,
                hundredths(y),
                hundredths(height)
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::count;
    use crate::words::Words;

    fn chart(labels: &[&str]) -> Chart {
        Chart {
            id: "c",
            caption: "Requests & more".to_owned(),
            summary: "Few.".to_owned(),
            axis: "Day".to_owned(),
            labels: labels.iter().map(|one| (*one).to_owned()).collect(),
            size: "mid",
            ticks: 2,
            legend: Vec::new(),
            words: Words::default(),
        }
    }

    #[test]
    fn a_chart_carries_every_figure_that_it_draws() {
        let bars = StackedBars {
            chart: chart(&["Mon", "Tue"]),
            series: vec![
                Series {
                    name: "<a>".to_owned(),
                    slot: "1",
                    values: vec![30, 1_000],
                },
                Series {
                    name: "b".to_owned(),
                    slot: "2",
                    values: vec![10, 0],
                },
            ],
            cap: Some(500),
            partial_last: true,
            short: count,
            full: count,
        };
        let drawn = bars.draw();
        let drawn = drawn.as_str();
        assert!(
            drawn.contains(
                "<tr><th scope=\"row\">Tue</th><td>1,000</td><td>0</td><td>1,000</td></tr>"
            ),
            "{drawn}"
        );
        assert!(drawn.contains("&lt;a&gt;") && !drawn.contains("<a>"));
        assert!(drawn.contains("Requests &amp; more"));
        assert_eq!(drawn.matches("<rect").count(), 3);
        assert!(drawn.contains("col partial") && drawn.contains("class=\"cap\""));
        assert!(!drawn.contains("style="));
    }

    #[test]
    fn a_chart_of_nothing_is_drawn_all_the_same() {
        let bars = StackedBars {
            chart: chart(&[]),
            series: Vec::new(),
            cap: None,
            partial_last: false,
            short: count,
            full: count,
        };
        let drawn = bars.draw();
        assert!(drawn.as_str().starts_with("<figure"));
        // The axis of nothing says nothing more than that.
        assert!(drawn.as_str().contains("<span></span><span>0</span>"));
    }
}
