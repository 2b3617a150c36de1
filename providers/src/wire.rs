//! What goes to a provider: the target, the address with its headers, the body.

use domain::keys::Secret;
use domain::routing::ParameterPolicy;
use serde_json::{Map, Value};
use thiserror::Error;

/// What is asked of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A chat, answered whole.
    Chat,
    /// A chat, answered as a stream.
    ChatStream,
    /// A legacy completion, answered whole.
    Completion,
    /// A legacy completion, answered as a stream.
    CompletionStream,
    /// Embeddings.
    Embeddings,
}

/// The deployment as a vendor's translator sees it.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The vendor's own name for the model.
    pub model: &'a str,
    /// The address without a trailing slash; the vendor's usual one unless the operator gave one.
    pub base_url: &'a str,
    /// The credential.
    pub api_key: Option<&'a Secret>,
    /// `api_version`, when the operator gave one.
    pub api_version: Option<&'a str>,
    /// OpenAI's organization, when the operator gave one.
    pub organization: Option<&'a str>,
    /// The most tokens the model writes, from the configuration or the catalogue.
    pub max_output_tokens: Option<u64>,
    /// Whether the catalogue says that the model reasons.
    pub reasons: bool,
    /// What to do with parameters the vendor does not have.
    pub parameters: &'a ParameterPolicy,
    /// Members to add to the body unless the caller set them.
    pub extra_body: &'a Map<String, Value>,
}

/// Where a call goes, and with which headers. No header of the caller's is among them.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// The whole URL.
    pub url: String,
    /// Header names in lower case with their values; the credential is among them.
    pub headers: Vec<(&'static str, String)>,
}

/// A request's body for a provider, and what was left out of it.
#[derive(Clone, Debug, PartialEq)]
pub struct WireBody {
    /// The JSON bytes.
    pub bytes: Vec<u8>,
    /// Parameters that were left out because the operator or the caller allowed it.
    pub dropped: Vec<&'static str>,
    /// Headers this body asks for in addition, such as Anthropic's beta names.
    pub headers: Vec<(&'static str, String)>,
}

/// Why a call cannot be put into a vendor's words. The message is for the caller.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Untranslatable {
    /// The vendor has no such parameter and nobody allowed to drop it.
    #[error(
        "{provider} does not support the parameter `{param}`; leave it out, or set `drop_params: true`"
    )]
    UnsupportedParameter {
        /// The vendor's name.
        provider: &'static str,
        /// The parameter's name in the caller's dialect.
        param: String,
    },
    /// A parameter's value means nothing to the vendor.
    #[error("invalid value for `{param}`: {reason}")]
    InvalidValue {
        /// The parameter's name, with its path (`messages[2].content`).
        param: String,
        /// What is wrong, in words for the caller.
        reason: String,
    },
    /// The vendor does not offer the operation at all.
    #[error("{provider} does not offer {operation}")]
    UnsupportedOperation {
        /// The vendor's name.
        provider: &'static str,
        /// The operation in words.
        operation: &'static str,
    },
}

/// What an answer gets that its vendor does not give.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// Our request's id, for answers and tool calls without one.
    pub request_id: String,
    /// Seconds since 1970.
    pub created_s: u64,
    /// The model to name when the vendor names none.
    pub model: String,
}

/// An answer or event that does not mean anything. Never shown to callers.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Malformed {
    /// No JSON, or not of the vendor's shape.
    #[error("malformed answer: {0}")]
    Answer(String),
    /// The stream ended before its last event.
    #[error("the stream ended early")]
    Truncated,
    /// One event is larger than [`crate::sse::MAX_EVENT_BYTES`].
    #[error("one event is too large")]
    TooLarge,
}
