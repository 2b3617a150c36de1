//! What charts and tables of usage measure.

use domain::money::NanoUsd;
use store::usage::{UsageOrder, UsageSums};
use web_ui::chart::Format;
use web_ui::figures::{count, duration, money, short, short_money};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Money.
    Spend,
    /// Requests.
    Requests,
    /// Tokens in and out.
    Tokens,
    /// How long a request took, on average.
    Latency,
}

impl Measure {
    /// Those that add up.
    pub const ALL: [Self; 3] = [Self::Spend, Self::Requests, Self::Tokens];
    /// Those of a key.
    pub const OF_A_KEY: [Self; 4] = [Self::Spend, Self::Requests, Self::Tokens, Self::Latency];

    /// The word in addresses.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Spend => "spend",
            Self::Requests => "requests",
            Self::Tokens => "tokens",
            Self::Latency => "latency",
        }
    }

    /// The id of its text.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Spend => "measure-spend",
            Self::Requests => "measure-requests",
            Self::Tokens => "measure-tokens",
            Self::Latency => "measure-latency",
        }
    }

    /// Reads the word.
    pub fn of(word: &str) -> Self {
        let found = Self::ALL.into_iter().find(|one| one.word() == word);
        found.unwrap_or(Self::Spend)
    }

    /// Reads the word where it is asked of a key.
    pub fn of_a_key(word: &str) -> Self {
        let found = Self::OF_A_KEY.into_iter().find(|one| one.word() == word);
        found.unwrap_or(Self::Spend)
    }

    /// Its figure.
    pub fn value(self, sums: &UsageSums) -> u64 {
        match self {
            Self::Spend => u64::try_from(sums.charge_nanousd.0).unwrap_or(0),
            Self::Requests => sums.requests,
            Self::Tokens => tokens(sums),
            Self::Latency => sums.duration_ms.checked_div(sums.requests).unwrap_or(0),
        }
    }

    /// What comes first by it.
    pub const fn order(self) -> UsageOrder {
        match self {
            Self::Spend => UsageOrder::Charge,
            Self::Requests | Self::Latency => UsageOrder::Requests,
            Self::Tokens => UsageOrder::Tokens,
        }
    }

    /// As the table writes it.
    pub fn full(self) -> Format {
        match self {
            Self::Spend => |words, value| money(words, nano(value), 2),
            Self::Requests | Self::Tokens => count,
            Self::Latency => duration,
        }
    }

    /// As the axis writes it.
    pub fn short(self) -> Format {
        match self {
            Self::Spend => |words, value| short_money(words, nano(value)),
            Self::Requests | Self::Tokens => short,
            Self::Latency => duration,
        }
    }
}

/// All tokens, each counted once.
pub fn tokens(sums: &UsageSums) -> u64 {
    let all = [
        sums.input_tokens,
        sums.cache_read_tokens,
        sums.cache_write_tokens,
        sums.cache_write_1h_tokens,
        sums.audio_input_tokens,
        sums.image_input_tokens,
        sums.output_tokens,
        sums.reasoning_tokens,
        sums.audio_output_tokens,
    ];
    all.into_iter().fold(0, u64::saturating_add)
}

fn nano(value: u64) -> NanoUsd {
    NanoUsd(i64::try_from(value).unwrap_or(i64::MAX))
}
