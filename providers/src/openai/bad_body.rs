//! Why a caller's body is refused, in words for the caller.

use std::fmt;

use thiserror::Error;

use super::scan::Stop;

/// A body that is refused with 400.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct BadBody {
    /// What is wrong and what the caller can do.
    pub message: String,
    /// The member, with its path (`messages[2].content[0].image_url`); none when the body as a
    /// whole is wrong.
    pub param: Option<String>,
    /// Which kind of mistake it is.
    pub kind: BadBodyKind,
}

/// Kinds of mistakes in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadBodyKind {
    /// The bytes are no JSON, or no UTF-8.
    NotJson,
    /// JSON, but not an object.
    NotAnObject,
    /// Nested deeper than [`super::scan::MAX_DEPTH`], or more members than we read.
    TooComplex,
    /// A member that we read stands there twice.
    Duplicate,
    /// A member is missing.
    Missing,
    /// A member has a wrong type or value.
    Invalid,
    /// A member that only the operator may set.
    Forbidden,
}

/// Why a body is not read to its end.
pub(super) enum Ending {
    /// The text itself is the reason.
    Stopped(Stop),
    /// What it says is.
    Refused(BadBody),
}

impl From<Stop> for Ending {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop)
    }
}

impl From<BadBody> for Ending {
    fn from(refused: BadBody) -> Self {
        Self::Refused(refused)
    }
}

impl BadBody {
    pub(super) fn not_json(error: &dyn fmt::Display) -> Self {
        Self {
            message: format!("the request body is not valid JSON: {error}"),
            param: None,
            kind: BadBodyKind::NotJson,
        }
    }

    pub(super) fn not_an_object() -> Self {
        Self {
            message: "the request body must be a JSON object".to_owned(),
            param: None,
            kind: BadBodyKind::NotAnObject,
        }
    }

    pub(super) fn too_complex(message: String) -> Self {
        Self {
            message,
            param: None,
            kind: BadBodyKind::TooComplex,
        }
    }

    pub(super) fn duplicate(name: &str) -> Self {
        Self {
            message: format!("`{name}` stands in the request body twice; send it once"),
            param: Some(name.to_owned()),
            kind: BadBodyKind::Duplicate,
        }
    }

    pub(super) fn missing(path: impl Into<String>) -> Self {
        let path = path.into();
        Self {
            message: format!("`{path}` is missing"),
            param: Some(path),
            kind: BadBodyKind::Missing,
        }
    }

    pub(super) fn invalid(path: impl Into<String>, reason: &str) -> Self {
        let path = path.into();
        Self {
            message: format!("invalid value for `{path}`: {reason}"),
            param: Some(path),
            kind: BadBodyKind::Invalid,
        }
    }

    pub(super) fn wrong_type(path: impl Into<String>, expected: &str, got: &str) -> Self {
        let path = path.into();
        Self {
            message: format!("`{path}` must be {expected}, not {got}"),
            param: Some(path),
            kind: BadBodyKind::Invalid,
        }
    }

    pub(super) fn forbidden(name: &str) -> Self {
        Self {
            message: format!(
                "a caller may not set `{name}`; it stands in the operator's configuration"
            ),
            param: Some(name.to_owned()),
            kind: BadBodyKind::Forbidden,
        }
    }
}
