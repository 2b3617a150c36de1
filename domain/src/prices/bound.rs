//! The most that an attempt may cost, before anybody has counted anything.

use crate::money::{NanoUsd, PicoUsd};
use crate::prices::{InForce, Price, TieredRates, TokenKind, TokenRates};

/// The most that an attempt may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MostTokens {
    /// Input.
    pub input_tokens: u64,
    /// Output, of all answers together, reasoning included.
    pub output_tokens: u64,
    /// Whether input may be written to a cache, which costs more than input.
    pub may_write_cache: bool,
    /// Whether there may be audio in input or output.
    pub may_have_audio: bool,
    /// Whether the provider may bill another service tier than the usual one.
    pub any_service_tier: bool,
}

impl Price {
    /// The most that so many tokens may cost: each at the dearest rate of the kinds that it may be
    /// of, in every tier that so large an input may fall in.
    #[must_use]
    pub fn at_most(&self, most: &MostTokens) -> NanoUsd {
        let input = u128::from(most.input_tokens) * u128::from(self.dearest_input(most).0);
        let output = u128::from(most.output_tokens) * u128::from(self.dearest_output(most).0);
        let pico = u128::from(self.per_request.0)
            .saturating_add(input)
            .saturating_add(output);
        NanoUsd::from_pico_rounded_up(pico)
    }

    /// What one more token of output costs at most.
    #[must_use]
    pub fn dearest_output(&self, most: &MostTokens) -> PicoUsd {
        let kinds: &[TokenKind] = if most.may_have_audio {
            &[
                TokenKind::Output,
                TokenKind::Reasoning,
                TokenKind::AudioOutput,
            ]
        } else {
            &[TokenKind::Output, TokenKind::Reasoning]
        };
        self.dearest(kinds, most)
    }

    fn dearest_input(&self, most: &MostTokens) -> PicoUsd {
        let mut kinds = vec![
            TokenKind::Input,
            TokenKind::ImageInput,
            TokenKind::CacheRead,
        ];
        if most.may_write_cache {
            kinds.extend([TokenKind::CacheWrite, TokenKind::CacheWrite1h]);
        }
        if most.may_have_audio {
            kinds.push(TokenKind::AudioInput);
        }
        self.dearest(&kinds, most)
    }

    fn dearest(&self, kinds: &[TokenKind], most: &MostTokens) -> PicoUsd {
        let special: &[_] = if most.any_service_tier {
            &self.service_tiers
        } else {
            &[]
        };
        let tiers = special.iter().map(|(_tier, rates)| Some(rates));
        let rates = tiers.chain([None]).flat_map(|special| {
            kinds
                .iter()
                .map(move |kind| self.dearest_rate(*kind, special, most.input_tokens))
        });
        rates.max().unwrap_or_default()
    }

    /// The dearest rate of a kind over the tiers that an input of at most this size may fall in.
    fn dearest_rate(
        &self,
        kind: TokenKind,
        special: Option<&TieredRates>,
        input_tokens: u64,
    ) -> PicoUsd {
        let rate = |special_tier: Option<&TokenRates>, tier: Option<&TokenRates>| {
            InForce([
                special_tier,
                special.map(|rates| &rates.base),
                tier,
                Some(&self.standard.base),
            ])
            .rate(kind)
            .unwrap_or_default()
        };
        if special.is_none() && self.standard.tiers.is_empty() {
            return rate(None, None);
        }
        let reached = |rates: &'_ TieredRates| -> Vec<Option<TokenRates>> {
            let tiers = rates.tiers.iter();
            let tiers = tiers.filter(|tier| tier.above_input_tokens < input_tokens);
            tiers
                .map(|tier| Some(tier.rates.clone()))
                .chain([None])
                .collect()
        };
        let of_standard = reached(&self.standard);
        let of_special = special.map_or_else(|| vec![None], reached);
        let every = of_special.iter().flat_map(|special_tier| {
            of_standard
                .iter()
                .map(|tier| rate(special_tier.as_ref(), tier.as_ref()))
        });
        every.max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::prices::InputTier;
    use crate::usage::Usage;

    fn rates() -> impl Strategy<Value = TokenRates> {
        let rate = || proptest::option::of((0..5_000_000_u64).prop_map(PicoUsd));
        (rate(), rate(), rate(), rate(), rate(), rate()).prop_map(
            |(input, output, cache_read, cache_write, reasoning, image_input)| TokenRates {
                input,
                output,
                cache_read,
                cache_write,
                reasoning,
                image_input,
                ..TokenRates::default()
            },
        )
    }

    fn price() -> impl Strategy<Value = Price> {
        let tiers = proptest::collection::vec((1..300_u64, rates()), 0..3);
        (rates(), tiers, 0..1_000_u64).prop_map(|(base, tiers, per_request)| Price {
            standard: TieredRates {
                base,
                tiers: tiers
                    .into_iter()
                    .map(|(above_input_tokens, rates)| InputTier {
                        above_input_tokens,
                        rates,
                    })
                    .collect(),
            },
            service_tiers: Vec::new(),
            per_request: PicoUsd(per_request),
        })
    }

    proptest! {
        #[test]
        fn no_usage_within_the_bound_costs_more(
            price in price(),
            tokens in proptest::array::uniform6(0..200_u64),
        ) {
            let [input, read, written, image, output, reasoning] = tokens;
            let usage = Usage {
                input_tokens: input,
                cache_read_tokens: read,
                cache_write_tokens: written,
                image_input_tokens: image,
                output_tokens: output,
                reasoning_tokens: reasoning,
                ..Usage::default()
            };
            let most = MostTokens {
                input_tokens: usage.prompt_tokens(),
                output_tokens: usage.completion_tokens(),
                may_write_cache: true,
                ..MostTokens::default()
            };
            prop_assert!(price.charge(&usage) <= price.at_most(&most));
        }
    }
}
