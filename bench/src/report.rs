//! The report: one table in Markdown, printed and written to `RESULTS.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use crate::figures::{Bar, FIGURES, Figure};
use crate::machine;
use crate::options::Options;
use crate::subject::Kind;
use crate::values::Values;

/// A finished run.
pub struct Run<'a> {
    pub options: &'a Options,
    pub rounds: u32,
    pub seconds: f64,
    /// Part of the machine's time (0 to 1) that was used by anything but the benchmark and its subjects.
    pub others_share: f64,
    /// Before and after.
    pub load_average: (String, String),
    pub values: Values,
    /// Wrong or missing answers, by case and subject.
    pub failed: BTreeMap<(&'static str, Kind), u64>,
}

/// Below this share of its core a subject was waiting for the load: its rate is a lower bound.
const BUSY: f64 = 0.9;

/// Above this, what others did on the machine shows in the figures.
const QUIET: f64 = 0.05;

/// Prints the report; writes it too when the whole benchmark ran.
pub fn publish(run: &Run<'_>) -> io::Result<()> {
    let text = text(run);
    println!("{text}");
    let whole = run.options.only.is_empty() && !run.options.headgate.is_empty();
    match &run.options.results {
        Some(path) if whole => std::fs::write(path, text),
        _ => Ok(()),
    }
}

fn text(run: &Run<'_>) -> String {
    let mut text = String::from("# Benchmark results\n\n");
    text.push_str("Written by `./bench/run`; `bench/README.md` says how each figure is taken.\n\n");
    for line in head(run) {
        writeln!(text, "- {line}").unwrap();
    }
    text.push('\n');
    text.push_str(&table(&run.values));
    text.push_str(
        "\nMedians of the rounds; for CPU the lowest round in brackets. `>=`: the load was exhausted before the subject, \
         which could do more. `x nginx` is Headgate over nginx; for OpenAI to Anthropic, over nginx carrying the same \
         request untranslated. LiteLLM and Portkey: one round, 20 requests a second for latency, 100 streams for memory.\n",
    );
    for ((case, kind), count) in &run.failed {
        writeln!(
            text,
            "\n**Wrong or missing answers**: {} in {case}: {count}.",
            kind.name()
        )
        .unwrap();
    }
    text
}

fn head(run: &Run<'_>) -> Vec<String> {
    let mut lines = run.options.notes.clone();
    lines.extend(machine::description());
    lines.push(format!("Peers: {}", peers(run.options)));
    let length = if run.options.quick { "quick" } else { "full" };
    lines.push(format!(
        "Run: {length}, {} alternating rounds, {:.0} s; load average {} before, {} after; other processes used {:.0} % of the machine",
        run.rounds,
        run.seconds,
        run.load_average.0,
        run.load_average.1,
        run.others_share * 100.0
    ));
    if run.others_share > QUIET {
        lines.push("**Provisional**: the machine was not quiet. Ratios are worth more than values, values more than p99.".to_owned());
    }
    lines
}

fn peers(options: &Options) -> String {
    let mut peers =
        vec![machine::first_line_of(&options.nginx, &["-v"]).replace("nginx version: ", "")];
    if !options.haproxy.is_empty() {
        let line = machine::first_line_of(&options.haproxy, &["-v"]);
        peers.push(line.split(' ').take(3).collect::<Vec<_>>().join(" "));
    }
    peers.retain(|peer| !peer.is_empty());
    peers.join(", ")
}

fn table(values: &Values) -> String {
    let kinds = values.kinds();
    let mut text = String::from("| figure |");
    for kind in &kinds {
        write!(text, " {} |", kind.name()).unwrap();
    }
    text.push_str(" x nginx | bar | |\n|---|");
    text.push_str(&"---:|".repeat(kinds.len() + 1));
    text.push_str("---|---|\n");
    for figure in &FIGURES {
        let cells: Vec<String> = kinds
            .iter()
            .map(|kind| cell(figure, *kind, values))
            .collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let ratio = figure
            .ratio(values)
            .map(|ratio| format!("{ratio:.2}"))
            .unwrap_or_default();
        let verdict = match (figure.bar, figure.clears(values)) {
            (Bar::None, _) => "",
            (_, Some(true)) => "pass",
            (_, Some(false)) => "**FAIL**",
            (_, None) => "not measured",
        };
        let bar = bar(figure.bar);
        writeln!(
            text,
            "| {} | {} | {ratio} | {bar} | {verdict} |",
            figure.title,
            cells.join(" | ")
        )
        .unwrap();
    }
    text
}

fn cell(figure: &Figure, kind: Kind, values: &Values) -> String {
    let id = (figure.case, figure.metric);
    let is_compared = matches!(kind, Kind::Headgate | Kind::Nginx) || kind == figure.subject;
    if figure.subject.governs() && !is_compared {
        return String::new();
    }
    let Some(median) = values.median(id, kind) else {
        return String::new();
    };
    let shown = thousands(median, figure.decimals);
    match figure.metric {
        "cpu_us" => {
            let lowest = values.lowest(id, kind).unwrap_or(median);
            format!("{shown} ({})", thousands(lowest, figure.decimals))
        }
        "rps"
            if values
                .median((figure.case, "busy"), kind)
                .is_some_and(|busy| busy < BUSY) =>
        {
            format!(">= {shown}")
        }
        _ => shown,
    }
}

fn bar(bar: Bar) -> String {
    match bar {
        Bar::None => String::new(),
        Bar::TimesNginx(times) => format!("<= {times} x nginx"),
        Bar::TimesLiteLlm(times) => format!(">= {times} x LiteLLM"),
        Bar::AtMost(limit) => format!("<= {limit}"),
        Bar::AboveRelay(more) => format!("<= relay + {more}"),
        Bar::OfUngoverned(share) => format!(">= {share} x ungoverned"),
        Bar::AboveUngoverned(more) => format!("<= ungoverned + {more}"),
    }
}

/// `12,345.6`.
fn thousands(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        if at > 0 && left.is_multiple_of(3) && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(thousands(1_234_567.0, 0), "1,234,567");
        assert_eq!(thousands(-123.4, 1), "-123.4");
        assert_eq!(thousands(999.95, 1), "1,000.0");
    }

    #[test]
    fn a_rate_that_the_load_limited_is_marked_as_a_lower_bound() {
        let mut values = Values::default();
        values.add(("plain", "rps"), Kind::Nginx, 40_000.0);
        values.add(("plain", "busy"), Kind::Nginx, 0.7);
        assert_eq!(cell(&FIGURES[1], Kind::Nginx, &values), ">= 40,000");
    }
}
