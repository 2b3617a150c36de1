//! When requests come: by the hour of the day, the day of the week, and how a product grows.

use domain::time::TimestampMs;
use domain::windows::{Local, TimeZone};

use crate::demo::cast::Hours;
use crate::demo::numbers::Numbers;

/// An hour.
pub const HOUR_MS: u64 = 3_600_000;

/// How many days lie behind.
pub const DAYS: u64 = 91;

/// Of ten thousand requests of a day, how many come in each hour.
const OFFICE: [u64; 24] = [
    50, 40, 30, 30, 40, 90, 220, 480, 790, 980, 1_020, 900, 620, 810, 980, 940, 810, 560, 310, 190,
    140, 100, 80, 60,
];
const CUSTOMERS: [u64; 24] = [
    150, 100, 70, 60, 70, 120, 240, 390, 510, 570, 590, 580, 560, 560, 570, 580, 590, 620, 680,
    710, 680, 560, 390, 230,
];
const NIGHT: [u64; 24] = [
    900, 2_300, 2_600, 1_900, 900, 300, 100, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50, 50,
    50, 100, 200, 300,
];

/// The first hour of the play.
#[must_use]
pub const fn begins(now: TimestampMs) -> u64 {
    (now.0 / HOUR_MS).saturating_sub(DAYS * 24)
}

/// How many requests come in an hour (counted from 1970) to who has `per_day` of them now.
pub fn of_hour(
    hour: u64,
    (per_day, hours): (u64, Hours),
    (zone, now): (&TimeZone, TimestampMs),
    numbers: &mut Numbers,
) -> u64 {
    let local = Local::at(TimestampMs(hour * HOUR_MS), zone);
    let (weights, weekend) = match hours {
        Hours::Office => (&OFFICE, 14),
        Hours::Customers => (&CUSTOMERS, 72),
        Hours::Night => (&NIGHT, 100),
    };
    let weight = weights.get(usize::from(local.hour)).copied().unwrap_or(0);
    let of_day = if local.weekday > 5 { weekend } else { 100 };
    // Three months ago it was a little more than half of what it is now.
    let grown = 58 + 42 * hour.saturating_sub(begins(now)) / (DAYS * 24);
    let noise = 70 + numbers.below(61);
    let expected = per_day * weight * of_day / 100 * grown / 100 * noise / 100;
    expected / 10_000 + u64::from(numbers.happens(expected % 10_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_is_busy_by_day_and_quiet_on_weekends() {
        let zone = TimeZone::default();
        // Monday 2026-11-23, 00:00.
        let monday = 1_795_392_000_000 / HOUR_MS;
        let now = TimestampMs((monday + 7 * 24) * HOUR_MS);
        let mut numbers = Numbers::of(3);
        let mut of_day = |day: u64| {
            let hours = (0..24).map(|hour| {
                let at = monday + day * 24 + hour;
                of_hour(at, (1_000, Hours::Office), (&zone, now), &mut numbers)
            });
            hours.collect::<Vec<u64>>()
        };
        let (workday, sunday) = (of_day(1), of_day(6));
        assert!(workday.iter().sum::<u64>() > 5 * sunday.iter().sum::<u64>());
        assert!(workday.get(10) > workday.get(3));
    }

    #[test]
    fn every_day_is_whole() {
        for hours in [OFFICE, CUSTOMERS, NIGHT] {
            let sum: u64 = hours.iter().sum();
            assert!((9_000..=11_000).contains(&sum), "{sum}");
        }
    }
}
