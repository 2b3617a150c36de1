//! Lists by page number, as LiteLLM has them: `page` from 1, `page_size`, totals in the answer.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::page::Page;

use crate::error::ActionError;

/// The most things of one page.
const MOST: i64 = 100;

/// Which page.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub struct Numbered {
    /// From 1.
    pub page: i64,
    /// How many things.
    pub size: i64,
}

impl Numbered {
    /// The page that is asked for.
    ///
    /// # Errors
    /// When there is no such page.
    pub fn asked(page: Option<i64>, size: Option<i64>, usual: i64) -> Result<Self, ActionError> {
        let page = page.unwrap_or(1);
        let size = size.unwrap_or(usual);
        if !(1..=i64::MAX / MOST).contains(&page) {
            return Err(ActionError::invalid("page", "`page` has to be 1 or more."));
        }
        if !(1..=MOST).contains(&size) {
            return Err(ActionError::invalid(
                "page_size",
                format!("`page_size` has to be 1 to {MOST}."),
            ));
        }
        Ok(Self { page, size })
    }

    /// The same for the store.
    #[must_use]
    pub fn of_store(self) -> Page {
        Page {
            skip: (self.page - 1) * self.size,
            count: true,
            ..Page::first(self.size)
        }
    }

    /// The answer's body, with the things under this name.
    #[must_use]
    pub fn answer(self, name: &str, items: Vec<Value>, total: Option<i64>) -> Value {
        let total = total.unwrap_or(0);
        let mut members = Map::new();
        members.insert(name.to_owned(), Value::Array(items));
        members.insert("total".to_owned(), json!(total));
        members.insert("page".to_owned(), json!(self.page));
        members.insert("page_size".to_owned(), json!(self.size));
        let pages = (total + self.size - 1) / self.size;
        members.insert("total_pages".to_owned(), json!(pages));
        Value::Object(members)
    }
}
