//! Money in whole numbers: nano-dollars for amounts, pico-dollars for prices.
//!
//! Invariant: no float touches money. Dollars enter and leave as decimal text.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::decimal::DecimalText;

/// An amount in nano-dollars (1e-9 US dollar).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct NanoUsd(pub i64);

/// A price in pico-dollars (1e-12 US dollar) per unit; per token this is the same number as
/// micro-dollars per million tokens, so $2.50 per million is 2,500,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PicoUsd(pub u64);

/// Why a decimal text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NotAnAmount {
    /// The text is not a plain decimal number such as `0.000002` or `2.5e-06`.
    #[error("`{0}` is not a decimal number")]
    NotDecimal(String),
    /// The text is a number, but below zero.
    #[error("`{0}` is below zero")]
    Negative(String),
    /// The text is a number, but too large to be held exactly.
    #[error("`{0}` is too large")]
    TooLarge(String),
}

impl PicoUsd {
    /// Reads dollars per unit, such as `0.0000025` or `2.5e-06`; finer than a pico-dollar is
    /// rounded up.
    ///
    /// # Errors
    /// When the text is no decimal number, negative, or above 18 million dollars.
    pub fn from_usd(text: &str) -> Result<Self, NotAnAmount> {
        scaled_up(text, 12).map(Self)
    }

    /// Reads dollars per million units, such as `2.5`; finer than a pico-dollar per unit is
    /// rounded up.
    ///
    /// # Errors
    /// As [`PicoUsd::from_usd`].
    pub fn from_usd_per_million(text: &str) -> Result<Self, NotAnAmount> {
        scaled_up(text, 6).map(Self)
    }

    /// What a million units cost; exact.
    #[must_use]
    pub fn per_million(self) -> NanoUsd {
        // A million of a millionth of a millionth is a thousand of a thousandth of a millionth.
        NanoUsd(i64::try_from(self.0.saturating_mul(1_000)).unwrap_or(i64::MAX))
    }
}

impl NanoUsd {
    /// Reads dollars, such as `12.5` or `1e-05`; finer than a nano-dollar is rounded up.
    ///
    /// # Errors
    /// When the text is no decimal number, negative, or above 9.2 thousand million dollars.
    pub fn from_usd(text: &str) -> Result<Self, NotAnAmount> {
        let value = scaled_up(text, 9)?;
        i64::try_from(value)
            .map(Self)
            .map_err(|_beyond| NotAnAmount::TooLarge(text.to_owned()))
    }

    /// Rounds a sum of pico-dollars up to the next nano-dollar, once.
    #[must_use]
    pub fn from_pico_rounded_up(pico: u128) -> Self {
        Self(i64::try_from(pico.div_ceil(1_000)).unwrap_or(i64::MAX))
    }

    /// Decimal dollars, as [`fmt::Display`] writes them.
    #[must_use]
    pub fn to_text(self) -> DecimalText {
        let (mut digits, mut places) = (self.0, 9);
        while places > 0 && digits % 10 == 0 {
            digits /= 10;
            places -= 1;
        }
        DecimalText::new(digits, places)
    }
}

/// Decimal dollars without trailing zeros: `0.00000625`, `1.5`, `0`.
impl fmt::Display for NanoUsd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.to_text().as_str())
    }
}

/// Reads `text` as a decimal number times ten to the `scale`, rounded up to a whole number.
fn scaled_up(text: &str, scale: i32) -> Result<u64, NotAnAmount> {
    let decimal = Decimal::parse(text)?;
    let shift = decimal.exponent.saturating_add(scale);
    let too_large = || NotAnAmount::TooLarge(text.to_owned());
    if decimal.digits == 0 {
        return Ok(0);
    }
    let magnitude = 10_u128.checked_pow(shift.unsigned_abs());
    let value = match (shift >= 0, magnitude) {
        (true, Some(factor)) => decimal.digits.checked_mul(factor).ok_or_else(too_large)?,
        (true, None) => return Err(too_large()),
        (false, Some(divisor)) => decimal.digits.div_ceil(divisor),
        (false, None) => 1,
    };
    u64::try_from(value).map_err(|_beyond| too_large())
}

/// `digits` times ten to the `exponent`.
struct Decimal {
    digits: u128,
    exponent: i32,
}

impl Decimal {
    fn parse(text: &str) -> Result<Self, NotAnAmount> {
        let not_decimal = || NotAnAmount::NotDecimal(text.to_owned());
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, power)) => (
                mantissa,
                power.parse::<i32>().map_err(|_malformed| not_decimal())?,
            ),
            None => (text, 0),
        };
        if let Some(rest) = mantissa.strip_prefix('-') {
            let zero = Self::parse(rest)?.digits == 0;
            return if zero {
                Ok(Self {
                    digits: 0,
                    exponent: 0,
                })
            } else {
                Err(NotAnAmount::Negative(text.to_owned()))
            };
        }
        let mantissa = mantissa.strip_prefix('+').unwrap_or(mantissa);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all_digits = whole
            .bytes()
            .chain(fraction.bytes())
            .all(|b| b.is_ascii_digit());
        if !all_digits || (whole.is_empty() && fraction.is_empty()) {
            return Err(not_decimal());
        }
        let fraction = fraction.trim_end_matches('0');
        let digits = format!("0{whole}{fraction}");
        let digits = digits
            .parse::<u128>()
            .map_err(|_overflow| NotAnAmount::TooLarge(text.to_owned()))?;
        let places = i32::try_from(fraction.len()).map_err(|_long| not_decimal())?;
        Ok(Self {
            digits,
            exponent: exponent.saturating_sub(places),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_price_per_million_is_the_number_on_the_vendors_page() {
        assert_eq!(PicoUsd::from_usd_per_million("2.5"), Ok(PicoUsd(2_500_000)));
        assert_eq!(PicoUsd::from_usd("2.5e-06"), Ok(PicoUsd(2_500_000)));
        assert_eq!(PicoUsd::from_usd("0.0000025"), Ok(PicoUsd(2_500_000)));
        assert_eq!(PicoUsd::from_usd("0"), Ok(PicoUsd(0)));
        assert_eq!(PicoUsd::from_usd("1E-3"), Ok(PicoUsd(1_000_000_000)));
    }

    #[test]
    fn finer_than_a_pico_dollar_is_rounded_up() {
        assert_eq!(PicoUsd::from_usd("0.0000000000001"), Ok(PicoUsd(1)));
        assert_eq!(PicoUsd::from_usd("1e-400"), Ok(PicoUsd(1)));
        assert_eq!(PicoUsd::from_usd_per_million("0.0000001"), Ok(PicoUsd(1)));
    }

    #[test]
    fn what_is_no_amount_is_refused_with_its_text() {
        for text in [
            "", ".", "x", "1.2.3", "1e", "NaN", "inf", "0x1", "1_000", " 1",
        ] {
            assert!(
                matches!(PicoUsd::from_usd(text), Err(NotAnAmount::NotDecimal(_))),
                "{text}"
            );
        }
        assert!(matches!(
            PicoUsd::from_usd("-1"),
            Err(NotAnAmount::Negative(_))
        ));
        assert!(matches!(
            PicoUsd::from_usd("1e30"),
            Err(NotAnAmount::TooLarge(_))
        ));
        assert_eq!(PicoUsd::from_usd("-0.0"), Ok(PicoUsd(0)));
    }

    #[test]
    fn dollars_are_written_from_the_integer() {
        assert_eq!(NanoUsd(62_500).to_string(), "0.0000625");
        assert_eq!(NanoUsd(1_500_000_001).to_string(), "1.500000001");
        assert_eq!(NanoUsd(-50_000_000_000).to_string(), "-50");
        assert_eq!(NanoUsd(0).to_string(), "0");
    }

    proptest! {
        #[test]
        fn decimal_text_of_whole_picos_reads_back_exactly(pico in any::<u64>()) {
            let text = format!("{}.{:012}", pico / 1_000_000_000_000, pico % 1_000_000_000_000);
            prop_assert_eq!(PicoUsd::from_usd(&text), Ok(PicoUsd(pico)));
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,40}") {
            let _ = PicoUsd::from_usd(&text);
        }

        #[test]
        fn rounding_up_never_loses_and_never_adds_a_whole_nano(pico in 0..u128::from(u64::MAX)) {
            let nano = NanoUsd::from_pico_rounded_up(pico).0;
            let back = u128::try_from(nano).unwrap() * 1_000;
            prop_assert!(back >= pico && back - pico < 1_000);
        }
    }
}
