//! Every budget, the first to run out first.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{BudgetLine, Choice, Pager};

/// A budget.
#[derive(Clone, Debug)]
pub struct BudgetRow {
    /// Whose, how much, until when.
    pub line: BudgetLine,
    /// What it counts.
    pub counts: String,
    /// What happens at the limit.
    pub mode: String,
    /// What a day costs.
    pub pace: String,
    /// Whether it runs out before it starts anew.
    pub risky: bool,
    /// Where it is changed, for who may.
    pub href: String,
    /// The shared budget that it comes from, for who may see it.
    pub shared: String,
}

/// The page.
#[derive(Template)]
#[template(path = "budgets.html")]
pub struct Budgets {
    /// What is around it.
    pub frame: Frame,
    /// The same as a table.
    pub csv: String,
    /// Kinds of levels to choose from.
    pub levels: Vec<Choice>,
    /// The page of budgets.
    pub rows: Vec<BudgetRow>,
    /// Where one is in the list.
    pub pager: Pager,
    /// Whether one may set one somewhere.
    pub may_create: bool,
    /// The shared budgets, for who may see them.
    pub shared: String,
    /// Where alerts go, for who may see it.
    pub alerts: String,
    /// The policy templates, for who may see them.
    pub templates: String,
    /// What is asked for, when something is.
    pub dialog: Markup,
}
