//! Ollama: its native API, on the operator's own machines.
//!
//! | module | purpose |
//! |---|---|
//! | `address` | where a call goes |
//! | `encode` | a chat call as `/api/chat` wants it |
//! | `messages` | the conversation |
//! | `options` | sampling and what is Ollama's own |
//! | `answer`, `decode`, `stream` | the way back |
//! | `completions` | `/api/generate` |
//! | `embeddings` | `/api/embed` |
//!
//! What has no counterpart: `user` and `metadata` are labels for the gateway and are not sent,
//! neither are `cache_control` marks (Ollama caches by itself), `strict` of a function, an image's
//! `detail` and the speaker's `name`.

mod address;
mod answer;
mod completions;
mod decode;
mod embeddings;
mod encode;
mod messages;
mod options;
mod stream;
#[cfg(test)]
mod tests;

use crate::Provider;
use crate::chat::{ChatAnswer, ChatApi, ChatCall, EventReader};
use crate::completions::CompletionsApi;
use crate::dialect::Dialect;
use crate::embeddings::EmbeddingsApi;
use crate::failure::{Failure, FailureKind};
use crate::wire::{Address, Malformed, Operation, Stamp, Target, Untranslatable, WireBody};

/// The vendor's name, also in the texts of errors.
const NAME: &str = "ollama";

/// The vendor.
pub struct Ollama;

impl Provider for Ollama {
    fn name(&self) -> &'static str {
        NAME
    }

    fn other_names(&self) -> &'static [&'static str] {
        &["ollama_chat"]
    }

    fn dialect(&self) -> Dialect {
        Dialect::Ollama
    }

    fn default_base_url(&self) -> Option<&'static str> {
        Some("http://localhost:11434")
    }

    fn key_variables(&self) -> &'static [&'static str] {
        &["OLLAMA_API_KEY"]
    }

    fn base_url_variables(&self) -> &'static [&'static str] {
        &["OLLAMA_API_BASE", "OLLAMA_HOST"]
    }

    fn needs_key(&self) -> bool {
        false
    }

    fn is_local(&self) -> bool {
        true
    }

    fn address(&self, operation: Operation, target: &Target<'_>) -> Address {
        address::address(operation, target)
    }

    fn chat(&self) -> Option<&dyn ChatApi> {
        Some(self)
    }

    fn completions(&self) -> Option<&dyn CompletionsApi> {
        Some(&completions::Completions)
    }

    fn embeddings(&self) -> Option<&dyn EmbeddingsApi> {
        Some(&embeddings::Embeddings)
    }

    fn failure(&self, status: u16, body: &[u8]) -> Failure {
        let mut failure = Failure::from_json(status, body);
        let message = failure.message.to_ascii_lowercase();
        let is_long = [
            "exceeds the context length",
            "exceeds maximum context length",
        ]
        .iter()
        .any(|words| message.contains(words));
        if failure.kind == FailureKind::BadRequest && is_long {
            failure.kind = FailureKind::ContextWindow;
        }
        failure
    }
}

impl ChatApi for Ollama {
    fn encode(&self, call: &ChatCall, target: &Target<'_>) -> Result<WireBody, Untranslatable> {
        encode::encode(call, target)
    }

    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed> {
        decode::decode(body, stamp)
    }

    fn events(&self, stamp: &Stamp) -> Box<dyn EventReader> {
        Box::new(stream::Events::new(stamp))
    }
}
