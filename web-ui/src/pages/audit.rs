//! The audit trail.

use askama::Template;

use crate::frame::Frame;
use crate::pages::parts::{Choice, Pager};

/// What an entry changed of one member.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which.
    pub name: String,
    /// As it was; empty where it was not there.
    pub before: String,
    /// As it is.
    pub after: String,
}

/// An entry.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// On the organization's clock.
    pub time: String,
    /// On which day.
    pub day: String,
    /// Whether no person did it.
    pub is_machine: bool,
    /// Its icon then.
    pub icon: &'static str,
    /// Two letters else.
    pub mark: String,
    /// Who.
    pub actor: String,
    /// By what right.
    pub via: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub target: String,
    /// Its page; empty where there is none.
    pub href: String,
    /// Why.
    pub reason: String,
    /// What it changed.
    pub changes: Vec<Change>,
    /// From which address.
    pub from: String,
}

/// What a verification found.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Whether all is as it was written.
    pub whole: bool,
    /// That in words.
    pub said: String,
    /// What is wrong.
    pub faults: Vec<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "audit.html")]
pub struct Audit {
    /// What is around it.
    pub frame: Frame,
    /// Whether one may verify the chain.
    pub may_verify: bool,
    /// What a verification found.
    pub verified: Option<Verified>,
    /// The same as a table.
    pub csv: String,
    /// The same as lines of JSON.
    pub jsonl: String,
    /// Whose entries.
    pub who: String,
    /// About which thing.
    pub object: String,
    /// Kinds of things to choose from.
    pub kinds: Vec<Choice>,
    /// Ranges to choose from.
    pub ranges: Vec<Choice>,
    /// The page of entries.
    pub rows: Vec<AuditRow>,
    /// Where one is in the list.
    pub pager: Pager,
}
