//! What holds for every price and every usage: rounding, order, overrides.

#[cfg(test)]
mod price_rules {
    use domain::money::{NanoUsd, PicoUsd};
    use domain::prices::{InputTier, Price, TieredRates, TokenKind, TokenRates};
    use domain::usage::{ServiceTier, Usage};
    use proptest::prelude::*;

    fn pico(rate: u64) -> Option<PicoUsd> {
        Some(PicoUsd(rate))
    }

    fn price(base: TokenRates) -> Price {
        Price {
            standard: TieredRates {
                base,
                tiers: Vec::new(),
            },
            ..Price::default()
        }
    }

    fn one_of(kind: TokenKind, tokens: u64) -> Usage {
        let mut usage = Usage::default();
        *tokens_of(&mut usage, kind) = tokens;
        usage
    }

    fn tokens_of(usage: &mut Usage, kind: TokenKind) -> &mut u64 {
        match kind {
            TokenKind::Input => &mut usage.input_tokens,
            TokenKind::Output => &mut usage.output_tokens,
            TokenKind::CacheRead => &mut usage.cache_read_tokens,
            TokenKind::CacheWrite => &mut usage.cache_write_tokens,
            TokenKind::CacheWrite1h => &mut usage.cache_write_1h_tokens,
            TokenKind::Reasoning => &mut usage.reasoning_tokens,
            TokenKind::AudioInput => &mut usage.audio_input_tokens,
            TokenKind::ImageInput => &mut usage.image_input_tokens,
            TokenKind::AudioOutput => &mut usage.audio_output_tokens,
        }
    }

    /// Every kind of `kinds` at its rate in pico-dollars.
    fn rates(kinds: &[(TokenKind, u64)]) -> TokenRates {
        let mut rates = TokenRates::default();
        for (kind, rate) in kinds {
            rates.set(*kind, pico(*rate));
        }
        rates
    }

    #[test]
    fn one_token_of_the_cheapest_model_costs_one_nano_dollar() {
        // $0.001 per million is 1,000 pico-dollars a token: exactly one nano-dollar.
        let cheapest = price(rates(&[(TokenKind::Input, 1_000)]));
        assert_eq!(cheapest.charge(&one_of(TokenKind::Input, 1)), NanoUsd(1));
        // A tenth of that is rounded up to one; ten of them are one, too, and eleven are two.
        let cheaper = price(rates(&[(TokenKind::Input, 100)]));
        for (tokens, nanousd) in [(0, 0), (1, 1), (10, 1), (11, 2)] {
            assert_eq!(
                cheaper.charge(&one_of(TokenKind::Input, tokens)),
                NanoUsd(nanousd)
            );
        }
    }

    #[test]
    fn a_request_is_rounded_once_not_once_for_each_kind() {
        // Three kinds at 400 pico-dollars: 1,200 pico-dollars are 2 nano-dollars, not 3.
        let price = price(rates(&[
            (TokenKind::Input, 400),
            (TokenKind::Output, 400),
            (TokenKind::CacheRead, 400),
        ]));
        let usage = Usage {
            input_tokens: 1,
            output_tokens: 1,
            cache_read_tokens: 1,
            ..Usage::default()
        };
        assert_eq!(price.charge(&usage), NanoUsd(2));
    }

    #[test]
    fn the_sum_of_many_requests_is_the_sum_of_their_rounded_charges() {
        // 1,000 requests of 1,001 tokens at $0.0003 per million (300 pico-dollars): each is
        // 300,300 pico-dollars, rounded up to 301 nano-dollars; together 301,000.
        let price = price(rates(&[(TokenKind::Input, 300)]));
        let total: i64 = (0..1_000)
            .map(|_request| price.charge(&one_of(TokenKind::Input, 1_001)).0)
            .sum();
        assert_eq!(total, 301_000);
    }

    #[test]
    fn absurd_usage_ends_at_the_largest_amount() {
        let dear = price(rates(&TokenKind::ALL.map(|kind| (kind, u64::MAX))));
        let mut absurd = Usage::default();
        for kind in TokenKind::ALL {
            *tokens_of(&mut absurd, kind) = u64::MAX;
        }
        assert_eq!(dear.charge(&absurd), NanoUsd(i64::MAX));
    }

    #[test]
    fn a_price_without_an_input_rate_is_unknown_and_not_free() {
        assert!(!Price::default().is_known());
        assert!(!price(rates(&[(TokenKind::Output, 1)])).is_known());
        assert!(Price::free().is_known());
        assert_eq!(
            Price::default().charge(&one_of(TokenKind::Input, 1_000_000)),
            NanoUsd(0)
        );
    }

    /// A catalogue's price with everything in it.
    fn catalogued() -> Price {
        let all = |factor: u64| {
            rates(&[
                (TokenKind::Input, 2_000 * factor),
                (TokenKind::Output, 8_000 * factor),
                (TokenKind::CacheRead, 200 * factor),
                (TokenKind::CacheWrite, 2_500 * factor),
                (TokenKind::CacheWrite1h, 4_000 * factor),
                (TokenKind::Reasoning, 9_000 * factor),
            ])
        };
        let tiered = |factor: u64| TieredRates {
            base: all(factor),
            tiers: vec![InputTier {
                above_input_tokens: 100,
                rates: all(factor * 2),
            }],
        };
        Price {
            standard: tiered(2),
            service_tiers: vec![(ServiceTier::Flex, tiered(1))],
            per_request: PicoUsd(0),
        }
    }

    fn nanousd(price: &Price, kind: TokenKind, tokens: u64, service_tier: ServiceTier) -> i64 {
        let usage = Usage {
            service_tier,
            ..one_of(kind, tokens)
        };
        price.charge(&usage).0
    }

    #[test]
    fn a_configured_rate_holds_in_every_tier_and_service_tier() {
        let price = catalogued().with_overrides(&rates(&[
            (TokenKind::Input, 1_000),
            (TokenKind::Output, 3_000),
        ]));
        for service_tier in [ServiceTier::Standard, ServiceTier::Flex] {
            assert_eq!(nanousd(&price, TokenKind::Input, 1, service_tier), 1);
            assert_eq!(
                nanousd(&price, TokenKind::Input, 1_000, service_tier),
                1_000
            );
            assert_eq!(nanousd(&price, TokenKind::Output, 10, service_tier), 30);
        }
        assert_eq!(price.service_tiers, Vec::new());
        assert_eq!(price.standard.tiers, Vec::new());
    }

    #[test]
    fn kinds_that_are_part_of_a_configured_kind_follow_it() {
        let price = catalogued().with_overrides(&rates(&[
            (TokenKind::Input, 1_000),
            (TokenKind::Output, 3_000),
        ]));
        let standard = ServiceTier::Standard;
        assert_eq!(nanousd(&price, TokenKind::CacheRead, 7, standard), 7);
        assert_eq!(nanousd(&price, TokenKind::CacheWrite1h, 7, standard), 7);
        assert_eq!(nanousd(&price, TokenKind::Reasoning, 7, standard), 21);
    }

    #[test]
    fn kinds_that_are_not_configured_keep_the_catalogues_rates() {
        let price = catalogued().with_overrides(&rates(&[(TokenKind::CacheRead, 1_000)]));
        let standard = ServiceTier::Standard;
        assert_eq!(nanousd(&price, TokenKind::CacheRead, 200, standard), 200);
        assert_eq!(nanousd(&price, TokenKind::Input, 1, standard), 4);
        assert_eq!(nanousd(&price, TokenKind::Input, 1_000, standard), 8_000);
        assert_eq!(nanousd(&price, TokenKind::Input, 1, ServiceTier::Flex), 2);
        // The write for an hour follows a configured write for 5 minutes, and nothing else does.
        let price = catalogued().with_overrides(&rates(&[(TokenKind::CacheWrite, 1_000)]));
        assert_eq!(nanousd(&price, TokenKind::CacheWrite1h, 9, standard), 9);
        assert_eq!(nanousd(&price, TokenKind::Output, 1, standard), 16);
    }

    #[test]
    fn without_configured_rates_the_catalogues_price_stays_as_it_is() {
        assert_eq!(
            catalogued().with_overrides(&TokenRates::default()),
            catalogued()
        );
    }

    #[test]
    fn a_model_that_only_the_operator_knows_costs_what_is_configured() {
        let price = Price::default().with_overrides(&rates(&[
            (TokenKind::Input, 10_000),
            (TokenKind::Output, 20_000),
        ]));
        let usage = Usage {
            input_tokens: 10,
            output_tokens: 5,
            ..Usage::default()
        };
        // 10 x 10 nano-dollars + 5 x 20 nano-dollars
        assert_eq!(price.charge(&usage), NanoUsd(200));
    }

    fn any_rates() -> impl Strategy<Value = TokenRates> {
        prop::collection::vec(prop::option::of(0..50_000_000_u64), 9).prop_map(|all| {
            let mut rates = TokenRates::default();
            for (kind, rate) in TokenKind::ALL.into_iter().zip(all) {
                rates.set(kind, rate.map(PicoUsd));
            }
            rates
        })
    }

    fn any_usage() -> impl Strategy<Value = Usage> {
        prop::collection::vec(0..2_000_000_u64, 9).prop_map(|all| {
            let mut usage = Usage::default();
            for (kind, tokens) in TokenKind::ALL.into_iter().zip(all) {
                *tokens_of(&mut usage, kind) = tokens;
            }
            usage
        })
    }

    /// A higher tier is never cheaper than the base, as on every vendor's page.
    fn any_price() -> impl Strategy<Value = Price> {
        (any_rates(), 0..1_000_000_u64, 0..5_u64).prop_map(|(base, above, factor)| {
            let mut dearer = TokenRates::default();
            for kind in TokenKind::ALL {
                let rate = base.get(kind).map(|rate| PicoUsd(rate.0 * (1 + factor)));
                dearer.set(kind, rate);
            }
            let mut price = price(base);
            price.standard.tiers.push(InputTier {
                above_input_tokens: above,
                rates: dearer,
            });
            price
        })
    }

    proptest! {
        #[test]
        fn a_charge_is_never_negative(price in any_price(), usage in any_usage()) {
            prop_assert!(price.charge(&usage) >= NanoUsd(0));
        }

        #[test]
        fn one_more_token_of_any_kind_never_costs_less(
            price in any_price(),
            usage in any_usage(),
            more in 1..1_000_000_u64,
        ) {
            for kind in TokenKind::ALL {
                let mut larger = usage.clone();
                *tokens_of(&mut larger, kind) += more;
                prop_assert!(price.charge(&larger) >= price.charge(&usage));
            }
        }

        #[test]
        fn two_usages_apart_cost_what_they_cost_together_within_a_nano_dollar(
            base in any_rates(),
            first in any_usage(),
            second in any_usage(),
        ) {
            let price = price(base);
            let mut both = first.clone();
            for kind in TokenKind::ALL {
                let tokens = *tokens_of(&mut second.clone(), kind);
                *tokens_of(&mut both, kind) += tokens;
            }
            let apart = price.charge(&first).0 + price.charge(&second).0;
            let together = price.charge(&both).0;
            prop_assert!(apart == together || apart == together + 1);
        }

        #[test]
        fn the_largest_numbers_do_not_panic(
            rate in any::<u64>(),
            tokens in any::<u64>(),
            per_request in any::<u64>(),
        ) {
            let mut price = price(rates(&TokenKind::ALL.map(|kind| (kind, rate))));
            price.per_request = PicoUsd(per_request);
            let mut usage = Usage::default();
            for kind in TokenKind::ALL {
                *tokens_of(&mut usage, kind) = tokens;
            }
            prop_assert!(price.charge(&usage) >= NanoUsd(0));
        }
    }
}
