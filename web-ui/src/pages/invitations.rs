//! Inviting people, and what an invitation's link opens.

use askama::Template;

use crate::frame::Frame;
use crate::pages::parts::Choice;

/// An invitation that may still be used.
#[derive(Clone, Debug)]
pub struct InvitationRow {
    /// Its id.
    pub id: String,
    /// Whom it is for.
    pub email: String,
    /// As what.
    pub role: String,
    /// Where.
    pub place: String,
    /// Until when it is good.
    pub until: String,
    /// Who made it.
    pub by: String,
}

/// A link that was just made; shown once.
#[derive(Clone, Debug)]
pub struct Handed {
    /// For whom.
    pub email: String,
    /// Where it leads.
    pub link: String,
    /// Whether it was mailed.
    pub mailed: bool,
    /// Why it was not.
    pub problem: String,
}

/// Open invitations, and the form to invite somebody.
#[derive(Template)]
#[template(path = "invitations.html")]
pub struct Invitations {
    /// What is around it.
    pub frame: Frame,
    /// Those that may still be used.
    pub rows: Vec<InvitationRow>,
    /// The address that was typed.
    pub email: String,
    /// Where people may be invited.
    pub places: Vec<Choice>,
    /// As what.
    pub roles: Vec<Choice>,
    /// Whether links for new passwords may be made.
    pub may_reset: bool,
    /// What was wrong.
    pub fault: Option<String>,
    /// The link that was just made.
    pub handed: Option<Handed>,
}

/// What an invitation's link opens.
#[derive(Template)]
#[template(path = "invitation.html")]
pub struct Accept {
    /// What is around it.
    pub frame: Frame,
    /// Out of the link.
    pub token: String,
    /// The name that was typed.
    pub name: String,
    /// Whom it is for.
    pub email: String,
    /// Whether it may be used.
    pub open: bool,
    /// Whether somebody has an account of this address already.
    pub known: bool,
    /// Whether it is for a new password.
    pub for_password: bool,
    /// Whether people sign in with passwords here.
    pub password: bool,
    /// What was wrong.
    pub fault: Option<String>,
}
