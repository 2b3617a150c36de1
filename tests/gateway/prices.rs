//! What a request cost, to the nano-dollar. Every figure here was computed by hand.

use harness::answer::Answer;
use harness::gateway::TestGateway;
use harness::ledger::Tokens;

use crate::setup::{
    CHAT, anthropic, ask, entry, gemini, models, nanousd, ollama, openai, settlement, start,
};

/// Dollars per token: 1, 2, 3, 5 and 7 micro-dollars.
const RATES: &str = ", input_cost_per_token: 0.000001, output_cost_per_token: 0.000002, cache_read_input_token_cost: 0.000003, cache_creation_input_token_cost: 0.000005, cache_creation_input_token_cost_above_1hr: 0.000007";

/// Asks, and compares the charge that the header and the settlement give.
async fn charged(gateway: &TestGateway, model: &str, tokens: Tokens, expected_nanousd: u64) {
    gateway
        .upstream(model)
        .answers(Answer::text("hi").tokens(tokens));
    let reply = gateway.anonymous().post(CHAT, &ask(model)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        nanousd(reply.header("x-headgate-cost-usd")),
        expected_nanousd,
        "{model} {tokens:?}"
    );
    let line = settlement(gateway, reply.header("x-request-id")).await;
    assert_eq!(line["charge_nanousd"], expected_nanousd, "{line}");
    assert_eq!(crate::setup::usage(&line)["estimated"], false, "{line}");
}

#[tokio::test]
async fn a_price_in_the_file_is_charged_exactly() {
    let rates = ", input_cost_per_token: 0.01, output_cost_per_token: 0.02";
    let gateway = start(&models(&[
        openai("openai", "openai", rates),
        anthropic("anthropic", "anthropic", rates),
    ]))
    .await;
    for model in ["openai", "anthropic"] {
        charged(&gateway, model, Tokens::new(10, 5), 200_000_000).await;
        charged(&gateway, model, Tokens::new(1, 0), 10_000_000).await;
    }
}

#[tokio::test]
async fn openais_cached_input_has_its_own_price_and_reasoning_is_output() {
    let gateway = start(&models(&[openai("openai", "openai", RATES)])).await;
    let tokens = Tokens {
        cache_read: 60,
        reasoning: 30,
        ..Tokens::new(40, 10)
    };
    // 40 x 1 + 60 x 3 + (10 + 30) x 2 = 300 micro-dollars.
    charged(&gateway, "openai", tokens, 300_000).await;
}

#[tokio::test]
async fn anthropics_cache_writes_of_five_minutes_and_an_hour_have_their_own_prices() {
    let gateway = start(&models(&[anthropic("anthropic", "anthropic", RATES)])).await;
    let tokens = Tokens {
        cache_read: 100,
        cache_write: 20,
        cache_write_1h: 3,
        ..Tokens::new(40, 10)
    };
    // 40 x 1 + 100 x 3 + 20 x 5 + 3 x 7 + 10 x 2 = 481 micro-dollars.
    charged(&gateway, "anthropic", tokens, 481_000).await;
}

#[tokio::test]
async fn geminis_thoughts_are_output_and_its_cached_tokens_are_part_of_the_prompt() {
    let gateway = start(&models(&[gemini("gemini", "gemini", RATES)])).await;
    let tokens = Tokens {
        cache_read: 60,
        reasoning: 30,
        ..Tokens::new(40, 10)
    };
    charged(&gateway, "gemini", tokens, 300_000).await;
}

#[tokio::test]
async fn a_local_model_costs_nothing_unless_the_file_says_so() {
    let entries = [
        ollama("ollama", "ollama", ""),
        ollama("priced", "priced", RATES),
    ];
    let gateway = start(&models(&entries)).await;
    charged(&gateway, "ollama", Tokens::new(1000, 1000), 0).await;
    // 1000 x 1 + 1000 x 2 = 3000 micro-dollars.
    charged(&gateway, "priced", Tokens::new(1000, 1000), 3_000_000).await;
}

#[tokio::test]
async fn a_known_model_has_the_catalogues_price() {
    let entries = [
        entry(
            "openai",
            "openai/gpt-4o-2024-08-06",
            "UPSTREAM/openai/v1",
            "",
        ),
        entry(
            "anthropic",
            "anthropic/claude-3-5-sonnet-20240620",
            "UPSTREAM/anthropic",
            "",
        ),
    ];
    let gateway = start(&models(&entries)).await;
    // $2.50 and $10 a million: 1000 x 2.5 + 100 x 10 = 3500 micro-dollars.
    charged(&gateway, "openai", Tokens::new(1000, 100), 3_500_000).await;
    // $3 and $15 a million: 1000 x 3 + 100 x 15 = 4500 micro-dollars.
    charged(&gateway, "anthropic", Tokens::new(1000, 100), 4_500_000).await;
}

#[tokio::test]
async fn part_of_a_nano_dollar_is_rounded_up_once() {
    let rates = ", input_cost_per_token: 0.0000000001, output_cost_per_token: 0.0000000001";
    let gateway = start(&models(&[openai("openai", "openai", rates)])).await;
    // 3 + 4 tokens at a tenth of a nano-dollar are 0.7.
    charged(&gateway, "openai", Tokens::new(3, 4), 1).await;
    charged(&gateway, "openai", Tokens::new(5, 5), 1).await;
    charged(&gateway, "openai", Tokens::new(6, 5), 2).await;
}

#[tokio::test]
async fn a_mocked_answer_costs_nothing() {
    let gateway = start(&models(&[openai(
        "openai",
        "openai",
        ", mock_response: hi",
    )]))
    .await;
    let reply = gateway.anonymous().post(CHAT, &ask("openai")).await;
    assert_eq!(nanousd(reply.header("x-headgate-cost-usd")), 0);
}
