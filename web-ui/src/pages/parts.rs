//! Parts that several pages have: choices, pagers, rows of requests, budgets.

use askama::Template;

use crate::frame::Frame;
use crate::markup::{Markup, escape};

/// One of several: an option, a link of a row of links, a radio button.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What is sent, or where it leads.
    pub value: String,
    /// What one reads.
    pub label: String,
    /// Below it.
    pub note: String,
    /// Its icon.
    pub icon: &'static str,
    /// Whether it is the one.
    pub chosen: bool,
}

impl Choice {
    /// Without icon and note.
    #[must_use]
    pub fn of(value: impl Into<String>, label: impl Into<String>, chosen: bool) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            chosen,
            ..Self::default()
        }
    }
}

/// Where one is in a list.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// `Newest 50 of 248`
    pub shown: String,
    /// Back to the beginning.
    pub first: Option<String>,
    /// On.
    pub next: Option<String>,
}

/// A name and a value.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What.
    pub name: String,
    /// How it is.
    pub value: String,
}

/// A request in a short list.
#[derive(Clone, Debug)]
pub struct LatestRow {
    /// On the organization's clock.
    pub time: String,
    /// What the caller got.
    pub status: Markup,
    /// The model as asked.
    pub model: String,
    /// Its own page.
    pub href: String,
    /// The key, or the request's id in the list of one key.
    pub label: String,
    /// In and out.
    pub tokens: String,
    /// How long it took.
    pub latency: String,
    /// What it cost.
    pub cost: String,
}

/// A request of a short list alone, while the list is open.
#[derive(Template)]
#[template(path = "_latest_row.html")]
pub struct LatestRowAlone<'a> {
    /// The texts.
    pub frame: &'a Frame,
    /// The request.
    pub row: &'a LatestRow,
}

/// A budget as lists show it.
#[derive(Clone, Debug)]
pub struct BudgetLine {
    /// What kind of thing has it; empty within that thing's own page.
    pub kind: String,
    /// Whose, or which.
    pub name: String,
    /// The page of whose it is; empty where there is none.
    pub href: String,
    /// What is spent.
    pub spent: String,
    /// Of how much.
    pub limit: String,
    /// How much that is, and how much of the time is gone.
    pub bar: Markup,
    /// When it runs out, or starts anew.
    pub note: String,
    /// In percent.
    pub share: String,
}

/// What a thing has spent in the present window of its main budget, as lists show it.
#[derive(Clone, Debug, Default)]
pub struct SpentCell {
    /// How much.
    pub spent: String,
    /// `of $5,000 / month`; empty without a budget.
    pub limit: String,
    /// How much of it that is.
    pub bar: Option<Markup>,
}

impl SpentCell {
    /// As markup; `none` is said where there is no budget.
    #[must_use]
    pub fn shown(&self, none: &str) -> Markup {
        let below = match &self.bar {
            Some(bar) => bar.to_string(),
            None if none.is_empty() => String::new(),
            None => format!("<small>{}</small>", escape(none)),
        };
        Markup::of(format!(
            "<span class=\"two\"><span class=\"num nowrap\">{} <span class=\"t3\">{}</span></span>{below}</span>",
            escape(&self.spent),
            escape(&self.limit),
        ))
    }
}

/// By what a list is sorted, and where other orders are.
#[derive(Clone, Debug, Default)]
pub struct Sorts {
    /// The word of the column; empty for the newest first.
    pub by: String,
    /// Whether the greatest comes first.
    pub descending: bool,
    /// The list's address, to which the word of an order is put.
    pub address: String,
}

impl Sorts {
    /// A column's head, which leads to the list in its order.
    #[must_use]
    pub fn head(&self, column: &str, label: &str) -> Markup {
        let (word, mark) = match (self.by == column, self.descending) {
            (true, false) => (format!("-{column}"), " ↑"),
            (true, true) => (column.to_owned(), " ↓"),
            (false, _) => (column.to_owned(), ""),
        };
        Markup::of(format!(
            "<a class=\"sort\" href=\"{}{word}\">{}<span aria-hidden=\"true\">{mark}</span></a>",
            escape(&self.address),
            escape(label)
        ))
    }

    /// What is said of the order to those who do not see it.
    #[must_use]
    pub fn aria(&self, column: &str) -> Markup {
        let said = match (self.by == column, self.descending) {
            (true, false) => " aria-sort=\"ascending\"",
            (true, true) => " aria-sort=\"descending\"",
            (false, _) => "",
        };
        Markup::of(said.to_owned())
    }
}
