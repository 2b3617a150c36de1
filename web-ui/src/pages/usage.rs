//! Usage and spend by anything that it can be split by.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{Choice, Pager};

/// A group.
#[derive(Clone, Debug, Default)]
pub struct UsageRow {
    /// Its name.
    pub name: String,
    /// Its page; empty where there is none.
    pub href: String,
    /// What it cost.
    pub spend: String,
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
    /// The same as a table.
    pub csv: String,
    /// What the chart shows.
    pub chart_title: String,
    /// Spend, requests, tokens.
    pub measures: Vec<Choice>,
    /// The chart.
    pub chart: Markup,
    /// By what it is split.
    pub groups: Vec<Choice>,
    /// By what, in a word.
    pub group: String,
    /// The page of groups.
    pub rows: Vec<UsageRow>,
    /// All together, beyond the page.
    pub total: Option<UsageRow>,
    /// Where one is in the list.
    pub pager: Pager,
}
