//! Which entry a model gets, and what it costs.

use domain::money::NanoUsd;
use domain::prices::Price;
use domain::usage::{ServiceTier, Usage};

use super::{Feature, look_up, models_of, suggest, vendor_of};
use crate::Provider;
use crate::anthropic::Anthropic;
use crate::dialect::Dialect;
use crate::failure::Failure;
use crate::gemini::Gemini;
use crate::openai::OpenAi;
use crate::wire::{Address, Operation, Target};

/// A vendor with names of the test's choosing.
struct Vendor {
    name: &'static str,
    catalogue_names: &'static [&'static str],
    local: bool,
}

impl Provider for Vendor {
    fn name(&self) -> &'static str {
        self.name
    }

    fn catalogue_names(&self) -> &'static [&'static str] {
        self.catalogue_names
    }

    fn is_local(&self) -> bool {
        self.local
    }

    fn dialect(&self) -> Dialect {
        Dialect::OpenAi
    }

    fn default_base_url(&self) -> Option<&'static str> {
        None
    }

    fn key_variables(&self) -> &'static [&'static str] {
        &[]
    }

    fn address(&self, _operation: Operation, target: &Target<'_>) -> Address {
        Address {
            url: target.base_url.to_owned(),
            headers: Vec::new(),
        }
    }

    fn failure(&self, status: u16, body: &[u8]) -> Failure {
        Failure::from_json(status, body)
    }
}

const LOCAL: Vendor = Vendor {
    name: "ollama",
    catalogue_names: &[],
    local: true,
};

/// The charge of 100,000 tokens in and 100,000 out.
fn charge(provider: &dyn Provider, model: &str, base_model: Option<&str>) -> Option<NanoUsd> {
    let usage = Usage {
        input_tokens: 100_000,
        output_tokens: 100_000,
        ..Usage::default()
    };
    Some(look_up(provider, model, base_model)?.price?.charge(&usage))
}

#[test]
fn a_bare_name_is_found_if_it_belongs_to_the_vendor() {
    // gpt-4o: 100,000 x $2.50 + 100,000 x $10 per million = $1.25
    let expected = Some(NanoUsd(1_250_000_000));
    assert_eq!(charge(&OpenAi, "gpt-4o", None), expected);
    assert_eq!(charge(&Anthropic, "gpt-4o", None), None);
    assert_eq!(charge(&Gemini, "gpt-4o", None), None);
    let facts = look_up(&OpenAi, "gpt-4o", None).unwrap();
    assert_eq!(facts.mode, "chat");
    assert_eq!(facts.max_input_tokens, Some(128_000));
    assert_eq!(facts.max_output_tokens, Some(16_384));
    assert!(!facts.reasons);
    assert!(!facts.retired);
    assert!(facts.supports.has(Feature::Vision));
    assert!(!facts.supports.has(Feature::ComputerUse));
    assert!(look_up(&OpenAi, "o3", None).unwrap().reasons);
}

#[test]
fn the_vendors_own_entry_comes_before_a_bare_name() {
    // gemini/gemini-1.5-flash-exp-0827 costs nothing; the bare entry is Vertex's and does not.
    assert_eq!(
        charge(&Gemini, "gemini-1.5-flash-exp-0827", None),
        Some(NanoUsd(0))
    );
}

#[test]
fn the_base_model_comes_before_everything() {
    let o3 = charge(&OpenAi, "o3", None);
    assert_eq!(charge(&OpenAi, "gpt-4o", Some("o3")), o3);
    assert_eq!(charge(&OpenAi, "our-deployment", Some("o3")), o3);
    // as it is written, whoever it belongs to
    assert_eq!(charge(&Anthropic, "x", Some("o3")), o3);
    assert_eq!(
        charge(&OpenAi, "x", Some("gemini/gemini-2.5-pro")),
        charge(&Gemini, "gemini-2.5-pro", None)
    );
    // and with the vendor's prefix
    assert_eq!(
        charge(&Gemini, "x", Some("gemini-3.5-flash")),
        charge(&Gemini, "gemini-3.5-flash", None)
    );
    // and with another vendor's
    assert_eq!(charge(&Gemini, "x", Some("openai/o3")), o3);
    // one that is not catalogued does not hide the model
    assert_eq!(charge(&OpenAi, "o3", Some("no-such-model")), o3);
}

#[test]
fn other_catalogue_names_are_prefixes_and_owners_too() {
    let compatible = Vendor {
        name: "my-xai",
        catalogue_names: &["xai", "text-completion-openai"],
        local: false,
    };
    assert!(charge(&compatible, "grok-4.20", None).is_some());
    assert!(charge(&compatible, "davinci-002", None).is_some());
    assert_eq!(charge(&compatible, "gpt-4o", None), None);
}

#[test]
fn a_dated_snapshot_without_an_entry_costs_what_the_undated_model_costs() {
    let undated = charge(&OpenAi, "gpt-4o", None);
    assert_eq!(charge(&OpenAi, "gpt-4o-2031-01-31", None), undated);
    // one with an entry keeps its own price: $5 and $15
    assert_eq!(
        charge(&OpenAi, "gpt-4o-2024-05-13", None),
        Some(NanoUsd(2_000_000_000))
    );
    assert_eq!(
        charge(&Anthropic, "claude-sonnet-4-5-20310131", None),
        charge(&Anthropic, "claude-sonnet-4-5", None)
    );
}

#[test]
fn a_tuned_model_costs_what_its_tuned_base_costs() {
    // ft:gpt-4o-mini-2024-07-18: $0.30 and $1.20 -> $0.15
    let expected = Some(NanoUsd(150_000_000));
    let tuned = "ft:gpt-4o-mini-2024-07-18";
    assert_eq!(charge(&OpenAi, tuned, None), expected);
    assert_eq!(
        charge(&OpenAi, &format!("{tuned}:acme:support:9x"), None),
        expected
    );
    // never the untuned model's price
    assert_eq!(charge(&OpenAi, "ft:o3:acme::9x", None), None);
}

#[test]
fn vertex_prices_are_not_geminis() {
    assert_eq!(charge(&Gemini, "text-embedding-004", None), None);
    assert!(charge(&Gemini, "x", Some("text-embedding-004")).is_some());
    assert!(charge(&Gemini, "gemini-embedding-001", None).is_some());
}

#[test]
fn an_unknown_model_has_no_price() {
    for model in [
        "no-such-model",
        "",
        "/",
        "gpt-4o ",
        "GPT-4O",
        "openai/gpt-4o",
    ] {
        assert_eq!(look_up(&OpenAi, model, None), None, "{model}");
    }
}

#[test]
fn local_models_are_free_and_keep_what_is_known_of_them() {
    let known = look_up(&LOCAL, "llama3", None).unwrap();
    assert_eq!(known.max_input_tokens, Some(8_192));
    assert_eq!(known.price, Some(Price::free()));
    let unknown = look_up(&LOCAL, "our-own", None).unwrap();
    assert_eq!(unknown.max_input_tokens, None);
    assert_eq!(unknown.price, Some(Price::free()));
    assert_eq!(
        charge(&LOCAL, "our-own", Some("gpt-4o")),
        Some(NanoUsd(1_250_000_000))
    );
}

#[test]
fn an_hour_long_cache_write_at_anthropic_costs_twice_the_input() {
    let hour = |model, input_tokens| {
        let usage = Usage {
            input_tokens,
            cache_write_1h_tokens: 1_000,
            ..Usage::default()
        };
        let price = look_up(&Anthropic, model, None).unwrap().price.unwrap();
        price.charge(&usage).0
    };
    // no rate in the catalogue: $3 in, so 1,000 x $6 = $0.006
    assert_eq!(hour("claude-3-5-sonnet-20240620", 0), 6_000_000);
    // the catalogue's own: $6
    assert_eq!(hour("claude-sonnet-4-5", 0), 6_000_000);
    // above 200,000, where the tier lists none: 250,000 x $6 + 1,000 x $12 = $1.512
    assert_eq!(hour("claude-sonnet-4-20250514", 250_000), 1_512_000_000);
}

#[test]
fn thoughts_cost_what_output_costs_in_every_service_tier() {
    let price = look_up(&Gemini, "gemini-2.5-flash", None)
        .unwrap()
        .price
        .unwrap();
    // 1,000 thoughts at $2.50, at half of it, and at $4.50 per million
    for (service_tier, nanousd) in [
        (ServiceTier::Standard, 2_500_000),
        (ServiceTier::Flex, 1_250_000),
        (ServiceTier::Batch, 1_250_000),
        (ServiceTier::Priority, 4_500_000),
    ] {
        let usage = Usage {
            reasoning_tokens: 1_000,
            service_tier,
            ..Usage::default()
        };
        assert_eq!(price.charge(&usage), NanoUsd(nanousd), "{service_tier:?}");
    }
}

#[test]
fn a_discount_holds_for_large_inputs_too() {
    let price = look_up(&Gemini, "gemini-2.5-pro", None)
        .unwrap()
        .price
        .unwrap();
    let usage = Usage {
        input_tokens: 300_000,
        output_tokens: 1_000,
        service_tier: ServiceTier::Flex,
        ..Usage::default()
    };
    // Half of $2.50 and $15: 300,000 x $1.25 + 1,000 x $7.50 = $0.3825
    assert_eq!(price.charge(&usage), NanoUsd(382_500_000));
    let small = Usage {
        input_tokens: 200_000,
        ..usage
    };
    // Half of $1.25 and $10: $0.125 + $0.005
    assert_eq!(price.charge(&small), NanoUsd(130_000_000));
}

#[test]
fn the_models_of_a_vendor_are_listed_without_its_prefix() {
    let openai = models_of(&OpenAi);
    assert!(openai.is_sorted());
    for model in ["gpt-4o", "o3", "text-embedding-3-small"] {
        assert!(openai.iter().any(|name| name == model), "{model}");
    }
    for model in [
        "dall-e-3",
        "whisper-1",
        "container",
        "gpt-4o-audio-preview",
        "ft:gpt-4o-2024-08-06",
    ] {
        assert!(!openai.iter().any(|name| name == model), "{model}");
    }
    let gemini = models_of(&Gemini);
    assert!(gemini.iter().any(|name| name == "gemini-2.5-pro"));
    assert!(gemini.iter().all(|name| !name.starts_with("gemini/")));
    let vendors: [&dyn Provider; 4] = [&OpenAi, &Anthropic, &Gemini, &LOCAL];
    for provider in vendors {
        let models = models_of(provider);
        assert!(models.len() > 10, "{}", provider.name());
        for model in models {
            let facts = look_up(provider, &model, None).unwrap();
            assert!(facts.price.is_some(), "{model}");
        }
    }
}

#[test]
fn a_bare_name_has_the_vendor_that_sells_it() {
    assert_eq!(vendor_of("gpt-4o"), Some("openai"));
    assert_eq!(vendor_of("gpt-4o-2031-01-31"), Some("openai"));
    assert_eq!(vendor_of("ft:gpt-4o-2024-08-06:acme::1"), Some("openai"));
    assert_eq!(vendor_of("claude-sonnet-4-5"), Some("anthropic"));
    assert_eq!(vendor_of("claude-3-5-sonnet-20240620"), Some("anthropic"));
    // Vertex's, which is not a vendor of ours
    assert_eq!(vendor_of("gemini-2.5-pro"), None);
    assert_eq!(
        suggest("gemini-2.5-pro").as_deref(),
        Some("gemini/gemini-2.5-pro")
    );
    assert_eq!(vendor_of("no-such-model"), None);
}
