//! `start_date` and `end_date` of LiteLLM's reports: days, the last one with them.

use domain::time::TimestampMs;
use domain::windows::{Day, TimeZone};

use crate::acting::{Acting, may};
use crate::actions::usage::{self, Days};
use crate::error::ActionError;

/// How many days LiteLLM's views of the last month have.
const LAST_DAYS: u16 = 30;

/// A day: a date, alone or before a time of day, which is left out.
fn day(field: &str, text: Option<&str>) -> Result<Option<Day>, ActionError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let date = text.split(['T', ' ', '+']).next().unwrap_or_default();
    let read = date
        .parse::<Day>()
        .map_err(|malformed| ActionError::invalid(field, format!("`{field}`: {malformed}.")));
    read.map(Some)
}

/// The days that are asked for; none when neither is said.
///
/// # Errors
/// When one is said and the other is not, they are no dates, or the last is before the first.
pub fn asked(
    start: Option<&str>,
    end: Option<&str>,
    zone: &TimeZone,
) -> Result<Option<Days>, ActionError> {
    let (first, last) = match (day("start_date", start)?, day("end_date", end)?) {
        (None, None) => return Ok(None),
        (Some(first), Some(last)) => (first, last),
        (Some(_), None) => return Err(incomplete("end_date")),
        (None, Some(_)) => return Err(incomplete("start_date")),
    };
    if last < first {
        return Err(ActionError::invalid(
            "end_date",
            "`end_date` has to be `start_date` or later.",
        ));
    }
    let zone = zone.clone();
    Ok(Some(Days { first, last, zone }))
}

fn incomplete(field: &'static str) -> ActionError {
    ActionError::invalid(
        field,
        "Please provide start_date and end_date, such as 2027-01-31.",
    )
}

/// The days that have to be said.
///
/// # Errors
/// As [`asked`], and when nothing is said.
pub async fn required(
    acting: &Acting<may::ReadSpend>,
    start: Option<&str>,
    end: Option<&str>,
) -> Result<Days, ActionError> {
    let zone = usage::time_zone(acting, None).await?;
    asked(start, end, &zone)?.ok_or_else(|| incomplete("start_date"))
}

/// The days that are asked for, else the last 30.
///
/// # Errors
/// As [`asked`].
pub async fn or_last_days(
    acting: &Acting<may::ReadSpend>,
    start: Option<&str>,
    end: Option<&str>,
) -> Result<Days, ActionError> {
    let zone = usage::time_zone(acting, None).await?;
    if let Some(days) = asked(start, end, &zone)? {
        return Ok(days);
    }
    let last = Day::at(TimestampMs::now(), &zone);
    let first = last.back(LAST_DAYS);
    Ok(Days { first, last, zone })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(start: Option<&str>, end: Option<&str>) -> Result<Option<(String, String)>, String> {
        let days = asked(start, end, &TimeZone::default()).map_err(|error| error.to_string())?;
        Ok(days.map(|days| (days.first.to_string(), days.last.to_string())))
    }

    #[test]
    fn days_are_read_with_or_without_a_time() {
        let expect = Ok(Some(("2026-11-01".to_owned(), "2026-11-30".to_owned())));
        assert_eq!(read(Some("2026-11-01"), Some("2026-11-30")), expect);
        let with_times = read(Some("2026-11-01 00:00:00"), Some("2026-11-30T23:59:59Z"));
        assert_eq!(with_times, expect);
        assert_eq!(read(None, Some("")), Ok(None));
    }

    #[test]
    fn half_a_range_and_one_that_goes_backwards_are_refused() {
        assert!(read(Some("2026-11-01"), None).is_err());
        assert!(read(None, Some("2026-11-01")).is_err());
        assert!(read(Some("2026-11-02"), Some("2026-11-01")).is_err());
        assert!(read(Some("yesterday"), Some("2026-11-01")).is_err());
    }
}
