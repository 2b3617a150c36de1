//! Exact charges, computed by hand in dollars beside each case.

#[cfg(test)]
mod charges {
    use domain::money::{NanoUsd, PicoUsd};
    use domain::prices::{InputTier, Price, TieredRates, TokenRates};
    use domain::usage::{ServiceTier, Usage};

    /// Dollars per million tokens, as the vendors' pages have them.
    fn usd(text: &str) -> Option<PicoUsd> {
        Some(PicoUsd::from_usd_per_million(text).unwrap())
    }

    fn rates(input: &str, output: &str, cache_read: Option<&str>) -> TokenRates {
        TokenRates {
            input: usd(input),
            output: usd(output),
            cache_read: cache_read.and_then(usd),
            ..TokenRates::default()
        }
    }

    fn flat(base: TokenRates) -> TieredRates {
        TieredRates {
            base,
            tiers: Vec::new(),
        }
    }

    fn tiered(base: TokenRates, above_input_tokens: u64, above: TokenRates) -> TieredRates {
        TieredRates {
            base,
            tiers: vec![InputTier {
                above_input_tokens,
                rates: above,
            }],
        }
    }

    /// $2.50 in, $1.25 cached, $10 out; priority $4.25, $2.125, $17; batch $1.25, $5.
    fn gpt_4o() -> Price {
        Price {
            standard: flat(rates("2.5", "10", Some("1.25"))),
            service_tiers: vec![
                (
                    ServiceTier::Priority,
                    flat(rates("4.25", "17", Some("2.125"))),
                ),
                (ServiceTier::Batch, flat(rates("1.25", "5", None))),
            ],
            per_request: PicoUsd(0),
        }
    }

    /// $2 in, $0.50 cached, $8 out; flex $1, $0.25, $4; priority $3.50, $0.875, $14.
    fn o3() -> Price {
        Price {
            standard: flat(rates("2", "8", Some("0.5"))),
            service_tiers: vec![
                (ServiceTier::Flex, flat(rates("1", "4", Some("0.25")))),
                (
                    ServiceTier::Priority,
                    flat(rates("3.5", "14", Some("0.875"))),
                ),
            ],
            per_request: PicoUsd(0),
        }
    }

    /// $2.50, $0.25, $15; above 272,000 $5, $0.50, $22.50; flex $1.25, $0.13, $7.50, above $2.50,
    /// $0.25, $11.25; priority $5, $0.50, $30.
    fn gpt_5_4() -> Price {
        Price {
            standard: tiered(
                rates("2.5", "15", Some("0.25")),
                272_000,
                rates("5", "22.5", Some("0.5")),
            ),
            service_tiers: vec![
                (
                    ServiceTier::Flex,
                    tiered(
                        rates("1.25", "7.5", Some("0.13")),
                        272_000,
                        rates("2.5", "11.25", Some("0.25")),
                    ),
                ),
                (ServiceTier::Priority, flat(rates("5", "30", Some("0.5")))),
            ],
            per_request: PicoUsd(0),
        }
    }

    /// $3 in, $15 out, $0.30 read, $3.75 written, $6 written for an hour.
    fn claude_sonnet_4_5() -> Price {
        let base = TokenRates {
            cache_write: usd("3.75"),
            cache_write_1h: usd("6"),
            ..rates("3", "15", Some("0.3"))
        };
        Price {
            standard: flat(base),
            ..Price::default()
        }
    }

    /// As 4.5; above 200,000 $6, $22.50, $0.60, $7.50, $12.
    fn claude_sonnet_4() -> Price {
        let above = TokenRates {
            cache_write: usd("7.5"),
            cache_write_1h: usd("12"),
            ..rates("6", "22.5", Some("0.6"))
        };
        Price {
            standard: tiered(claude_sonnet_4_5().standard.base, 200_000, above),
            ..Price::default()
        }
    }

    /// $1.25, $0.125, $10; above 200,000 $2.50, $0.25, $15.
    fn gemini_2_5_pro() -> Price {
        Price {
            standard: tiered(
                rates("1.25", "10", Some("0.125")),
                200_000,
                rates("2.5", "15", Some("0.25")),
            ),
            ..Price::default()
        }
    }

    fn usage(input_tokens: u64, output_tokens: u64) -> Usage {
        Usage {
            input_tokens,
            output_tokens,
            ..Usage::default()
        }
    }

    fn check(price: &Price, usage: &Usage, nanousd: i64) {
        assert_eq!(price.charge(usage), NanoUsd(nanousd), "{usage:?}");
    }

    #[test]
    fn cached_input_is_priced_apart_from_the_rest() {
        let with_cache = Usage {
            cache_read_tokens: 1_024,
            ..usage(1_000, 300)
        };
        // 1,000 x $2.50 + 1,024 x $1.25 + 300 x $10, all per million:
        // $0.0025 + $0.00128 + $0.003 = $0.00678
        check(&gpt_4o(), &with_cache, 6_780_000);
    }

    #[test]
    fn reasoning_is_priced_as_output_once() {
        let thought = Usage {
            reasoning_tokens: 1_000,
            ..usage(75, 186)
        };
        // 75 x $2 + 186 x $8 + 1,000 x $8 per million: $0.00015 + $0.001488 + $0.008 = $0.009638
        check(&o3(), &thought, 9_638_000);
        // With a rate of its own ($12): $0.00015 + $0.001488 + $0.012 = $0.013638
        let mut dearer = o3();
        dearer.standard.base.reasoning = usd("12");
        check(&dearer, &thought, 13_638_000);
    }

    #[test]
    fn audio_is_priced_apart_from_text() {
        // gpt-4o-audio-preview: $2.50 in, $10 out, audio $40 in, $80 out
        let price = Price {
            standard: flat(TokenRates {
                audio_input: usd("40"),
                audio_output: usd("80"),
                ..rates("2.5", "10", None)
            }),
            ..Price::default()
        };
        let spoken = Usage {
            audio_input_tokens: 200,
            audio_output_tokens: 150,
            ..usage(20, 40)
        };
        // 20 x $2.50 + 200 x $40 + 40 x $10 + 150 x $80 per million:
        // $0.00005 + $0.008 + $0.0004 + $0.012 = $0.02045
        check(&price, &spoken, 20_450_000);
        // Without audio rates it costs what text costs: 220 x $2.50 + 190 x $10 = $0.00245
        check(&gpt_4o(), &spoken, 2_450_000);
    }

    #[test]
    fn images_cost_what_input_costs_unless_they_have_a_rate() {
        let seen = Usage {
            image_input_tokens: 765,
            ..usage(10, 10)
        };
        // 775 x $2.50 + 10 x $10 per million: $0.0019375 + $0.0001 = $0.0020375
        check(&gpt_4o(), &seen, 2_037_500);
        // gpt-image-1: text $5, images $10, output $40: 10 x $5 + 765 x $10 + 10 x $40
        // $0.00005 + $0.00765 + $0.0004 = $0.0081
        let price = Price {
            standard: flat(TokenRates {
                image_input: usd("10"),
                ..rates("5", "40", None)
            }),
            ..Price::default()
        };
        check(&price, &seen, 8_100_000);
    }

    #[test]
    fn the_billed_service_tier_sets_the_rates() {
        let on = |service_tier| Usage {
            cache_read_tokens: 1_000,
            service_tier,
            ..usage(1_000, 500)
        };
        // o3 flex: 1,000 x $1 + 1,000 x $0.25 + 500 x $4 = $0.001 + $0.00025 + $0.002 = $0.00325
        check(&o3(), &on(ServiceTier::Flex), 3_250_000);
        // o3 priority: $0.0035 + $0.000875 + 500 x $14 = $0.007 -> $0.011375
        check(&o3(), &on(ServiceTier::Priority), 11_375_000);
        // o3 standard: $0.002 + $0.0005 + $0.004 = $0.0065
        check(&o3(), &on(ServiceTier::Standard), 6_500_000);
        // gpt-4o has no flex: standard, $0.0025 + $0.00125 + $0.005 = $0.00875
        check(&gpt_4o(), &on(ServiceTier::Flex), 8_750_000);
        // gpt-4o batch lists no cached rate, so the standard one: $0.00125 + $0.00125 + $0.0025
        check(&gpt_4o(), &on(ServiceTier::Batch), 5_000_000);
    }

    #[test]
    fn anthropics_cache_writes_and_reads_have_their_own_rates() {
        let cached = Usage {
            cache_read_tokens: 10_000,
            cache_write_tokens: 2_000,
            cache_write_1h_tokens: 4_000,
            ..usage(50, 700)
        };
        // 50 x $3 + 10,000 x $0.30 + 2,000 x $3.75 + 4,000 x $6 + 700 x $15 per million:
        // $0.00015 + $0.003 + $0.0075 + $0.024 + $0.0105 = $0.04515
        check(&claude_sonnet_4_5(), &cached, 45_150_000);
        // Without a rate for an hour it is a write for 5 minutes: 4,000 x $3.75 = $0.015 -> $0.03615
        let mut no_hour = claude_sonnet_4_5();
        no_hour.standard.base.cache_write_1h = None;
        check(&no_hour, &cached, 36_150_000);
        // Without any write rate it is input: 6,000 x $3 = $0.018
        // $0.00015 + $0.003 + $0.018 + $0.0105 = $0.03165
        no_hour.standard.base.cache_write = None;
        check(&no_hour, &cached, 31_650_000);
    }

    #[test]
    fn a_large_input_raises_the_rates_of_the_whole_request() {
        // gemini-2.5-pro, 300,000 in and 1,000 out: 300,000 x $2.50 + 1,000 x $15
        // $0.75 + $0.015 = $0.765
        check(&gemini_2_5_pro(), &usage(300_000, 1_000), 765_000_000);
        // claude-sonnet-4: cached tokens count towards the size of the input. 1,000 + 199,000 read
        // + 500 written for 5 minutes + 500 for an hour = 201,000, so:
        // 1,000 x $6 + 199,000 x $0.60 + 500 x $7.50 + 500 x $12 + 100 x $22.50
        // $0.006 + $0.1194 + $0.00375 + $0.006 + $0.00225 = $0.1374
        let mostly_cached = Usage {
            cache_read_tokens: 199_000,
            cache_write_tokens: 500,
            cache_write_1h_tokens: 500,
            ..usage(1_000, 100)
        };
        check(&claude_sonnet_4(), &mostly_cached, 137_400_000);
    }

    #[test]
    fn exactly_at_the_bound_is_not_above_it() {
        // 200,000 x $1.25 + 1 x $10 per million = $0.25001
        check(&gemini_2_5_pro(), &usage(200_000, 1), 250_010_000);
        // 200,001 x $2.50 + 1 x $15 per million = $0.5000175
        check(&gemini_2_5_pro(), &usage(200_001, 1), 500_017_500);
        // Output does not count: 200,000 x $1.25 + 65,536 x $10 = $0.25 + $0.65536
        check(&gemini_2_5_pro(), &usage(200_000, 65_536), 905_360_000);
    }

    #[test]
    fn tiers_and_service_tiers_go_together() {
        let flex = |input, cached| Usage {
            cache_read_tokens: cached,
            service_tier: ServiceTier::Flex,
            ..usage(input, 2_000)
        };
        // gpt-5.4 flex, 272,000 in all: 262,000 x $1.25 + 10,000 x $0.13 + 2,000 x $7.50
        // $0.3275 + $0.0013 + $0.015 = $0.3438
        check(&gpt_5_4(), &flex(262_000, 10_000), 343_800_000);
        // one more: 262,001 x $2.50 + 10,000 x $0.25 + 2,000 x $11.25
        // $0.6550025 + $0.0025 + $0.0225 = $0.6800025
        check(&gpt_5_4(), &flex(262_001, 10_000), 680_002_500);
        // priority lists no tier: its base holds, 300,000 x $5 + 1,000 x $30 = $1.5 + $0.03
        let priority = Usage {
            service_tier: ServiceTier::Priority,
            ..usage(300_000, 1_000)
        };
        check(&gpt_5_4(), &priority, 1_530_000_000);
    }

    #[test]
    fn a_kind_missing_in_a_tier_costs_the_base_rate_of_that_kind() {
        let mut price = gemini_2_5_pro();
        price.standard.tiers[0].rates.cache_read = None;
        let cached = Usage {
            cache_read_tokens: 200_000,
            ..usage(1_000, 0)
        };
        // 1,000 x $2.50 + 200,000 x $0.125 = $0.0025 + $0.025 = $0.0275
        check(&price, &cached, 27_500_000);
        // Neither tier nor base has one: the tier's input rate, 201,000 x $2.50 = $0.5025
        price.standard.base.cache_read = None;
        check(&price, &cached, 502_500_000);
    }

    #[test]
    fn the_highest_tier_that_is_exceeded_holds() {
        let mut price = gemini_2_5_pro();
        price.standard.tiers.push(InputTier {
            above_input_tokens: 500_000,
            rates: rates("4", "20", None),
        });
        check(&price, &usage(500_000, 0), 1_250_000_000);
        // 500,001 x $4 per million = $2.000004
        check(&price, &usage(500_001, 0), 2_000_004_000);
    }

    #[test]
    fn local_models_cost_nothing() {
        let everything = Usage {
            cache_read_tokens: 5,
            cache_write_1h_tokens: 6,
            audio_input_tokens: 7,
            reasoning_tokens: 8,
            ..usage(u64::MAX, u64::MAX)
        };
        check(&Price::free(), &everything, 0);
    }

    #[test]
    fn no_tokens_cost_nothing_but_the_price_per_request() {
        check(&gpt_4o(), &Usage::default(), 0);
        let mut price = gpt_4o();
        price.per_request = PicoUsd::from_usd("0.005").unwrap();
        check(&price, &Usage::default(), 5_000_000);
        // $0.005 + 1,000 x $2.50 per million = $0.0075
        check(&price, &usage(1_000, 0), 7_500_000);
    }
}
