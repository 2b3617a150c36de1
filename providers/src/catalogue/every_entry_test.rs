//! Every entry of the catalogue, computed a second time in another way.

use std::collections::BTreeMap;

use domain::money::PicoUsd;
use domain::prices::{Price, TieredRates, TokenKind, TokenRates};
use domain::usage::ServiceTier;
use serde_json::{Map, Value};

use super::archive::listed;
use super::entry;
use super::facts::{Feature, Unit};

const FILE: &str = include_str!("../../data/model-catalog.json");

fn file() -> Map<String, Value> {
    serde_json::from_str(FILE).unwrap()
}

/// A decimal text times ten to the `places`, by moving digits; a rest is rounded up.
fn moved(text: &str, places: usize) -> u64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut fraction = fraction.to_owned();
    while fraction.len() < places {
        fraction.push('0');
    }
    let (kept, rest) = fraction.split_at(places);
    let number: u64 = format!("{whole}{kept}").parse().unwrap();
    number + u64::from(rest.bytes().any(|digit| digit != b'0'))
}

const KINDS: [(&str, TokenKind); 9] = [
    ("input", TokenKind::Input),
    ("output", TokenKind::Output),
    ("cache_read", TokenKind::CacheRead),
    ("cache_write", TokenKind::CacheWrite),
    ("cache_write_1h", TokenKind::CacheWrite1h),
    ("reasoning", TokenKind::Reasoning),
    ("audio_input", TokenKind::AudioInput),
    ("image_input", TokenKind::ImageInput),
    ("audio_output", TokenKind::AudioOutput),
];

/// The rates of an object, with Anthropic's hour-long writes at twice the input.
fn rates_of(object: &Value, anthropic: bool) -> BTreeMap<&'static str, u64> {
    let mut rates = BTreeMap::new();
    for (name, _kind) in KINDS {
        if let Some(text) = object[name].as_str() {
            rates.insert(name, moved(text, 6));
        }
    }
    if anthropic && let Some(input) = rates.get("input").copied() {
        rates.entry("cache_write_1h").or_insert(2 * input);
    }
    rates
}

/// Without the rates that only repeat those of the kind that theirs is a part of.
fn without_repetitions(rates: &BTreeMap<&'static str, u64>) -> BTreeMap<&'static str, u64> {
    let repeats = |word: &str, rate: &u64| {
        let whole = match word {
            "reasoning" | "audio_output" => "output",
            "cache_write_1h" => "cache_write",
            "input" | "output" => return false,
            _ => "input",
        };
        rates.get(whole) == Some(rate)
    };
    let mut kept = rates.clone();
    kept.retain(|word, rate| !repeats(word, rate));
    kept
}

fn assert_rates(name: &str, rates: &TokenRates, expected: &BTreeMap<&'static str, u64>) {
    for (word, kind) in KINDS {
        let expected = expected.get(word).copied().map(PicoUsd);
        assert_eq!(rates.get(kind), expected, "{name} {word}");
    }
}

type Tiers = BTreeMap<u64, BTreeMap<&'static str, u64>>;

fn tiers_of(object: &Value, anthropic: bool) -> Tiers {
    let tiers = object["tiers"].as_array().cloned().unwrap_or_default();
    tiers
        .iter()
        .map(|tier| {
            let above = tier["above_input_tokens"].as_u64().unwrap();
            (above, rates_of(&tier["usd_per_mtok"], anthropic))
        })
        .collect()
}

fn assert_tiers(name: &str, rates: &TieredRates, expected: &Tiers) {
    let above: Vec<u64> = rates.tiers.iter().map(|t| t.above_input_tokens).collect();
    assert_eq!(
        above,
        expected.keys().copied().collect::<Vec<_>>(),
        "{name}"
    );
    for tier in &rates.tiers {
        assert_rates(name, &tier.rates, &expected[&tier.above_input_tokens]);
    }
}

/// The standard tiers times the discount, for a discount that has no tiers itself.
fn discounted(
    standard: &BTreeMap<&'static str, u64>,
    tiers: &Tiers,
    discount: &BTreeMap<&'static str, u64>,
) -> Tiers {
    let scaled = |rates: &BTreeMap<&'static str, u64>| {
        let mut scaled = BTreeMap::new();
        for (word, above) in rates {
            if let (Some(base), Some(discount)) = (standard.get(word), discount.get(word))
                && *base > 0
            {
                scaled.insert(*word, (above * discount).div_ceil(*base));
            }
        }
        scaled
    };
    tiers
        .iter()
        .map(|(above, rates)| (*above, scaled(rates)))
        .filter(|(_above, rates)| !rates.is_empty())
        .collect()
}

fn assert_price(name: &str, price: &Price, object: &Value) {
    let anthropic = object["provider"] == "anthropic";
    let base = without_repetitions(&rates_of(&object["usd_per_mtok"], anthropic));
    let tiers = tiers_of(object, anthropic);
    assert_rates(name, &price.standard.base, &base);
    assert_tiers(name, &price.standard, &tiers);
    let mut count = 0;
    for (word, service_tier) in [
        ("flex", ServiceTier::Flex),
        ("priority", ServiceTier::Priority),
        ("batch", ServiceTier::Batch),
    ] {
        let special = &object["service_tiers"][word];
        let listed = price.service_tiers.iter().find(|(t, _)| *t == service_tier);
        assert_eq!(listed.is_some(), special.is_object(), "{name} {word}");
        let Some((_tier, rates)) = listed else {
            continue;
        };
        count += 1;
        let special_base = rates_of(&special["usd_per_mtok"], anthropic);
        assert_rates(name, &rates.base, &special_base);
        let mut special_tiers = tiers_of(special, anthropic);
        if special_tiers.is_empty() && word != "priority" {
            special_tiers = discounted(&base, &tiers, &special_base);
        }
        assert_tiers(name, rates, &special_tiers);
    }
    assert_eq!(price.service_tiers.len(), count, "{name}");
    let per_request = object["usd_per_unit"]["per_request"].as_str();
    let per_request = per_request.map_or(0, |text| moved(text, 12));
    assert_eq!(price.per_request, PicoUsd(per_request), "{name}");
}

#[test]
fn every_entry_is_read_with_exactly_the_prices_that_are_written() {
    let file = file();
    assert_eq!(listed().count(), file.len());
    let mut priced = 0;
    for entry in listed() {
        let object = &file[entry.name];
        let facts =
            entry::read(entry.json).unwrap_or_else(|error| panic!("{}: {error}", entry.name));
        assert_eq!(Value::from(facts.mode.as_str()), object["mode"]);
        assert_eq!(facts.max_input_tokens, object["max_input_tokens"].as_u64());
        assert_eq!(
            facts.max_output_tokens,
            object["max_output_tokens"].as_u64()
        );
        assert_eq!(
            facts.output_vector_size,
            object["output_vector_size"].as_u64()
        );
        assert_eq!(facts.retired, object["retired"] == true);
        assert_eq!(
            facts.deprecation_date.as_deref(),
            object["deprecation_date"].as_str()
        );
        match &facts.price {
            Some(price) => {
                priced += 1;
                assert_price(entry.name, price, object);
            }
            None => assert_eq!(object["usd_per_mtok"].get("input"), None, "{}", entry.name),
        }
    }
    assert_eq!(priced, 4_199);
}

#[test]
fn every_other_price_and_feature_is_kept() {
    let units = [
        ("per_input_image", Unit::InputImage),
        ("per_output_image", Unit::OutputImage),
        ("per_input_second", Unit::InputSecond),
        ("per_output_second", Unit::OutputSecond),
        ("per_input_character", Unit::InputCharacter),
        ("per_query", Unit::Query),
    ];
    let kinds = [
        ("image_output", Unit::ImageOutputToken),
        ("audio_cache_read", Unit::AudioCacheReadToken),
        ("image_cache_read", Unit::ImageCacheReadToken),
        ("video_input", Unit::VideoInputToken),
    ];
    for (name, object) in &file() {
        let facts = entry::read(&object.to_string()).unwrap();
        let of = |members: &Value, list: &[(&str, Unit)], places| {
            list.iter()
                .filter_map(|(word, unit)| {
                    Some((*unit, PicoUsd(moved(members[*word].as_str()?, places))))
                })
                .collect::<Vec<_>>()
        };
        let mut expected = of(&object["usd_per_mtok"], &kinds, 6);
        expected.extend(of(&object["usd_per_unit"], &units, 12));
        assert_eq!(facts.other_prices.len(), expected.len(), "{name}");
        for price in expected {
            assert!(facts.other_prices.contains(&price), "{name} {price:?}");
        }
        let words = object["supports"].as_array().cloned().unwrap_or_default();
        assert_eq!(facts.reasons, words.contains(&"reasoning".into()), "{name}");
        for word in words {
            let feature = Feature::from_word(word.as_str().unwrap()).unwrap();
            assert!(facts.supports.has(feature), "{name} {word}");
        }
    }
}

#[test]
fn an_entry_that_says_more_than_is_understood_is_refused() {
    for json in [
        r#"{"provider":"x","mode":"chat","usd_per_hour":"1"}"#,
        r#"{"provider":"x","mode":"chat","usd_per_mtok":{"smell_input":"1"}}"#,
        r#"{"provider":"x","mode":"chat","usd_per_unit":{"per_page":"1"}}"#,
        r#"{"provider":"x","mode":"chat","service_tiers":{"ultra":{}}}"#,
        r#"{"provider":"x","mode":"chat","usd_per_mtok":{"input":"-1"}}"#,
        r#"{"provider":"x","mode":"chat","usd_per_mtok":{"input":2.5}}"#,
        r#"{"provider":"x","mode":"chat","supports":["telepathy"]}"#,
    ] {
        assert!(entry::read(json).is_err(), "{json}");
    }
}

/// The discount rule of `rules.rs`, held against every entry that lists both.
#[test]
fn the_catalogues_own_discounted_tiers_obey_the_discount_rule() {
    let mut checked = 0;
    for (name, object) in &file() {
        let standard = rates_of(&object["usd_per_mtok"], false);
        let tiers = tiers_of(object, false);
        for word in ["flex", "batch"] {
            let special = &object["service_tiers"][word];
            let base = rates_of(&special["usd_per_mtok"], false);
            for (above, rates) in tiers_of(special, false) {
                for kind in ["input", "output", "cache_write"] {
                    let (Some(rate), Some(base)) = (rates.get(kind), base.get(kind)) else {
                        continue;
                    };
                    let (Some(large), Some(small)) = (tiers[&above].get(kind), standard.get(kind))
                    else {
                        continue;
                    };
                    assert_eq!(rate * small, large * base, "{name} {word} {kind}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 150, "{checked}");
}
