//! OpenAI: its own service, any server that speaks like it, and the dialect of our callers.
//!
//! | file | purpose |
//! |---|---|
//! | [`body`] | what the gateway reads of a caller's body, in one pass |
//! | [`bad_body`] | why a body is refused |
//! | [`controls`] | what a body asks of the gateway itself |
//! | [`scan`], `elements`, `fields` | pieces of reading |
//! | [`splice`] | the same body with single members changed, all other bytes alone |
//! | [`tap`], `whole`, `frames`, `glimpse`, `met`, `mould` | what an answer says, read while it passes |
//! | `call`, `messages`, `tools` | a caller's chat in our own words |
//! | [`parameters`] | OpenAI's parameters that others may not have |
//! | [`completions`], [`embeddings`] | the same for the other two calls |
//! | `encode` | our words as OpenAI's request |
//! | `answer`, `decode`, `stream` | OpenAI's answers in our words |
//! | [`mod@write`], [`write_stream`] | our words as answers to a caller |
//! | `usage` | the `usage` object, both ways |

mod answer;
pub mod bad_body;
pub mod body;
mod call;
pub mod completions;
pub mod controls;
mod decode;
mod elements;
pub mod embeddings;
mod encode;
mod fields;
mod frames;
mod glimpse;
mod messages;
mod met;
mod mould;
pub mod parameters;
pub mod scan;
pub mod splice;
mod stream;
pub mod tap;
mod tools;
mod usage;
mod whole;
pub mod write;
pub mod write_stream;

use crate::Provider;
use crate::chat::{ChatAnswer, ChatApi, ChatCall, EventReader};
use crate::completions::CompletionsApi;
use crate::dialect::Dialect;
use crate::embeddings::EmbeddingsApi;
use crate::failure::Failure;
use crate::wire::{Address, Malformed, Operation, Stamp, Target, Untranslatable, WireBody};

/// OpenAI's own service, or any server that speaks like it at the operator's address.
pub struct OpenAi;

impl Provider for OpenAi {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn other_names(&self) -> &'static [&'static str] {
        &["text-completion-openai", "custom_openai", "openai_like"]
    }

    fn dialect(&self) -> Dialect {
        Dialect::OpenAi
    }

    fn default_base_url(&self) -> Option<&'static str> {
        Some("https://api.openai.com/v1")
    }

    fn key_variables(&self) -> &'static [&'static str] {
        &["OPENAI_API_KEY"]
    }

    fn base_url_variables(&self) -> &'static [&'static str] {
        &["OPENAI_BASE_URL", "OPENAI_API_BASE"]
    }

    fn catalogue_names(&self) -> &'static [&'static str] {
        &["text-completion-openai"]
    }

    fn address(&self, operation: Operation, target: &Target<'_>) -> Address {
        address(operation, target)
    }

    fn chat(&self) -> Option<&dyn ChatApi> {
        Some(&CHAT)
    }

    fn completions(&self) -> Option<&dyn CompletionsApi> {
        Some(&completions::Completions)
    }

    fn embeddings(&self) -> Option<&dyn EmbeddingsApi> {
        Some(&embeddings::Embeddings)
    }

    fn failure(&self, status: u16, body: &[u8]) -> Failure {
        Failure::from_json(status, body)
    }
}

/// Address and headers of a call in this dialect. Without a credential no `authorization` is
/// sent: local servers need none.
pub(crate) fn address(operation: Operation, target: &Target<'_>) -> Address {
    let path = match operation {
        Operation::Chat | Operation::ChatStream => "chat/completions",
        Operation::Completion | Operation::CompletionStream => "completions",
        Operation::Embeddings => "embeddings",
    };
    let is_stream = matches!(
        operation,
        Operation::ChatStream | Operation::CompletionStream
    );
    let accept = if is_stream {
        "text/event-stream"
    } else {
        "application/json"
    };
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("accept", accept.to_owned()),
    ];
    if let Some(key) = target.api_key {
        headers.push(("authorization", format!("Bearer {}", key.expose())));
    }
    if let Some(organization) = target.organization {
        headers.push(("openai-organization", organization.to_owned()));
    }
    Address {
        url: format!("{}/{path}", target.base_url.trim_end_matches('/')),
        headers,
    }
}

/// Chat in OpenAI's dialect.
pub(crate) struct Chat {
    /// Whether a stream's usage must be asked for; see [`Provider::asks_stream_usage`].
    pub(crate) asks_stream_usage: bool,
}

/// Chat as OpenAI itself offers it.
pub(crate) static CHAT: Chat = Chat {
    asks_stream_usage: true,
};

impl ChatApi for Chat {
    fn encode(&self, call: &ChatCall, target: &Target<'_>) -> Result<WireBody, Untranslatable> {
        Ok(encode::chat(call, target, self.asks_stream_usage))
    }

    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed> {
        decode::answer(body, stamp)
    }

    fn events(&self, stamp: &Stamp) -> Box<dyn EventReader> {
        Box::new(stream::Events::new(stamp))
    }
}

#[cfg(test)]
mod tests;
