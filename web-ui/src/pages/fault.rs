//! What a page says when it cannot be shown.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;

/// For somebody who is signed in.
#[derive(Template)]
#[template(path = "error.html")]
pub struct Fault {
    /// What is around it.
    pub frame: Frame,
    /// In a few words.
    pub title: String,
    /// What happened.
    pub message: String,
    /// What to do now.
    pub hint: String,
    /// The word for programs, the same as the API's.
    pub code: &'static str,
    /// To be found in the logs by.
    pub request_id: String,
    /// Whether it may work the next time.
    pub can_retry: bool,
}

/// For anybody.
#[derive(Template)]
#[template(path = "error_bare.html")]
pub struct BareFault {
    /// What is around it.
    pub frame: Frame,
    /// In a few words.
    pub title: String,
    /// What happened.
    pub message: String,
    /// What to do now.
    pub hint: String,
    /// The word for programs.
    pub code: &'static str,
    /// To be found in the logs by.
    pub request_id: String,
}

/// In the place of a piece of a page that htmx asked for.
#[derive(Template)]
#[template(path = "_fault_piece.html")]
pub struct FaultPiece {
    /// The texts.
    pub frame: Frame,
    /// In a few words.
    pub title: String,
    /// What happened.
    pub message: String,
}

impl Frame {
    /// A gate over water, where there is nothing else to see.
    #[must_use]
    pub fn gate(&self) -> Markup {
        Markup::of(GATE.to_owned())
    }

    /// Two letters of what is looked at.
    #[must_use]
    pub fn scope_mark(&self) -> String {
        crate::frame::initials(&self.scope)
    }

    /// The program's version.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }
}

const GATE: &str = "<svg class=\"art\" viewBox=\"0 0 128 80\" fill=\"none\" aria-hidden=\"true\">\
<rect x=\"30\" y=\"4\" width=\"7\" height=\"72\" rx=\"3\" fill=\"currentColor\"/>\
<rect x=\"91\" y=\"4\" width=\"7\" height=\"72\" rx=\"3\" fill=\"currentColor\"/>\
<rect x=\"42\" y=\"10\" width=\"44\" height=\"26\" rx=\"4\" fill=\"currentColor\" opacity=\".25\"/>\
<path d=\"M2 52c10-9 20-9 30 0M38 52c10-9 20-9 30 0s20 9 30 0 20-9 28-2M2 66c10-9 20-9 30 0M38 66c10-9 20-9 30 0s20 9 30 0 20-9 28-2\" \
stroke=\"currentColor\" stroke-width=\"3\" stroke-linecap=\"round\" opacity=\".6\"/></svg>";
