//! When does a key end? LiteLLM's `duration`, or a date.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan as _};
use thiserror::Error;

use crate::spans::{NotASpan, Span, Unit};
use crate::time::TimestampMs;

/// No key lives longer than this.
const LONGEST_YEARS: i32 = 100;

/// A text that does not say when something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotALifetime {
    /// It is none of the forms.
    #[error(
        "write a span such as `30s`, `30m`, `24h`, `30d`, `1w` or `1mo`, a date such as `2027-01-31`, a date-time such as `2027-01-31T08:30:00Z`, or `never`"
    )]
    Form,
    /// It is over as it begins.
    #[error("a lifetime of zero ends at once; give at least `1s`, or block the key instead")]
    Zero,
    /// It is too far off.
    #[error(
        "the longest lifetime is {LONGEST_YEARS} years; write `never` for a key that does not end"
    )]
    TooLong,
}

/// When something ends that begins `now`; `None` means never.
///
/// | text | ends |
/// |---|---|
/// | `30s` `30m` `24h` `30d` `1w` | after that many times that span; a day has 24 hours |
/// | `1mo` | on the same day of a later month (in UTC), or on its last day if it is shorter |
/// | `2027-01-31` | when that day begins in UTC |
/// | a date-time of RFC 3339 | then, even if that is past |
/// | `-1`, `never` | never |
///
/// # Errors
/// For every other text, for zero, and for what is more than 100 years ahead.
pub fn expires_at(text: &str, now: TimestampMs) -> Result<Option<TimestampMs>, NotALifetime> {
    let text = text.trim();
    if matches!(text, "-1" | "never") {
        return Ok(None);
    }
    let end = match text.parse::<Span>() {
        Ok(span) => after(span, now)?,
        Err(NotASpan::Zero) => return Err(NotALifetime::Zero),
        Err(NotASpan::TooLong) => return Err(NotALifetime::TooLong),
        Err(NotASpan::Form) => at(text)?,
    };
    if end > latest(now) {
        return Err(NotALifetime::TooLong);
    }
    Ok(Some(end))
}

fn after(span: Span, now: TimestampMs) -> Result<TimestampMs, NotALifetime> {
    let end = match (span.millis(), span.unit()) {
        (Some(millis), _) => now.0.checked_add(millis).map(TimestampMs),
        (None, Unit::Month) => by_calendar(now, i32::try_from(span.count()).unwrap_or(i32::MAX)),
        (None, _) => None,
    };
    end.ok_or(NotALifetime::TooLong)
}

/// The same time of day so many months later.
fn by_calendar(now: TimestampMs, months: i32) -> Option<TimestampMs> {
    let local = Offset::UTC.to_datetime(now.to_jiff());
    let later = local.checked_add(months.months()).ok()?;
    TimestampMs::from_jiff(Offset::UTC.to_timestamp(later).ok()?)
}

fn latest(now: TimestampMs) -> TimestampMs {
    by_calendar(now, LONGEST_YEARS * 12)
        .or_else(|| TimestampMs::from_jiff(Timestamp::MAX))
        .unwrap_or(now)
}

fn at(text: &str) -> Result<TimestampMs, NotALifetime> {
    if let Ok(time) = TimestampMs::parse_rfc3339(text) {
        return Ok(time);
    }
    // The calendar's own parser reads more forms than we promise.
    if text.len() != "2027-01-31".len() {
        return Err(NotALifetime::Form);
    }
    let midnight = text.parse::<Date>().ok().map(|date| date.at(0, 0, 0, 0));
    midnight
        .and_then(|midnight| Offset::UTC.to_timestamp(midnight).ok())
        .and_then(TimestampMs::from_jiff)
        .ok_or(NotALifetime::Form)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn time(text: &str) -> TimestampMs {
        TimestampMs::parse_rfc3339(text).unwrap()
    }

    fn ends(text: &str, now: &str) -> String {
        expires_at(text, time(now)).unwrap().unwrap().to_rfc3339()
    }

    #[test]
    fn spans_count_from_now() {
        let now = "2027-01-31T08:30:00.250Z";
        assert_eq!(ends("30s", now), "2027-01-31T08:30:30.250Z");
        assert_eq!(ends("30m", now), "2027-01-31T09:00:00.250Z");
        assert_eq!(ends("24h", now), "2027-02-01T08:30:00.250Z");
        assert_eq!(ends("30d", now), "2027-03-02T08:30:00.250Z");
        assert_eq!(ends("1w", now), "2027-02-07T08:30:00.250Z");
    }

    #[test]
    fn months_follow_the_calendar() {
        assert_eq!(
            ends("1mo", "2027-01-31T08:30:00Z"),
            "2027-02-28T08:30:00.000Z"
        );
        assert_eq!(
            ends("1mo", "2028-01-31T08:30:00Z"),
            "2028-02-29T08:30:00.000Z"
        );
        assert_eq!(
            ends("1mo", "2027-02-28T08:30:00Z"),
            "2027-03-28T08:30:00.000Z"
        );
        assert_eq!(
            ends("12mo", "2027-11-22T08:30:00Z"),
            "2028-11-22T08:30:00.000Z"
        );
    }

    #[test]
    fn dates_and_date_times_are_ends() {
        let now = "2027-01-01T00:00:00Z";
        assert_eq!(ends("2027-01-31", now), "2027-01-31T00:00:00.000Z");
        assert_eq!(
            ends("2027-01-31T08:30:00+01:00", now),
            "2027-01-31T07:30:00.000Z"
        );
        assert_eq!(ends("2026-01-31", now), "2026-01-31T00:00:00.000Z");
    }

    #[test]
    fn a_key_may_live_for_ever() {
        for text in ["-1", "never", " never "] {
            assert_eq!(expires_at(text, TimestampMs(0)), Ok(None));
        }
    }

    #[test]
    fn what_says_no_time_is_refused_with_the_reason() {
        let now = time("2027-01-01T00:00:00Z");
        for text in [
            "",
            "soon",
            "2027-02-30",
            "20270131xx",
            "2027-01-31T08:30",
            "-2",
            "1y",
        ] {
            assert_eq!(expires_at(text, now), Err(NotALifetime::Form), "{text}");
        }
        assert_eq!(expires_at("0d", now), Err(NotALifetime::Zero));
        for text in ["1201mo", "36600d", "2127-01-02", "9999-12-01T00:00:00Z"] {
            assert_eq!(expires_at(text, now), Err(NotALifetime::TooLong), "{text}");
        }
        assert!(expires_at("1200mo", now).is_ok());
    }

    proptest! {
        #[test]
        fn every_span_ends_later_than_it_begins(
            now in 0_u64..4_000_000_000_000, count in 1_u32..1_000, unit in "s|m|h|d|w|mo"
        ) {
            let end = expires_at(&format!("{count}{unit}"), TimestampMs(now)).unwrap();
            prop_assert!(end > Some(TimestampMs(now)));
        }

        #[test]
        fn any_text_at_any_time_is_read_or_refused(text in "[0-9a-zT:Z+-]{0,24}", now: u64) {
            if let Ok(Some(end)) = expires_at(&text, TimestampMs(now)) {
                prop_assert!(end <= latest(TimestampMs(now)));
            }
        }
    }
}
