//! Words of LiteLLM's reports for what our ledger names otherwise.

use crate::litellm::report_names::ReportNames;

/// What LiteLLM calls requests with the master key.
const MASTER_KEY: &str = "litellm_proxy_master_key";

/// A key by its hash.
#[must_use]
pub fn key_word(names: &ReportNames, key: &str) -> String {
    if key.is_empty() {
        return MASTER_KEY.to_owned();
    }
    names.id(store::usage::Dimension::Key, key)
}

/// A word, or that there is none.
#[must_use]
pub fn word_or_unknown(word: &str) -> String {
    if word.is_empty() {
        return "unknown".to_owned();
    }
    word.to_owned()
}

/// The path of an operation.
#[must_use]
pub fn endpoint(operation: &str) -> String {
    match operation {
        "chat" => "/chat/completions".to_owned(),
        "text_completion" => "/completions".to_owned(),
        "" => "unknown".to_owned(),
        other => format!("/{other}"),
    }
}

/// What LiteLLM calls an operation.
#[must_use]
pub fn call_type(operation: &str) -> &str {
    match operation {
        "chat" => "acompletion",
        "text_completion" => "atext_completion",
        "embeddings" => "aembedding",
        other => other,
    }
}
