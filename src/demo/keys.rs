//! The keys of the demo: who calls what, how often, with how many tokens.

use crate::demo::cast::{Hours, Key, Owner};

const fn key(team: usize, alias: &'static str, environment: &'static str, owner: Owner) -> Key {
    Key {
        team,
        alias,
        environment,
        owner,
        models: ["gpt-5-mini", "gpt-5.1"],
        per_day: 10,
        tokens: [4_500, 420],
        cached: 20,
        hours: Hours::Office,
        tag: "",
    }
}

impl Key {
    const fn asks(self, model: &'static str, other: &'static str) -> Self {
        let models = [model, other];
        Self { models, ..self }
    }

    const fn often(self, per_day: u64, hours: Hours) -> Self {
        Self {
            per_day,
            hours,
            ..self
        }
    }

    const fn of_tokens(self, prompt: u64, answer: u64, cached: u64) -> Self {
        let tokens = [prompt, answer];
        Self {
            tokens,
            cached,
            ..self
        }
    }

    const fn tagged(self, tag: &'static str) -> Self {
        Self { tag, ..self }
    }
}

const PRODUCTION: &str = "production";
const STAGING: &str = "staging";
const DEVELOPMENT: &str = "development";

/// The keys.
#[must_use]
pub fn keys() -> Vec<Key> {
    [support_and_data(), risk_and_others(), northwind()]
        .into_iter()
        .flatten()
        .collect()
}

fn support_and_data() -> Vec<Key> {
    let service = Owner::Service;
    vec![
        key(0, "support-bot-prod", PRODUCTION, service("support-bot"))
            .asks("claude-sonnet-4-6", "gpt-5.1")
            .often(46, Hours::Customers)
            .of_tokens(18_000, 610, 62)
            .tagged("chat"),
        key(0, "support-bot-staging", STAGING, service("support-bot")).often(7, Hours::Office),
        key(0, "ticket-triage", PRODUCTION, service("ticket-triage"))
            .asks("claude-haiku-4-5", "gpt-5-mini")
            .often(34, Hours::Customers)
            .tagged("triage"),
        key(1, "nightly-summaries", PRODUCTION, service("summaries"))
            .asks("gpt-5.1", "claude-sonnet-4-6")
            .often(38, Hours::Night)
            .of_tokens(64_000, 1_300, 8)
            .tagged("batch"),
        key(1, "warehouse-sql", PRODUCTION, service("warehouse-sql")).often(22, Hours::Office),
        key(
            1,
            "priya-notebook",
            DEVELOPMENT,
            Owner::Person("priya.nair@meridian.example"),
        )
        .asks("gpt-5.1", "claude-sonnet-4-6")
        .often(9, Hours::Office),
    ]
}

fn risk_and_others() -> Vec<Key> {
    let service = Owner::Service;
    vec![
        key(2, "fraud-review", PRODUCTION, service("fraud-review"))
            .asks("claude-sonnet-4-6", "gpt-5.1")
            .often(26, Hours::Customers)
            .of_tokens(31_000, 900, 35)
            .tagged("review"),
        key(2, "risk-staging", STAGING, service("fraud-review")).often(5, Hours::Office),
        key(3, "mobile-assistant", PRODUCTION, service("assistant"))
            .asks("gemini-2.5-flash", "gpt-5-mini")
            .often(52, Hours::Customers)
            .of_tokens(7_000, 380, 41)
            .tagged("chat"),
        key(
            3,
            "sofia-dev",
            DEVELOPMENT,
            Owner::Person("sofia.rossi@meridian.example"),
        )
        .asks("claude-sonnet-4-6", "gemini-2.5-flash")
        .often(8, Hours::Office)
        .of_tokens(42_000, 1_100, 70),
        key(
            4,
            "papers",
            DEVELOPMENT,
            Owner::Person("lucia.fernandez@meridian.example"),
        )
        .asks("mistral-small", "llama-local")
        .often(11, Hours::Office)
        .of_tokens(24_000, 800, 0),
        key(
            4,
            "local-experiments",
            DEVELOPMENT,
            Owner::Person("lucia.fernandez@meridian.example"),
        )
        .asks("llama-local", "llama-local")
        .often(6, Hours::Office),
    ]
}

fn northwind() -> Vec<Key> {
    let service = Owner::Service;
    vec![
        key(5, "search-answers", PRODUCTION, service("search-answers"))
            .asks("gpt-5-mini", "gemini-2.5-flash")
            .often(41, Hours::Customers)
            .of_tokens(9_500, 300, 25)
            .tagged("answers"),
        key(6, "coding-agents", PRODUCTION, service("coding-agents"))
            .asks("claude-sonnet-4-6", "gpt-5.1")
            .often(30, Hours::Office)
            .of_tokens(96_000, 1_500, 78)
            .tagged("agent"),
        key(6, "agents-ci", STAGING, service("agents-ci"))
            .asks("claude-haiku-4-5", "gpt-5-mini")
            .often(12, Hours::Office)
            .tagged("ci"),
    ]
}
