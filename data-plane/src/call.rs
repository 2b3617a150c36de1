//! A call with its body read: what is asked, in bytes and, when needed, in our own words.

use std::borrow::Cow;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use domain::routing::ParameterPolicy;
use http::{HeaderMap, HeaderName};
use providers::chat::ChatCall;
use providers::completions::CompletionCall;
use providers::embeddings::EmbeddingCall;
use providers::openai::bad_body::BadBody;
use providers::openai::body::{BodyKind, CallerBody};
use providers::openai::controls::MAX_RETRIES;
use providers::openai::splice::Edits;
use providers::wire::Operation;
use serde_json::{Map, Value};

use crate::error::GatewayError;
use crate::incoming::refused;
use crate::route::Choice;

const X_NUM_RETRIES: HeaderName = HeaderName::from_static("x-litellm-num-retries");
const X_TIMEOUT: HeaderName = HeaderName::from_static("x-litellm-timeout");
const X_STREAM_TIMEOUT: HeaderName = HeaderName::from_static("x-litellm-stream-timeout");

/// A caller's call.
pub struct Call {
    /// The body, with where its members stand.
    pub body: CallerBody,
    /// The model asked for, in the body or in the path.
    pub asked_model: String,
    words: OnceLock<Result<Words, BadBody>>,
}

/// A call in our own words.
pub enum Words {
    /// A chat.
    Chat(Box<ChatCall>),
    /// A legacy completion.
    Completion(Box<CompletionCall>),
    /// Embeddings.
    Embedding(Box<EmbeddingCall>),
}

impl Call {
    /// Takes a body; the path may have named the model.
    ///
    /// # Errors
    /// When neither path nor body names a model.
    pub fn new(body: CallerBody, path_model: Option<String>) -> Result<Self, GatewayError> {
        let asked_model = path_model
            .or_else(|| body.model.clone())
            .filter(|model| !model.is_empty());
        let Some(asked_model) = asked_model else {
            return Err(GatewayError::bad_request(
                "`model` is missing: name the model to ask.",
                Some("model"),
            ));
        };
        Ok(Self {
            body,
            asked_model,
            words: OnceLock::new(),
        })
    }

    /// Adds what the caller asks in LiteLLM's headers, unless the body asks it too:
    /// `x-litellm-num-retries`, `x-litellm-timeout` and `x-litellm-stream-timeout` (seconds).
    #[must_use]
    pub fn asked_by(mut self, headers: &HeaderMap) -> Self {
        let is_theirs = |name: &HeaderName| name.as_str().starts_with("x-litellm-");
        if !headers.keys().any(is_theirs) {
            return self;
        }
        let text = |name: HeaderName| headers.get(name)?.to_str().ok();
        let ms = |name: HeaderName| {
            let seconds = text(name)?.parse::<f64>().ok()?;
            let span = Duration::try_from_secs_f64(seconds).ok()?;
            u64::try_from(span.as_millis()).ok().filter(|ms| *ms > 0)
        };
        let controls = &mut self.body.controls;
        let retries = || text(X_NUM_RETRIES)?.parse::<u32>().ok();
        controls.num_retries = controls
            .num_retries
            .or_else(|| Some(retries()?.min(MAX_RETRIES)));
        controls.timeout_ms = controls.timeout_ms.or_else(|| ms(X_TIMEOUT));
        controls.stream_timeout_ms = controls.stream_timeout_ms.or_else(|| ms(X_STREAM_TIMEOUT));
        self
    }

    /// The same call with members replaced, on its way to a fallback.
    ///
    /// # Errors
    /// When the replaced body is not one that a caller could have sent.
    pub fn with_overrides(&self, overrides: &Map<String, Value>) -> Result<Self, GatewayError> {
        let edits = Edits {
            overrides: Some(overrides),
            ..Edits::default()
        };
        let pieces = self.body.with_model(&self.asked_model, &edits);
        let bytes = Bytes::from(pieces.concat());
        let mut body = CallerBody::read(bytes, self.body.kind).map_err(refused)?;
        body.controls = self.body.controls.clone();
        Ok(Self {
            body,
            asked_model: self.asked_model.clone(),
            words: OnceLock::new(),
        })
    }

    /// The same call with a limit of each answer's tokens, as money leaves it.
    ///
    /// # Errors
    /// As [`Call::with_overrides`].
    pub fn with_output_limit(&self, tokens: u64, choice: &Choice) -> Result<Self, GatewayError> {
        let names = ["max_completion_tokens", "max_tokens"];
        let mut limits = Map::new();
        for name in names.into_iter().filter(|name| self.body.has_member(name)) {
            limits.insert(name.to_owned(), Value::from(tokens));
        }
        if limits.is_empty() {
            // OpenAI's own service has renamed it; others may not know the new name.
            let renamed =
                choice.candidate.provider_name == "openai" && self.body.kind == BodyKind::Chat;
            let name = if renamed {
                "max_completion_tokens"
            } else {
                "max_tokens"
            };
            limits.insert(name.to_owned(), Value::from(tokens));
        }
        self.with_overrides(&limits)
    }

    /// What is asked of a provider.
    #[must_use]
    pub const fn operation(&self) -> Operation {
        match (self.body.kind, self.body.stream) {
            (BodyKind::Chat, false) => Operation::Chat,
            (BodyKind::Chat, true) => Operation::ChatStream,
            (BodyKind::Completion, false) => Operation::Completion,
            (BodyKind::Completion, true) => Operation::CompletionStream,
            (BodyKind::Embedding, _) => Operation::Embeddings,
        }
    }

    /// Whether the answer is streamed.
    #[must_use]
    pub const fn is_streamed(&self) -> bool {
        matches!(
            self.operation(),
            Operation::ChatStream | Operation::CompletionStream
        )
    }

    /// The call in our own words, read once.
    ///
    /// # Errors
    /// When the body cannot be understood well enough.
    pub fn words(&self) -> Result<&Words, GatewayError> {
        let words = self.words.get_or_init(|| match self.body.kind {
            BodyKind::Chat => self
                .body
                .chat_call()
                .map(|call| Words::Chat(Box::new(call))),
            BodyKind::Completion => self
                .body
                .completion_call()
                .map(|call| Words::Completion(Box::new(call))),
            BodyKind::Embedding => self
                .body
                .embedding_call()
                .map(|call| Words::Embedding(Box::new(call))),
        });
        words.as_ref().map_err(|bad| refused(bad.clone()))
    }

    /// A deployment's parameter policy with what the caller asked for on top.
    #[must_use]
    pub fn policy<'a>(&self, deployments: &'a ParameterPolicy) -> Cow<'a, ParameterPolicy> {
        let controls = &self.body.controls;
        let nothing_asked = controls.drop_params.is_none()
            && controls.allowed_openai_params.is_empty()
            && controls.additional_drop_params.is_empty();
        if nothing_asked {
            return Cow::Borrowed(deployments);
        }
        let mut policy = deployments.clone();
        policy.drop_unsupported = controls.drop_params.unwrap_or(policy.drop_unsupported);
        policy
            .allow_always
            .extend(controls.allowed_openai_params.iter().cloned());
        policy
            .drop_always
            .extend(controls.additional_drop_params.iter().cloned());
        Cow::Owned(policy)
    }
}
