//! The figures of the report: what each is called, how it is written, and the bar it has to clear.

use crate::subject::Kind;
use crate::values::Values;

/// What Headgate's value is held against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bar {
    None,
    /// At most so many times nginx's.
    TimesNginx(f64),
    /// At least so many times LiteLLM's.
    TimesLiteLlm(f64),
    /// At most so much.
    AtMost(f64),
    /// At most so much more than the byte relay's.
    AboveRelay(f64),
    /// At least so much of the ungoverned gateway's.
    OfUngoverned(f64),
    /// At most so much more than the ungoverned gateway's.
    AboveUngoverned(f64),
}

/// One row of the table.
pub struct Figure {
    pub case: &'static str,
    pub metric: &'static str,
    pub title: &'static str,
    pub decimals: usize,
    /// The case whose value of nginx is the base of the ratio: another one where nginx cannot do this one.
    pub base: &'static str,
    pub bar: Bar,
    /// Whose value is held against the bar.
    pub subject: Kind,
}

const fn row(
    id: (&'static str, &'static str),
    title: &'static str,
    decimals: usize,
    bar: Bar,
) -> Figure {
    Figure {
        case: id.0,
        metric: id.1,
        title,
        decimals,
        base: id.0,
        bar,
        subject: Kind::Headgate,
    }
}

const fn cross(
    id: (&'static str, &'static str),
    title: &'static str,
    decimals: usize,
    base: &'static str,
) -> Figure {
    Figure {
        case: id.0,
        metric: id.1,
        title,
        decimals,
        base,
        bar: Bar::None,
        subject: Kind::Headgate,
    }
}

const fn governed(
    subject: Kind,
    id: (&'static str, &'static str),
    title: &'static str,
    decimals: usize,
    bar: Bar,
) -> Figure {
    Figure {
        subject,
        ..row(id, title, decimals, bar)
    }
}

/// All rows. The bars are the project's own: its issue on speed and its design's speed budget.
pub const FIGURES: [Figure; 42] = [
    row(
        ("plain", "cpu_us"),
        "1 KB JSON, 64 connections: CPU per request, us",
        1,
        Bar::TimesNginx(1.5),
    ),
    row(
        ("plain", "rps"),
        "1 KB JSON: requests per second on one core",
        0,
        Bar::TimesLiteLlm(25.0),
    ),
    row(
        ("10k", "cpu_us"),
        "10 KB request and answer: CPU per request, us",
        1,
        Bar::None,
    ),
    row(("10k", "rps"), "10 KB: requests per second", 0, Bar::None),
    row(
        ("50k", "cpu_us"),
        "50 KB request and answer: CPU per request, us",
        1,
        Bar::None,
    ),
    row(("50k", "rps"), "50 KB: requests per second", 0, Bar::None),
    row(
        ("1m", "cpu_us"),
        "1 MB request and answer: CPU per request, us",
        0,
        Bar::None,
    ),
    row(
        ("1m", "user_us"),
        "1 MB request and answer: user CPU alone, us",
        0,
        Bar::None,
    ),
    row(("1m", "rps"), "1 MB: requests per second", 0, Bar::None),
    row(
        ("1m-request", "cpu_us"),
        "1 MB request, 1 KB answer: CPU per request, us",
        0,
        Bar::None,
    ),
    row(
        ("1m-request", "user_us"),
        "1 MB request, 1 KB answer: user CPU alone, us",
        0,
        Bar::None,
    ),
    row(
        ("1m-answer", "cpu_us"),
        "1 KB request, 1 MB answer: CPU per request, us",
        0,
        Bar::None,
    ),
    row(
        ("1m-answer", "user_us"),
        "1 KB request, 1 MB answer: user CPU alone, us",
        0,
        Bar::None,
    ),
    row(
        ("streams-32", "cpu_us"),
        "32 streams, chunks at 5 ms: CPU per chunk, us",
        1,
        Bar::TimesNginx(1.5),
    ),
    row(
        ("streams-32", "delay_p50_ms"),
        "32 streams: delay of a chunk, p50, ms",
        2,
        Bar::None,
    ),
    row(
        ("streams-32", "delay_p99_ms"),
        "32 streams: delay of a chunk, p99, ms",
        2,
        Bar::None,
    ),
    row(
        ("streams-32", "gap_p99_ms"),
        "32 streams: gap between chunks, p99, ms",
        2,
        Bar::None,
    ),
    row(
        ("streams-1000", "cpu_us"),
        "1,000 streams, chunks at 5 ms: CPU per chunk, us",
        1,
        Bar::TimesNginx(1.5),
    ),
    row(
        ("streams-1000", "delay_p50_ms"),
        "1,000 streams: delay of a chunk, p50, ms",
        1,
        Bar::None,
    ),
    row(
        ("streams-1000", "delay_p99_ms"),
        "1,000 streams: delay of a chunk, p99, ms",
        1,
        Bar::None,
    ),
    row(
        ("streams-1000", "gap_p99_ms"),
        "1,000 streams: gap between chunks, p99, ms",
        1,
        Bar::None,
    ),
    cross(
        ("cross", "cpu_us"),
        "OpenAI to Anthropic, 1 KB: CPU per request, us",
        1,
        "plain",
    ),
    cross(
        ("cross", "rps"),
        "OpenAI to Anthropic: requests per second",
        0,
        "plain",
    ),
    cross(
        ("cross-streams", "cpu_us"),
        "OpenAI to Anthropic, 32 streams: CPU per chunk, us",
        1,
        "streams-32",
    ),
    cross(
        ("cross-streams", "delay_p99_ms"),
        "OpenAI to Anthropic, 32 streams: delay, p99, ms",
        2,
        "streams-32",
    ),
    row(
        ("latency", "p50_us"),
        "1,000 requests a second: latency p50, us",
        0,
        Bar::AboveRelay(100.0),
    ),
    row(
        ("latency", "p99_us"),
        "1,000 requests a second: latency p99, us",
        0,
        Bar::None,
    ),
    row(
        ("latency", "added_p50_us"),
        "1,000 requests a second: added to direct, p50, us",
        0,
        Bar::None,
    ),
    row(
        ("latency", "added_p99_us"),
        "1,000 requests a second: added to direct, p99, us",
        0,
        Bar::None,
    ),
    row(
        ("latency", "cpu_us"),
        "1,000 requests a second: CPU per request, us",
        0,
        Bar::None,
    ),
    row(
        ("memory", "start_ms"),
        "Start-up to the first answer, ms",
        0,
        Bar::AtMost(300.0),
    ),
    row(
        ("memory", "idle_mib"),
        "Idle memory (resident), MiB",
        1,
        Bar::AtMost(25.0),
    ),
    row(
        ("memory", "stream_kib"),
        "Memory per open stream (1,000 held), KiB",
        1,
        Bar::AtMost(50.0),
    ),
    row(
        ("copies", "request_mib"),
        "Peak memory grown by a 1 MB request, MiB",
        2,
        Bar::AtMost(2.25),
    ),
    row(
        ("copies", "answer_mib"),
        "Peak memory grown by a 1 MB answer, MiB",
        2,
        Bar::None,
    ),
    row(
        ("plain", "busy"),
        "1 KB JSON: share of its core that the subject used",
        2,
        Bar::None,
    ),
    governed(
        Kind::Governed,
        ("plain", "cpu_us"),
        "Governed, counters in memory; 1 KB JSON: CPU per request, us",
        1,
        Bar::TimesNginx(1.8),
    ),
    governed(
        Kind::Governed,
        ("plain", "rps"),
        "Governed, counters in memory; 1 KB JSON: requests per second",
        0,
        Bar::OfUngoverned(0.8),
    ),
    governed(
        Kind::Governed,
        ("latency", "p50_us"),
        "Governed, counters in memory; 1,000 requests a second: p50, us",
        0,
        Bar::AboveUngoverned(30.0),
    ),
    governed(
        Kind::GovernedRedis,
        ("plain", "cpu_us"),
        "Governed, counters in Redis; 1 KB JSON: CPU per request, us",
        1,
        Bar::None,
    ),
    governed(
        Kind::GovernedRedis,
        ("plain", "rps"),
        "Governed, counters in Redis; 1 KB JSON: requests per second",
        0,
        Bar::None,
    ),
    governed(
        Kind::GovernedRedis,
        ("latency", "p50_us"),
        "Governed, counters in Redis; 1,000 requests a second: p50, us",
        0,
        Bar::None,
    ),
];

/// Below this, in whatever unit, a ratio says nothing.
const NEXT_TO_NOTHING: f64 = 0.05;

impl Figure {
    fn id(&self) -> (&'static str, &'static str) {
        (self.case, self.metric)
    }

    /// The subject's median over nginx's; none where nginx's is next to nothing.
    pub fn ratio(&self, values: &Values) -> Option<f64> {
        let base = values.median((self.base, self.metric), Kind::Nginx)?;
        let own = values.median(self.id(), self.subject)?;
        (base >= NEXT_TO_NOTHING).then_some(own / base)
    }

    /// Whether the subject clears the bar; `None` without a bar or without a value to hold it against.
    pub fn clears(&self, values: &Values) -> Option<bool> {
        let own = values.median(self.id(), self.subject)?;
        match self.bar {
            Bar::None => None,
            Bar::TimesNginx(times) => Some(self.ratio(values)? <= times),
            Bar::TimesLiteLlm(times) => {
                Some(own >= times * values.median(self.id(), Kind::LiteLlm)?)
            }
            Bar::AtMost(limit) => Some(own <= limit),
            Bar::AboveRelay(more) => Some(own <= more + values.median(self.id(), Kind::Relay)?),
            Bar::OfUngoverned(share) => {
                Some(own >= share * values.median(self.id(), Kind::Headgate)?)
            }
            Bar::AboveUngoverned(more) => {
                Some(own <= more + values.median(self.id(), Kind::Headgate)?)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_neither_cleared_nor_missed_without_its_peer() {
        let mut values = Values::default();
        values.add(("plain", "cpu_us"), Kind::Headgate, 30.0);
        assert_eq!(FIGURES[0].clears(&values), None);
        values.add(("plain", "cpu_us"), Kind::Nginx, 21.0);
        assert_eq!(FIGURES[0].clears(&values), Some(true));
        values.add(("plain", "cpu_us"), Kind::Headgate, 40.0);
        assert_eq!(FIGURES[0].clears(&values), Some(false));
    }

    #[test]
    fn every_figure_belongs_to_a_case() {
        for figure in &FIGURES {
            assert!(
                crate::cases::CASES
                    .iter()
                    .any(|case| case.name == figure.case),
                "{}",
                figure.title
            );
        }
    }
}
