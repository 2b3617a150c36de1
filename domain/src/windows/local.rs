//! A moment on a zone's clock, for what people read.

use jiff::tz::Offset;

use super::TimeZone;
use crate::time::TimestampMs;

/// A moment as a clock and a calendar in a zone show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// The year.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// 0 to 999.
    pub millisecond: u16,
    /// 1 for Monday to 7 for Sunday.
    pub weekday: u8,
}

impl Local {
    /// A moment in a zone.
    #[must_use]
    pub fn at(moment: TimestampMs, zone: &TimeZone) -> Self {
        let instant = moment.to_jiff();
        let offset: Offset = zone.rules().to_offset(instant);
        let time = offset.to_datetime(instant);
        let small = |value: i8| u8::try_from(value).unwrap_or_default();
        Self {
            year: time.year(),
            month: small(time.month()),
            day: small(time.day()),
            hour: small(time.hour()),
            minute: small(time.minute()),
            second: small(time.second()),
            millisecond: u16::try_from(time.millisecond()).unwrap_or_default(),
            weekday: small(time.weekday().to_monday_one_offset()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_shows_its_zones_time() {
        let moment = TimestampMs::parse_rfc3339("2026-07-01T22:30:05.250Z").unwrap();
        let local = Local::at(moment, &"Europe/Berlin".parse().unwrap());
        let date = (local.year, local.month, local.day, local.weekday);
        assert_eq!(date, (2026, 7, 2, 4));
        let time = (local.hour, local.minute, local.second, local.millisecond);
        assert_eq!(time, (0, 30, 5, 250));
    }
}
