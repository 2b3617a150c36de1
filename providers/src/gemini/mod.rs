//! Gemini: Google's `generateContent` at AI Studio.
//!
//! | module | purpose |
//! |---|---|
//! | `address` | where a call goes |
//! | `encode` | a chat call as `GenerateContentRequest` |
//! | `messages`, `media` | the conversation as turns and their parts |
//! | `tools` | functions, and which of them may be called |
//! | `generation`, `thinking` | sampling, limits, output format, how hard to think |
//! | `native` | members that OpenAI does not have |
//! | `answer`, `decode`, `stream`, `usage` | the way back |
//! | `embeddings` | `batchEmbedContents` |
//!
//! Field names are those of Google's discovery document of `generativelanguage` `v1beta`
//! (revision 20260529); Google refuses a request with an unknown field.
//!
//! What has no counterpart: `user`, `metadata` and `safety_identifier` are labels for the gateway
//! and are not sent, neither are a speaker's `name`, `strict` of a function, an image's `detail`,
//! members of a message that OpenAI does not document, and `cache_control` marks (Gemini caches by
//! itself). Thinking blocks are not sent, because the signatures of other vendors mean nothing to
//! Gemini; its own signatures of function calls, which it demands, travel with the calls. Those it
//! gives to texts, which it recommends only, are not kept; neither are citations, grounding and
//! safety ratings, for which OpenAI's answer has no place.

mod address;
mod answer;
mod decode;
mod embeddings;
mod encode;
mod generation;
mod media;
mod messages;
mod native;
mod stream;
#[cfg(test)]
mod tests;
mod thinking;
mod tools;
mod usage;

use crate::Provider;
use crate::chat::{ChatAnswer, ChatApi, ChatCall, EventReader};
use crate::dialect::Dialect;
use crate::embeddings::EmbeddingsApi;
use crate::failure::{Failure, FailureKind};
use crate::wire::{Address, Malformed, Operation, Stamp, Target, Untranslatable, WireBody};

/// The vendor's name, also in the texts of errors.
const NAME: &str = "gemini";

/// The vendor.
pub struct Gemini;

impl Provider for Gemini {
    fn name(&self) -> &'static str {
        NAME
    }

    fn dialect(&self) -> Dialect {
        Dialect::Gemini
    }

    fn default_base_url(&self) -> Option<&'static str> {
        Some("https://generativelanguage.googleapis.com/v1beta")
    }

    fn key_variables(&self) -> &'static [&'static str] {
        &["GEMINI_API_KEY", "GOOGLE_API_KEY"]
    }

    fn base_url_variables(&self) -> &'static [&'static str] {
        &["GEMINI_API_BASE", "GOOGLE_GEMINI_BASE_URL"]
    }

    fn address(&self, operation: Operation, target: &Target<'_>) -> Address {
        address::address(operation, target)
    }

    fn chat(&self) -> Option<&dyn ChatApi> {
        Some(self)
    }

    fn embeddings(&self) -> Option<&dyn EmbeddingsApi> {
        Some(&embeddings::Embeddings)
    }

    /// Google answers a wrong key with 400 and `API_KEY_INVALID`; a key that a proxy repeats in
    /// its message is blotted out.
    fn failure(&self, status: u16, body: &[u8]) -> Failure {
        let mut failure = Failure::from_json(status, body);
        let says = |words: &[u8]| memchr::memmem::find(body, words).is_some();
        if status == 400 && (says(b"API_KEY_INVALID") || says(b"API key not valid")) {
            failure.kind = FailureKind::Credential;
        }
        failure.message = address::without_keys(&failure.message);
        failure
    }
}

impl ChatApi for Gemini {
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
