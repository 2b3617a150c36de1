//! Over which time does a budget count, and in which zone? Windows and their bounds.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::day::{Day, NotADay};
pub use self::local::Local;
pub use self::zone::{NotATimeZone, TimeZone};
use crate::spans::{NotASpan, Span, Unit};
use crate::time::TimestampMs;

mod day;
mod local;
mod zone;

/// A window of a budget, such as `1h`, `1d`, `7d`, `30d` or `3mo`.
///
/// | text | begins |
/// |---|---|
/// | `Ns` `Nm` `Nh` | every N seconds, minutes, hours, counted from the anchor (the key's creation) |
/// | `1d` | at local midnight |
/// | `7d`, `1w` | on Monday at local midnight |
/// | `30d`, `1mo` | on the first of the month at local midnight |
/// | `Nd` | at local midnight of every Nth day, counted from 1970-01-01 |
/// | `Nw` | on Monday of every Nth week, counted from the week of 1970-01-01 |
/// | `Nmo` | on the first of every Nth month, counted from January 1970: `3mo` is the quarter |
///
/// `1d`, `7d`, `30d` and `1mo` are as LiteLLM resets them. Others of its days count from the last
/// reset there, so that every key has its own; ours are the same for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Window(Span);

/// One window: which, and from when to when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowBounds {
    /// Rises from window to window, by one unless the calendar of the zone left a day out. A
    /// window that begins before the anchor, or before 1970, has a negative one.
    pub number: i64,
    /// Its first millisecond. What lies before 1970 is shown as 1970.
    pub starts_at: TimestampMs,
    /// The first millisecond of the next window.
    pub ends_at: TimestampMs,
}

/// How windows follow one another.
enum Rhythm {
    /// Fixed spans from an anchor.
    Fixed { span_ms: i64, anchor_ms: i64 },
    /// Days of the calendar.
    Days(i64),
    /// Weeks, from Monday.
    Weeks(i64),
    /// Months of the calendar.
    Months(i64),
}

impl Window {
    /// The window in which `at` lies. `zone` matters to days, weeks and months, `anchor` to
    /// seconds, minutes and hours.
    #[must_use]
    pub fn bounds(self, at: TimestampMs, zone: &TimeZone, anchor: TimestampMs) -> WindowBounds {
        let rhythm = self.rhythm(anchor);
        let at_ms = millis(at);
        let mut number = rhythm.estimate(at, zone);
        // A zone's clock may go back or forth over midnight, so that the local date of a moment
        // does not tell its window: what counts is when windows begin.
        while rhythm.begins_ms(number + 1, zone) <= at_ms {
            number += 1;
        }
        while rhythm.begins_ms(number, zone) > at_ms {
            number -= 1;
        }
        WindowBounds {
            number,
            starts_at: shown(rhythm.begins_ms(number, zone)),
            ends_at: shown(rhythm.begins_ms(number + 1, zone)),
        }
    }

    fn rhythm(self, anchor: TimestampMs) -> Rhythm {
        let count = i64::from(self.0.count());
        let fixed = |unit_ms| Rhythm::Fixed {
            span_ms: count * unit_ms,
            anchor_ms: millis(anchor),
        };
        match (self.0.unit(), count) {
            (Unit::Second, _) => fixed(1_000),
            (Unit::Minute, _) => fixed(60_000),
            (Unit::Hour, _) => fixed(3_600_000),
            (Unit::Day, 7) => Rhythm::Weeks(1),
            (Unit::Day, 30) => Rhythm::Months(1),
            (Unit::Day, days) => Rhythm::Days(days),
            (Unit::Week, weeks) => Rhythm::Weeks(weeks),
            (Unit::Month, months) => Rhythm::Months(months),
        }
    }
}

const EPOCH: Date = date(1970, 1, 1);
/// The Monday of the week of 1970-01-01.
const FIRST_MONDAY: Date = date(1969, 12, 29);

impl Rhythm {
    /// The window's number by the local date; the true one is at most a step away.
    fn estimate(&self, at: TimestampMs, zone: &TimeZone) -> i64 {
        if let Self::Fixed { span_ms, anchor_ms } = self {
            return (millis(at) - anchor_ms).div_euclid(*span_ms);
        }
        let today = zone.rules().to_datetime(at.to_jiff()).date();
        match self {
            Self::Fixed { .. } => 0,
            Self::Days(days) => days_between(EPOCH, today).div_euclid(*days),
            Self::Weeks(weeks) => days_between(FIRST_MONDAY, today).div_euclid(weeks * 7),
            Self::Months(months) => {
                let month = (i64::from(today.year()) - 1970) * 12 + i64::from(today.month()) - 1;
                month.div_euclid(*months)
            }
        }
    }

    /// When window `number` begins, in milliseconds since 1970. Beyond the calendar (the year
    /// 9999) windows do not begin any more.
    fn begins_ms(&self, number: i64, zone: &TimeZone) -> i64 {
        let day = match self {
            Self::Fixed { span_ms, anchor_ms } => {
                return span_ms.saturating_mul(number).saturating_add(*anchor_ms);
            }
            Self::Days(days) => EPOCH.checked_add((days * number).days()),
            Self::Weeks(weeks) => FIRST_MONDAY.checked_add((weeks * 7 * number).days()),
            Self::Months(months) => EPOCH.checked_add((months * number).months()),
        };
        // Where midnight does not exist, the day begins when the clock goes on; where it comes
        // twice, at the first.
        day.ok()
            .and_then(|day| zone.rules().to_timestamp(day.at(0, 0, 0, 0)).ok())
            .map_or(i64::MAX, Timestamp::as_millisecond)
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours().div_euclid(24)
}

/// Times beyond the calendar count as its end.
fn millis(at: TimestampMs) -> i64 {
    at.to_jiff().as_millisecond()
}

fn shown(ms: i64) -> TimestampMs {
    TimestampMs(u64::try_from(ms).unwrap_or(0))
}

impl FromStr for Window {
    type Err = NotASpan;

    /// Reads a number and a unit. LiteLLM's words are read too and shown as what they mean:
    /// `hourly` is `1h`, `daily` `24h`, `weekly` `7d`, `monthly` `30d`.
    fn from_str(text: &str) -> Result<Self, NotASpan> {
        text.parse().map(Self)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
