//! What time is it? The one door to the system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Milliseconds since 1970 in UTC.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TimestampMs(pub u64);

impl TimestampMs {
    /// Reads the system's clock; a clock before 1970 reads as 0.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that may read the clock"
    )]
    pub fn now() -> Self {
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    }

    /// Whole seconds since 1970, as OpenAI's `created` has them.
    #[must_use]
    pub const fn seconds(self) -> u64 {
        self.0 / 1_000
    }

    /// The time as RFC 3339 has it, in UTC with milliseconds: `2027-01-31T08:30:00.000Z`. Times
    /// after the year 9999, which RFC 3339 cannot write, are shown as its end.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let time = Offset::UTC.to_datetime(self.to_jiff());
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            time.year(),
            time.month(),
            time.day(),
            time.hour(),
            time.minute(),
            time.second(),
            time.millisecond()
        )
    }

    /// Reads a date-time of RFC 3339, with `Z` or an offset. What is finer than a millisecond is
    /// cut off.
    ///
    /// # Errors
    /// For every other text, a date-time without an offset, and times before 1970.
    pub fn parse_rfc3339(text: &str) -> Result<Self, NotATime> {
        // The annotation of RFC 9557 (`[Europe/Berlin]`) is not of RFC 3339.
        if text.contains('[') {
            return Err(NotATime);
        }
        match text.parse::<Timestamp>() {
            Ok(time) => Self::from_jiff(time).ok_or(NotATime),
            Err(_not_a_time) => Err(NotATime),
        }
    }

    /// The same for calendar arithmetic; times after the year 9999 become its end.
    pub(crate) fn to_jiff(self) -> Timestamp {
        i64::try_from(self.0)
            .ok()
            .and_then(|millis| Timestamp::from_millisecond(millis).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// Back from calendar arithmetic; `None` before 1970.
    pub(crate) fn from_jiff(time: Timestamp) -> Option<Self> {
        u64::try_from(time.as_millisecond()).ok().map(Self)
    }
}

/// A text that is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("write a date-time of RFC 3339 with its offset, such as `2027-01-31T08:30:00Z`")]
pub struct NotATime;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 9999-12-30T22:00:00.999Z: the last that the calendar can shift by any offset.
    const LAST_MS: u64 = 253_402_207_200_999;

    #[test]
    fn times_are_written_in_utc_with_milliseconds() {
        assert_eq!(TimestampMs(0).to_rfc3339(), "1970-01-01T00:00:00.000Z");
        // `date -u -d @1801380600.007`
        let time = TimestampMs(1_801_380_600_007);
        assert_eq!(time.to_rfc3339(), "2027-01-31T07:30:00.007Z");
    }

    #[test]
    fn a_time_that_cannot_be_written_is_shown_as_the_end_of_the_calendar() {
        assert!(
            TimestampMs(u64::MAX)
                .to_rfc3339()
                .starts_with("9999-12-30T")
        );
    }

    #[test]
    fn offsets_and_fractions_are_read() {
        let read = |text| TimestampMs::parse_rfc3339(text).ok();
        let time = Some(TimestampMs(1_801_380_600_000));
        assert_eq!(read("2027-01-31T07:30:00Z"), time);
        assert_eq!(read("2027-01-31T08:30:00+01:00"), time);
        assert_eq!(read("2027-01-31t07:30:00.0009z"), time);
        // As Python's `str(datetime)` has it; RFC 3339 allows the space.
        assert_eq!(read("2027-01-31 07:30:00+00:00"), time);
    }

    #[test]
    fn times_without_an_offset_and_before_1970_are_refused() {
        for text in [
            "",
            "2027-01-31",
            "2027-01-31T07:30:00",
            "2027-02-30T07:30:00Z",
            "1969-12-31T23:59:59.999Z",
            "2027-01-31T07:30:00+01:00[Europe/Berlin]",
            "1801384200",
        ] {
            assert_eq!(TimestampMs::parse_rfc3339(text), Err(NotATime), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(ms in 0..=LAST_MS) {
            let text = TimestampMs(ms).to_rfc3339();
            prop_assert_eq!(text.len(), 24);
            prop_assert_eq!(TimestampMs::parse_rfc3339(&text), Ok(TimestampMs(ms)));
        }

        #[test]
        fn texts_sort_like_times(one in 0..=LAST_MS, other in 0..=LAST_MS) {
            let texts = TimestampMs(one).to_rfc3339().cmp(&TimestampMs(other).to_rfc3339());
            prop_assert_eq!(texts, one.cmp(&other));
        }
    }
}
