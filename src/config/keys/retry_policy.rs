//! A retry policy: retries by the kind of failure.

use super::{Key, Shape, honoured, ignored};

/// A retry policy: retries by the kind of failure.
pub const KEYS: &[Key] = &[
    honoured("BadRequestErrorRetries", Shape::Integer, "after a 400"),
    honoured(
        "AuthenticationErrorRetries",
        Shape::Integer,
        "after a 401 or 403",
    ),
    honoured("TimeoutErrorRetries", Shape::Integer, "after a time-out"),
    honoured("RateLimitErrorRetries", Shape::Integer, "after a 429"),
    honoured(
        "ContentPolicyViolationErrorRetries",
        Shape::Integer,
        "after refused content",
    ),
    honoured("InternalServerErrorRetries", Shape::Integer, "after a 5xx"),
    honoured(
        "ServiceUnavailableErrorRetries",
        Shape::Integer,
        "the same as InternalServerErrorRetries; the larger one counts",
    ),
    ignored(
        "NotFoundErrorRetries",
        Shape::Integer,
        "a 404 is never tried again",
    ),
    honoured("DefaultRetries", Shape::Integer, "after any other failure"),
];
