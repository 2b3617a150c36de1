//! Teams: the list, and one with its budget, its members and where its money goes.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::parts::{Choice, Fact, Pager};

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
    /// What is spent in the present window of its main budget.
    pub spent: String,
    /// Of how much.
    pub limit: String,
    /// How much that is.
    pub bar: Option<Markup>,
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
    /// Where one is in the list.
    pub pager: Pager,
    /// The form, when it is open.
    pub form: Option<TeamForm>,
}

/// What was typed into a team's form.
#[derive(Clone, Debug, Default)]
pub struct TeamForm {
    /// What it does.
    pub title: String,
    /// Where it is sent.
    pub action: String,
    /// Where one came from.
    pub back: String,
    /// As of when it was filled.
    pub version: String,
    /// What is wrong.
    pub fault: Option<String>,
    /// The name.
    pub name: String,
    /// Organizations, for a new one where there are several.
    pub organizations: Vec<Choice>,
    /// Dollars.
    pub budget: String,
    /// Windows.
    pub periods: Vec<Choice>,
    /// Requests per minute.
    pub rpm: String,
    /// Tokens per minute.
    pub tpm: String,
    /// Requests at the same time.
    pub parallel: String,
    /// Models; none chosen is all.
    pub models: Vec<Choice>,
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
    /// What they spent here.
    pub spent: String,
    /// Of how much.
    pub limit: String,
    /// How much that is.
    pub bar: Option<Markup>,
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
    /// The form, when it is open.
    pub form: Option<TeamForm>,
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
}

impl Teams {
    /// The list alone.
    #[must_use]
    pub fn rows_alone(&self) -> TeamsRows<'_> {
        TeamsRows {
            frame: &self.frame,
            rows: &self.rows,
            pager: &self.pager,
        }
    }
}
