//! Teams: the list, and one with its budget, its members and where its money goes.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{Fact, Pager, Sorts, SpentCell};

/// A team in the list.
#[derive(Clone, Debug)]
pub struct TeamRow {
    /// Its page.
    pub href: String,
    /// Two letters.
    pub mark: String,
    /// Its name.
    pub name: String,
    /// What it may use.
    pub models: String,
    /// What it spent, and of how much.
    pub money: SpentCell,
    /// When it runs out, or starts anew.
    pub runs_out: String,
    /// How many people.
    pub members: String,
    /// Whether its keys work.
    pub status: Markup,
}

/// The list.
#[derive(Template)]
#[template(path = "teams.html")]
pub struct Teams {
    /// What is around it.
    pub frame: Frame,
    /// Whether one may make one.
    pub may_create: bool,
    /// Whether there has never been one.
    pub empty_never: bool,
    /// What was searched.
    pub q: String,
    /// The page of teams.
    pub rows: Vec<TeamRow>,
    /// By what it is sorted.
    pub sorts: Sorts,
    /// Where one is in the list.
    pub pager: Pager,
    /// What is asked for, when something is.
    pub dialog: Markup,
}

/// A member of a team.
#[derive(Clone, Debug)]
pub struct MemberRow {
    /// Two letters.
    pub mark: String,
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// As what.
    pub role: Markup,
    /// What it spent, and of how much.
    pub money: SpentCell,
    /// Where they are changed, for who may.
    pub href: String,
}

/// A part of what was spent.
#[derive(Clone, Debug)]
pub struct SpendPart {
    /// On what.
    pub name: String,
    /// How much.
    pub spent: String,
    /// As a share.
    pub bar: Markup,
}

/// One team.
#[derive(Template)]
#[template(path = "team.html")]
pub struct Team {
    /// What is around it.
    pub frame: Frame,
    /// `team_…`
    pub id: String,
    /// Its address.
    pub href: String,
    /// Two letters.
    pub mark: String,
    /// Its name.
    pub name: String,
    /// How many people, and who leads.
    pub sub: String,
    /// Whether one may change it.
    pub may_write: bool,
    /// Whether one may remove it.
    pub may_delete: bool,
    /// Whether one may say who is in it.
    pub may_add: bool,
    /// Whether its keys are refused.
    pub status: Markup,
    /// Likewise.
    pub blocked: bool,
    /// What the chart shows.
    pub burn_title: String,
    /// That it runs out.
    pub badge: Option<Markup>,
    /// Spent, left, forecast, pace.
    pub figures: Vec<Fact>,
    /// This month.
    pub burn: Markup,
    /// What it allows.
    pub limits: Vec<Fact>,
    /// On which models it spends.
    pub split: Vec<SpendPart>,
    /// Who is in it.
    pub members: Vec<MemberRow>,
    /// What is asked for, when something is.
    pub dialog: Markup,
}

/// The list alone, for htmx.
#[derive(Template)]
#[template(path = "_teams_rows.html")]
pub struct TeamsRows<'a> {
    /// As in [`Teams`].
    pub frame: &'a Frame,
    /// As in [`Teams`].
    pub rows: &'a [TeamRow],
    /// As in [`Teams`].
    pub pager: &'a Pager,
    /// As in [`Teams`].
    pub sorts: &'a Sorts,
}

impl Teams {
    /// The list alone.
    #[must_use]
    pub fn rows_alone(&self) -> TeamsRows<'_> {
        TeamsRows {
            frame: &self.frame,
            rows: &self.rows,
            sorts: &self.sorts,
            pager: &self.pager,
        }
    }
}
