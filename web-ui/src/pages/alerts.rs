//! Where alerts of budgets go, and what was told lately.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;

/// Where alerts go.
#[derive(Clone, Debug)]
pub struct TargetRow {
    /// For people.
    pub name: String,
    /// A webhook, Slack, mail.
    pub kind: String,
    /// A host, or to whom.
    pub to: String,
    /// Whose alerts.
    pub whose: String,
    /// Whether it hears what each month came to as well.
    pub monthly: bool,
    /// Where it is tried and removed, for who may.
    pub href: String,
}

/// Something that was told.
#[derive(Clone, Debug)]
pub struct AlertRow {
    /// When.
    pub at: Markup,
    /// What happened.
    pub what: String,
    /// To whose budget.
    pub name: String,
    /// How far it is, for each target.
    pub states: Vec<Markup>,
    /// Why a target did not take it; mostly empty.
    pub error: String,
}

/// The page.
#[derive(Template)]
#[template(path = "alerts.html")]
pub struct Alerts {
    /// What is around it.
    pub frame: Frame,
    /// Where alerts go.
    pub targets: Vec<TargetRow>,
    /// What was told lately.
    pub rows: Vec<AlertRow>,
    /// Whether one may add a target.
    pub may_create: bool,
    /// Why the target that was tried did not take it.
    pub refused: Option<String>,
    /// What is asked for, when something is.
    pub dialog: Markup,
}
