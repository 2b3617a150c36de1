//! Forms and questions over pages: their fields, what was wrong with what was typed, how they answer.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use web_ui::frame::Frame;
use web_ui::markup::Markup;
use web_ui::pages::dialogs::{Behind, Dialog, Field, FieldKind};
use web_ui::pages::parts::Choice;
use web_ui::words::Words;

use crate::acting::Permission;
use crate::error::ActionError;
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::keys::{form as forms, model_prices};
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

/// The fields of a form, with what was typed before.
pub struct Fields<'a> {
    words: Words,
    typed: &'a Form,
    wrong: Option<String>,
    all: Vec<Field>,
}

impl<'a> Fields<'a> {
    /// None yet.
    pub fn of(words: Words, typed: &'a Form, refused: Option<&ActionError>) -> Self {
        let wrong = refused.map(|error| named(forms::member_of(error)).to_owned());
        Self {
            words,
            typed,
            wrong,
            all: Vec::new(),
        }
    }

    /// One more, whose label has this id.
    pub fn field(mut self, name: &'static str, label: &str, kind: FieldKind) -> Self {
        self.all.push(Field {
            name,
            label: self.words.t(label),
            hint: String::new(),
            value: match kind {
                FieldKind::Secret => String::new(),
                _ => self.typed.text(name).to_owned(),
            },
            kind,
            wrong: self.wrong.as_deref() == Some(name),
            width: "",
        });
        self
    }

    /// A line.
    pub fn text(self, name: &'static str, label: &str) -> Self {
        self.field(name, label, FieldKind::Text)
    }

    /// One of several.
    pub fn select(self, name: &'static str, label: &str, choices: Vec<Choice>) -> Self {
        self.field(name, label, FieldKind::Select(choices))
    }

    /// A whole number; empty is no limit.
    pub fn number(self, name: &'static str, label: &str) -> Self {
        let none = self.words.t("no-limit");
        self.field(name, label, FieldKind::Number(none))
    }

    /// Yes or no.
    pub fn tick(self, name: &'static str, label: &str) -> Self {
        let ticked = self.typed.text(name) == "on";
        self.field(name, label, FieldKind::Tick(ticked))
    }

    /// Sent along as it is.
    pub fn hidden(self, name: &'static str) -> Self {
        self.field(name, "", FieldKind::Hidden)
    }

    /// What stands below the last.
    pub fn hint(mut self, id: &str) -> Self {
        let text = self.words.t(id);
        if let Some(last) = self.all.last_mut() {
            last.hint = text;
        }
        self
    }

    /// The last takes a part of a row.
    pub fn width(mut self, width: &'static str) -> Self {
        if let Some(last) = self.all.last_mut() {
            last.width = width;
        }
        self
    }

    /// Money in a window.
    pub fn money(self, (limit, window): (&'static str, &'static str), label: &str) -> Self {
        let none = self.words.t("no-limit");
        let periods = forms::periods(self.words, self.typed.text(window));
        self.field(limit, label, FieldKind::Money(none))
            .width(" half")
            .select(window, "every", periods)
            .width(" half")
    }

    /// Requests and tokens per minute, requests at the same time.
    pub fn rates(self) -> Self {
        self.number("rpm", "rpm")
            .width(" third")
            .number("tpm", "tpm")
            .width(" third")
            .number("parallel", "parallel")
            .width(" third")
    }

    /// Whether members may make keys of their own; `usually` is what holds where nobody says it.
    pub fn members_keys(self, label: &str, usually: bool) -> Self {
        let words = self.words;
        let word = |may: bool| words.t(if may { "yes" } else { "no" });
        let usual = words.with("as-usual", &[("usual", word(usually).into())]);
        let chosen = self.typed.text(forms::MEMBERS_KEYS).to_owned();
        let choice = |value: &str, text: String| Choice::of(value, text, chosen == value);
        let choices = vec![
            choice("", usual),
            choice("yes", word(true)),
            choice("no", word(false)),
        ];
        self.select(forms::MEMBERS_KEYS, label, choices)
            .hint("members-keys-hint")
    }

    /// Which models; none is all.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn models<P: Permission>(self, visit: &Visit<P>) -> Result<Self, ActionError> {
        let chosen: BTreeSet<String> = self.typed.all("models").into_iter().collect();
        let choices = model_prices::choices(visit, &chosen).await?;
        if choices.is_empty() {
            return Ok(self);
        }
        let ticks = FieldKind::Ticks(choices);
        Ok(self
            .field("models", "models", ticks)
            .hint("keys-models-hint"))
    }

    /// All of them, in a dialog.
    pub fn within(self, mut dialog: Dialog, refused: Option<&ActionError>) -> Dialog {
        let wrong = self.all.iter().find(|field| field.wrong);
        dialog.fault_field = wrong
            .map(|field| format!("f-{}", field.name))
            .unwrap_or_default();
        dialog.fault = refused.map(|error| told(self.words, error));
        dialog.fields = self.all;
        dialog
    }
}

/// Under which name a form sends a member of the API.
fn named(member: &str) -> &str {
    match member {
        "limit_usd" | "max_budget" | "budgets" => "budget",
        "window" | "budget_duration" => "period",
        "rpm_limit" => "rpm",
        "tpm_limit" => "tpm",
        "max_parallel_requests" => "parallel",
        "user_email" | "user_id" | "User" => "email",
        "credential_name" | "model_name" | "alias" => "name",
        "litellm_params" => "model",
        "budget_id" => "shared",
        other => other,
    }
}

/// A form: its title is also what its button says.
pub fn form(words: Words, title: &str, action: String, back: String) -> Dialog {
    Dialog {
        title: words.t(title),
        submit: words.t(title),
        keep: words.t("cancel"),
        action,
        back,
        ..Dialog::default()
    }
}

/// A question before something ends: its title, what happens then, what its button says.
pub fn question(
    words: Words,
    (title, warning, submit): (String, &str, &str),
    action: String,
    back: String,
) -> Dialog {
    Dialog {
        title,
        warning: words.t(warning),
        submit: words.t(submit),
        keep: words.t("keep-it"),
        action,
        back,
        danger: true,
        ..Dialog::default()
    }
}

/// A dialog as markup, for the page that it stands over.
///
/// # Errors
/// When it cannot be rendered.
pub fn over(frame: &Frame, dialog: &Dialog) -> Result<Markup, ActionError> {
    let drawn = dialog.drawn(frame);
    drawn.map_err(|fault| ActionError::Internal(fault.to_string()))
}

/// A page with a dialog over it, in answer to what was asked for or refused.
///
/// # Errors
/// When it cannot be rendered.
pub fn answered(
    mut page: impl Behind,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let dialog = over(page.frame(), dialog)?;
    page.put_over(dialog);
    answers::page(status(refused), page.frame(), page.html())
}

/// The status of a page with a form on it.
pub const fn status(refused: Option<&ActionError>) -> StatusCode {
    match refused {
        None => StatusCode::OK,
        Some(ActionError::Conflict { .. }) => StatusCode::CONFLICT,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// Whether what was refused is something that was typed, so that the form is shown again.
pub fn is_typed(refused: &ActionError) -> bool {
    forms::is_typed(refused)
}
