//! Where a request would go: a form, and what it finds.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{Choice, Fact};

/// A deployment that may answer.
#[derive(Clone, Debug)]
pub struct CandidateRow {
    /// The vendor and the vendor's name of the model.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Lower ones are tried first.
    pub order: String,
    /// By what it is drawn.
    pub weight: String,
    /// How often it is asked first.
    pub share: String,
    /// How often it is tried again.
    pub retries: String,
    /// What it costs.
    pub price: String,
    /// How the last hour was.
    pub state: Markup,
    /// Why it is left out; empty when it is not.
    pub left_out: String,
}

/// A group that takes over.
#[derive(Clone, Debug)]
pub struct TakeoverRow {
    /// Its name.
    pub group: String,
    /// Who answers there, or that there is no such group.
    pub text: String,
    /// What it costs at the first of them, or how the group is.
    pub state: Markup,
}

/// What happens after a failure of one kind.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The id of its heading.
    pub id: &'static str,
    /// After which.
    pub title: String,
    /// Said where there are no groups.
    pub text: String,
    /// The groups, in order.
    pub rows: Vec<TakeoverRow>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// Whether the request is sent.
    pub sent: bool,
    /// Where it goes, or that it is refused.
    pub title: String,
    /// Why.
    pub text: String,
    /// How the name was understood.
    pub facts: Vec<Fact>,
    /// Whom it may go to.
    pub candidates: Vec<CandidateRow>,
    /// Who takes over; empty where there is no such model.
    pub chains: Vec<Chain>,
    /// Deployments of the group that take no requests, and why.
    pub unused: Vec<Fact>,
}

/// The page.
#[derive(Template)]
#[template(path = "dry_run.html")]
pub struct DryRun {
    /// What is around it.
    pub frame: Frame,
    /// The model that was asked for.
    pub model: String,
    /// The models that could be.
    pub models: Vec<String>,
    /// The key that was asked for, by its id.
    pub key: String,
    /// The keys that could be.
    pub keys: Vec<Choice>,
    /// The teams that could be, and none.
    pub teams: Vec<Choice>,
    /// What is wrong with the question; empty when nothing is.
    pub fault: String,
    /// What was found; none before anything was asked.
    pub found: Option<Found>,
}
