//! People and organizations.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{Choice, Fact, Pager, Sorts, SpentCell};

/// A person in the list.
#[derive(Clone, Debug)]
pub struct PersonRow {
    /// Two letters.
    pub mark: String,
    /// Their keys.
    pub href: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// What they are, and where.
    pub roles: Vec<String>,
    /// What it spent, and of how much.
    pub money: SpentCell,
    /// Whether they may sign in.
    pub status: Markup,
    /// When they were last here.
    pub last_active: Markup,
    /// How they sign in.
    pub sign_in: String,
}

/// The list of people.
#[derive(Template)]
#[template(path = "people.html")]
pub struct People {
    /// What is around it.
    pub frame: Frame,
    /// What was searched.
    pub q: String,
    /// The page of people.
    pub rows: Vec<PersonRow>,
    /// By what it is sorted.
    pub sorts: Sorts,
    /// Where one is in the list.
    pub pager: Pager,
    /// Whether one may make people.
    pub may_write: bool,
    /// What is asked for, when something is.
    pub dialog: Markup,
}

/// A role of a person, and where.
#[derive(Clone, Debug)]
pub struct PlaceRow {
    /// Team or organization.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its page; may be empty.
    pub href: String,
    /// As what.
    pub role: String,
    /// Where it is taken, for who may.
    pub remove: String,
}

/// A key of a person.
#[derive(Clone, Debug)]
pub struct OwnKeyRow {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// How its secret ends.
    pub mask: String,
    /// Whether it works.
    pub status: Markup,
}

/// One person.
#[derive(Template)]
#[template(path = "person.html")]
pub struct Person {
    /// What is around it.
    pub frame: Frame,
    /// `user_…`
    pub id: String,
    /// Their address.
    pub href: String,
    /// Two letters.
    pub mark: String,
    /// Their name.
    pub name: String,
    /// Their address of mail, and since when they are here.
    pub sub: String,
    /// Whether they may sign in.
    pub status: Markup,
    /// Likewise.
    pub blocked: bool,
    /// Whether one may change them.
    pub may_write: bool,
    /// Whether one may give them a role somewhere.
    pub may_place: bool,
    /// What they spent.
    pub money: SpentCell,
    /// When they were last here.
    pub last_active: Markup,
    /// How they sign in.
    pub sign_in: String,
    /// What else is known.
    pub facts: Vec<Fact>,
    /// What they are, and where.
    pub places: Vec<PlaceRow>,
    /// Their newest keys.
    pub keys: Vec<OwnKeyRow>,
    /// All of their keys.
    pub all_keys: Option<Choice>,
    /// Their requests.
    pub requests: String,
    /// What is asked for, when something is.
    pub dialog: Markup,
}

/// An organization in the list.
#[derive(Clone, Debug)]
pub struct OrganizationRow {
    /// Two letters.
    pub mark: String,
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Whose clock.
    pub zone: String,
    /// What it spent, and of how much.
    pub money: SpentCell,
    /// Whether its keys work.
    pub status: Markup,
    /// Likewise.
    pub blocked: bool,
    /// Where it is changed, for who may.
    pub href: String,
    /// Whether one may remove it.
    pub may_delete: bool,
    /// Where one looks at it alone; empty where there is no choice.
    pub look: String,
}

/// The list of organizations.
#[derive(Template)]
#[template(path = "organizations.html")]
pub struct Organizations {
    /// What is around it.
    pub frame: Frame,
    /// What was searched.
    pub q: String,
    /// The page of organizations.
    pub rows: Vec<OrganizationRow>,
    /// Where one is in the list.
    pub pager: Pager,
    /// Whether one may make one.
    pub may_create: bool,
    /// What is asked for, when something is.
    pub dialog: Markup,
}

/// The list alone, for htmx.
#[derive(Template)]
#[template(path = "_people_rows.html")]
pub struct PeopleRows<'a> {
    /// As in [`People`].
    pub frame: &'a Frame,
    /// As in [`People`].
    pub rows: &'a [PersonRow],
    /// As in [`People`].
    pub pager: &'a Pager,
    /// As in [`People`].
    pub sorts: &'a Sorts,
}

impl People {
    /// The list alone.
    #[must_use]
    pub fn rows_alone(&self) -> PeopleRows<'_> {
        PeopleRows {
            frame: &self.frame,
            rows: &self.rows,
            sorts: &self.sorts,
            pager: &self.pager,
        }
    }
}

/// The list of organizations alone, for htmx.
#[derive(Template)]
#[template(path = "_organizations_rows.html")]
pub struct OrganizationsRows<'a> {
    /// As in [`Organizations`].
    pub frame: &'a Frame,
    /// As in [`Organizations`].
    pub rows: &'a [OrganizationRow],
    /// As in [`Organizations`].
    pub pager: &'a Pager,
}

impl Organizations {
    /// The list alone.
    #[must_use]
    pub fn rows_alone(&self) -> OrganizationsRows<'_> {
        OrganizationsRows {
            frame: &self.frame,
            rows: &self.rows,
            pager: &self.pager,
        }
    }
}
