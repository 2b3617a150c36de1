//! Every vendor's wire format: bytes in, bytes out; opens no socket.
//!
//! | module | purpose |
//! |---|---|
//! | [`chat`] | a chat call, its answer and its events, in our own words |
//! | [`completions`] | a legacy text completion, in our own words |
//! | [`embeddings`] | an embedding call and its vectors, in our own words |
//! | [`wire`] | what goes to a provider: address, headers, body |
//! | `policy` | what happens to parameters that a vendor does not have |
//! | `tool_calls` | ids for calls that have none, arguments as objects |
//! | [`failure`] | what went wrong at a provider, and what may be done about it |
//! | [`sse`], [`ndjson`] | bytes to events, however they are cut |
//! | [`catalogue`] | models, their prices and limits |
//! | [`destination`] | who answers for a deployment, and what is known of its model |
//! | [`tokenizer`] | counting where a provider does not say |
//! | [`dialect`] | the wire formats that callers speak |
//! | one folder a vendor | [`openai`] and those that speak like it, [`anthropic`], [`gemini`], [`ollama`] |
//!
//! A vendor is one folder and one line in [`ALL`].

pub mod anthropic;
pub mod catalogue;
pub mod chat;
pub mod completions;
pub mod destination;
pub mod dialect;
pub mod embeddings;
pub mod failure;
pub mod gemini;
#[cfg(test)]
mod golden;
pub mod ndjson;
pub mod ollama;
pub mod openai;
pub mod openai_compatible;
mod policy;
pub mod sse;
pub mod tokenizer;
mod tool_calls;
pub mod wire;

use crate::chat::ChatApi;
use crate::completions::CompletionsApi;
use crate::dialect::Dialect;
use crate::embeddings::EmbeddingsApi;
use crate::failure::Failure;
use crate::wire::{Address, Operation, Target};

/// A vendor and its wire format.
pub trait Provider: Sync {
    /// The name before the slash of `litellm_params.model`; lower case, unique in [`ALL`].
    fn name(&self) -> &'static str;

    /// Other prefixes that mean this vendor.
    fn other_names(&self) -> &'static [&'static str] {
        &[]
    }

    /// The dialect this vendor speaks; a caller of the same dialect is passed through.
    fn dialect(&self) -> Dialect;

    /// The address used when a deployment names none; without a trailing slash.
    fn default_base_url(&self) -> Option<&'static str>;

    /// Environment variables that usually hold the credential, the preferred one first.
    fn key_variables(&self) -> &'static [&'static str];

    /// Environment variables that usually hold the address.
    fn base_url_variables(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether calls fail without a credential.
    fn needs_key(&self) -> bool {
        true
    }

    /// Whether the vendor runs on the operator's own machines: price 0 unless configured.
    fn is_local(&self) -> bool {
        false
    }

    /// Names under which the catalogue lists this vendor's models, besides [`Provider::name`].
    fn catalogue_names(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether a stream's usage must be asked for by `stream_options.include_usage`, in OpenAI's
    /// dialect. False for vendors that count unasked and refuse the member.
    fn asks_stream_usage(&self) -> bool {
        true
    }

    /// Address and headers of a call; the headers hold the credential.
    fn address(&self, operation: Operation, target: &Target<'_>) -> Address;

    /// Chat, when the vendor offers it.
    fn chat(&self) -> Option<&dyn ChatApi> {
        None
    }

    /// Legacy text completions, when the vendor offers them; otherwise they are asked as a chat.
    fn completions(&self) -> Option<&dyn CompletionsApi> {
        None
    }

    /// Embeddings, when the vendor offers them.
    fn embeddings(&self) -> Option<&dyn EmbeddingsApi> {
        None
    }

    /// Reads an error answer: the vendor's words and what kind of failure it is.
    fn failure(&self, status: u16, body: &[u8]) -> Failure;
}

/// Every vendor, one line each.
pub static ALL: &[&dyn Provider] = &[
    &openai::OpenAi,
    &anthropic::Anthropic,
    &gemini::Gemini,
    &ollama::Ollama,
];

/// Finds a vendor by its name or one of its other names.
#[must_use]
pub fn find(name: &str) -> Option<&'static dyn Provider> {
    ALL.iter()
        .chain(openai_compatible::ALL)
        .copied()
        .find(|provider| provider.name() == name || provider.other_names().contains(&name))
}
