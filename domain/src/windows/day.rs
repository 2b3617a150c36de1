//! A day of the calendar, as reports name it: from when to when it is in a zone.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use thiserror::Error;

use super::zone::TimeZone;
use crate::time::TimestampMs;

/// A date such as `2027-01-31`, from 1970 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(Date);

/// A text that is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("write a date such as `2027-01-31`")]
pub struct NotADay;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Day {
    /// The day that it is at a moment in a zone.
    #[must_use]
    pub fn at(moment: TimestampMs, zone: &TimeZone) -> Self {
        Self(zone.rules().to_datetime(moment.to_jiff()).date())
    }

    /// Its first moment in a zone; where midnight does not exist, when the clock goes on.
    #[must_use]
    pub fn begins_at(self, zone: &TimeZone) -> TimestampMs {
        let begins = zone.rules().to_timestamp(self.0.at(0, 0, 0, 0)).ok();
        begins.and_then(TimestampMs::from_jiff).unwrap_or_default()
    }

    /// The day after; the last one of the year 9999 has itself.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.tomorrow().unwrap_or(self.0))
    }

    /// The day so many days before; not before 1970.
    #[must_use]
    pub fn back(self, days: u16) -> Self {
        let earlier = (0..days).try_fold(self.0, |day, _one| day.yesterday().ok());
        Self(earlier.unwrap_or(self.0).max(super::EPOCH))
    }

    /// How many days from this to another one; 0 when that is not later.
    #[must_use]
    pub fn days_until(self, other: Self) -> u32 {
        u32::try_from(super::days_between(self.0, other.0)).unwrap_or(0)
    }

    /// As charts of LiteLLM's have it: `Jan 31`.
    #[must_use]
    pub fn month_and_day(self) -> String {
        let month = usize::try_from(self.0.month()).unwrap_or(1);
        let name = MONTHS.get(month.saturating_sub(1)).unwrap_or(&"Jan");
        format!("{name} {:02}", self.0.day())
    }
}

impl FromStr for Day {
    type Err = NotADay;

    fn from_str(text: &str) -> Result<Self, NotADay> {
        let is_date = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let date = text.parse::<Date>().ok().filter(|_| is_date);
        date.filter(|date| *date >= super::EPOCH)
            .map(Self)
            .ok_or(NotADay)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        name.parse().unwrap()
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_zone() {
        let day: Day = "2026-11-22".parse().unwrap();
        let begins = day.begins_at(&zone("Europe/Berlin")).to_rfc3339();
        assert_eq!(begins, "2026-11-21T23:00:00.000Z");
        let begins = day.begins_at(&zone("Asia/Kathmandu")).to_rfc3339();
        assert_eq!(begins, "2026-11-21T18:15:00.000Z");
        assert_eq!(day.next().to_string(), "2026-11-23");
        assert_eq!(day.back(30).to_string(), "2026-10-23");
        assert_eq!(day.back(30).days_until(day), 30);
    }

    #[test]
    fn the_day_of_a_moment_hangs_on_the_zone() {
        let moment = TimestampMs::parse_rfc3339("2026-11-22T23:30:00Z").unwrap();
        assert_eq!(Day::at(moment, &zone("UTC")).to_string(), "2026-11-22");
        assert_eq!(
            Day::at(moment, &zone("Europe/Berlin")).to_string(),
            "2026-11-23"
        );
        assert_eq!(Day::at(moment, &zone("UTC")).month_and_day(), "Nov 22");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "2026-13-01",
            "2026-02-30",
            "22.11.2026",
            "1969-12-31",
            "2026-1-1",
        ] {
            assert_eq!(text.parse::<Day>(), Err(NotADay), "{text}");
        }
    }
}
