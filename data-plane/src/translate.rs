//! A call to a provider's words: nothing to do but a new name when the dialects agree.

use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderValue, Method, Request};
use providers::Provider;
use providers::chat::ChatApi;
use providers::completions::{CompletionCall, CompletionsApi};
use providers::dialect::Dialect;
use providers::embeddings::EmbeddingsApi;
use providers::openai::completions::as_chat;
use providers::openai::splice::{Edits, StreamUsage};
use providers::wire::{Operation, Untranslatable, WireBody};

use crate::body::Pieces;
use crate::call::{Call, Words};
use crate::route::Choice;
use crate::send::fault::Fault;
use crate::send::url::Url;

/// How the answer is to be read.
#[derive(Clone, Copy)]
pub enum Lane {
    /// In the caller's own dialect: passed through.
    Same,
    /// As a chat.
    Chat(&'static dyn ChatApi),
    /// As a completion.
    Completion(&'static dyn CompletionsApi),
    /// As embeddings.
    Embedding(&'static dyn EmbeddingsApi),
}

/// A request for a provider, whole.
pub struct Outgoing {
    /// Where to.
    pub url: Arc<Url>,
    /// All headers but the length.
    pub headers: HeaderMap,
    /// The body's pieces.
    pub pieces: Vec<Bytes>,
    /// How the answer is to be read.
    pub lane: Lane,
    /// Parameters that the provider does not get.
    pub dropped: Vec<&'static str>,
}

impl Outgoing {
    /// Where to, and the request itself; its address and host depend on the connection.
    #[must_use]
    pub fn into_request(self) -> (Arc<Url>, Request<Pieces>) {
        let Outgoing {
            url,
            headers,
            pieces,
            lane: _,
            dropped: _,
        } = self;
        let length: usize = pieces.iter().map(Bytes::len).sum();
        let mut request = Request::new(Pieces::new(pieces));
        *request.method_mut() = Method::POST;
        *request.headers_mut() = headers;
        request
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
        (url, request)
    }
}

/// Puts a call into the words of the chosen deployment's provider.
///
/// # Errors
/// When the provider cannot honour the call, or the deployment's settings cannot be sent.
pub fn translate(
    call: &Call,
    choice: &Choice,
    provider: &'static dyn Provider,
) -> Result<Outgoing, Fault> {
    let candidate = &choice.candidate;
    let policy = call.policy(&candidate.parameters);
    let target = candidate.target(&choice.model, &choice.known, &policy);
    let mut operation = call.operation();
    let (lane, body) = if provider.dialect() == Dialect::OpenAi {
        let edits = Edits {
            stream_usage: if provider.asks_stream_usage() {
                StreamUsage::Ask
            } else {
                StreamUsage::Remove
            },
            extra_body: Some(&candidate.extra_body),
            drop: &policy.drop_always,
            ..Edits::default()
        };
        (
            Lane::Same,
            Body::Pieces(call.body.with_model(&choice.model, &edits)),
        )
    } else {
        let (lane, body) = encode(call, provider, &target)?;
        if matches!(lane, Lane::Chat(_)) {
            operation = if call.is_streamed() {
                Operation::ChatStream
            } else {
                Operation::Chat
            };
        }
        (lane, Body::Encoded(body))
    };
    let (pieces, more, dropped) = match body {
        Body::Pieces(pieces) => (pieces, Vec::new(), Vec::new()),
        Body::Encoded(WireBody {
            bytes,
            headers,
            dropped,
        }) => (vec![Bytes::from(bytes)], headers, dropped),
    };
    let prepared = candidate
        .prepare(provider, operation, &target, more)
        .ok_or(Fault::Misconfigured)?;
    Ok(Outgoing {
        url: prepared.url,
        headers: prepared.headers,
        pieces,
        lane,
        dropped,
    })
}

enum Body {
    Pieces(Vec<Bytes>),
    Encoded(WireBody),
}

fn encode(
    call: &Call,
    provider: &'static dyn Provider,
    target: &providers::wire::Target<'_>,
) -> Result<(Lane, WireBody), Fault> {
    let missing = |operation| {
        Fault::Untranslatable(Untranslatable::UnsupportedOperation {
            provider: provider.name(),
            operation,
        })
    };
    let encoded = match call.words().map_err(Fault::BadRequest)? {
        Words::Chat(chat) => {
            let api = provider.chat().ok_or_else(|| missing("chat completions"))?;
            api.encode(chat, target).map(|body| (Lane::Chat(api), body))
        }
        Words::Completion(completion) => match provider.completions() {
            Some(api) => api
                .encode(completion, target)
                .map(|body| (Lane::Completion(api), body)),
            None => {
                let api = provider.chat().ok_or_else(|| missing("completions"))?;
                let chat = as_chat(CompletionCall::clone(completion), provider.name())
                    .map_err(Fault::Untranslatable)?;
                api.encode(&chat, target)
                    .map(|body| (Lane::Chat(api), body))
            }
        },
        Words::Embedding(embedding) => {
            let api = provider.embeddings().ok_or_else(|| missing("embeddings"))?;
            api.encode(embedding, target)
                .map(|body| (Lane::Embedding(api), body))
        }
    };
    encoded.map_err(Fault::Untranslatable)
}
