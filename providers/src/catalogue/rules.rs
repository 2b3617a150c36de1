//! Vendors' own rules that complete a price where the catalogue says nothing.

use domain::money::PicoUsd;
use domain::prices::{InputTier, Price, TieredRates, TokenKind, TokenRates};
use domain::usage::ServiceTier;

/// Adds what a vendor's documentation says to what the catalogue says. `owner` is the catalogue's
/// `provider`.
pub(super) fn complete(owner: &str, price: &mut Price) {
    if owner == "anthropic" {
        price_hour_long_cache_writes(price);
    }
    follow_the_whole(&mut price.standard.base);
    discount_tiers(price);
}

/// Anthropic's prompt caching documentation: a write to the one-hour cache costs twice the input
/// (a write for five minutes 1.25 times), in every tier and in batches alike.
fn price_hour_long_cache_writes(price: &mut Price) {
    let lists = std::iter::once(&mut price.standard)
        .chain(price.service_tiers.iter_mut().map(|(_tier, rates)| rates));
    for rates in lists {
        let tiers = rates.tiers.iter_mut().map(|tier| &mut tier.rates);
        for rates in std::iter::once(&mut rates.base).chain(tiers) {
            let doubled = |input: PicoUsd| PicoUsd(input.0.saturating_mul(2));
            rates.cache_write_1h = rates.cache_write_1h.or(rates.input.map(doubled));
        }
    }
}

/// Forgets rates that only repeat the kind that theirs is a part of. Gemini's thoughts cost what its
/// output costs, and the catalogue says so for the standard rates alone: kept, that rate would hold
/// against `flex` and `priority` and large inputs, whose output has other rates. (Kinds with rates
/// that differ are listed apart wherever they differ, but for a few old previews.)
fn follow_the_whole(base: &mut TokenRates) {
    let listed = base.clone();
    for kind in TokenKind::ALL {
        if let Some(whole) = kind.part_of()
            && listed.get(kind) == listed.get(whole)
        {
            base.set(kind, None);
        }
    }
}

/// `batch` and `flex` are discounts, and hold for large inputs too (Google's price page lists both,
/// Anthropic's says that its batch discount and its long-context price are combined). Where the
/// catalogue has the discount for small inputs only, a large input would be billed below the
/// vendor's price; so the missing tiers are the standard ones at the same discount. The catalogue
/// bears it out: wherever it lists such tiers, their input and output obey the rule. `priority` is
/// no discount and does not follow it.
fn discount_tiers(price: &mut Price) {
    let Price {
        standard,
        service_tiers,
        per_request: _,
    } = price;
    for (service_tier, rates) in service_tiers {
        let discounts = match service_tier {
            ServiceTier::Flex | ServiceTier::Batch => true,
            ServiceTier::Priority | ServiceTier::Standard => false,
        };
        if discounts && rates.tiers.is_empty() {
            rates.tiers = discounted(standard, &rates.base);
        }
    }
}

fn discounted(standard: &TieredRates, discount: &TokenRates) -> Vec<InputTier> {
    let mut tiers: Vec<InputTier> = standard
        .tiers
        .iter()
        .map(|tier| InputTier {
            above_input_tokens: tier.above_input_tokens,
            rates: discounted_rates(&standard.base, &tier.rates, discount),
        })
        .collect();
    tiers.retain(|tier| tier.rates != TokenRates::default());
    tiers
}

/// `discount x above / base` for each kind that all three know, rounded up to a pico-dollar.
fn discounted_rates(base: &TokenRates, above: &TokenRates, discount: &TokenRates) -> TokenRates {
    let mut rates = TokenRates::default();
    for kind in TokenKind::ALL {
        let (Some(base), Some(above), Some(discount)) =
            (base.get(kind), above.get(kind), discount.get(kind))
        else {
            continue;
        };
        let product = u128::from(above.0) * u128::from(discount.0);
        let rate = match u128::from(base.0) {
            0 => continue,
            base => product.div_ceil(base),
        };
        rates.set(kind, u64::try_from(rate).ok().map(PicoUsd));
    }
    rates
}
