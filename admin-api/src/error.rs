//! What an action can answer but success, and its two shapes: problem details, LiteLLM's envelope.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use domain::blocks::BlockLevel;
use serde_json::{Value, json};
use std::fmt;
use store::StoreError;
use thiserror::Error;

/// Why an action was not done; each variant is one thing that the caller can do about it.
#[derive(Debug, Error)]
pub enum ActionError {
    /// No credential, or none that is known.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The actor may do this nowhere.
    #[error("Your role does not permit this ({0}). Ask an administrator of your organization.")]
    NotPermitted(&'static str),
    /// It was blocked from further up.
    #[error(
        "It was blocked by {0}. Only they, or who stands above them, can unblock it: ask them."
    )]
    BlockedAbove(BlockLevel),
    /// A browser was made to send it by another site's page.
    #[error("{0}")]
    CrossSite(&'static str),
    /// There is no such thing, or the actor may not see it.
    #[error("{kind} `{id}` does not exist.")]
    NotFound {
        /// Which kind of thing, capitalized: `Team`.
        kind: &'static str,
        /// As it was asked for; never a key in the clear.
        id: String,
    },
    /// A member of the request means nothing.
    #[error("{message}")]
    Invalid {
        /// The member.
        field: String,
        /// What is wrong with it, and what it may be.
        message: String,
    },
    /// It exists already, or is still used.
    #[error("{message}")]
    Conflict {
        /// The member.
        field: &'static str,
        /// What is in the way.
        message: String,
    },
    /// The same `Idempotency-Key` came with another request, or while the first is under way.
    #[error("{0}")]
    NotOnce(&'static str),
    /// The path has other methods.
    #[error("This path takes {allowed} only.")]
    WrongMethod {
        /// Which.
        allowed: String,
    },
    /// The body is above the bound.
    #[error("The body is too large: 4 MiB at most.")]
    TooLarge,
    /// Too many tries.
    #[error("Too many failed attempts. Try again in {retry_after_s} seconds.")]
    TooMany {
        /// When another try is taken, in seconds.
        retry_after_s: u64,
    },
    /// The database does not answer.
    #[error("The store does not answer at the moment. Nothing has been changed; try again.")]
    Unavailable(#[source] StoreError),
    /// Our own fault.
    #[error(
        "Something went wrong inside the gateway. Nothing has been changed; the log says more."
    )]
    Internal(String),
}

impl ActionError {
    /// A member that means nothing.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid {
            field: field.into(),
            message: message.into(),
        }
    }

    /// A thing that is not there.
    pub fn not_found(kind: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound {
            kind,
            id: id.into(),
        }
    }

    /// Status and the stable word for programs.
    #[must_use]
    pub const fn status_and_code(&self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Unauthenticated(_) => (401, "authentication_error", "invalid_credential"),
            Self::NotPermitted(_) => (403, "permission_error", "not_permitted"),
            Self::BlockedAbove(_) => (403, "permission_error", "blocked_above"),
            Self::CrossSite(_) => (403, "permission_error", "cross_site_request"),
            Self::NotFound { .. } => (404, "not_found_error", "not_found"),
            Self::Invalid { .. } => (400, "invalid_request_error", "invalid_value"),
            Self::Conflict { .. } => (409, "invalid_request_error", "conflict"),
            Self::NotOnce(_) => (409, "invalid_request_error", "idempotency_conflict"),
            Self::WrongMethod { .. } => (405, "invalid_request_error", "method_not_allowed"),
            Self::TooLarge => (413, "invalid_request_error", "body_too_large"),
            Self::TooMany { .. } => (429, "rate_limit_error", "too_many_attempts"),
            Self::Unavailable(_) => (503, "unavailable", "store_unavailable"),
            Self::Internal(_) => (500, "internal_error", "internal_error"),
        }
    }

    /// The member that is wrong, where it is one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Invalid { field, .. } => Some(field),
            Self::Conflict { field, .. } => Some(field),
            Self::NotFound { kind: "Key", .. } => Some("key"),
            _ => None,
        }
    }

    /// Notes for the operator what the caller is not told.
    pub(crate) fn note(&self) {
        match self {
            Self::Unavailable(cause) => tracing::warn!("the store does not answer: {cause}"),
            Self::Internal(cause) => tracing::error!("an admin request failed: {cause}"),
            _ => {}
        }
    }
}

impl From<StoreError> for ActionError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(_) => Self::Unavailable(error),
            // Which constraint of the database it was is nothing to act on.
            StoreError::Exists(_constraint) => Self::Conflict {
                field: "id",
                message: "It exists already. Choose another name or id.".to_owned(),
            },
            StoreError::Dangling(_constraint) => Self::Conflict {
                field: "id",
                message: "Something still belongs to it, or what it points to is gone.".to_owned(),
            },
            other => Self::Internal(other.to_string()),
        }
    }
}

/// An error in the shape of `/api/v1`: problem details (RFC 9457).
#[derive(Debug)]
pub struct Problem(pub ActionError);

/// An error in the shape of LiteLLM's routes: OpenAI's envelope.
#[derive(Debug)]
pub struct Envelope(pub ActionError);

impl<E: Into<ActionError>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl<E: Into<ActionError>> From<E> for Envelope {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        status(&self.0)
    }

    fn error_response(&self) -> HttpResponse {
        let (status, _kind, code) = self.0.status_and_code();
        let mut body = json!({
            "type": format!("https://headgate.dev/errors#{code}"),
            "title": self.status_code().canonical_reason(),
            "status": status,
            "code": code,
            "detail": self.0.to_string(),
        });
        if let (Some(field), Value::Object(members)) = (self.0.field(), &mut body) {
            members.insert("field".to_owned(), field.into());
        }
        answer(&self.0, "application/problem+json", &body)
    }
}

impl ResponseError for Envelope {
    fn status_code(&self) -> StatusCode {
        status(&self.0)
    }

    fn error_response(&self) -> HttpResponse {
        let (status, kind, _code) = self.0.status_and_code();
        // LiteLLM's own scripts look at the status as text here, and at nothing else.
        let body = json!({"error": {
            "message": self.0.to_string(),
            "type": kind,
            "param": self.0.field(),
            "code": status.to_string(),
        }});
        answer(&self.0, "application/json", &body)
    }
}

fn status(error: &ActionError) -> StatusCode {
    StatusCode::from_u16(error.status_and_code().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn answer(error: &ActionError, content_type: &'static str, body: &Value) -> HttpResponse {
    error.note();
    let mut response = HttpResponse::build(status(error));
    response.insert_header((CONTENT_TYPE, content_type));
    if let ActionError::TooMany { retry_after_s } = error {
        response.insert_header((RETRY_AFTER, retry_after_s.to_string()));
    }
    response.body(body.to_string())
}
