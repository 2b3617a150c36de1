//! The form of a key, what follows from what is typed, and the secret that is shown once.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::Choice;

/// What was typed into a key's form.
#[derive(Clone, Debug, Default)]
pub struct KeyForm {
    /// What is wrong.
    pub fault: Option<String>,
    /// The id of the field in which it is.
    pub fault_field: &'static str,
    /// The alias.
    pub name: String,
    /// Teams.
    pub teams: Vec<Choice>,
    /// A service or a person.
    pub owners: Vec<Choice>,
    /// Models, with what they cost; none chosen is all.
    pub models: Vec<Choice>,
    /// Whether only cheap ones are meant.
    pub cheap: bool,
    /// The key like which it shall be; mostly empty.
    pub from: String,
    /// Dollars.
    pub budget: String,
    /// Windows.
    pub periods: Vec<Choice>,
    /// Shared budgets; empty where there are none.
    pub shared: Vec<Choice>,
    /// What is told of a new key as it is typed.
    pub live: Option<KeyLive>,
    /// When it ends.
    pub ends: Vec<Choice>,
    /// Whether the rest is open.
    pub more: bool,
    /// Requests per minute.
    pub rpm: String,
    /// Tokens per minute.
    pub tpm: String,
    /// Requests at the same time.
    pub parallel: String,
    /// Environments.
    pub environments: Vec<Choice>,
    /// Tags, with commas.
    pub tags: String,
    /// Addresses, with commas.
    pub addresses: String,
    /// Where one came from.
    pub back: String,
    /// What the button says.
    pub submit: String,
}

impl KeyForm {
    /// Whether what is wrong is in this field.
    #[must_use]
    pub fn wrong(&self, field: &str) -> bool {
        self.fault.is_some() && self.fault_field == field
    }
}

/// What is told of a new key as it is typed.
#[derive(Clone, Debug, Default)]
pub struct KeyLive {
    /// The line for a shell; empty while something that was typed means nothing.
    pub line: String,
    /// That it could call no model; mostly empty.
    pub no_model: String,
    /// Where that is changed; may be empty.
    pub href: String,
    /// What leads there.
    pub link: String,
}

/// The same alone, for htmx.
#[derive(Template)]
#[template(path = "_key_live.html")]
pub struct KeyLivePiece<'a> {
    /// The texts.
    pub frame: &'a Frame,
    /// What is told.
    pub live: KeyLive,
}

/// The form alone, for htmx.
#[derive(Template)]
#[template(path = "_key_form_piece.html")]
pub struct KeyFormPiece<'a> {
    /// The texts.
    pub frame: &'a Frame,
    /// The form.
    pub form: KeyForm,
}

/// A key in the clear: shown this once.
#[derive(Clone, Debug)]
pub struct Secret {
    /// The dialog's title.
    pub title: String,
    /// That it works.
    pub ready: String,
    /// The key.
    pub key: String,
    /// How to use it.
    pub snippet: Markup,
    /// Where its first request comes from.
    pub waiting: String,
    /// Its page.
    pub href: String,
}

/// The secret alone, for htmx.
#[derive(Template)]
#[template(path = "_key_secret_piece.html")]
pub struct SecretPiece<'a> {
    /// The texts.
    pub frame: &'a Frame,
    /// The secret.
    pub secret: Secret,
}
