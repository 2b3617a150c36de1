//! How much of an answer does the money that is left pay for? Near a limit a share of the output is
//! held instead of the most.

use std::sync::Arc;

use domain::money::NanoUsd;
use domain::prices::{MostTokens, Price};

/// A share has at least so many tokens of output, where the money reaches.
const USEFUL_OUTPUT_TOKENS: u64 = 256;

/// What is left is not given to one: others may come in the same moment.
const PART_OF_THE_REST: u64 = 4;

/// What is known of an attempt that does not fit whole.
#[derive(Clone, Debug)]
pub struct Need {
    /// The prices at which it may be charged; the dearest counts.
    pub prices: Vec<Arc<Price>>,
    /// The most that it may use, with its input counted.
    pub most: MostTokens,
    /// How many answers it asks for.
    pub answers: u64,
    /// What an answer for this key and model usually has at most.
    pub usual_output_tokens: Option<u64>,
    /// Whether the model reasons before it answers: cut short, it would answer nothing.
    pub reasons: bool,
}

/// What becomes of an attempt that does not fit whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// With its input counted it fits whole.
    Whole(NanoUsd),
    /// With so many tokens for each answer.
    Part {
        /// What is held.
        amount: NanoUsd,
        /// The limit of each answer.
        output_tokens: u64,
    },
    /// Not now; when others have settled, it may.
    Later,
    /// Not with this limit.
    Never,
}

impl Need {
    /// What so much output of each answer costs at most.
    #[must_use]
    pub fn cost(&self, output_tokens: u64) -> NanoUsd {
        let most = MostTokens {
            output_tokens: output_tokens.saturating_mul(self.answers),
            ..self.most
        };
        let costs = self.prices.iter().map(|price| price.at_most(&most));
        costs.max().unwrap_or_default()
    }

    /// The most output of each answer that `free` pays for; none when it does not pay for the input.
    #[must_use]
    pub fn affordable(&self, free: NanoUsd) -> Option<u64> {
        if self.cost(0) > free {
            return None;
        }
        let cap = self.most.output_tokens / self.answers.max(1);
        let (mut fits, mut beyond) = (0, cap.saturating_add(1));
        while beyond - fits > 1 {
            let middle = fits + (beyond - fits) / 2;
            if self.cost(middle) <= free {
                fits = middle;
            } else {
                beyond = middle;
            }
        }
        Some(fits)
    }

    /// What to hold when `free` is left; `if_all_settled` would be, if those under way cost nothing.
    #[must_use]
    pub fn share(&self, free: NanoUsd, if_all_settled: NanoUsd) -> Share {
        let cap = self.most.output_tokens / self.answers.max(1);
        let others = if_all_settled > free;
        let ever = self.affordable(if_all_settled);
        if ever.is_none_or(|tokens| tokens == 0 && cap > 0) {
            return Share::Never;
        }
        let later = if others { Share::Later } else { Share::Never };
        let Some(affordable) = self.affordable(free) else {
            return later;
        };
        if affordable >= cap {
            return Share::Whole(self.cost(cap));
        }
        let part = |least: u64| {
            let output_tokens = least.max(affordable / PART_OF_THE_REST).min(affordable);
            Share::Part {
                amount: self.cost(output_tokens),
                output_tokens,
            }
        };
        let usual = self.usual_output_tokens;
        let wanted = usual.unwrap_or(0).max(USEFUL_OUTPUT_TOKENS);
        match usual {
            None if self.reasons => later,
            _ if affordable >= wanted => part(wanted),
            Some(usual) if affordable >= usual => part(usual),
            _ if others => Share::Later,
            _ if self.reasons || affordable == 0 => Share::Never,
            _ => part(affordable),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::money::PicoUsd;
    use domain::prices::TokenRates;
    use proptest::prelude::*;

    use super::*;

    fn need(prices: &[Arc<Price>], usual: Option<u64>) -> Need {
        Need {
            prices: prices.to_vec(),
            most: MostTokens {
                input_tokens: 100,
                output_tokens: 16_384,
                ..MostTokens::default()
            },
            answers: 1,
            usual_output_tokens: usual,
            reasons: false,
        }
    }

    fn price() -> Vec<Arc<Price>> {
        let rates = TokenRates {
            input: Some(PicoUsd(1_000_000)),
            output: Some(PicoUsd(4_000_000)),
            ..TokenRates::default()
        };
        vec![Arc::new(Price::default().with_overrides(&rates))]
    }

    /// So many tokens of output, in nano-dollars, beside the input.
    fn pays_for(output_tokens: i64) -> NanoUsd {
        NanoUsd(100 * 1_000 + output_tokens * 4_000)
    }

    #[test]
    fn a_lone_caller_gets_a_useful_part_of_what_is_left() {
        let prices = price();
        let share = need(&prices, None).share(pays_for(4_000), pays_for(4_000));
        let Share::Part { output_tokens, .. } = share else {
            panic!("{share:?}");
        };
        assert_eq!(output_tokens, 1_000);
        let share = need(&prices, None).share(pays_for(60), pays_for(60));
        assert!(matches!(
            share,
            Share::Part {
                output_tokens: 60,
                ..
            }
        ));
    }

    #[test]
    fn who_would_get_too_little_waits_for_those_under_way() {
        let prices = price();
        let asked = need(&prices, None);
        assert_eq!(asked.share(pays_for(60), pays_for(600)), Share::Later);
        let asked = need(&prices, Some(50));
        assert!(matches!(
            asked.share(pays_for(60), pays_for(600)),
            Share::Part {
                output_tokens: 50,
                ..
            }
        ));
    }

    #[test]
    fn what_can_never_be_paid_is_refused_at_once() {
        let prices = price();
        let input_alone = pays_for(0);
        assert_eq!(
            need(&prices, None).share(NanoUsd(0), input_alone),
            Share::Never
        );
        assert_eq!(
            need(&prices, None).share(NanoUsd(0), NanoUsd(0)),
            Share::Never
        );
    }

    #[test]
    fn a_model_that_reasons_gets_what_it_usually_needs_or_nothing() {
        let prices = price();
        let mut asked = need(&prices, None);
        asked.reasons = true;
        assert_eq!(asked.share(pays_for(5_000), pays_for(5_000)), Share::Never);
        asked.usual_output_tokens = Some(2_000);
        assert!(matches!(
            asked.share(pays_for(5_000), pays_for(5_000)),
            Share::Part {
                output_tokens: 2_000,
                ..
            }
        ));
    }

    proptest! {
        #[test]
        fn a_share_never_costs_more_than_is_left(
            free in 0..100_000_000_i64,
            held in 0..100_000_000_i64,
            usual in proptest::option::of(0..20_000_u64),
            answers in 1..5_u64,
        ) {
            let prices = price();
            let mut asked = need(&prices, usual);
            asked.answers = answers;
            match asked.share(NanoUsd(free), NanoUsd(free + held)) {
                Share::Whole(amount) | Share::Part { amount, .. } => {
                    prop_assert!(amount <= NanoUsd(free));
                }
                Share::Later | Share::Never => {}
            }
        }
    }
}
