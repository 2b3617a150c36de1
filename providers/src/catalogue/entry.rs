//! One entry of the catalogue: its JSON becomes limits, features and a price.

use std::fmt;

use domain::money::PicoUsd;
use domain::prices::{InputTier, Price, TieredRates, TokenRates};
use domain::usage::ServiceTier;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::facts::{Feature, Features, ModelFacts, Unit};
use super::rules;

/// Reads an entry. An entry with a member that is not known here is refused: a price that we do not
/// understand must not be left out of a charge unnoticed.
pub(super) fn read(json: &str) -> serde_json::Result<ModelFacts> {
    let entry: Entry<'_> = serde_json::from_str(json)?;
    Ok(facts(entry))
}

fn facts(entry: Entry<'_>) -> ModelFacts {
    let Entry {
        provider,
        mode,
        max_input_tokens,
        max_output_tokens,
        output_vector_size,
        usd_per_mtok,
        usd_per_unit,
        tiers,
        service_tiers,
        supports,
        retired,
        deprecation_date,
    } = entry;
    let mut other_prices = usd_per_mtok.other_prices();
    let mut per_request = PicoUsd(0);
    for (unit, price) in usd_per_unit.0 {
        match unit {
            PerUnit::Request => per_request = price,
            PerUnit::Other(unit) => other_prices.push((unit, price)),
        }
    }
    let mut price = Price {
        standard: tiered(&usd_per_mtok, tiers),
        service_tiers: service_tiers.into_list(),
        per_request,
    };
    rules::complete(provider, &mut price);
    ModelFacts {
        mode: mode.to_owned(),
        max_input_tokens,
        max_output_tokens,
        output_vector_size,
        reasons: supports.has(Feature::Reasoning),
        supports,
        retired,
        deprecation_date: deprecation_date.map(str::to_owned),
        price: price.is_known().then_some(price),
        other_prices,
    }
}

fn tiered(base: &Rates, tiers: Vec<Tier>) -> TieredRates {
    let mut tiers: Vec<InputTier> = tiers
        .into_iter()
        .map(|tier| InputTier {
            above_input_tokens: tier.above_input_tokens,
            rates: tier.usd_per_mtok.per_token(),
        })
        .collect();
    tiers.sort_by_key(|tier| tier.above_input_tokens);
    TieredRates {
        base: base.per_token(),
        tiers,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<'a> {
    provider: &'a str,
    mode: &'a str,
    max_input_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
    output_vector_size: Option<u64>,
    #[serde(default)]
    usd_per_mtok: Rates,
    #[serde(default)]
    usd_per_unit: Units,
    #[serde(default)]
    tiers: Vec<Tier>,
    #[serde(default)]
    service_tiers: ServiceTiers,
    #[serde(default, deserialize_with = "features")]
    supports: Features,
    #[serde(default)]
    retired: bool,
    deprecation_date: Option<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    above_input_tokens: u64,
    usd_per_mtok: Rates,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceTiers {
    flex: Option<ServiceTierRates>,
    priority: Option<ServiceTierRates>,
    batch: Option<ServiceTierRates>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceTierRates {
    #[serde(default)]
    usd_per_mtok: Rates,
    #[serde(default)]
    tiers: Vec<Tier>,
}

impl ServiceTiers {
    fn into_list(self) -> Vec<(ServiceTier, TieredRates)> {
        let Self {
            flex,
            priority,
            batch,
        } = self;
        [
            (ServiceTier::Flex, flex),
            (ServiceTier::Priority, priority),
            (ServiceTier::Batch, batch),
        ]
        .into_iter()
        .filter_map(|(service_tier, rates)| {
            let ServiceTierRates {
                usd_per_mtok,
                tiers,
            } = rates?;
            Some((service_tier, tiered(&usd_per_mtok, tiers)))
        })
        .collect()
    }
}

/// Dollars per million tokens, by kind.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rates {
    input: Option<PerMillion>,
    output: Option<PerMillion>,
    cache_read: Option<PerMillion>,
    cache_write: Option<PerMillion>,
    cache_write_1h: Option<PerMillion>,
    reasoning: Option<PerMillion>,
    audio_input: Option<PerMillion>,
    audio_output: Option<PerMillion>,
    image_input: Option<PerMillion>,
    image_output: Option<PerMillion>,
    audio_cache_read: Option<PerMillion>,
    image_cache_read: Option<PerMillion>,
    video_input: Option<PerMillion>,
}

impl Rates {
    /// The kinds that a usage counts.
    fn per_token(&self) -> TokenRates {
        let rate = |rate: Option<PerMillion>| rate.map(|rate| rate.0);
        TokenRates {
            input: rate(self.input),
            output: rate(self.output),
            cache_read: rate(self.cache_read),
            cache_write: rate(self.cache_write),
            cache_write_1h: rate(self.cache_write_1h),
            reasoning: rate(self.reasoning),
            audio_input: rate(self.audio_input),
            image_input: rate(self.image_input),
            audio_output: rate(self.audio_output),
        }
    }

    /// The kinds that no usage counts apart yet.
    fn other_prices(&self) -> Vec<(Unit, PicoUsd)> {
        [
            (Unit::ImageOutputToken, self.image_output),
            (Unit::AudioCacheReadToken, self.audio_cache_read),
            (Unit::ImageCacheReadToken, self.image_cache_read),
            (Unit::VideoInputToken, self.video_input),
        ]
        .into_iter()
        .filter_map(|(unit, rate)| Some((unit, rate?.0)))
        .collect()
    }
}

/// Dollars per million, written as a decimal string.
#[derive(Clone, Copy)]
struct PerMillion(PicoUsd);

impl<'de> Deserialize<'de> for PerMillion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        PicoUsd::from_usd_per_million(text)
            .map(Self)
            .map_err(D::Error::custom)
    }
}

/// Prices of what is not a token.
#[derive(Default)]
struct Units(Vec<(PerUnit, PicoUsd)>);

enum PerUnit {
    Request,
    Other(Unit),
}

impl<'de> Deserialize<'de> for Units {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Units;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of dollars by unit")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Units, A::Error> {
                let mut units = Vec::new();
                while let Some((name, usd)) = members.next_entry::<&str, &str>()? {
                    let price = PicoUsd::from_usd(usd).map_err(A::Error::custom)?;
                    units.push((per_unit(name).ok_or_else(|| unknown(name))?, price));
                }
                Ok(Units(units))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn per_unit(name: &str) -> Option<PerUnit> {
    let unit = match name {
        "per_request" => return Some(PerUnit::Request),
        "per_input_image" => Unit::InputImage,
        "per_output_image" => Unit::OutputImage,
        "per_input_second" => Unit::InputSecond,
        "per_output_second" => Unit::OutputSecond,
        "per_input_character" => Unit::InputCharacter,
        "per_query" => Unit::Query,
        _ => return None,
    };
    Some(PerUnit::Other(unit))
}

fn features<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Features, D::Error> {
    let mut features = Features::default();
    for word in Vec::<&str>::deserialize(deserializer)? {
        features.add(Feature::from_word(word).ok_or_else(|| unknown(word))?);
    }
    Ok(features)
}

fn unknown<E: serde::de::Error>(word: &str) -> E {
    E::custom(format_args!("`{word}` is not known"))
}
