//! Charts as SVG, drawn here: no script, no inline style, colours by class.
//!
//! Every chart carries its figures as a table: for those who do not see the picture, for copying, and
//! for the tooltip, which reads them there. Values are whole numbers in the caller's unit (nano-dollars,
//! counts, milliseconds) and are placed with whole hundredths of the picture, without floats.

mod area;
mod bars;
mod small;

pub use self::area::{Area, Line};
pub use self::bars::{Series, StackedBars};
pub use self::small::{bar, share, spark, uptime, waterfall};

use std::fmt::Write as _;

use crate::markup::{Markup, escape};
use crate::words::Words;

/// The height of every plot, in its own units.
const HEIGHT: u64 = 100;

/// How a value is written in a language.
pub type Format = fn(Words, u64) -> String;

/// A name beside the chart, with its colour and what it adds up to.
#[derive(Clone, Debug)]
pub struct Legend {
    /// What it is.
    pub name: String,
    /// Its colour's slot: `1` to `6`, `ok`, `warn`, `err`, `cap`; empty for what is only said.
    pub slot: &'static str,
    /// What it adds up to; may be empty.
    pub value: String,
}

/// What all kinds of charts have.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The id of its element.
    pub id: &'static str,
    /// What it shows, in a few words.
    pub caption: String,
    /// What one sees in it, in a sentence.
    pub summary: String,
    /// The head of the table's first column.
    pub axis: String,
    /// One for each column or point.
    pub labels: Vec<String>,
    /// How tall: `tall`, `mid`, `short`.
    pub size: &'static str,
    /// How many labels are written below it.
    pub ticks: usize,
    /// The names beside it.
    pub legend: Vec<Legend>,
    /// The texts.
    pub words: Words,
}

/// The top of an axis above a value and its number of intervals, so that every tick is a round and
/// whole number; of nothing it is nothing.
fn nice(value: u64) -> (u64, u64) {
    const STEPS: [(u64, u64); 11] = [
        (10, 4),
        (12, 4),
        (15, 3),
        (20, 4),
        (25, 5),
        (30, 3),
        (40, 4),
        (50, 5),
        (60, 3),
        (80, 4),
        (100, 5),
    ];
    if value == 0 {
        return (0, 1);
    }
    let least = value.saturating_add(value / 50);
    let mut power = 1_u64;
    loop {
        for (tenths, intervals) in STEPS {
            let Some(scaled) = power.checked_mul(tenths) else {
                return (u64::MAX, 1);
            };
            let top = scaled / 10;
            let is_whole = scaled.is_multiple_of(10) && top.is_multiple_of(intervals);
            if is_whole && top >= least {
                return (top, intervals);
            }
        }
        let Some(next) = power.checked_mul(10) else {
            return (u64::MAX, 1);
        };
        power = next;
    }
}

/// A number of hundredths as it stands in a picture: `12.34`, `5`.
fn hundredths(value: u64) -> String {
    match value % 100 {
        0 => (value / 100).to_string(),
        part if part.is_multiple_of(10) => format!("{}.{}", value / 100, part / 10),
        part => format!("{}.{part:02}", value / 100),
    }
}

/// Hundredths of the plot's height that a value has.
fn height_of(value: u64, top: u64) -> u64 {
    let scaled = u128::from(value).saturating_mul(u128::from(HEIGHT * 100));
    let share = scaled.checked_div(u128::from(top)).unwrap_or(0);
    u64::try_from(share).unwrap_or(0).min(HEIGHT * 100)
}

fn grid(width: u64, intervals: u64) -> String {
    let mut lines = String::new();
    for number in 0..=intervals {
        let y = hundredths(HEIGHT * 100 * number / intervals);
        let _written = write!(
            lines,
            "<line class=\"grid\" x1=\"0\" x2=\"{width}\" y1=\"{y}\" y2=\"{y}\"/>"
        );
    }
    lines
}

fn cap_line(width: u64, cap: Option<u64>, top: u64) -> String {
    cap.map_or_else(String::new, |cap| {
        let y = hundredths((HEIGHT * 100).saturating_sub(height_of(cap, top)));
        format!("<line class=\"cap\" x1=\"0\" x2=\"{width}\" y1=\"{y}\" y2=\"{y}\"/>")
    })
}

/// A drawn plot and what stands around it.
struct Plot {
    svg: String,
    top: u64,
    intervals: u64,
    class: &'static str,
    slots: String,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    totals: bool,
}

impl Chart {
    /// Puts a plot together with its axes, its legend and its table.
    fn framed(&self, plot: &Plot, format: Format) -> Markup {
        let mut ticks = String::new();
        for number in 0..=plot.intervals {
            let value = plot.top / plot.intervals * (plot.intervals - number);
            // An axis of nothing says so once, at its foot.
            let text = match plot.top == 0 && number < plot.intervals {
                true => String::new(),
                false => format(self.words, value),
            };
            let _written = write!(ticks, "<span>{}</span>", escape(&text));
        }
        let mut marks = String::new();
        for label in self.marks() {
            let _written = write!(marks, "<span>{}</span>", escape(label));
        }
        Markup::of(format!(
            "<figure class=\"chart {size}{class}\" data-chart data-slots=\"{slots}\" id=\"{id}\">\
             <div class=\"chart-y\" aria-hidden=\"true\">{ticks}</div>\
             <div class=\"chart-plot\" tabindex=\"0\" role=\"img\" aria-label=\"{summary}\">{svg}\
             <div class=\"chart-cross\" hidden></div></div>\
             <div class=\"chart-x\" aria-hidden=\"true\">{marks}</div>{legend}{table}</figure>",
            size = self.size,
            class = plot.class,
            slots = plot.slots,
            id = self.id,
            summary = escape(&self.summary),
            svg = plot.svg,
            legend = self.legend_markup(),
            table = self.table(plot),
        ))
    }

    /// The labels that are written: evenly, the first and the last among them.
    fn marks(&self) -> Vec<&str> {
        let last = self.labels.len().saturating_sub(1);
        let wanted = self.ticks.min(self.labels.len()).max(1);
        let each = (0..wanted).filter_map(|number| {
            let at = if wanted < 2 {
                0
            } else {
                (number * last * 2 + wanted - 1) / ((wanted - 1) * 2)
            };
            self.labels.get(at.min(last))
        });
        each.map(String::as_str).collect()
    }

    fn legend_markup(&self) -> String {
        if self.legend.is_empty() {
            return String::new();
        }
        let mut items = String::new();
        for Legend { name, slot, value } in &self.legend {
            let name = escape(name);
            let value = if value.is_empty() {
                String::new()
            } else {
                format!(" <b>{}</b>", escape(value))
            };
            let colour = match *slot {
                "" => String::new(),
                slot => format!("<span class=\"sw s{slot}\"></span>"),
            };
            let _written = write!(items, "<li>{colour}{name}{value}</li>");
        }
        format!("<figcaption class=\"chart-legend\"><ul class=\"legend\">{items}</ul></figcaption>")
    }

    fn table(&self, plot: &Plot) -> String {
        let mut heads = format!("<th scope=\"col\">{}</th>", escape(&self.axis));
        for (place, head) in plot.heads.iter().enumerate() {
            let is_total = plot.totals && place + 1 == plot.heads.len();
            let mark = if is_total { " data-total" } else { "" };
            let _written = write!(heads, "<th scope=\"col\"{mark}>{}</th>", escape(head));
        }
        let mut rows = String::new();
        for (label, cells) in self.labels.iter().zip(&plot.rows) {
            let _written = write!(rows, "<tr><th scope=\"row\">{}</th>", escape(label));
            for cell in cells {
                let _written = write!(rows, "<td>{}</td>", escape(cell));
            }
            rows.push_str("</tr>");
        }
        let caption = escape(&self.caption);
        let told = [("what", (&self.caption).into())];
        let region = escape(&self.words.with("chart-data", &told));
        format!(
            "<details class=\"chart-data\"><summary>{}</summary><div class=\"table-wrap\" tabindex=\"0\" \
             role=\"region\" aria-label=\"{region}\"><table class=\"tbl tbl-mini\">\
             <caption class=\"sr-only\">{caption}</caption><thead><tr>{heads}</tr></thead>\
             <tbody>{rows}</tbody></table></div></details>",
            escape(&self.words.t("chart-table"))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tick_of_an_axis_is_round_and_whole() {
        for value in [
            0,
            1,
            2,
            3,
            7,
            9,
            10,
            11,
            99,
            100,
            1_234,
            58_100,
            41_863_000_000_000,
        ] {
            let (top, intervals) = nice(value);
            assert!(
                top >= value && top.is_multiple_of(intervals),
                "{value}: {top} / {intervals}"
            );
            assert!(top <= value.max(2) * 3, "{value}: {top}");
        }
    }

    #[test]
    fn places_are_written_without_what_says_nothing() {
        assert_eq!(hundredths(500), "5");
        assert_eq!(hundredths(1_230), "12.3");
        assert_eq!(hundredths(1_234), "12.34");
        assert_eq!(height_of(50, 200), 2_500);
        assert_eq!(height_of(7, 0), 0);
    }
}
