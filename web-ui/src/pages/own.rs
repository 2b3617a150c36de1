//! What is one's own, or everybody's: account, help, settings, the first steps, the palette.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{Choice, Fact};

/// A browser in which one is signed in.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// As it calls itself.
    pub browser: String,
    /// Whether it is this one.
    pub current: bool,
    /// From where.
    pub address: String,
    /// Since when.
    pub since: String,
    /// When it was last used.
    pub seen: Markup,
}

/// One's account.
#[derive(Template)]
#[template(path = "account.html")]
pub struct Account {
    /// What is around it.
    pub frame: Frame,
    /// Themes to choose from.
    pub themes: Vec<Choice>,
    /// How far apart rows are.
    pub densities: Vec<Choice>,
    /// The zone in which times are told; empty for the organization's.
    pub zone: String,
    /// Whether the zone that was typed is none.
    pub zone_fault: Option<String>,
    /// Languages to choose from, as they call themselves: the label is in that language, which is the
    /// note; the first is the browser's.
    pub languages: Vec<Choice>,
    /// Whether single keys do something.
    pub keys: Vec<Choice>,
    /// Whether one signs in with a password.
    pub has_password: bool,
    /// Identity providers that the account can be joined with.
    pub providers: Vec<Choice>,
    /// Why the password was not changed.
    pub fault: Option<String>,
    /// Where one is signed in.
    pub sessions: Vec<SessionRow>,
}

/// What keys do.
#[derive(Template)]
#[template(path = "help.html")]
pub struct Help {
    /// What is around it.
    pub frame: Frame,
    /// Those of single pages.
    pub keys: Vec<Choice>,
}

/// A setting.
#[derive(Clone, Debug)]
pub struct SettingRow {
    /// Which.
    pub name: String,
    /// How it is.
    pub value: String,
    /// Where it is set.
    pub source: String,
}

/// Settings that belong together.
#[derive(Clone, Debug)]
pub struct SettingGroup {
    /// What they are about.
    pub title: String,
    /// The settings.
    pub rows: Vec<SettingRow>,
}

/// A setting that differs between what is in effect and what the file says.
#[derive(Clone, Debug)]
pub struct DifferenceRow {
    /// Which.
    pub name: String,
    /// As it is in effect.
    pub now: String,
    /// As the file has it.
    pub file: String,
    /// When the file's will be in effect.
    pub when: String,
}

/// What the file on disk says now.
#[derive(Clone, Debug)]
pub enum FileCard {
    /// There is none.
    None,
    /// What is in effect.
    Same,
    /// Nothing that could be taken.
    Refused(String),
    /// Something else.
    Differs(Vec<DifferenceRow>),
}

/// Something outside that can be tried.
#[derive(Clone, Debug)]
pub struct TryRow {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Where it is tried.
    pub href: String,
}

/// What came of a try.
#[derive(Clone, Debug)]
pub struct TriedNote {
    /// Whether it works.
    pub works: bool,
    /// In a sentence.
    pub text: String,
    /// What was found.
    pub facts: Vec<Fact>,
}

/// What the operator configured.
#[derive(Template)]
#[template(path = "settings.html")]
pub struct Settings {
    /// What is around it.
    pub frame: Frame,
    /// What the file says now.
    pub file: FileCard,
    /// What can be tried.
    pub tries: Vec<TryRow>,
    /// What came of it.
    pub tried: Option<TriedNote>,
    /// The settings.
    pub groups: Vec<SettingGroup>,
}

/// Parts under one licence.
#[derive(Clone, Debug)]
pub struct LicenceGroup {
    /// Its SPDX expression.
    pub licence: String,
    /// Their names and versions.
    pub parts: Vec<String>,
}

/// What the program is made of, and under which licences.
#[derive(Template)]
#[template(path = "licences.html")]
pub struct Licences {
    /// What is around it.
    pub frame: Frame,
    /// How many parts there are.
    pub sub: String,
    /// The parts.
    pub groups: Vec<LicenceGroup>,
}

/// A step to the first request.
#[derive(Clone, Debug)]
pub struct Step {
    /// `done`, `now`, or nothing.
    pub class: &'static str,
    /// What to do.
    pub title: String,
    /// How it stands.
    pub text: String,
    /// Where it is done; may be empty.
    pub href: String,
    /// What the link says.
    pub link: String,
    /// What to paste.
    pub snippet: Option<Markup>,
}

/// The first steps.
#[derive(Template)]
#[template(path = "welcome.html")]
pub struct Welcome {
    /// What is around it.
    pub frame: Frame,
    /// A word of welcome.
    pub hello: String,
    /// The steps.
    pub steps: Vec<Step>,
    /// Where the first request comes from, for who may see it.
    pub waiting: Option<String>,
}

/// What a search found, within the palette.
#[derive(Template)]
#[template(path = "palette.html")]
pub struct Palette {
    /// The texts.
    pub frame: Frame,
    /// Pages to go to.
    pub found: Vec<Choice>,
}
