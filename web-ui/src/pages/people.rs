//! People and organizations.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::Pager;

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
    /// What their keys spent.
    pub spent: String,
    /// Of how much.
    pub limit: String,
    /// How much that is.
    pub bar: Option<Markup>,
    /// Whether they may sign in.
    pub status: Markup,
    /// Since when they are here.
    pub created: String,
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
    /// Where one is in the list.
    pub pager: Pager,
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
    /// What is spent in the present window of its main budget.
    pub spent: String,
    /// Of how much.
    pub limit: String,
    /// How much that is.
    pub bar: Option<Markup>,
    /// Whether its keys work.
    pub status: Markup,
}

/// The list of organizations.
#[derive(Template)]
#[template(path = "organizations.html")]
pub struct Organizations {
    /// What is around it.
    pub frame: Frame,
    /// The page of organizations.
    pub rows: Vec<OrganizationRow>,
    /// Where one is in the list.
    pub pager: Pager,
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
}

impl People {
    /// The list alone.
    #[must_use]
    pub fn rows_alone(&self) -> PeopleRows<'_> {
        PeopleRows {
            frame: &self.frame,
            rows: &self.rows,
            pager: &self.pager,
        }
    }
}
