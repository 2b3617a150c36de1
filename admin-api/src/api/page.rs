//! Lists: `?cursor=…&limit=…&search=…` in, `{"items": […], "next_cursor": …}` out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::page::{Listed, Page};

use crate::error::ActionError;

/// The most things of one page.
const MOST: i64 = 200;

/// No id is longer.
const LONGEST_CURSOR: usize = 256;

/// Cursors are ids, some of them chosen by their owners.
fn is_an_id(cursor: &str) -> bool {
    !cursor
        .chars()
        .any(|letter| letter.is_control() || letter.is_whitespace())
}

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct ListQuery {
    /// The `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// How many at most: 1 to 200, 50 unless said.
    pub limit: Option<i64>,
    /// Only what contains this in its name or id.
    pub search: Option<String>,
}

/// A page of a list, newest first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Paged<T> {
    /// The things.
    pub items: Vec<T>,
    /// Ask with it for the next page; null at the end.
    pub next_cursor: Option<String>,
}

impl ListQuery {
    /// The page that is asked for.
    ///
    /// # Errors
    /// When the limit is out of range, or the cursor is nothing that a page said.
    pub fn page(&self) -> Result<Page, ActionError> {
        let limit = self.limit.unwrap_or(50);
        if !(1..=MOST).contains(&limit) {
            return Err(ActionError::invalid(
                "limit",
                format!("`limit` has to be 1 to {MOST}."),
            ));
        }
        let cursor = self.cursor.as_deref().filter(|cursor| !cursor.is_empty());
        if cursor.is_some_and(|cursor| cursor.len() > LONGEST_CURSOR || !is_an_id(cursor)) {
            return Err(not_ours());
        }
        Ok(Page {
            after: cursor.map(str::to_owned),
            ..Page::first(limit)
        })
    }

    /// The page that is asked for of a list whose ids have a form: another list's cursor, or a text of
    /// somebody's own, would begin it anew.
    ///
    /// # Errors
    /// As [`ListQuery::page`], and when the cursor is no such id.
    pub fn page_of(&self, is_one: fn(&str) -> bool) -> Result<Page, ActionError> {
        let page = self.page()?;
        match &page.after {
            Some(cursor) if !is_one(cursor) => Err(not_ours()),
            _ => Ok(page),
        }
    }
}

/// What is said of a cursor that a list did not say.
pub(super) fn not_ours() -> ActionError {
    ActionError::invalid(
        "cursor",
        "`cursor` is none of this list. Take the `next_cursor` of the page before.",
    )
}

impl<T> Paged<T> {
    /// A page out of what the store listed.
    pub fn of<S>(listed: Listed<S>, id: impl Fn(&S) -> String, shape: impl Fn(S) -> T) -> Self {
        let next_cursor = listed.more.then(|| listed.items.last().map(id)).flatten();
        Self {
            items: listed.items.into_iter().map(shape).collect(),
            next_cursor,
        }
    }
}
