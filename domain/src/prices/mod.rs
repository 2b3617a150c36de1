//! What a unit costs, and the charge of a usage at a price.

mod bound;

pub use self::bound::MostTokens;
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
    ///
    /// The rate of a kind is the first that exists of: the billed service tier's rates for so large
    /// an input, its base, the standard rates for so large an input, their base; then the same for
    /// the kind that it is a part of ([`TokenKind::part_of`]). A kind without any rate costs
    /// nothing: ask [`Price::is_known`] first.
    ///
    /// Absurd usage ends at [`i64::MAX`]; nothing overflows.
    #[must_use]
    pub fn charge(&self, usage: &Usage) -> NanoUsd {
        let in_force = self.in_force(usage.service_tier, usage.prompt_tokens());
        let mut pico = u128::from(self.per_request.0);
        for (kind, tokens) in by_kind(usage) {
            let rate = in_force.rate(kind).unwrap_or_default();
            pico = pico.saturating_add(u128::from(tokens) * u128::from(rate.0));
        }
        NanoUsd::from_pico_rounded_up(pico)
    }

    /// Whether input has a rate. A price without one is unknown, not free: it must not be charged.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.standard.base.input.is_some()
    }

    /// This price with the operator's own rates in place of it.
    ///
    /// A configured kind replaces that kind everywhere, in tiers and service tiers too, and takes
    /// the kinds that are part of it along: whoever configures `input` alone pays it for cached,
    /// audio and image input as well, whatever the catalogue says of them, unless those are
    /// configured beside it. So the configuration can be read without knowing the catalogue. Kinds
    /// that are neither configured nor part of a configured one keep the catalogue's rates.
    ///
    /// `Price::default().with_overrides(rates)` is the price of a model that only the operator
    /// knows, if it [`Price::is_known`].
    #[must_use]
    pub fn with_overrides(mut self, configured: &TokenRates) -> Self {
        for kind in TokenKind::ALL {
            if !is_replaced(kind, configured) {
                continue;
            }
            self.standard.forget(kind);
            for (_tier, rates) in &mut self.service_tiers {
                rates.forget(kind);
            }
            self.standard.base.set(kind, configured.get(kind));
        }
        self.standard.drop_empty_tiers();
        for (_tier, rates) in &mut self.service_tiers {
            rates.drop_empty_tiers();
        }
        self.service_tiers
            .retain(|(_tier, rates)| *rates != TieredRates::default());
        self
    }

    /// The sets of rates that hold, the one to be asked first in front.
    fn in_force(&self, service_tier: ServiceTier, input_tokens: u64) -> InForce<'_> {
        let special = self
            .service_tiers
            .iter()
            .find(|(tier, _rates)| *tier == service_tier)
            .map(|(_tier, rates)| rates);
        InForce([
            special.and_then(|rates| rates.tier_for(input_tokens)),
            special.map(|rates| &rates.base),
            self.standard.tier_for(input_tokens),
            Some(&self.standard.base),
        ])
    }
}

/// A kind of token; every token is of exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// Input that no cache took part in.
    Input,
    /// Output that the caller sees.
    Output,
    /// Input read from a cache.
    CacheRead,
    /// Input written to a cache for 5 minutes.
    CacheWrite,
    /// Input written to a cache for an hour.
    CacheWrite1h,
    /// Output spent on reasoning.
    Reasoning,
    /// Audio in the input.
    AudioInput,
    /// Images in the input.
    ImageInput,
    /// Audio in the output.
    AudioOutput,
}

impl TokenKind {
    /// Every kind.
    pub const ALL: [Self; 9] = [
        Self::Input,
        Self::Output,
        Self::CacheRead,
        Self::CacheWrite,
        Self::CacheWrite1h,
        Self::Reasoning,
        Self::AudioInput,
        Self::ImageInput,
        Self::AudioOutput,
    ];

    /// The kind whose rate holds where this one has none.
    #[must_use]
    pub const fn part_of(self) -> Option<Self> {
        match self {
            Self::Input | Self::Output => None,
            Self::CacheWrite1h => Some(Self::CacheWrite),
            Self::CacheRead | Self::CacheWrite | Self::AudioInput | Self::ImageInput => {
                Some(Self::Input)
            }
            Self::Reasoning | Self::AudioOutput => Some(Self::Output),
        }
    }
}

impl TokenRates {
    /// The rate of exactly this kind.
    #[must_use]
    pub const fn get(&self, kind: TokenKind) -> Option<PicoUsd> {
        match kind {
            TokenKind::Input => self.input,
            TokenKind::Output => self.output,
            TokenKind::CacheRead => self.cache_read,
            TokenKind::CacheWrite => self.cache_write,
            TokenKind::CacheWrite1h => self.cache_write_1h,
            TokenKind::Reasoning => self.reasoning,
            TokenKind::AudioInput => self.audio_input,
            TokenKind::ImageInput => self.image_input,
            TokenKind::AudioOutput => self.audio_output,
        }
    }

    /// Sets or removes the rate of exactly this kind.
    pub const fn set(&mut self, kind: TokenKind, rate: Option<PicoUsd>) {
        match kind {
            TokenKind::Input => self.input = rate,
            TokenKind::Output => self.output = rate,
            TokenKind::CacheRead => self.cache_read = rate,
            TokenKind::CacheWrite => self.cache_write = rate,
            TokenKind::CacheWrite1h => self.cache_write_1h = rate,
            TokenKind::Reasoning => self.reasoning = rate,
            TokenKind::AudioInput => self.audio_input = rate,
            TokenKind::ImageInput => self.image_input = rate,
            TokenKind::AudioOutput => self.audio_output = rate,
        }
    }
}

impl TieredRates {
    /// The rates of the highest tier that an input of this size is above.
    fn tier_for(&self, input_tokens: u64) -> Option<&TokenRates> {
        self.tiers
            .iter()
            .filter(|tier| tier.above_input_tokens < input_tokens)
            .max_by_key(|tier| tier.above_input_tokens)
            .map(|tier| &tier.rates)
    }

    fn forget(&mut self, kind: TokenKind) {
        self.base.set(kind, None);
        for tier in &mut self.tiers {
            tier.rates.set(kind, None);
        }
    }

    fn drop_empty_tiers(&mut self) {
        self.tiers
            .retain(|tier| tier.rates != TokenRates::default());
    }
}

/// Sets of rates, the one to be asked first in front.
struct InForce<'a>([Option<&'a TokenRates>; 4]);

impl InForce<'_> {
    fn rate(&self, kind: TokenKind) -> Option<PicoUsd> {
        std::iter::successors(Some(kind), |part| part.part_of())
            .find_map(|kind| self.0.iter().flatten().find_map(|rates| rates.get(kind)))
    }
}

/// Whether the configuration names this kind or one that it is a part of.
fn is_replaced(kind: TokenKind, configured: &TokenRates) -> bool {
    std::iter::successors(Some(kind), |part| part.part_of())
        .any(|kind| configured.get(kind).is_some())
}

/// The tokens of a usage; a kind that is added to [`Usage`] does not compile until it is priced.
const fn by_kind(usage: &Usage) -> [(TokenKind, u64); 9] {
    let Usage {
        input_tokens,
        cache_read_tokens,
        cache_write_tokens,
        cache_write_1h_tokens,
        audio_input_tokens,
        image_input_tokens,
        output_tokens,
        reasoning_tokens,
        audio_output_tokens,
        service_tier: _,
        estimated: _,
    } = *usage;
    [
        (TokenKind::Input, input_tokens),
        (TokenKind::Output, output_tokens),
        (TokenKind::CacheRead, cache_read_tokens),
        (TokenKind::CacheWrite, cache_write_tokens),
        (TokenKind::CacheWrite1h, cache_write_1h_tokens),
        (TokenKind::Reasoning, reasoning_tokens),
        (TokenKind::AudioInput, audio_input_tokens),
        (TokenKind::ImageInput, image_input_tokens),
        (TokenKind::AudioOutput, audio_output_tokens),
    ]
}
