//! What lists have in common: what their address says, which page is read, how it is answered.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use domain::money::NanoUsd;
use domain::permissions::Action;
use domain::policies::Policy;
use serde::Deserialize;
use store::page::{Listed, Order, Page};
use web_ui::figures::money;
use web_ui::frame::Frame;
use web_ui::markup::{Markup, Tone, badge};
use web_ui::pages::parts::{Pager, Sorts, SpentCell};
use web_ui::words::Words;

use crate::acting::Permission;
use crate::actions::spend::{self, Spender};
use crate::error::ActionError;
use crate::pages::addresses::{pager, query};
use crate::pages::keys::{bar, of_limit};
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

/// How many things a page shows.
pub const SHOWN: i64 = 50;

/// What the address of a list may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// What is searched.
    pub q: String,
    /// By what it is sorted: `name`, `-name`; empty is the newest first.
    pub sort: String,
    /// The last of the page before.
    pub after: String,
}

impl Asked {
    /// What is searched, where something is.
    pub fn search(&self) -> Option<String> {
        Some(self.q.trim().to_owned()).filter(|q| !q.is_empty())
    }

    /// The page that is read.
    pub fn page(&self) -> Page {
        page_after(&self.after)
    }

    /// The page that is read of a list that can be sorted by its names.
    pub fn sorted(&self, by_name: fn(bool) -> Order) -> Page {
        let is_by_name = self.sort.trim_start_matches('-') == "name";
        Page {
            order: is_by_name.then(|| by_name(self.sort.starts_with('-'))),
            ..self.page()
        }
    }

    /// The orders to choose from.
    pub fn sorts(&self, base: &str) -> Sorts {
        let query = query(&[("q", &self.q)]);
        let joint = if query.is_empty() { '?' } else { '&' };
        Sorts {
            by: self.sort.trim_start_matches('-').to_owned(),
            descending: self.sort.starts_with('-'),
            address: format!("{base}{query}{joint}sort="),
        }
    }

    /// Where one is in what was listed.
    pub fn pager<T>(
        &self,
        words: Words,
        base: &str,
        listed: &Listed<T>,
        id: impl Fn(&T) -> String,
    ) -> Pager {
        let address = |after: &str| {
            let members = [
                ("q", self.q.as_str()),
                ("sort", &self.sort),
                ("after", after),
            ];
            format!("{base}{}", query(&members))
        };
        let next = next(listed, id);
        let shown = (listed.items.len(), listed.total);
        pager(words, shown, address, (&self.after, next))
    }
}

/// A counted page of a list after a cursor; an empty one is the beginning.
pub fn page_after(cursor: &str) -> Page {
    Page {
        after: Some(cursor.to_owned()).filter(|cursor| !cursor.is_empty()),
        count: true,
        ..Page::first(SHOWN)
    }
}

/// The cursor of what follows.
pub fn next<T>(listed: &Listed<T>, id: impl Fn(&T) -> String) -> Option<String> {
    listed.items.last().filter(|_| listed.more).map(id)
}

/// A list as a page, or its rows alone where htmx asked for them.
///
/// # Errors
/// When it cannot be rendered.
pub fn answer(
    frame: &Frame,
    wants_piece: bool,
    (whole, piece): (
        impl FnOnce() -> askama::Result<String>,
        impl FnOnce() -> askama::Result<String>,
    ),
) -> Result<HttpResponse, PageFault> {
    let rendered = if wants_piece { piece() } else { whole() };
    answers::page(StatusCode::OK, frame, rendered)
}

/// What things of a list have spent, by their ids; nothing for who may not see spend.
///
/// # Errors
/// When the store does not answer.
pub async fn spent<'a, P: Permission, T>(
    visit: &Visit<P>,
    things: &'a [T],
) -> Result<Option<BTreeMap<String, NanoUsd>>, ActionError>
where
    Spender<'a>: From<&'a T>,
{
    if !visit.may(Action::ReadSpend) {
        return Ok(None);
    }
    let spent = spend::shown(visit.acting.store(), things).await?;
    let by_id = spent.into_iter().map(|(scope, sum)| (scope.id, sum));
    Ok(Some(by_id.collect()))
}

/// The cell of what a thing has spent, and of how much.
pub fn cell(
    words: Words,
    spent: Option<&BTreeMap<String, NanoUsd>>,
    (id, policy): (&str, &Policy),
) -> SpentCell {
    let sum = spent.map(|spent| spent.get(id).copied().unwrap_or_default());
    cell_of(words, sum, policy)
}

/// Likewise of one sum; a dash where it may not be seen.
pub fn cell_of(words: Words, sum: Option<NanoUsd>, policy: &Policy) -> SpentCell {
    let budget = policy.hard_budget().zip(sum);
    SpentCell {
        spent: sum.map_or_else(|| "—".to_owned(), |sum| money(words, sum, 2)),
        limit: budget
            .map(|(budget, _sum)| of_limit(words, budget))
            .unwrap_or_default(),
        bar: budget.map(|(budget, sum)| bar(words, sum, budget.limit_nanousd)),
    }
}

/// Whether a thing works.
pub fn status(words: Words, blocked: bool) -> Markup {
    match blocked {
        true => badge(Tone::Danger, &words.t("state-blocked")),
        false => badge(Tone::Ok, &words.t("state-active")),
    }
}
