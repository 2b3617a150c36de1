//! Prices of the file, read from their decimal text: no float touches money.

use domain::money::{NotAnAmount, PicoUsd};
use domain::prices::TokenRates;

use super::node::Node;
use super::report::Report;
use super::section::{Section, wrong_type};

/// A dime per token is $100,000 per million: a price per million was written, surely.
const ABSURD: PicoUsd = PicoUsd(100_000_000_000);

/// The rates of `litellm_params`, and where they are silent, of `model_info`.
pub fn rates(params: &Section<'_>, info: Option<&Section<'_>>, report: &mut Report) -> TokenRates {
    let mut price = |names: &[&str]| {
        let mut found = None;
        for section in [Some(params), info].into_iter().flatten() {
            for name in names {
                let read = section
                    .get(name)
                    .and_then(|node| read_price(name, node, report));
                found = found.or(read);
            }
        }
        found
    };
    TokenRates {
        input: price(&["input_cost_per_token"]),
        output: price(&["output_cost_per_token"]),
        cache_read: price(&[
            "cache_read_input_token_cost",
            "input_cost_per_token_cache_hit",
        ]),
        cache_write: price(&["cache_creation_input_token_cost"]),
        cache_write_1h: price(&["cache_creation_input_token_cost_above_1hr"]),
        reasoning: price(&["output_cost_per_reasoning_token"]),
        audio_input: price(&["input_cost_per_audio_token"]),
        image_input: price(&["input_cost_per_image_token"]),
        audio_output: price(&["output_cost_per_audio_token"]),
    }
}

fn read_price(key: &str, node: &Node, report: &mut Report) -> Option<PicoUsd> {
    let Some(text) = node.text() else {
        wrong_type(key, node, "dollars per token, such as 0.0000025", report);
        return None;
    };
    match PicoUsd::from_usd(text.trim()) {
        Ok(price) => {
            if price >= ABSURD {
                report.warn_with(
                    "absurd-price",
                    &node.position,
                    (
                        format!("`{key}` is {text} dollars for each single token"),
                        "divide a price per million tokens by 1000000",
                    ),
                );
            }
            Some(price)
        }
        Err(reason) => {
            let hint = match reason {
                NotAnAmount::NotDecimal(_) => {
                    "write dollars per token, such as 0.0000025 or 2.5e-06"
                }
                NotAnAmount::Negative(_) => "a price is 0 or more",
                NotAnAmount::TooLarge(_) => "write dollars per token",
            };
            report.fault_with(
                "not-a-price",
                &node.position,
                (format!("`{key}`: {reason}"), hint),
            );
            None
        }
    }
}
