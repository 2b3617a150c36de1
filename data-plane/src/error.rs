//! What may go wrong, and what the caller is told.
//!
//! One variant for each thing that a caller can do about it; one table of statuses and codes;
//! one heading each in `docs/errors.md`. Constructing an error never logs: it is logged once,
//! by the settlement of the request.

use std::net::IpAddr;
use std::time::Duration;

use domain::identity::token::TokenFault;
use thiserror::Error;

/// An answer that is not what the caller asked for. `Display` is the public sentence.
#[derive(Clone, Debug, Error)]
pub enum GatewayError {
    /// No credential came with the request.
    #[error("{0}")]
    MissingKey(&'static str),
    /// The credential is not one of ours.
    #[error(
        "The API key is not valid for this gateway. Check the key, or ask your administrator for one."
    )]
    InvalidKey,
    /// The signed token is not to be trusted.
    #[error(
        "The signed token (JWT) is not accepted: {0}. Get a new one from your identity provider; if it stays so, tell your administrator."
    )]
    InvalidToken(TokenFault),
    /// The signed token is right, and whom it names may not call.
    #[error(
        "The signed token (JWT) is right, and does not open this gateway: {0}. Ask your administrator."
    )]
    TokenNotPermitted(String),
    /// The key, or something above it, is blocked.
    #[error("{0}")]
    BlockedKey(&'static str),
    /// The key, or the secret it was sent with, has come to its end.
    #[error("{0}")]
    ExpiredKey(&'static str),
    /// The key is not known here, and the store cannot be asked.
    #[error(
        "This API key cannot be looked up at the moment; it is neither accepted nor refused. Send the request again shortly."
    )]
    KeysUnavailable,
    /// The key may not be used from there.
    #[error(
        "Requests from {address} are not allowed for {level}. Send them from an allowed address, or ask your administrator to allow this one."
    )]
    AddressNotAllowed {
        /// From where the request came.
        address: IpAddr,
        /// Which level refuses: `this key`, …
        level: &'static str,
    },
    /// The key may not call this path.
    #[error(
        "The path {path} is not allowed for {level}. Use a key that is made for it, or ask your administrator to allow it."
    )]
    RouteNotAllowed {
        /// The path asked.
        path: String,
        /// Which level refuses.
        level: &'static str,
    },
    /// The caller may not ask this model.
    #[error(
        "The model `{model}` is not allowed for {level}. `GET /v1/models` lists those that you may ask; your administrator may allow more."
    )]
    ModelNotAllowed {
        /// The name asked.
        model: String,
        /// Which level refuses.
        level: &'static str,
    },
    /// The end user whom the request names is blocked.
    #[error("The end user whom `user` names is blocked. Ask your administrator to unblock them.")]
    EndUserBlocked,
    /// The request cannot be understood.
    #[error("{message}")]
    BadRequest {
        /// What is wrong and what to do.
        message: String,
        /// The field.
        param: Option<String>,
    },
    /// The framing of the request is ambiguous; the connection is closed.
    #[error("{0}")]
    BadFraming(&'static str),
    /// The body is larger than allowed.
    #[error(
        "The request body is larger than {limit_bytes} bytes. Send less, or ask the operator to raise `max_request_size_mb`."
    )]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The body did not arrive in time.
    #[error("The request body did not arrive in time. Send it again.")]
    SlowBody,
    /// The body is compressed.
    #[error(
        "Compressed request bodies are not accepted. Send the body without `content-encoding`."
    )]
    CompressedBody,
    /// No such path.
    #[error(
        "There is no {method} {path} here. `GET /v1/models` lists the models; see the documentation for the paths."
    )]
    UnknownPath {
        /// The method asked.
        method: String,
        /// The path asked.
        path: String,
    },
    /// The path exists, with another method.
    #[error("This path takes {allowed}, not {method}.")]
    WrongMethod {
        /// The method asked.
        method: String,
        /// The methods it takes.
        allowed: &'static str,
    },
    /// No group, alias, pattern or deployment has this name.
    #[error("The model `{model}` does not exist here.{hint} `GET /v1/models` lists the models.")]
    UnknownModel {
        /// The name asked.
        model: String,
        /// Empty, or "Did you mean `…`?" with a leading space.
        hint: String,
    },
    /// The provider's own refusal, in its words: 400, 404, 413, 422.
    #[error("{message}")]
    ProviderRefused {
        /// The provider's status.
        status: u16,
        /// The provider's words.
        message: String,
        /// The provider's type.
        error_type: Option<String>,
        /// The provider's parameter.
        param: Option<String>,
        /// The provider's code.
        code: Option<String>,
    },
    /// Every candidate is asked too often.
    #[error("The provider refuses more requests for now: {message}")]
    ProviderRateLimited {
        /// The provider's words.
        message: String,
        /// The smallest wait that a provider named.
        retry_after: Option<Duration>,
    },
    /// The provider refused our credential; its words may hold the key and are not passed on.
    #[error(
        "The provider refused this gateway's credential. The operator has to renew it; your request was not the cause."
    )]
    ProviderCredential,
    /// The provider could not be reached, or failed, after retries and fallbacks.
    #[error("The provider could not answer ({cause}), after {}. Try again later.", in_attempts(*.attempts))]
    ProviderUnavailable {
        /// In a few words: `status 500`, `connection refused` …
        cause: String,
        /// How often we tried.
        attempts: u32,
    },
    /// The provider took too long.
    #[error(
        "The provider did not answer within {waited_ms} ms. Try again later, or ask for a longer time-out."
    )]
    ProviderTimeout {
        /// How long we waited.
        waited_ms: u64,
    },
    /// The provider's answer means nothing.
    #[error(
        "The provider's answer could not be understood. Try again; if it persists, tell the operator."
    )]
    ProviderMalformed,
    /// The provider's answer is larger than allowed.
    #[error("The provider's answer is larger than this gateway accepts.")]
    ProviderTooLarge,
    /// A budget is spent, or too little of it is left.
    #[error("{message}")]
    BudgetExceeded {
        /// As the operator wants it.
        status: u16,
        /// The scope, the limit, what is used, what is left, when it starts anew.
        message: String,
        /// When it starts anew.
        retry_after: Option<Duration>,
    },
    /// Too many requests or tokens.
    #[error("{message}")]
    RateLimited {
        /// The scope, the limit, when there is more.
        message: String,
        /// When there is enough for this request.
        retry_after: Duration,
    },
    /// Too many requests at the same time.
    #[error("{message}")]
    ParallelLimited {
        /// The scope and the limit.
        message: String,
    },
    /// There is a budget, and nobody knows what the model costs.
    #[error(
        "The price of the model `{model}` is not known, so a request to it cannot be held to a budget. Ask the operator to set its `input_cost_per_token` and `output_cost_per_token`."
    )]
    PriceUnknown {
        /// The group.
        model: String,
    },
    /// What has been used cannot be told, so a limit cannot be held.
    #[error(
        "What has been spent cannot be looked up at the moment, so the budget cannot be held. Send the request again shortly."
    )]
    CountersUnavailable,
    /// What is sent and settled cannot be written down.
    #[error(
        "This gateway cannot write its journal at the moment, so it takes no requests that have to be paid. Send the request again shortly; the operator has to look at its disk."
    )]
    JournalUnavailable,
    /// The admin side does not answer.
    #[error(
        "The admin side of this gateway cannot be reached; calls of models are not affected. Send the request again; if it persists, tell the operator."
    )]
    AdminUnavailable,
    /// The gateway is shutting down.
    #[error("This gateway is shutting down. Send the request again; another one will take it.")]
    ShuttingDown,
    /// Our own fault.
    #[error(
        "The gateway failed on this request. Send it again; if it persists, tell the operator the request id."
    )]
    Internal,
}

/// Status, type and code of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusAndCode {
    /// HTTP status.
    pub status: u16,
    /// OpenAI's `type`.
    pub error_type: &'static str,
    /// OpenAI's `code`; also `x-headgate-code`.
    pub code: &'static str,
}

impl GatewayError {
    /// The one table of statuses and codes.
    #[must_use]
    pub fn status_and_code(&self) -> StatusAndCode {
        let (status, error_type, code) = match self {
            Self::MissingKey(_) => (401, "authentication_error", "missing_key"),
            Self::InvalidKey => (401, "authentication_error", "invalid_key"),
            Self::InvalidToken(_) => (401, "authentication_error", "invalid_token"),
            Self::TokenNotPermitted(_) => (403, "permission_error", "token_not_permitted"),
            Self::BlockedKey(_) => (401, "authentication_error", "blocked_key"),
            Self::ExpiredKey(_) => (401, "authentication_error", "expired_key"),
            Self::KeysUnavailable => (503, "unavailable", "keys_unavailable"),
            Self::AddressNotAllowed { .. } => (403, "permission_error", "address_not_allowed"),
            Self::RouteNotAllowed { .. } => (403, "permission_error", "route_not_allowed"),
            Self::ModelNotAllowed { .. } => (403, "permission_error", "model_not_allowed"),
            Self::EndUserBlocked => (403, "permission_error", "end_user_blocked"),
            Self::BadRequest { .. } => (400, "invalid_request_error", "invalid_request"),
            Self::BadFraming(_) => (400, "invalid_request_error", "bad_framing"),
            Self::TooLarge { .. } => (413, "invalid_request_error", "request_too_large"),
            Self::SlowBody => (408, "invalid_request_error", "request_timeout"),
            Self::CompressedBody => (415, "invalid_request_error", "compressed_body"),
            Self::UnknownPath { .. } => (404, "invalid_request_error", "unknown_path"),
            Self::WrongMethod { .. } => (405, "invalid_request_error", "method_not_allowed"),
            Self::UnknownModel { .. } => (404, "invalid_request_error", "model_not_found"),
            Self::ProviderRefused { status, .. } => {
                (*status, "invalid_request_error", "upstream_refused")
            }
            Self::ProviderRateLimited { .. } => (429, "rate_limit_error", "upstream_rate_limited"),
            Self::ProviderCredential => (502, "upstream_error", "upstream_auth_failed"),
            Self::ProviderUnavailable { .. } => (502, "upstream_error", "upstream_unavailable"),
            Self::ProviderTimeout { .. } => (504, "upstream_error", "upstream_timeout"),
            Self::ProviderMalformed => (502, "upstream_error", "upstream_malformed"),
            Self::ProviderTooLarge => (502, "upstream_error", "upstream_too_large"),
            Self::BudgetExceeded { status, .. } => {
                (*status, "budget_exceeded", "insufficient_quota")
            }
            Self::RateLimited { .. } => (429, "rate_limit_error", "rate_limit_exceeded"),
            Self::ParallelLimited { .. } => (429, "rate_limit_error", "parallel_limit_exceeded"),
            Self::PriceUnknown { .. } => (400, "invalid_request_error", "price_unknown"),
            Self::CountersUnavailable => (503, "unavailable", "counters_unavailable"),
            Self::JournalUnavailable => (503, "unavailable", "journal_unavailable"),
            Self::AdminUnavailable => (503, "unavailable", "admin_unavailable"),
            Self::ShuttingDown => (503, "unavailable", "server_shutdown"),
            Self::Internal => (500, "server_error", "internal"),
        };
        StatusAndCode {
            status,
            error_type,
            code,
        }
    }

    /// The same refusal of a budget with another status.
    #[must_use]
    pub fn with_status(mut self, wanted: u16) -> Self {
        if let Self::BudgetExceeded { status, .. } = &mut self {
            *status = wanted;
        }
        self
    }

    /// A bad request that names its field.
    #[must_use]
    pub fn bad_request(message: impl Into<String>, param: Option<&str>) -> Self {
        Self::BadRequest {
            message: message.into(),
            param: param.map(str::to_owned),
        }
    }

    /// How long the caller should wait before it tries again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::ProviderRateLimited { retry_after, .. } => *retry_after,
            Self::BudgetExceeded { retry_after, .. } => *retry_after,
            Self::RateLimited { retry_after, .. } => Some(*retry_after),
            Self::AdminUnavailable
            | Self::KeysUnavailable
            | Self::CountersUnavailable
            | Self::JournalUnavailable
            | Self::ParallelLimited { .. }
            | Self::ShuttingDown => Some(Duration::from_secs(1)),
            _ => None,
        }
    }
}

fn in_attempts(attempts: u32) -> String {
    match attempts {
        1 => "one attempt".to_owned(),
        more => format!("{more} attempts"),
    }
}
