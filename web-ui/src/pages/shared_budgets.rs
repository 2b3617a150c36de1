//! Shared budgets, and what points to them.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::Pager;

/// A shared budget in the list.
#[derive(Clone, Debug)]
pub struct SharedBudgetRow {
    /// Its page.
    pub href: String,
    /// Where it is changed, for who may.
    pub change: String,
    /// What people call it.
    pub name: String,
    /// Whose.
    pub organization: String,
    /// What it allows, each in a line.
    pub limits: Vec<String>,
    /// How many things of each kind point to it.
    pub uses: Vec<String>,
}

/// The list.
#[derive(Template)]
#[template(path = "shared_budgets.html")]
pub struct SharedBudgets {
    /// What is around it.
    pub frame: Frame,
    /// What was searched.
    pub q: String,
    /// The page of budgets.
    pub rows: Vec<SharedBudgetRow>,
    /// Where one is in the list.
    pub pager: Pager,
    /// Whether one may make one.
    pub may_create: bool,
    /// What is asked for, when something is.
    pub dialog: Markup,
}

/// Something that points to it.
#[derive(Clone, Debug)]
pub struct UseRow {
    /// A key, a team…
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its page; empty where it has none.
    pub href: String,
}

/// One of them.
#[derive(Template)]
#[template(path = "shared_budget.html")]
pub struct SharedBudgetPage {
    /// What is around it.
    pub frame: Frame,
    /// What people call it.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Whose.
    pub organization: String,
    /// What it allows, each in a line.
    pub limits: Vec<String>,
    /// What points to it.
    pub uses: Vec<UseRow>,
    /// Where one is among them.
    pub pager: Pager,
    /// Where it is changed, for who may.
    pub change: String,
    /// What is asked for, when something is.
    pub dialog: Markup,
}
