//! Ranges of time as addresses say them: `24h`, `7d`, `30d`, `mtd`, `2026-10-01..2026-10-03`.

use domain::time::TimestampMs;
use domain::windows::Day;
use web_ui::pages::parts::Choice;

use crate::pages::clock::Clock;

const HOUR_MS: u64 = 3_600_000;

/// From when to when, and its word.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// As addresses say it; empty where it is of days.
    pub word: &'static str,
    /// The first and the last day, where it is of days.
    pub days: Option<(Day, Day)>,
    /// Its first moment.
    pub from: TimestampMs,
    /// The first moment after it.
    pub to: TimestampMs,
    /// Whether an hour is to choose from too.
    pub has_hour: bool,
}

/// The words, with their texts.
const WORDS: [(&str, &str); 4] = [
    ("24h", "range-24h"),
    ("7d", "range-7d"),
    ("30d", "range-30d"),
    ("mtd", "range-mtd"),
];

impl Range {
    /// Reads a word; others are `usual`.
    pub fn of(word: &str, usual: &'static str, clock: &Clock) -> Self {
        let known = WORDS.iter().find(|(one, _text)| *one == word);
        let word = known.map_or(usual, |(one, _text)| *one);
        let now = clock.now;
        // Days are whole ones, today the last of them, as in the charts.
        let days = |days: u16| {
            let today = Day::at(now, &clock.zone);
            today.back(days - 1).begins_at(&clock.zone)
        };
        let from = match word {
            "24h" => TimestampMs(now.0.saturating_sub(24 * HOUR_MS)),
            "7d" => days(7),
            "mtd" => month_begins(clock),
            _ => days(30),
        };
        Self {
            word,
            from,
            to: now,
            days: None,
            has_hour: false,
        }
    }

    /// A range of a report: a word, or whole days of the clock, the last of them with it.
    pub fn of_report(word: &str, (from, until): (&str, &str), clock: &Clock) -> Self {
        Self::of_days(from, until, clock).unwrap_or_else(|| Self::of(word, "30d", clock))
    }

    /// Whole days of the clock, the last of them with it; none when it means nothing.
    fn of_days(from: &str, until: &str, clock: &Clock) -> Option<Self> {
        let (first, last) = (from.parse::<Day>().ok()?, until.parse::<Day>().ok()?);
        (first <= last).then(|| Self {
            word: "",
            days: Some((first, last)),
            from: first.begins_at(&clock.zone),
            to: last.next().begins_at(&clock.zone),
            has_hour: false,
        })
    }

    /// As addresses say it.
    pub fn text(self) -> String {
        match self.days {
            Some((first, last)) => format!("{first}..{last}"),
            None => self.word.to_owned(),
        }
    }

    /// A range of the list of requests, which has shorter ones.
    pub fn of_requests(word: &str, clock: &Clock) -> Self {
        let days = word.split_once("..");
        let days = days.and_then(|(from, until)| Self::of_days(from, until, clock));
        if let Some(range) = days {
            return Self {
                has_hour: true,
                ..range
            };
        }
        if word == "1h" {
            let from = TimestampMs(clock.now.0.saturating_sub(HOUR_MS));
            return Self {
                word: "1h",
                days: None,
                from,
                to: clock.now,
                has_hour: true,
            };
        }
        Self {
            has_hour: true,
            ..Self::of(word, "24h", clock)
        }
    }

    /// The same length before it.
    pub fn before(self) -> (TimestampMs, TimestampMs) {
        let length = self.to.0.saturating_sub(self.from.0);
        (TimestampMs(self.from.0.saturating_sub(length)), self.from)
    }

    /// The ranges to choose from.
    pub fn choices(self, clock: &Clock, address: impl Fn(&str) -> String) -> Vec<Choice> {
        let hour = [("1h", "range-1h")];
        // Reports have no shorter range than a day.
        let shorter = hour.iter().filter(|_| self.has_hour);
        shorter
            .chain(WORDS.iter())
            .map(|(word, text)| Choice {
                note: (*word).to_owned(),
                ..Choice::of(address(word), clock.words.t(text), *word == self.word)
            })
            .collect()
    }
}

/// The first moment of this month on the clock.
pub fn month_begins(clock: &Clock) -> TimestampMs {
    let local = domain::windows::Local::at(clock.now, &clock.zone);
    let today = Day::at(clock.now, &clock.zone);
    today
        .back(u16::from(local.day.saturating_sub(1)))
        .begins_at(&clock.zone)
}
