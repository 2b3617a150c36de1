//! Requests: the list, and one with its attempts.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{Choice, Pager};

/// A condition that holds.
#[derive(Clone, Debug)]
pub struct Chip {
    /// Of what.
    pub name: String,
    /// Which.
    pub value: String,
    /// The list without it.
    pub href: String,
    /// What taking it away is called.
    pub remove: String,
}

/// A request in the list.
#[derive(Clone, Debug)]
pub struct RequestLine {
    /// On the organization's clock.
    pub time: String,
    /// With its date.
    pub exact: String,
    /// What the caller got.
    pub status: Markup,
    /// As it was asked for.
    pub model: String,
    /// What answered.
    pub deployment: String,
    /// Its page.
    pub href: String,
    /// What opening it is called.
    pub open: String,
    /// Whose key.
    pub key: String,
    /// Whose team.
    pub team: String,
    /// Input tokens.
    pub tokens_in: String,
    /// Output tokens.
    pub tokens_out: String,
    /// How long until the first byte.
    pub first: String,
    /// How long in all.
    pub total: String,
    /// What it cost.
    pub cost: String,
    /// Why it was refused.
    pub note: String,
    /// What else is special.
    pub tags: Vec<String>,
}

/// The list.
#[derive(Template)]
#[template(path = "requests.html")]
pub struct Requests {
    /// What is around it.
    pub frame: Frame,
    /// Whose clock.
    pub sub: String,
    /// Ranges to choose from.
    pub ranges: Vec<Choice>,
    /// The word of the chosen one.
    pub range: String,
    /// The same as a table.
    pub csv: String,
    /// What was searched.
    pub q: String,
    /// What of it was not understood.
    pub fault: Option<String>,
    /// The conditions that hold.
    pub chips: Vec<Chip>,
    /// What all that match add up to, or that there are more than are shown.
    pub totals: String,
    /// Where they are added up all the same, when there are so many that this takes long.
    pub add_up: Option<String>,
    /// Outcomes over time.
    pub chart: Option<Markup>,
    /// Where there is something, when there is nothing here.
    pub nearest: Option<Choice>,
    /// The page of requests.
    pub rows: Vec<RequestLine>,
    /// Where those that end from now on come from; none but on the first page.
    pub tail: Option<String>,
    /// Where one is in the list.
    pub pager: Pager,
}

/// A request of the list alone, while the list is open.
#[derive(Template)]
#[template(path = "_requests_row.html")]
pub struct RequestsRow<'a> {
    /// As in [`Requests`].
    pub frame: &'a Frame,
    /// The request.
    pub row: &'a RequestLine,
}

/// What is said in a list while it is open.
#[derive(Template)]
#[template(path = "_live_note.html")]
pub struct LiveNote<'a> {
    /// As in [`Requests`].
    pub frame: &'a Frame,
    /// What is said.
    pub text: &'a str,
    /// The list.
    pub href: &'a str,
    /// How many columns the list has.
    pub columns: u8,
}

/// A first request, in the place of the box that waited for it.
#[derive(Template)]
#[template(path = "_first_request.html")]
pub struct FirstRequest<'a> {
    /// As in [`Requests`].
    pub frame: &'a Frame,
    /// What the caller got.
    pub status: Markup,
    /// How long it took, and what it cost.
    pub text: String,
    /// Its page.
    pub href: String,
}

/// Why nothing is waited for.
#[derive(Template)]
#[template(path = "_not_live.html")]
pub struct NotLive<'a> {
    /// Why.
    pub text: &'a str,
}

/// A part of a request's time.
#[derive(Clone, Debug)]
pub struct TimePart {
    /// Its colour's slot.
    pub slot: &'static str,
    /// What it is.
    pub name: String,
    /// How long.
    pub value: String,
}

/// One attempt at a provider.
#[derive(Clone, Debug)]
pub struct AttemptLine {
    /// 1 for the first.
    pub number: u32,
    /// How long it took.
    pub duration: String,
    /// Where it went.
    pub deployment: String,
    /// What became of it.
    pub outcome: String,
    /// The provider's status.
    pub status: Markup,
}

/// A name, a value, and where it leads.
#[derive(Clone, Debug)]
pub struct LinkedFact {
    /// What.
    pub name: String,
    /// How it is.
    pub value: String,
    /// Its page; empty where there is none.
    pub href: String,
}

macro_rules! request {
    ($($(#[$doc:meta])* $name:ident in $path:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Template)]
        #[template(path = $path)]
        pub struct $name {
            /// What is around it.
            pub frame: Frame,
            /// `req_…`
            pub id: String,
            /// The model as asked.
            pub title: String,
            /// What the caller got.
            pub status: Markup,
            /// What is special.
            pub tags: Vec<String>,
            /// When.
            pub at: String,
            /// How long in all.
            pub total: String,
            /// Where the time went, as a picture.
            pub waterfall: Markup,
            /// The same in words.
            pub parts: Vec<TimePart>,
            /// Its attempts.
            pub attempts: Vec<AttemptLine>,
            /// What it cost.
            pub cost: String,
            /// Tokens by kind.
            pub lines: Vec<crate::pages::parts::Fact>,
            /// Whether the gateway counted.
            pub estimated: bool,
            /// Whose it is.
            pub who: Vec<LinkedFact>,
            /// Others like it.
            pub similar: String,
            /// The same again on the command line.
            pub curl: String,
        }
    )+};
}

request! {
    /// A request as a page of its own.
    Request in "request.html";
    /// A request beside the list, for htmx.
    Drawer in "_drawer.html";
}

impl From<Request> for Drawer {
    fn from(page: Request) -> Self {
        let Request {
            frame,
            id,
            title,
            status,
            tags,
            at,
            total,
            waterfall,
            parts,
            attempts,
            cost,
            lines,
            estimated,
            who,
            similar,
            curl,
        } = page;
        Self {
            frame,
            id,
            title,
            status,
            tags,
            at,
            total,
            waterfall,
            parts,
            attempts,
            cost,
            lines,
            estimated,
            who,
            similar,
            curl,
        }
    }
}
