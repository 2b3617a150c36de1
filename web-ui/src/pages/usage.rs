//! Usage and spend by anything that it can be split by.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{Choice, Pager};

/// A group.
#[derive(Clone, Debug, Default)]
pub struct UsageRow {
    /// Its word in the ledger.
    pub word: String,
    /// Its name.
    pub name: String,
    /// Its page; empty where there is none.
    pub href: String,
    /// What it cost.
    pub spend: String,
    /// The same to the nano-dollar.
    pub exact: String,
    /// On each column, where it is split by a second dimension.
    pub cells: Vec<String>,
    /// Of it all.
    pub share: String,
    /// Since the range before.
    pub change: Markup,
    /// How many requests.
    pub requests: String,
    /// Input tokens.
    pub tokens_in: String,
    /// Output tokens.
    pub tokens_out: String,
    /// How many of its requests failed.
    pub errors: String,
}

/// The page.
#[derive(Template)]
#[template(path = "usage.html")]
pub struct Usage {
    /// What is around it.
    pub frame: Frame,
    /// From when to when, on whose clock.
    pub sub: String,
    /// Ranges to choose from.
    pub ranges: Vec<Choice>,
    /// The first and the last day, where days were chosen.
    pub days: (String, String),
    /// What the form of days keeps.
    pub kept: Vec<(&'static str, String)>,
    /// The same as a table.
    pub csv: String,
    /// Where it is said who hears of each month, for who may say it; empty for others.
    pub monthly: String,
    /// What the chart shows.
    pub chart_title: String,
    /// Spend, requests, tokens.
    pub measures: Vec<Choice>,
    /// The chart.
    pub chart: Markup,
    /// By what it is split.
    pub groups: Vec<Choice>,
    /// By what each group is split again.
    pub pivots: Vec<Choice>,
    /// The heads of the columns of that.
    pub columns: Vec<String>,
    /// By what, in a word.
    pub group: String,
    /// The page of groups.
    pub rows: Vec<UsageRow>,
    /// All together, beyond the page.
    pub total: Option<UsageRow>,
    /// Where one is in the list.
    pub pager: Pager,
}
