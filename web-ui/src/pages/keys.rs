//! Keys: the list, and one key.

use askama::Template;

use crate::frame::Frame;
use crate::markup::Markup;
use crate::pages::key_forms::{KeyForm, Secret};
use crate::pages::parts::{BudgetLine, Choice, Fact, LatestRow, Pager, Sorts, SpentCell};

/// A view of the list that one comes back to.
#[derive(Clone, Debug)]
pub struct View {
    /// Its address.
    pub href: String,
    /// Its name.
    pub label: String,
    /// How many keys it has.
    pub count: String,
    /// How much one should look at it: ` warn`, ` danger`, or nothing.
    pub tone: &'static str,
    /// Whether it is open.
    pub current: bool,
}

/// A key in the list.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// `key_…`
    pub id: String,
    /// Its page.
    pub href: String,
    /// Its alias, or its id.
    pub name: String,
    /// Its environment and first tag.
    pub tags: Vec<String>,
    /// `sk-…x7Qm`
    pub mask: String,
    /// Its team.
    pub team: String,
    /// Whose it is.
    pub owner: String,
    /// Whether it works.
    pub status: Markup,
    /// What it spent, and of how much.
    pub money: SpentCell,
    /// 30 days of spend.
    pub spark: Markup,
    /// When it was last used.
    pub last_used: Markup,
    /// When it ends.
    pub ends: String,
    /// Whether that is soon.
    pub ends_soon: bool,
}

/// A deleted key in the list.
#[derive(Clone, Debug)]
pub struct DeletedKeyRow {
    /// Its page.
    pub href: String,
    /// Its alias, or how its secret ends.
    pub name: String,
    /// Its environment and first tag.
    pub tags: Vec<String>,
    /// `sk-…x7Qm`
    pub mask: String,
    /// Its team.
    pub team: String,
    /// Whose it was.
    pub owner: String,
    /// When it was deleted.
    pub deleted: Markup,
    /// By whom.
    pub by: String,
    /// Until when it may be restored.
    pub until: String,
}

/// A deleted key.
#[derive(Template)]
#[template(path = "key_deleted.html")]
pub struct DeletedKeyPage {
    /// What is around it.
    pub frame: Frame,
    /// `key_…`
    pub id: String,
    /// Its address.
    pub href: String,
    /// Its alias, or how its secret ends.
    pub name: String,
    /// Its environment and tags.
    pub tags: Vec<String>,
    /// `sk-…x7Qm`
    pub mask: String,
    /// Its team; may be empty.
    pub team: String,
    /// Whose it was.
    pub owner: String,
    /// When it was deleted.
    pub deleted: Markup,
    /// By whom.
    pub by: String,
    /// Until when it may be restored, and by whom.
    pub then: String,
    /// Whether one may restore it.
    pub may_restore: bool,
    /// Why it could not be restored.
    pub fault: Option<String>,
    /// Spend, requests, tokens.
    pub measures: Vec<Choice>,
    /// 30 days by model.
    pub chart: Markup,
    /// What else is known.
    pub details: Vec<Fact>,
    /// What was done with it, for who may see that.
    pub audit: String,
}

/// The list.
#[derive(Template)]
#[template(path = "keys.html")]
pub struct Keys {
    /// What is around it.
    pub frame: Frame,
    /// Whether there has never been one.
    pub empty_never: bool,
    /// The saved views.
    pub views: Vec<View>,
    /// The word of the open one.
    pub view: String,
    /// What was searched.
    pub q: String,
    /// Teams to choose from.
    pub teams: Vec<Choice>,
    /// States to choose from.
    pub states: Vec<Choice>,
    /// Environments to choose from.
    pub environments: Vec<Choice>,
    /// The page of keys.
    pub keys: Vec<KeyRow>,
    /// Those that were deleted, where they are asked for.
    pub deleted: Option<Vec<DeletedKeyRow>>,
    /// What is said when there is none.
    pub none_found: String,
    /// Where one is in the list.
    pub pager: Pager,
    /// By what it is sorted.
    pub sorts: Sorts,
    /// Of which person; mostly empty.
    pub user: String,
    /// The word of the order.
    pub sort: String,
    /// Whether one may change several at once.
    pub may_write: bool,
    /// How many match in all.
    pub all: Option<String>,
    /// The same as a table.
    pub csv: String,
    /// What is asked for, when something is.
    pub dialog: Markup,
    /// The form, when it is open.
    pub form: Option<KeyForm>,
    /// The secret, when one was just made.
    pub secret: Option<Secret>,
}

/// How far a change of many keys is, for htmx.
#[derive(Template)]
#[template(path = "_keys_batches.html")]
pub struct BulkProgress<'a> {
    /// The texts.
    pub frame: &'a Frame,
    /// What it is.
    pub title: String,
    /// How far.
    pub text: String,
    /// What the bar is called.
    pub label: String,
    /// How many keys are through.
    pub done: u64,
    /// Of how many.
    pub total: u64,
    /// Where it goes on.
    pub action: String,
    /// With what it goes on: names and values.
    pub hidden: Vec<(String, String)>,
    /// Whether there is more to do.
    pub more: bool,
    /// How many were passed over; may be empty.
    pub skipped: String,
    /// Those that were, and why.
    pub facts: Vec<Fact>,
    /// Where one came from.
    pub back: String,
}

impl BulkProgress<'_> {
    /// The same in a dialog, for the page that it stands over.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub fn in_dialog(&self) -> askama::Result<Markup> {
        let inner = self.render()?;
        Ok(Markup::of(format!(
            "<dialog id=\"dlg\" open data-auto data-sticky aria-labelledby=\"dlg-t\">{inner}</dialog>"
        )))
    }
}

/// What a level allows.
#[derive(Clone, Debug)]
pub struct LevelRow {
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Models, money left, requests and tokens per minute.
    pub cells: Vec<LevelCell>,
}

/// One thing that a level allows.
#[derive(Clone, Debug)]
pub struct LevelCell {
    /// How much.
    pub text: String,
    /// How it stands.
    pub class: &'static str,
    /// Whether it is the level that decides.
    pub tightest: bool,
    /// Whether nothing is left of it.
    pub spent_out: bool,
}

/// One key.
#[derive(Template)]
#[template(path = "key.html")]
pub struct Key {
    /// What is around it.
    pub frame: Frame,
    /// `key_…`
    pub id: String,
    /// Its address.
    pub href: String,
    /// Its alias, or its id.
    pub name: String,
    /// Whether it works.
    pub status: Markup,
    /// Its environment and tags.
    pub tags: Vec<String>,
    /// `sk-…x7Qm`
    pub mask: String,
    /// Its team; may be empty.
    pub team: String,
    /// The team's page.
    pub team_href: String,
    /// Whose it is.
    pub owner: String,
    /// When it was last used.
    pub last_used: Markup,
    /// Whether one may change it.
    pub may_write: bool,
    /// Whether it is refused.
    pub blocked: bool,
    /// That it will run out.
    pub note: Option<String>,
    /// Spend, requests, tokens.
    pub measures: Vec<Choice>,
    /// 30 days by model.
    pub chart: Markup,
    /// What applies to it.
    pub levels: Vec<LevelRow>,
    /// The latest requests, for who may see them.
    pub latest: Option<Vec<LatestRow>>,
    /// Its budgets.
    pub budgets: Vec<BudgetLine>,
    /// How to use it.
    pub snippet: Markup,
    /// What else is known.
    pub details: Vec<Fact>,
    /// Where a key like it is made.
    pub like: String,
    /// Where its spend begins anew, for who may.
    pub reset: String,
    /// What was done with it, for who may see that.
    pub audit: String,
    /// What else is asked for, when something is.
    pub question: Markup,
    /// Which dialog is open without JavaScript.
    pub dialog: &'static str,
    /// The question before it is blocked.
    pub block_title: String,
    /// How busy it has been.
    pub busy: String,
    /// How busy it is at the moment; empty for who may not see that.
    pub lately: String,
    /// Why it was blocked; empty where nobody said so.
    pub block_reason: String,
    /// Whether it was never used.
    pub unused: bool,
    /// The question before it is rotated.
    pub rotate_title: String,
    /// How long the old secret works on.
    pub graces: Vec<Choice>,
    /// The question before it is deleted.
    pub delete_title: String,
    /// A new secret, when it was just rotated.
    pub secret: Option<Secret>,
    /// The form, when it is changed.
    pub form: Option<KeyForm>,
    /// As of when the form was filled.
    pub version: String,
}

/// The list alone, for htmx.
#[derive(Template)]
#[template(path = "_keys_rows.html")]
pub struct KeysRows<'a> {
    /// As in [`Keys`].
    pub frame: &'a Frame,
    /// As in [`Keys`].
    pub keys: &'a [KeyRow],
    /// As in [`Keys`].
    pub deleted: &'a Option<Vec<DeletedKeyRow>>,
    /// As in [`Keys`].
    pub none_found: &'a str,
    /// As in [`Keys`].
    pub pager: &'a Pager,
    /// As in [`Keys`].
    pub sorts: &'a Sorts,
    /// As in [`Keys`].
    pub may_write: bool,
    /// As in [`Keys`].
    pub all: &'a Option<String>,
}

impl Keys {
    /// The list alone.
    #[must_use]
    pub fn rows_alone(&self) -> KeysRows<'_> {
        KeysRows {
            frame: &self.frame,
            keys: &self.keys,
            deleted: &self.deleted,
            none_found: &self.none_found,
            pager: &self.pager,
            sorts: &self.sorts,
            may_write: self.may_write,
            all: &self.all,
        }
    }
}
