//! A number and a unit: `30s`, `5m`, `24h`, `7d`, `1w`, `1mo`, as LiteLLM writes durations.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A hundred years in seconds: longer ones are slips of the finger.
const LONGEST_SECONDS: u64 = 100 * 366 * 86_400;

/// A span of time in one unit; never zero, never more than about a hundred years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    count: u32,
    unit: Unit,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Unit {
    /// `s`
    Second,
    /// `m`
    Minute,
    /// `h`
    Hour,
    /// `d`
    Day,
    /// `w`
    Week,
    /// `mo`
    Month,
}

impl Span {
    /// How many units; at least 1.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// Of which unit.
    #[must_use]
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// Its length in milliseconds, where a day has 24 hours; `None` for months, which differ.
    #[must_use]
    pub fn millis(self) -> Option<u64> {
        let seconds = self.unit.seconds()?;
        Some(u64::from(self.count) * seconds * 1_000)
    }
}

impl Unit {
    const fn text(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "m",
            Self::Hour => "h",
            Self::Day => "d",
            Self::Week => "w",
            Self::Month => "mo",
        }
    }

    const fn seconds(self) -> Option<u64> {
        match self {
            Self::Second => Some(1),
            Self::Minute => Some(60),
            Self::Hour => Some(3_600),
            Self::Day => Some(86_400),
            Self::Week => Some(7 * 86_400),
            Self::Month => None,
        }
    }
}

/// A text that is not a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotASpan {
    /// It has another form.
    #[error(
        "write a number and a unit (`s`, `m`, `h`, `d`, `w` or `mo`), such as `30s`, `24h`, `30d` or `1mo`"
    )]
    Form,
    /// It is `0` of something.
    #[error("the number must be 1 or more")]
    Zero,
    /// It is beyond all planning.
    #[error("the longest is 100 years")]
    TooLong,
}

impl FromStr for Span {
    type Err = NotASpan;

    /// Reads `<number><unit>`, or one of the words that LiteLLM takes for budgets: `hourly`
    /// (`1h`), `daily` (`24h`), `weekly` (`7d`), `monthly` (`30d`).
    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let text = match text {
            "hourly" => "1h",
            "daily" => "24h",
            "weekly" => "7d",
            "monthly" => "30d",
            other => other,
        };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits).ok_or(NotASpan::Form)?;
        let unit = match unit {
            "s" => Unit::Second,
            "m" => Unit::Minute,
            "h" => Unit::Hour,
            "d" => Unit::Day,
            "w" => Unit::Week,
            "mo" => Unit::Month,
            _ => return Err(NotASpan::Form),
        };
        if number.is_empty() {
            return Err(NotASpan::Form);
        }
        let Ok(count) = number.parse::<u32>() else {
            return Err(NotASpan::TooLong);
        };
        let longest = unit
            .seconds()
            .map_or(1_200, |seconds| LONGEST_SECONDS / seconds);
        match count {
            0 => Err(NotASpan::Zero),
            count if u64::from(count) > longest => Err(NotASpan::TooLong),
            count => Ok(Self { count, unit }),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.count, self.unit.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn other_forms_are_refused_with_the_reason() {
        for text in [
            "", "s", "30", "30 d", "1month", "1y", "-1d", "+1d", "1.5h", "1d2h", "30D", "٣d",
        ] {
            assert_eq!(text.parse::<Span>(), Err(NotASpan::Form), "{text}");
        }
        assert_eq!("0s".parse::<Span>(), Err(NotASpan::Zero));
        for text in ["1201mo", "36601d", "99999999999999999999s"] {
            assert_eq!(text.parse::<Span>(), Err(NotASpan::TooLong), "{text}");
        }
        assert!("100000h".parse::<Span>().is_ok());
    }

    #[test]
    fn the_words_of_litellm_are_spans() {
        let shown = |text: &str| text.parse::<Span>().unwrap().to_string();
        assert_eq!(shown("hourly"), "1h");
        assert_eq!(shown("daily"), "24h");
        assert_eq!(shown("weekly"), "7d");
        assert_eq!(shown("monthly"), "30d");
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_was_read(count in 1_u32..=1_000, unit in "s|m|h|d|w|mo") {
            let text = format!("{count}{unit}");
            prop_assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[0-9a-zé -]{0,12}") {
            if let Ok(span) = text.parse::<Span>() {
                prop_assert!(span.count() >= 1);
                prop_assert_eq!(span.to_string().parse::<Span>(), Ok(span));
            }
        }
    }
}
