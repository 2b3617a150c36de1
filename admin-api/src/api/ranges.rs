//! Ranges of time and pages of reports in query strings.

use domain::time::TimestampMs;
use domain::windows::{Day, TimeZone};
use store::page::Page;

use crate::api::audit::Format;
use crate::api::page::not_ours;
use crate::error::ActionError;

/// How many days a report covers when nobody says.
const USUAL_DAYS: u16 = 30;
/// The most rows of a page.
const MOST: i64 = 200;
/// The most rows of a table.
const MOST_OF_A_TABLE: i64 = 10_000;

/// A moment: RFC 3339, or a date, which means its beginning in the zone.
///
/// # Errors
/// [`ActionError::Invalid`], which names the member.
pub fn moment(
    field: &str,
    text: Option<&str>,
    zone: &TimeZone,
) -> Result<Option<TimestampMs>, ActionError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if let Ok(day) = text.parse::<Day>() {
        return Ok(Some(day.begins_at(zone)));
    }
    let read = TimestampMs::parse_rfc3339(text).map_err(|malformed| {
        let message = format!("`{field}`: {malformed}, or a date such as `2027-01-31`.");
        ActionError::invalid(field, message)
    });
    read.map(Some)
}

/// From when to when: the last 30 days until now, unless said.
///
/// # Errors
/// As [`moment`]; when the range is empty.
pub fn range(
    from: Option<&str>,
    until: Option<&str>,
    zone: &TimeZone,
) -> Result<(TimestampMs, TimestampMs), ActionError> {
    let now = TimestampMs::now();
    let until = moment("until", until, zone)?.unwrap_or(now);
    let usual = || Day::at(until, zone).back(USUAL_DAYS).begins_at(zone);
    let from = moment("from", from, zone)?.unwrap_or_else(usual);
    if from >= until {
        return Err(ActionError::invalid(
            "until",
            "`until` has to be later than `from`.",
        ));
    }
    Ok((from, until))
}

/// The zone that is named, if one is.
///
/// # Errors
/// When there is none of this name.
pub fn zone(named: Option<&str>) -> Result<Option<TimeZone>, ActionError> {
    let named = named.filter(|name| !name.is_empty());
    let zone = named.map(str::parse::<TimeZone>).transpose();
    zone.map_err(|unknown| ActionError::invalid("time_zone", format!("{unknown}.")))
}

/// How many rows at most.
///
/// # Errors
/// When the limit is out of range.
pub fn limit(asked: Option<i64>, format: Format) -> Result<i64, ActionError> {
    let (usual, most) = match format {
        Format::Json => (50, MOST),
        Format::Csv => (MOST_OF_A_TABLE, MOST_OF_A_TABLE),
    };
    let limit = asked.unwrap_or(usual);
    if !(1..=most).contains(&limit) {
        return Err(ActionError::invalid(
            "limit",
            format!("`limit` has to be 1 to {most}."),
        ));
    }
    Ok(limit)
}

/// A page of the store's, of a list whose cursors have a form.
///
/// # Errors
/// As [`limit`], and when the cursor has another form.
pub fn page(
    cursor: Option<String>,
    is_one: fn(&str) -> bool,
    (asked, format): (Option<i64>, Format),
) -> Result<Page, ActionError> {
    let after = cursor.filter(|cursor| !cursor.is_empty());
    if after.as_deref().is_some_and(|cursor| !is_one(cursor)) {
        return Err(not_ours());
    }
    Ok(Page {
        after,
        ..Page::first(limit(asked, format)?)
    })
}
