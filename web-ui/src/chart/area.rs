//! Lines over time: spend that adds up, its forecast, the even pace, the budget above.

use super::{Chart, Format, HEIGHT, Plot, cap_line, grid, height_of, hundredths, nice};
use crate::markup::Markup;

/// A line.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is.
    pub name: String,
    /// Its colour's slot.
    pub slot: &'static str,
    /// Whether it is filled to the ground.
    pub filled: bool,
    /// Whether it lies ahead.
    pub forecast: bool,
    /// One for each point; none where it has not begun or has ended.
    pub values: Vec<Option<u64>>,
}

/// A chart of lines.
#[derive(Clone, Debug)]
pub struct Area {
    /// What all charts have.
    pub chart: Chart,
    /// The lines.
    pub lines: Vec<Line>,
    /// A line across: the budget.
    pub cap: Option<u64>,
    /// How values are written beside the axis.
    pub short: Format,
    /// How values are written in the table.
    pub full: Format,
}

impl Area {
    /// Draws it.
    #[must_use]
    pub fn draw(&self) -> Markup {
        let count = self.chart.labels.len();
        let values = self
            .lines
            .iter()
            .flat_map(|line| line.values.iter().flatten().copied());
        let (top, intervals) = nice(values.chain(self.cap).max().unwrap_or(0));
        let width = u64::try_from(count.saturating_sub(1)).unwrap_or(0).max(1) * 10;
        let mut drawn = grid(width, intervals);
        for line in &self.lines {
            drawn.push_str(&path(line, top));
        }
        drawn.push_str(&cap_line(width, self.cap, top));
        let cell = |line: &Line, at: usize| {
            let value = line.values.get(at).copied().flatten();
            value.map_or_else(
                || "—".to_owned(),
                |value| (self.full)(self.chart.words, value),
            )
        };
        let rows = (0..count).map(|at| self.lines.iter().map(|line| cell(line, at)).collect());
        let slots: Vec<&str> = self.lines.iter().map(|line| line.slot).collect();
        let plot = Plot {
            svg: format!(
                "<svg viewBox=\"0 0 {width} {HEIGHT}\" preserveAspectRatio=\"none\" \
                 aria-hidden=\"true\">{drawn}</svg>"
            ),
            top,
            intervals,
            class: " is-line",
            slots: slots.join(","),
            heads: self.lines.iter().map(|line| line.name.clone()).collect(),
            rows: rows.collect(),
            totals: false,
        };
        self.chart.framed(&plot, self.short)
    }
}

fn path(line: &Line, top: u64) -> String {
    let points = line.values.iter().enumerate().filter_map(|(at, value)| {
        let x = u64::try_from(at).unwrap_or(0) * 10;
        let y = (HEIGHT * 100).saturating_sub(height_of((*value)?, top));
        Some((x, hundredths(y)))
    });
    let points: Vec<(u64, String)> = points.collect();
    let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) else {
        return String::new();
    };
    let steps: Vec<String> = points.iter().map(|(x, y)| format!("{x} {y}")).collect();
    let steps = steps.join(" L");
    let (slot, forecast) = (line.slot, if line.forecast { " forecast" } else { "" });
    let fill = if line.filled {
        format!(
            "<path class=\"area s{slot}\" d=\"M{steps} L{last} {HEIGHT} L{first} {HEIGHT} Z\"/>"
        )
    } else {
        String::new()
    };
    format!("{fill}<path class=\"line l{slot}{forecast}\" d=\"M{steps}\"/>")
}
