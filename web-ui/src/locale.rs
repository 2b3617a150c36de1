//! How each language writes numbers: CLDR's facts for our three languages, as a table.
//!
//! `docs/decisions/0044-words-and-figures.md` says why no library does it.

use crate::language::Language;

/// What large counts are told in.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// From which count on.
    pub from: u64,
    /// What one of it is.
    pub is: u64,
    /// Its word, with the blank before it where there is one.
    pub word: &'static str,
}

/// How a language writes numbers.
#[derive(Clone, Copy, Debug)]
pub struct Locale {
    /// Between dollars and cents.
    pub decimal: char,
    /// Between thousands.
    pub group: char,
    /// After a share of a hundred.
    pub percent: &'static str,
    /// Before an amount of US dollars.
    pub dollars_before: &'static str,
    /// After an amount of US dollars.
    pub dollars_after: &'static str,
    /// What large counts are told in, the largest first.
    pub units: &'static [Unit],
}

const ENGLISH: Locale = Locale {
    decimal: '.',
    group: ',',
    percent: "%",
    dollars_before: "$",
    dollars_after: "",
    units: &[
        Unit {
            from: 1_000_000_000,
            is: 1_000_000_000,
            word: " B",
        },
        Unit {
            from: 1_000_000,
            is: 1_000_000,
            word: " M",
        },
        Unit {
            from: 10_000,
            is: 1_000,
            word: " k",
        },
    ],
};

/// Blanks are kept together with their figure, as CLDR has it (U+00A0). Thousands have no short word.
const GERMAN: Locale = Locale {
    decimal: ',',
    group: '.',
    percent: "\u{a0}%",
    dollars_before: "",
    dollars_after: "\u{a0}$",
    units: &[
        Unit {
            from: 1_000_000_000,
            is: 1_000_000_000,
            word: "\u{a0}Mrd.",
        },
        Unit {
            from: 1_000_000,
            is: 1_000_000,
            word: "\u{a0}Mio.",
        },
    ],
};

/// Chinese counts in ten thousands, and in ten thousands of them; its own dollar sign is another
/// money's in daily use, so ours is named.
const SIMPLIFIED_CHINESE: Locale = Locale {
    decimal: '.',
    group: ',',
    percent: "%",
    dollars_before: "US$",
    dollars_after: "",
    units: &[
        Unit {
            from: 100_000_000,
            is: 100_000_000,
            word: "亿",
        },
        Unit {
            from: 10_000,
            is: 10_000,
            word: "万",
        },
    ],
};

impl Language {
    /// How it writes numbers.
    #[must_use]
    pub const fn locale(self) -> &'static Locale {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
            Self::SimplifiedChinese => &SIMPLIFIED_CHINESE,
        }
    }
}
