//! What windows promise: each moment lies in exactly one, in every zone.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Zones whose clocks do everything that clocks do.
const ZONES: [&str; 16] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo", // midnight that does not exist
    "America/Havana",    // midnight that comes twice
    "America/St_Johns",  // back over midnight at 00:01
    "Asia/Kolkata",      // half an hour
    "Asia/Kathmandu",    // three quarters
    "Asia/Tehran",
    "Asia/Gaza",
    "Africa/Cairo",
    "Australia/Lord_Howe", // half an hour of daylight saving
    "Pacific/Apia",        // left 30 December 2011 out
    "Pacific/Kiritimati",  // 14 hours ahead; left a day out in 1994
    "Pacific/Kwajalein",   // left a day out in 1993
    "America/Juneau",
];

fn zone(name: &str) -> TimeZone {
    name.parse().unwrap()
}

fn time(text: &str) -> TimestampMs {
    TimestampMs::parse_rfc3339(text).unwrap()
}

fn from_to(window: &str, at: &str, name: &str) -> (String, String) {
    let anchor = time("2026-01-01T00:00:20Z");
    let window: Window = window.parse().unwrap();
    let bounds = window.bounds(time(at), &zone(name), anchor);
    (bounds.starts_at.to_rfc3339(), bounds.ends_at.to_rfc3339())
}

fn pair(from: &str, to: &str) -> (String, String) {
    (format!("{from}.000Z"), format!("{to}.000Z"))
}

#[test]
fn seconds_minutes_and_hours_count_from_the_keys_creation() {
    let at = "2026-01-01T05:30:00Z";
    let expect = pair("2026-01-01T05:29:20", "2026-01-01T05:30:20");
    assert_eq!(from_to("60s", at, "Asia/Kolkata"), expect);
    let expect = pair("2026-01-01T05:25:20", "2026-01-01T05:30:20");
    assert_eq!(from_to("5m", at, "UTC"), expect);
    let expect = pair("2026-01-01T00:00:20", "2026-01-02T00:00:20");
    assert_eq!(from_to("24h", at, "Europe/Berlin"), expect);
}

#[test]
fn a_day_begins_at_local_midnight_and_has_as_many_hours_as_the_clock_gives_it() {
    let at = "2026-11-22T12:00:00Z";
    let expect = pair("2026-11-21T23:00:00", "2026-11-22T23:00:00");
    assert_eq!(from_to("1d", at, "Europe/Berlin"), expect);
    let expect = pair("2026-03-28T23:00:00", "2026-03-29T22:00:00");
    assert_eq!(
        from_to("1d", "2026-03-29T12:00:00Z", "Europe/Berlin"),
        expect
    );
    let expect = pair("2026-10-24T22:00:00", "2026-10-25T23:00:00");
    assert_eq!(
        from_to("1d", "2026-10-25T12:00:00Z", "Europe/Berlin"),
        expect
    );
}

#[test]
fn a_day_without_midnight_begins_when_the_clock_goes_on() {
    // São Paulo went from 00:00 to 01:00 on 4 November 2018: a day of 23 hours.
    let expect = pair("2018-11-04T03:00:00", "2018-11-05T02:00:00");
    assert_eq!(
        from_to("1d", "2018-11-04T12:00:00Z", "America/Sao_Paulo"),
        expect
    );
}

#[test]
fn a_day_with_two_midnights_begins_at_the_first() {
    // Havana went back from 01:00 to 00:00 on 5 November 2023.
    let expect = pair("2023-11-05T04:00:00", "2023-11-06T05:00:00");
    assert_eq!(
        from_to("1d", "2023-11-05T05:30:00Z", "America/Havana"),
        expect
    );
}

#[test]
fn a_clock_that_goes_back_over_midnight_does_not_reopen_the_day_before() {
    // St John's went back from 00:01 on 1 November 2009 to 23:01 on 31 October.
    let expect = pair("2009-11-01T02:30:00", "2009-11-02T03:30:00");
    assert_eq!(
        from_to("1d", "2009-11-01T03:00:00Z", "America/St_Johns"),
        expect
    );
}

#[test]
fn a_day_that_a_zone_left_out_has_no_window() {
    let day: Window = "1d".parse().unwrap();
    let apia = zone("Pacific/Apia");
    let before = day.bounds(time("2011-12-30T09:59:59Z"), &apia, TimestampMs(0));
    let after = day.bounds(time("2011-12-30T10:00:00Z"), &apia, TimestampMs(0));
    assert_eq!(before.ends_at, after.starts_at);
    assert_eq!(after.number, before.number + 2);
}

#[test]
fn weeks_begin_on_monday_and_months_on_the_first_as_litellm_has_them() {
    // 22 November 2026 is a Sunday.
    let at = "2026-11-22T12:00:00Z";
    let expect = pair("2026-11-16T00:00:00", "2026-11-23T00:00:00");
    assert_eq!(from_to("7d", at, "UTC"), expect);
    assert_eq!(from_to("1w", at, "UTC"), expect);
    assert_eq!(from_to("weekly", at, "UTC"), expect);
    let expect = pair("2026-11-01T00:00:00", "2026-12-01T00:00:00");
    assert_eq!(from_to("30d", at, "UTC"), expect);
    assert_eq!(from_to("1mo", at, "UTC"), expect);
    let expect = pair("2026-10-01T00:00:00", "2027-01-01T00:00:00");
    assert_eq!(from_to("3mo", at, "UTC"), expect);
}

#[test]
fn other_days_count_from_1970() {
    // 1970-01-01 and every tenth day after it: 20770 is the 2077th tenth, 2026-11-13.
    let expect = pair("2026-11-13T00:00:00", "2026-11-23T00:00:00");
    assert_eq!(from_to("10d", "2026-11-22T12:00:00Z", "UTC"), expect);
    let first: Window = "10d".parse().unwrap();
    let bounds = first.bounds(TimestampMs(0), &TimeZone::default(), TimestampMs(0));
    assert_eq!((bounds.number, bounds.starts_at), (0, TimestampMs(0)));
}

#[test]
fn zones_are_checked_when_they_are_read() {
    for name in [
        "",
        "Mars/Olympus",
        "Europe/",
        "../etc/passwd",
        "+01:00",
        "Etc/Unknown",
    ] {
        assert!(name.parse::<TimeZone>().is_err(), "{name}");
    }
    assert_eq!(TimeZone::default().name(), "UTC");
    for name in ZONES {
        let json = serde_json::to_string(&zone(name)).unwrap();
        assert_eq!(json, format!("\"{name}\""));
        assert_eq!(serde_json::from_str::<TimeZone>(&json).unwrap(), zone(name));
    }
}

#[test]
fn a_window_goes_through_json_as_text() {
    let window: Window = serde_json::from_str("\"30d\"").unwrap();
    assert_eq!(serde_json::to_string(&window).unwrap(), "\"30d\"");
    assert!(serde_json::from_str::<Window>("\"0d\"").is_err());
}

#[test]
fn the_ends_of_time_have_windows_too() {
    for text in ["1s", "100000h", "1d", "36000d", "1w", "1mo", "1200mo"] {
        let window: Window = text.parse().unwrap();
        for at in [0, u64::MAX, 253_402_207_200_999] {
            for anchor in [0, u64::MAX] {
                let bounds =
                    window.bounds(TimestampMs(at), &zone("Asia/Gaza"), TimestampMs(anchor));
                assert!(bounds.starts_at < bounds.ends_at, "{text} at {at}");
            }
        }
    }
}

fn windows() -> impl Strategy<Value = Window> {
    const TEXTS: [&str; 18] = [
        "1s", "60s", "5m", "1h", "24h", "36h", "1d", "2d", "7d", "10d", "30d", "45d", "1w", "2w",
        "1mo", "2mo", "3mo", "12mo",
    ];
    select(&TEXTS[..]).prop_map(|text| text.parse().unwrap())
}

/// 1970 to 2099, often near the quarter hours at which clocks change.
fn moments() -> impl Strategy<Value = TimestampMs> {
    let any = 0_u64..4_102_444_800_000;
    let near = (0_u64..4_558_000, -1_i64..=1)
        .prop_map(|(quarter, off)| (quarter * 900_000).saturating_add_signed(off));
    prop_oneof![any, near].prop_map(TimestampMs)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_moment_lies_in_its_window(
        at in moments(), window in windows(), name in select(&ZONES[..]), anchor in moments()
    ) {
        let bounds = window.bounds(at, &zone(name), anchor);
        prop_assert!(bounds.starts_at <= at && at < bounds.ends_at);
    }

    #[test]
    fn windows_touch_without_overlap_and_their_numbers_rise(
        at in moments(), window in windows(), name in select(&ZONES[..]), anchor in moments()
    ) {
        let zone = zone(name);
        let this = window.bounds(at, &zone, anchor);
        let last = window.bounds(TimestampMs(this.ends_at.0 - 1), &zone, anchor);
        prop_assert_eq!(last, this);
        let next = window.bounds(this.ends_at, &zone, anchor);
        prop_assert_eq!(next.starts_at, this.ends_at);
        prop_assert!(next.number > this.number && next.number <= this.number + 2);
        if let Some(before) = this.starts_at.0.checked_sub(1) {
            let previous = window.bounds(TimestampMs(before), &zone, anchor);
            prop_assert_eq!(previous.ends_at, this.starts_at);
            prop_assert!(previous.number < this.number);
        }
    }
}
