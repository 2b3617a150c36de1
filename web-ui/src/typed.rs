//! Amounts as people type them: in the marks of their language, and only where they can mean one thing.
//!
//! What a form shows at first is written for programs (`1500.5`): a field has no language. What comes
//! back may be that, or what a person is used to: `1.500,50` in German. A text that would be another
//! amount in another habit is refused, because a budget that is a thousand times too large is not seen.

use std::fmt;

use domain::money::{NanoUsd, NotAnAmount};

use crate::language::Language;

/// Why a typed text is no amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotTyped {
    /// It is one amount with its mark between thousands, and another with it before decimals.
    Ambiguous {
        /// As it was typed.
        text: String,
        /// As it is written without thousands apart.
        large: String,
        /// As it is written with decimals.
        small: String,
    },
    /// It is no number, or none that an amount may be.
    NotAnAmount(NotAnAmount),
}

impl fmt::Display for NotTyped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ambiguous { text, large, small } => {
                write!(f, "`{text}` may be {large} or {small}: write one of these")
            }
            Self::NotAnAmount(fault) => fault.fmt(f),
        }
    }
}

/// Reads an amount of dollars that somebody typed into a page of this language.
///
/// # Errors
/// [`NotTyped`], which says what to write instead.
pub fn money(language: Language, text: &str) -> Result<NanoUsd, NotTyped> {
    let bare: String = text
        .replace("US$", "")
        .chars()
        .filter(|letter| *letter != '$' && !letter.is_whitespace() && *letter != '\'')
        .collect();
    let plain = plain(language, &bare)?;
    NanoUsd::from_usd(&plain).map_err(|_as_plain| {
        // Told as it was typed, not as it was read.
        match NanoUsd::from_usd(&bare) {
            Err(fault) => NotTyped::NotAnAmount(fault),
            Ok(_amount) => NotTyped::NotAnAmount(NotAnAmount::NotDecimal(bare)),
        }
    })
}

/// An amount for a field of a form: without marks between thousands, with a point, and never with
/// exactly three decimals, which look like thousands where people write them with a point.
#[must_use]
pub fn field(amount: NanoUsd) -> String {
    let text = amount.to_string();
    match text.split_once('.') {
        Some((_whole, part)) if part.len() == 3 => format!("{text}0"),
        _ => text,
    }
}

/// The text with a point before its decimals and nothing between its thousands.
fn plain(language: Language, text: &str) -> Result<String, NotTyped> {
    let (points, commas) = (text.matches('.').count(), text.matches(',').count());
    let without = |mark: char| text.replace(mark, "");
    let last = text.rfind(['.', ',']);
    match (points, commas) {
        (0, 0) => Ok(text.to_owned()),
        // Both: what comes last is before the decimals.
        (1.., 1..) => {
            let decimal = last.and_then(|at| text.get(at..)?.chars().next());
            let (decimal, group) = if decimal == Some(',') {
                (',', '.')
            } else {
                ('.', ',')
            };
            let (whole, part) = text.split_once(decimal).unwrap_or((text, ""));
            Ok(if is_grouped(whole, group) && !part.contains(group) {
                format!("{}.{part}", whole.replace(group, ""))
            } else {
                text.to_owned()
            })
        }
        (2.., 0) if is_grouped(text, '.') => Ok(without('.')),
        (0, 2..) if is_grouped(text, ',') => Ok(without(',')),
        (1, 0) => one_mark(language, text, '.'),
        (0, 1) => one_mark(language, text, ','),
        _ => Ok(text.to_owned()),
    }
}

/// A text with one mark in it, which may stand between thousands or before decimals.
fn one_mark(language: Language, text: &str, mark: char) -> Result<String, NotTyped> {
    let decimal = language.locale().decimal;
    let (large, small) = (text.replace(mark, ""), text.replace(mark, "."));
    if !is_grouped(text, mark) {
        // A comma is before decimals where the language has it so, or where it can be nothing else.
        return Ok(small);
    }
    match (mark, decimal) {
        // The point of programs, where people write it too.
        ('.', '.') => Ok(small),
        // The comma of people who write thousands with it.
        (',', '.') => Ok(large),
        _ => Err(NotTyped::Ambiguous {
            text: text.to_owned(),
            large,
            small: format!("{}0", small.replace('.', &decimal.to_string())),
        }),
    }
}

/// Whether all that stands between marks looks like thousands: `1.234.567`.
fn is_grouped(text: &str, mark: char) -> bool {
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let mut groups = text.split(mark);
    let first = groups.next().unwrap_or_default();
    let begins = matches!(first.len(), 1..=3) && digits(first) && !first.starts_with('0');
    begins && groups.all(|group| group.len() == 3 && digits(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(language: Language, text: &str) -> Option<i64> {
        money(language, text).ok().map(|amount| amount.0)
    }

    const ONE: i64 = 1_000_000_000;

    #[test]
    fn a_decimal_comma_is_read_where_it_can_mean_nothing_else() {
        for language in Language::ALL.iter().copied() {
            assert_eq!(read(language, "12,5"), Some(12 * ONE + ONE / 2));
            assert_eq!(read(language, "12,50 $"), Some(12 * ONE + ONE / 2));
            assert_eq!(read(language, "0,125"), Some(ONE / 8));
            assert_eq!(read(language, "1.234,50"), Some(1_234 * ONE + ONE / 2));
            assert_eq!(read(language, "1,234.50"), Some(1_234 * ONE + ONE / 2));
            assert_eq!(read(language, "1.234.567"), Some(1_234_567 * ONE));
            assert_eq!(read(language, "US$1,234,567"), Some(1_234_567 * ONE));
            assert_eq!(read(language, "1 500"), Some(1_500 * ONE));
        }
    }

    #[test]
    fn one_mark_before_three_digits_is_refused_where_it_may_be_either() {
        for text in ["1.500", "1,500", "12.345 $"] {
            let refused = money(Language::German, text).unwrap_err();
            assert!(matches!(refused, NotTyped::Ambiguous { .. }), "{text}");
        }
        let refused = money(Language::German, "1.500").unwrap_err();
        let told = "`1.500` may be 1500 or 1,5000: write one of these";
        assert_eq!(refused.to_string(), told);
        assert_eq!(read(Language::German, "1500"), Some(1_500 * ONE));
        assert_eq!(read(Language::German, "1,5000"), Some(ONE + ONE / 2));
    }

    #[test]
    fn english_and_chinese_keep_the_point_of_programs_and_the_comma_of_thousands() {
        for language in [Language::English, Language::SimplifiedChinese] {
            assert_eq!(read(language, "$5,000"), Some(5_000 * ONE));
            assert_eq!(read(language, "$5,000.5"), Some(5_000 * ONE + ONE / 2));
            assert_eq!(read(language, "1.500"), Some(ONE + ONE / 2));
        }
    }

    #[test]
    fn what_is_no_amount_is_refused_as_it_was_typed() {
        for text in ["", "much", "1,2,3", "1.2.3", "1,23.4,5", "-5", "1,2345.6"] {
            assert_eq!(read(Language::German, text), None, "{text}");
            assert_eq!(read(Language::English, text), None, "{text}");
        }
        let refused = money(Language::German, "viel").unwrap_err();
        assert_eq!(refused.to_string(), "`viel` is not a decimal number");
    }

    #[test]
    fn a_field_is_written_so_that_every_language_reads_it_back() {
        for nano in [
            0,
            1,
            ONE,
            12_345_000_000,
            1_234_567_000,
            999_999_999,
            ONE / 8,
        ] {
            let field = field(NanoUsd(nano));
            for language in Language::ALL.iter().copied() {
                assert_eq!(read(language, &field), Some(nano), "{field}");
            }
        }
    }
}
