//! Figures as people read them: money, counts, shares, spans of time. Whole numbers all the way.

use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::words::Words;

const NANO: u64 = 1_000_000_000;

/// A whole number with its thousands apart: `41,208`.
#[must_use]
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Dollars with so many decimals, rounded half up: `$4,402.17`.
#[must_use]
pub fn money(amount: NanoUsd, decimals: u32) -> String {
    let sign = if amount.0 < 0 { "−" } else { "" };
    let step = 10_u64.saturating_pow(9_u32.saturating_sub(decimals));
    let rounded = amount.0.unsigned_abs().saturating_add(step / 2) / step;
    let scale = 10_u64.saturating_pow(decimals.min(9));
    let (whole, part) = (rounded / scale, rounded % scale);
    if decimals == 0 {
        return format!("{sign}${}", count(whole));
    }
    let width = usize::try_from(decimals).unwrap_or(2);
    format!("{sign}${}.{part:0width$}", count(whole))
}

/// What one request cost: as many decimals as say something.
#[must_use]
pub fn price(amount: NanoUsd) -> String {
    match amount.0 {
        0 => "$0".to_owned(),
        1..10_000 => format!("${amount}"),
        10_000..10_000_000_000 => money(amount, 5),
        _ => money(amount, 4),
    }
}

/// A limit of money: without cents where it has none.
#[must_use]
pub fn limit(amount: NanoUsd) -> String {
    let has_cents = !amount.0.unsigned_abs().is_multiple_of(NANO);
    money(amount, if has_cents { 2 } else { 0 })
}

/// A large count, short: `20.2 M`, `3,000`.
#[must_use]
pub fn short(value: u64) -> String {
    for (unit, letter) in [(1_000_000_000_u64, "B"), (1_000_000, "M"), (10_000, "k")] {
        if value >= unit {
            let base = if letter == "k" { 1_000 } else { unit };
            let tenths = value / (base / 10);
            return format!("{}.{} {letter}", count(tenths / 10), tenths % 10).replace(".0 ", " ");
        }
    }
    count(value)
}

/// How many hundredths of a percent `part` is of `whole`; none of nothing.
#[must_use]
pub fn basis_points(part: u64, whole: u64) -> Option<u64> {
    let points = u128::from(part)
        .saturating_mul(10_000)
        .checked_div(u128::from(whole))?;
    u64::try_from(points).ok()
}

/// A share: one decimal below ten percent.
#[must_use]
pub fn percent(points: u64) -> String {
    if points == 0 {
        "0%".to_owned()
    } else if points < 100 {
        format!("0.{points:02}%")
    } else if points < 1_000 {
        format!("{}.{}%", points / 100, points % 100 / 10)
    } else {
        format!("{}%", count(points / 100))
    }
}

/// A duration: milliseconds below a second, else seconds with two decimals.
#[must_use]
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..100_000 => format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10),
        _ => format!("{} s", count(ms / 1_000)),
    }
}

/// How long ago, or in how long, roughly.
#[must_use]
pub fn relative(words: Words, at: TimestampMs, now: TimestampMs) -> String {
    let past = at <= now;
    let seconds = if past { now.0 - at.0 } else { at.0 - now.0 } / 1_000;
    let (amount, unit) = match seconds {
        0..60 => (seconds, "s"),
        60..3_600 => (seconds / 60, "min"),
        3_600..86_400 => (seconds / 3_600, "h"),
        _ => (seconds / 86_400, "d"),
    };
    let id = match (past, unit) {
        (true, "s") if amount < 5 => return words.t("time-now"),
        (true, "s") => "time-ago-s",
        (true, "min") => "time-ago-min",
        (true, "h") => "time-ago-h",
        (true, _) => "time-ago-d",
        (false, "s") => "time-in-s",
        (false, "min") => "time-in-min",
        (false, "h") => "time-in-h",
        (false, _) => "time-in-d",
    };
    words.with(id, &[("count", amount.into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_rounded_at_the_edge_only() {
        assert_eq!(money(NanoUsd(4_402_174_999_999), 2), "$4,402.17");
        assert_eq!(money(NanoUsd(4_402_175_000_000), 2), "$4,402.18");
        assert_eq!(money(NanoUsd(-1_500_000_000), 2), "−$1.50");
        assert_eq!(money(NanoUsd(64_000 * 1_000_000_000), 0), "$64,000");
        assert_eq!(limit(NanoUsd(500_000_000)), "$0.50");
        assert_eq!(price(NanoUsd(6_250)), "$0.00000625");
        assert_eq!(price(NanoUsd(18_420_000)), "$0.01842");
    }

    #[test]
    fn figures_are_short_where_they_are_large() {
        assert_eq!(short(999), "999");
        assert_eq!(short(3_000), "3,000");
        assert_eq!(short(20_240_000), "20.2 M");
        assert_eq!(short(2_000_000), "2 M");
        assert_eq!(short(12_345), "12.3 k");
        assert_eq!(percent(31), "0.31%");
        assert_eq!(percent(240), "2.4%");
        assert_eq!(percent(8_800), "88%");
        assert_eq!(duration(412), "412 ms");
        assert_eq!(duration(2_845), "2.84 s");
    }

    #[test]
    fn a_time_is_told_from_now() {
        let words = Words::default();
        let now = TimestampMs(10 * 86_400_000);
        assert_eq!(relative(words, TimestampMs(now.0 - 2_000), now), "just now");
        assert_eq!(
            relative(words, TimestampMs(now.0 - 240_000), now),
            "4 min ago"
        );
        assert_eq!(
            relative(words, TimestampMs(now.0 + 3 * 86_400_000), now),
            "in 3 days"
        );
    }
}
