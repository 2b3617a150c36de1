//! The fleet that the tests drive, and the questions that they ask.

use std::time::Duration;

use harness::answer::Answer;
use harness::connection;
use harness::deadline::PATIENCE;
use harness::fleet::Fleet;
use harness::gateway::Builder;
use harness::ledger::Tokens;
use harness::redis::Redis;
use tokio::sync::{Mutex, MutexGuard};

/// Where questions go.
pub const CHAT: &str = "/v1/chat/completions";

/// What a token of input costs, in nano-dollars.
pub const INPUT_NANOUSD: u64 = 123;

/// What a token of output costs, in nano-dollars.
pub const OUTPUT_NANOUSD: u64 = 567;

/// What the provider counts as input, whatever is asked.
pub const INPUT_TOKENS: u64 = 11;

/// The most that the provider writes.
pub const OUTPUT_TOKENS: u64 = 40;

/// Four models, one for each dialect that the gateway speaks to providers, all at the same price.
const MODELS: &[(&str, &str, &str)] = &[
    ("priced", "openai/gpt-4o", "UPSTREAM/openai/v1"),
    (
        "claude",
        "anthropic/claude-3-5-sonnet-20240620",
        "UPSTREAM/anthropic",
    ),
    (
        "gemini",
        "gemini/gemini-2.0-flash",
        "UPSTREAM/gemini/v1beta",
    ),
    ("llama", "ollama_chat/llama3", "UPSTREAM/ollama"),
];

fn config() -> String {
    let models = MODELS.iter().map(|(name, model, base)| {
        format!(
            "  - model_name: {name}\n    litellm_params: {{model: {model}, api_key: sk-provider, api_base: \"{base}\", input_cost_per_token: 0.000000123, output_cost_per_token: 0.000000567}}\n"
        )
    });
    format!("model_list:\n{}", models.collect::<String>())
}

/// So many nodes, and a provider that says as much as it may.
pub async fn fleet(redis: Redis, count: usize) -> Fleet {
    let builder = Builder::of(env!("CARGO_BIN_EXE_headgate"))
        .config(&config())
        .variable("HEADGATE_LOG", "warn");
    let fleet = Fleet::start(builder, redis, count).await;
    // A token for a word, which is what a tokenizer makes of it.
    let text = "word ".repeat(OUTPUT_TOKENS as usize);
    let answer = Answer::text(text.trim_end()).billed_by_text();
    let upstream = fleet.upstream("openai");
    upstream.answers(
        answer
            .tokens(Tokens::new(INPUT_TOKENS, OUTPUT_TOKENS))
            .heeding_limits(),
    );
    upstream.keeps_no_requests();
    fleet
}

/// What the provider would bill for these tokens.
pub fn nanousd(tokens: Tokens) -> u64 {
    tokens.prompt() * INPUT_NANOUSD + tokens.completion() * OUTPUT_NANOUSD
}

/// What the most expensive answer costs.
pub fn dearest_nanousd() -> u64 {
    nanousd(Tokens::new(INPUT_TOKENS, OUTPUT_TOKENS))
}

/// One question.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// With this key.
    pub key: &'a str,
    /// On this bill of the provider's.
    pub bill: &'a str,
    /// The caller's own id for it.
    pub call_id: &'a str,
    /// The most output tokens, if it says.
    pub limit_tokens: Option<u64>,
    /// Whether the answer is streamed.
    pub stream: bool,
}

impl Question<'_> {
    /// The bytes to send.
    pub fn bytes(&self) -> Vec<u8> {
        let limit = self.limit_tokens;
        let limit = limit.map_or(String::new(), |limit| format!(",\"max_tokens\":{limit}"));
        let stream = if self.stream { ",\"stream\":true" } else { "" };
        let body = format!(
            "{{\"model\":\"priced\"{limit}{stream},\"messages\":[{{\"role\":\"user\",\"content\":\"bill:{} why use a gateway?\"}}]}}",
            self.bill
        );
        let headers = format!(
            "x-litellm-call-id: {id}\r\nidempotency-key: {id}\r\n",
            id = self.call_id
        );
        connection::post(CHAT, self.key, &headers, &body)
    }
}

/// Fleets press on the machine: one test after the other.
pub async fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    TURN.lock().await
}

/// A number from the environment, or the usual one.
pub fn number(variable: &str, usual: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().expect("the variable is a number"),
        Err(_) => usual,
    }
}

/// Asks until it holds, and says so when it does not.
pub async fn until<F: Future<Output = Result<(), String>>>(what: &str, holds: impl Fn() -> F) {
    let started = tokio::time::Instant::now();
    while let Err(why) = holds().await {
        assert!(started.elapsed() < PATIENCE, "{what}: {why}");
        // Nobody tells when it does: it is asked.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
