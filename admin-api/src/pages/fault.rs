//! An error of an action as a page.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};
use askama::Template as _;
use web_ui::frame::Frame;
use web_ui::pages::fault::{BareFault, Fault, FaultPiece};
use web_ui::words::{Language, Words};

use crate::error::ActionError;
use crate::pages::answers;

/// An error on its way to a page. [`super::around`] knows who is signed in and makes it whole; where
/// it does not come by, it is a page without navigation.
#[derive(Debug)]
pub struct PageFault(pub ActionError);

impl<E: Into<ActionError>> From<E> for PageFault {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for PageFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ResponseError for PageFault {
    fn status_code(&self) -> StatusCode {
        let (status, _kind, _code) = self.0.status_and_code();
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let frame = Frame {
            theme: "system",
            shortcuts: true,
            ..Frame::default()
        };
        shown(&self.0, frame, "", false)
    }
}

/// What an error says, in the reader's language where it is known; the English sentence where not.
pub fn told(words: Words, error: &ActionError) -> String {
    if words.language == Language::English {
        return error.to_string();
    }
    match error {
        ActionError::NotPermitted(action) => {
            words.with("refused-role", &[("action", (*action).into())])
        }
        ActionError::NotFound { kind, id } => {
            let kind = kind_text(kind).map_or_else(|| (*kind).to_owned(), |text| words.t(text));
            words.with(
                "refused-missing",
                &[("kind", kind.into()), ("id", id.into())],
            )
        }
        other => words.fault(&other.to_string()),
    }
}

/// The text of a kind of thing.
fn kind_text(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "Key" => "key",
        "Team" => "team",
        "User" => "person",
        "Organization" => "level-organization",
        "Project" => "project",
        "Budget" => "budget",
        "Deployment" => "deployment",
        "Template" => "template",
        "Tag" => "level-tag",
        "End user" => "end-user",
        _ => return None,
    })
}

/// The title and the hint of an error, by their ids.
const fn ids(error: &ActionError) -> (&'static str, &'static str) {
    match error {
        ActionError::Unauthenticated(_) => ("sign-in-title", "sign-in-need"),
        ActionError::NotPermitted(_) => ("error-403", "error-403-hint"),
        ActionError::BlockedAbove(_) => ("error-blocked", "error-blocked-hint"),
        ActionError::CrossSite(_) => ("error-cross-site", "error-cross-site-hint"),
        ActionError::NotFound { .. } | ActionError::WrongMethod { .. } => {
            ("error-404", "error-404-hint")
        }
        ActionError::Conflict { .. } | ActionError::NotOnce(_) => {
            ("error-conflict", "error-conflict-hint")
        }
        ActionError::Invalid { .. } | ActionError::TooLarge => ("error-form", "error-form-hint"),
        ActionError::TooMany { .. } => ("error-many", "error-many-hint"),
        ActionError::Unavailable(_) => ("error-503", "error-503-hint"),
        ActionError::Internal(_) => ("error-500", "error-500-hint"),
    }
}

/// An error as a page, within the navigation for who is signed in.
pub fn shown(error: &ActionError, frame: Frame, request_id: &str, signed_in: bool) -> HttpResponse {
    error.note();
    let words: Words = frame.words;
    let (title, hint) = ids(error);
    let (_status, _kind, code) = error.status_and_code();
    let status = PageFault::status_of(error);
    let (title, hint, message) = (words.t(title), words.t(hint), told(words, error));
    let request_id = request_id.to_owned();
    let nonce_of = frame.clone();
    let rendered = if signed_in {
        let can_retry = status.is_server_error();
        Fault {
            frame,
            title,
            message,
            hint,
            code,
            request_id,
            can_retry,
        }
        .render()
    } else {
        BareFault {
            frame,
            title,
            message,
            hint,
            code,
            request_id,
        }
        .render()
    };
    let mut response = match answers::page(status, &nonce_of, rendered) {
        Ok(response) => response,
        Err(_unrendered) => HttpResponse::build(status).body(error.to_string()),
    };
    if let ActionError::TooMany { retry_after_s } = error {
        response
            .headers_mut()
            .insert(RETRY_AFTER, (*retry_after_s).into());
    }
    response
}

/// An error in the place of a piece of a page.
pub fn piece(error: &ActionError, frame: Frame) -> HttpResponse {
    error.note();
    let (title, _hint) = ids(error);
    let piece = FaultPiece {
        title: frame.words.t(title),
        message: told(frame.words, error),
        frame,
    };
    let status = PageFault::status_of(error);
    match answers::page(status, &piece.frame, piece.render()) {
        Ok(response) => response,
        Err(_unrendered) => HttpResponse::build(status).body(error.to_string()),
    }
}

impl PageFault {
    fn status_of(error: &ActionError) -> StatusCode {
        let (status, _kind, _code) = error.status_and_code();
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
