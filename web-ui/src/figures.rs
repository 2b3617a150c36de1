//! Figures as people read them in their language: money, counts, shares, spans of time. Whole numbers
//! all the way: no float touches money. What programs read (CSV, fields of forms) is not written here.

use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::locale::Locale;
use crate::words::Words;

const NANO: u64 = 1_000_000_000;

/// A whole number with its thousands apart: `41,208`, `41.208`.
#[must_use]
pub fn count(words: Words, value: u64) -> String {
    grouped(words.language.locale(), value)
}

fn grouped(locale: &Locale, value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(locale.group);
        }
        grouped.push(digit);
    }
    grouped
}

/// Dollars with so many decimals, rounded half up: `$4,402.17`, `4.402,17 $`, `US$4,402.17`.
#[must_use]
pub fn money(words: Words, amount: NanoUsd, decimals: u32) -> String {
    let step = 10_u64.saturating_pow(9_u32.saturating_sub(decimals));
    let rounded = amount.0.unsigned_abs().saturating_add(step / 2) / step;
    let scale = 10_u64.saturating_pow(decimals.min(9));
    let (whole, part) = (rounded / scale, rounded % scale);
    let locale = words.language.locale();
    let mut figure = grouped(locale, whole);
    if decimals > 0 {
        let width = usize::try_from(decimals.min(9)).unwrap_or(2);
        figure.push(locale.decimal);
        figure.push_str(&format!("{part:0width$}"));
    }
    let sign = if amount.0 < 0 { "−" } else { "" };
    dollars(locale, sign, &figure)
}

fn dollars(locale: &Locale, sign: &str, figure: &str) -> String {
    let (before, after) = (locale.dollars_before, locale.dollars_after);
    format!("{sign}{before}{figure}{after}")
}

/// An amount to the nano-dollar: `$0.00000625`, `$1.50`. Two decimals at least, and never three, which
/// look like thousands to who writes them with the other mark.
#[must_use]
pub fn exact(words: Words, amount: NanoUsd) -> String {
    let mut decimals = 9;
    let mut rest = amount.0.unsigned_abs();
    while decimals > 2 && rest.is_multiple_of(10) {
        rest /= 10;
        decimals -= 1;
    }
    money(words, amount, if decimals == 3 { 4 } else { decimals })
}

/// What one request cost: as many decimals as say something.
#[must_use]
pub fn price(words: Words, amount: NanoUsd) -> String {
    match amount.0 {
        0 => money(words, amount, 0),
        1..10_000 => exact(words, amount),
        10_000..10_000_000_000 => money(words, amount, 5),
        _ => money(words, amount, 4),
    }
}

/// A limit of money: without cents where it has none.
#[must_use]
pub fn limit(words: Words, amount: NanoUsd) -> String {
    let has_cents = !amount.0.unsigned_abs().is_multiple_of(NANO);
    money(words, amount, if has_cents { 2 } else { 0 })
}

/// Dollars as an axis or a small place has room for: `$40k`, `$2`, `$0.05`, `$0.00002`.
#[must_use]
pub fn short_money(words: Words, amount: NanoUsd) -> String {
    let magnitude = amount.0.unsigned_abs();
    if magnitude >= NANO && !magnitude.is_multiple_of(NANO) {
        return money(words, amount, 2);
    }
    if (1..NANO).contains(&magnitude) {
        return exact(words, amount);
    }
    let sign = if amount.0 < 0 { "−" } else { "" };
    let figure = short(words, magnitude / NANO).replace(' ', "");
    dollars(words.language.locale(), sign, &figure)
}

/// A large count, short: `20.2 M`, `20,2 Mio.`, `2020万`, `3,000`.
#[must_use]
pub fn short(words: Words, value: u64) -> String {
    let locale = words.language.locale();
    let Some(unit) = locale.units.iter().find(|unit| value >= unit.from) else {
        return grouped(locale, value);
    };
    let tenths = value / (unit.is / 10);
    let (whole, tenth) = (tenths / 10, tenths % 10);
    if tenth == 0 || whole >= 1_000 {
        let whole = if whole < 10_000 {
            whole.to_string()
        } else {
            grouped(locale, whole)
        };
        return format!("{whole}{}", unit.word);
    }
    format!("{whole}{}{tenth}{}", locale.decimal, unit.word)
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
pub fn percent(words: Words, points: u64) -> String {
    let sign = words.language.locale().percent;
    format!("{}{sign}", percent_figure(words, points))
}

/// A share as [`percent`] tells it, without its sign.
#[must_use]
pub fn percent_figure(words: Words, points: u64) -> String {
    let decimal = words.language.locale().decimal;
    match points {
        0 => "0".to_owned(),
        1..100 => format!("0{decimal}{points:02}"),
        100..1_000 => format!("{}{decimal}{}", points / 100, points % 100 / 10),
        _ => count(words, points / 100),
    }
}

/// A duration: milliseconds below a second, else seconds with two decimals. Their signs are those of
/// all languages.
#[must_use]
pub fn duration(words: Words, ms: u64) -> String {
    let decimal = words.language.locale().decimal;
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..100_000 => format!("{}{decimal}{:02} s", ms / 1_000, ms % 1_000 / 10),
        _ => format!("{} s", count(words, ms / 1_000)),
    }
}

/// How many in a second, of so many in a span: two decimals below ten, one below a hundred.
#[must_use]
pub fn per_second(words: Words, number: u64, span_ms: u64) -> String {
    let decimal = words.language.locale().decimal;
    let hundredths = number.saturating_mul(100_000) / span_ms.max(1);
    match hundredths {
        // Not nothing.
        0 if number > 0 => format!("< 0{decimal}01"),
        0..1_000 => format!("{}{decimal}{:02}", hundredths / 100, hundredths % 100),
        1_000..10_000 => format!("{}{decimal}{}", hundredths / 100, hundredths % 100 / 10),
        _ => count(words, hundredths / 100),
    }
}

/// How long ago, or in how long, roughly.
#[must_use]
pub fn relative(words: Words, at: TimestampMs, now: TimestampMs) -> String {
    let past = at <= now;
    let seconds = if past { now.0 - at.0 } else { at.0 - now.0 } / 1_000;
    let (amount, unit) = match seconds {
        0..60 => (seconds, Unit::Second),
        60..3_600 => (seconds / 60, Unit::Minute),
        3_600..86_400 => (seconds / 3_600, Unit::Hour),
        _ => (seconds / 86_400, Unit::Day),
    };
    if past && unit == Unit::Second && amount < 5 {
        return words.t("time-now");
    }
    words.with(span(past, unit), &[("count", amount.into())])
}

const fn span(past: bool, unit: Unit) -> &'static str {
    match (past, unit) {
        (true, Unit::Second) => "time-ago-s",
        (true, Unit::Minute) => "time-ago-min",
        (true, Unit::Hour) => "time-ago-h",
        (true, Unit::Day) => "time-ago-d",
        (false, Unit::Second) => "time-in-s",
        (false, Unit::Minute) => "time-in-min",
        (false, Unit::Hour) => "time-in-h",
        (false, Unit::Day) => "time-in-d",
    }
}

/// What a span of time is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
}

/// The phrases of [`relative`] for the script that keeps times true while a page stands open: seconds,
/// minutes, hours and days, each for one and for `#` of them; what is ahead after what is past.
#[must_use]
pub fn spans(words: Words) -> String {
    let units = [Unit::Second, Unit::Minute, Unit::Hour, Unit::Day];
    let both = [true, false].into_iter().flat_map(|past| {
        let phrases = units.map(|unit| span(past, unit));
        phrases.into_iter().flat_map(|id| [(id, 1_u64), (id, 2)])
    });
    let each = both.map(|(id, number)| {
        let phrase = words.with(id, &[("count", number.into())]);
        phrase.replace('2', "#")
    });
    let each: Vec<String> = std::iter::once(words.t("time-now")).chain(each).collect();
    each.join("|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    const EN: Words = Words {
        language: Language::English,
    };
    const DE: Words = Words {
        language: Language::German,
    };
    const ZH: Words = Words {
        language: Language::SimplifiedChinese,
    };

    #[test]
    fn money_is_rounded_at_the_edge_only() {
        assert_eq!(money(EN, NanoUsd(4_402_174_999_999), 2), "$4,402.17");
        assert_eq!(money(EN, NanoUsd(4_402_175_000_000), 2), "$4,402.18");
        assert_eq!(money(EN, NanoUsd(-1_500_000_000), 2), "−$1.50");
        assert_eq!(money(EN, NanoUsd(64_000 * 1_000_000_000), 0), "$64,000");
        assert_eq!(limit(EN, NanoUsd(500_000_000)), "$0.50");
        assert_eq!(price(EN, NanoUsd(6_250)), "$0.00000625");
        assert_eq!(price(EN, NanoUsd(18_420_000)), "$0.01842");
        assert_eq!(price(EN, NanoUsd(0)), "$0");
    }

    #[test]
    fn money_is_written_as_each_language_has_it() {
        let amount = NanoUsd(1_234_500_000_000);
        assert_eq!(money(EN, amount, 2), "$1,234.50");
        assert_eq!(money(DE, amount, 2), "1.234,50\u{a0}$");
        assert_eq!(money(ZH, amount, 2), "US$1,234.50");
        assert_eq!(money(DE, NanoUsd(-1_500_000_000), 2), "−1,50\u{a0}$");
        assert_eq!(price(DE, NanoUsd(6_250)), "0,00000625\u{a0}$");
        assert_eq!(price(ZH, NanoUsd(18_420_000)), "US$0.01842");
        let axis = |words| short_money(words, NanoUsd(40_000 * 1_000_000_000));
        assert_eq!([axis(EN), axis(ZH)], ["$40k", "US$4万"]);
        assert_eq!(axis(DE), "40.000\u{a0}$");
        assert_eq!(short_money(EN, NanoUsd(20_000)), "$0.00002");
        assert_eq!(short_money(EN, NanoUsd(2_500_000_000)), "$2.50");
    }

    #[test]
    fn figures_are_short_where_they_are_large() {
        assert_eq!(short(EN, 999), "999");
        assert_eq!(short(EN, 3_000), "3,000");
        assert_eq!(short(EN, 20_240_000), "20.2 M");
        assert_eq!(short(EN, 2_000_000), "2 M");
        assert_eq!(short(EN, 12_345), "12.3 k");
        assert_eq!(short(DE, 12_345), "12.345");
        assert_eq!(short(DE, 20_240_000), "20,2\u{a0}Mio.");
        assert_eq!(short(DE, 3_000_000_000), "3\u{a0}Mrd.");
        assert_eq!(short(ZH, 9_999), "9,999");
        assert_eq!(short(ZH, 12_345), "1.2万");
        assert_eq!(short(ZH, 20_200_000), "2020万");
        assert_eq!(short(ZH, 20_245_000), "2024万");
        assert_eq!(short(ZH, 1_250_000_000), "12.5亿");
    }

    #[test]
    fn shares_and_durations_have_the_mark_of_the_language() {
        assert_eq!(percent(EN, 31), "0.31%");
        assert_eq!(percent(EN, 240), "2.4%");
        assert_eq!(percent(EN, 8_800), "88%");
        assert_eq!(percent(DE, 240), "2,4\u{a0}%");
        assert_eq!(percent(ZH, 31), "0.31%");
        assert_eq!(duration(EN, 412), "412 ms");
        assert_eq!(duration(EN, 2_845), "2.84 s");
        assert_eq!(duration(DE, 2_845), "2,84 s");
    }

    #[test]
    fn a_time_is_told_from_now() {
        let now = TimestampMs(10 * 86_400_000);
        let ago = |words, ms: u64| relative(words, TimestampMs(now.0 - ms), now);
        let ahead = TimestampMs(now.0 + 3 * 86_400_000);
        assert_eq!(ago(EN, 2_000), "just now");
        assert_eq!(ago(EN, 240_000), "4 min ago");
        assert_eq!(ago(DE, 180_000), "vor 3 Minuten");
        assert_eq!(ago(DE, 86_400_000), "gestern");
        assert_eq!(ago(ZH, 180_000), "3 分钟前");
        assert_eq!(relative(EN, ahead, now), "in 3 days");
        assert_eq!(relative(DE, ahead, now), "in 3 Tagen");
        assert_eq!(relative(ZH, ahead, now), "3 天后");
    }

    #[test]
    fn the_script_tells_times_in_the_words_of_the_page() {
        for language in Language::ALL {
            let words = Words {
                language: *language,
            };
            let spans = spans(words);
            let spans: Vec<&str> = spans.split('|').collect();
            assert_eq!(spans.len(), 17, "{language:?}");
            let day = relative(words, TimestampMs(0), TimestampMs(5 * 86_400_000));
            let days = spans.get(8).map(|phrase| phrase.replace('#', "5"));
            assert_eq!(days, Some(day));
        }
    }
}
