//! Signing in, and the first administrator.

use askama::Template;

use crate::frame::Frame;
use crate::pages::parts::Choice;

/// The page on which one signs in.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// What is around it.
    pub frame: Frame,
    /// The host that the browser asked.
    pub host: String,
    /// Where to go then.
    pub next: String,
    /// The address that was typed.
    pub email: String,
    /// Why it did not work.
    pub fault: Option<String>,
    /// The same for programs and administrators; empty where there is no more to say.
    pub code: &'static str,
    /// Identity providers: where each is gone to, and its name.
    pub providers: Vec<Choice>,
    /// Where whoever has just signed out here signs out of their identity provider.
    pub signs_out_at: Option<Choice>,
    /// Whether people sign in with a password.
    pub password: bool,
    /// Whether the operator tried with the master key.
    pub with_key: bool,
    /// Whether the browser will refuse the cookie here.
    pub insecure: bool,
    /// Whether there is no administrator yet.
    pub setup_needed: bool,
}

/// The page on which the first administrator is made.
#[derive(Template)]
#[template(path = "setup.html")]
pub struct Setup {
    /// What is around it.
    pub frame: Frame,
    /// Whether there is none yet.
    pub needed: bool,
    /// The token that was typed, or came in the link.
    pub token: String,
    /// The name that was typed.
    pub name: String,
    /// The address that was typed.
    pub email: String,
    /// Why it did not work.
    pub fault: Option<String>,
}
