//! The overview: what flows, what it costs, what runs out.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{BudgetLine, Choice, LatestRow};

/// One of the figures on top.
#[derive(Clone, Debug, Default)]
pub struct Tile {
    /// Where one sees more of it.
    pub href: String,
    /// What it is.
    pub label: String,
    /// The figure.
    pub value: String,
    /// Its unit, or what it is out of.
    pub unit: String,
    /// How much of a budget it is.
    pub bar: Option<Markup>,
    /// How it has changed.
    pub delta: Markup,
    /// Since when, or what else one should know.
    pub note: String,
    /// How it went.
    pub spark: Option<Markup>,
}

/// A model in the list of the dearest.
#[derive(Clone, Debug)]
pub struct TopModel {
    /// Its name.
    pub name: String,
    /// How many requests.
    pub note: String,
    /// What it cost.
    pub spend: String,
    /// As a share of the dearest.
    pub bar: Markup,
    /// How long its requests took, on average.
    pub latency: String,
    /// How many of them failed.
    pub errors: String,
    /// Whether that are many.
    pub failing: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "overview.html")]
pub struct Overview {
    /// What is around it.
    pub frame: Frame,
    /// Whose clock, and as of when.
    pub sub: String,
    /// Whether there has been no request yet.
    pub is_new: bool,
    /// Ranges to choose from.
    pub ranges: Vec<Choice>,
    /// The figures on top.
    pub tiles: Vec<Tile>,
    /// What the chart shows.
    pub chart_title: String,
    /// By what it may be split.
    pub groups: Vec<Choice>,
    /// Spend by day.
    pub chart: Markup,
    /// Budgets that run out.
    pub risks: Vec<BudgetLine>,
    /// The latest requests.
    pub latest: Vec<LatestRow>,
    /// Where those that end from now on come from.
    pub tail: String,
    /// The dearest models.
    pub models: Vec<TopModel>,
}
