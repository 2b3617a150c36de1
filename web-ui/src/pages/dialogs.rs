//! A form or a question over a page: one shape, so that every one is filled, read and refused alike.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{Choice, Fact};

/// What is asked for. Its page has an address of its own, under which it comes open.
#[derive(Clone, Debug, Default)]
pub struct Dialog {
    /// What it does, or asks.
    pub title: String,
    /// Below it; may be empty.
    pub text: String,
    /// What hangs on it, in figures of this moment.
    pub facts: Vec<Fact>,
    /// What happens then; may be empty.
    pub warning: String,
    /// What is wrong with what was typed.
    pub fault: Option<String>,
    /// The id of the field in which it is; may be empty.
    pub fault_field: String,
    /// What is typed.
    pub fields: Vec<Field>,
    /// Where it is sent.
    pub action: String,
    /// Where one came from.
    pub back: String,
    /// As of when it was filled; empty for what is new.
    pub version: String,
    /// What the button says.
    pub submit: String,
    /// What the other button says.
    pub keep: String,
    /// Whether something ends with it.
    pub danger: bool,
}

/// One field of a form.
#[derive(Clone, Debug)]
pub struct Field {
    /// As what it is sent.
    pub name: &'static str,
    /// What it is.
    pub label: String,
    /// Below it; may be empty.
    pub hint: String,
    /// What is in it.
    pub value: String,
    /// How it is typed.
    pub kind: FieldKind,
    /// Whether what is wrong is here.
    pub wrong: bool,
    /// How much of a row it takes: empty for all, ` half`, ` third`.
    pub width: &'static str,
}

/// How a field is typed.
#[derive(Clone, Debug)]
pub enum FieldKind {
    /// A line.
    Text,
    /// Dollars; what stands there while it is empty.
    Money(String),
    /// A whole number; what stands there while it is empty.
    Number(String),
    /// An address of mail.
    Email,
    /// What nobody reads again.
    Secret,
    /// Several lines.
    Lines,
    /// One of several.
    Select(Vec<Choice>),
    /// Any of several. That the form has it is sent beside it: what is not ticked is not.
    Ticks(Vec<Choice>),
    /// Yes or no.
    Tick(bool),
    /// Sent along.
    Hidden,
}

impl Field {
    /// The attributes that tie it to its hint, and say that what is wrong is here.
    #[must_use]
    pub fn marks(&self) -> Markup {
        let hint = match self.hint.is_empty() {
            true => String::new(),
            false => format!(" aria-describedby=\"f-{}-h\"", self.name),
        };
        let wrong = match self.wrong {
            true => " aria-invalid=\"true\" autofocus",
            false => "",
        };
        Markup::of(format!("{hint}{wrong}"))
    }
}

#[derive(Template)]
#[template(path = "_dialog.html")]
struct Drawn<'a> {
    frame: &'a Frame,
    dialog: &'a Dialog,
}

impl Dialog {
    /// As markup, for the page that it stands over.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub fn drawn(&self, frame: &Frame) -> askama::Result<Markup> {
        let dialog = self;
        Ok(Markup::of(Drawn { frame, dialog }.render()?))
    }
}

/// A page over which dialogs stand.
pub trait Behind {
    /// What is around it.
    fn frame(&self) -> &Frame;

    /// Puts a dialog over it.
    fn put_over(&mut self, dialog: Markup);

    /// It, with what is over it.
    ///
    /// # Errors
    /// When it cannot be rendered.
    fn html(&self) -> askama::Result<String>;
}

macro_rules! behind {
    ($($page:path),+ $(,)?) => {$(
        impl Behind for $page {
            fn frame(&self) -> &Frame {
                &self.frame
            }

            fn put_over(&mut self, dialog: Markup) {
                self.dialog = dialog;
            }

            fn html(&self) -> askama::Result<String> {
                self.render()
            }
        }
    )+};
}

behind!(
    super::alerts::Alerts,
    super::budgets::Budgets,
    super::deployments::Credentials,
    super::keys::Keys,
    super::people::Organizations,
    super::people::People,
    super::people::Person,
    super::policy_templates::Templates,
    super::shared_budgets::SharedBudgetPage,
    super::shared_budgets::SharedBudgets,
    super::teams::Team,
    super::teams::Teams,
);
