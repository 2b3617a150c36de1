//! Many keys at once: batch after batch, each its own transaction and its own entry of the audit trail,
//! driven by the page that says how far it is.
//!
//! What is done and what was passed over stands in the page's form, so any node goes on with it, and a
//! restart loses nothing. Keys are walked by their ids from the newest that was counted on: what is made
//! meanwhile is left alone, and what no longer matches for being changed is not in the way.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template as _;
use store::page::Page;
use web_ui::figures::count;
use web_ui::pages::keys::BulkProgress;
use web_ui::pages::parts::Fact;
use web_ui::words::Words;

use super::asked::Asked;
use super::bulk::{Deed, Writing, done};
use super::list;
use crate::actions::keys;
use crate::error::ActionError;
use crate::pages::addresses::query;
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::looking::ASKED;
use crate::pages::{PageFault, answers};

/// So many keys are changed in one transaction.
const BATCH: i64 = 200;
/// So many that were passed over are told with their reasons; of the others how many they are.
const MOST_TOLD: usize = 100;

/// The members of a form that say what is to be done, and to which keys.
const ASKED_FOR: [&str; 10] = [
    "do",
    "view",
    "q",
    "team",
    "user",
    "status",
    "environment",
    "expires",
    "budget",
    "period",
];

/// What matches a filter: how many keys, and the newest of them.
pub(super) struct Matching {
    pub(super) total: u64,
    pub(super) newest: String,
}

/// Counts what a form's filter means; none where nothing matches.
pub(super) async fn matching(
    visit: &Writing,
    typed: &Form,
) -> Result<Option<Matching>, ActionError> {
    let reading = visit.acting.also()?;
    let filter = Asked::of_form(typed)
        .filter(&reading, visit.clock.now)
        .await?;
    let Some(filter) = filter else {
        return Ok(None);
    };
    let page = Page {
        count: true,
        ..Page::first(1)
    };
    let listed = keys::list(&reading, filter, &page).await?;
    let total = listed.total.and_then(|total| u64::try_from(total).ok());
    Ok(listed.items.first().map(|newest| Matching {
        total: total.unwrap_or(1),
        newest: newest.id.to_string(),
    }))
}

/// How far it is.
struct Progress {
    total: u64,
    done: u64,
    /// All that were passed over.
    left_out: u64,
    /// Those of them that are told: key and reason.
    told: Vec<(String, String)>,
    newest: String,
    /// After which key it goes on.
    cursor: Option<String>,
}

impl Progress {
    fn read(typed: &Form) -> Self {
        let number = |name: &str| typed.text(name).parse().unwrap_or(0);
        let told = typed.all("skipped").into_iter().take(MOST_TOLD);
        let told = told.map(|one| {
            let (key, why) = one.split_once(' ').unwrap_or((&one, ""));
            (key.to_owned(), why.to_owned())
        });
        Self {
            total: number("total"),
            done: number("done"),
            left_out: number("left_out"),
            told: told.collect(),
            newest: typed.text("newest").to_owned(),
            cursor: typed.given("cursor"),
        }
    }

    fn leave_out(&mut self, words: Words, failed: Vec<(String, ActionError)>) {
        let many = u64::try_from(failed.len()).unwrap_or(u64::MAX);
        self.left_out = self.left_out.saturating_add(many);
        let told = failed
            .into_iter()
            .map(|(key, why)| (key, told(words, &why)))
            .take(MOST_TOLD.saturating_sub(self.told.len()));
        self.told.extend(told);
    }

    fn hidden(&self, typed: &Form) -> Vec<(String, String)> {
        let said = ASKED_FOR
            .into_iter()
            .filter(|name| typed.says(name))
            .map(|name| (name.to_owned(), typed.text(name).to_owned()));
        let mut hidden: Vec<(String, String)> = said.collect();
        let cursor = self.cursor.clone().unwrap_or_default();
        hidden.extend(
            [
                ("all", "on".to_owned()),
                ("sure", "1".to_owned()),
                ("total", self.total.to_string()),
                ("done", self.done.to_string()),
                ("left_out", self.left_out.to_string()),
                ("newest", self.newest.clone()),
                ("cursor", cursor),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );
        let told = self.told.iter();
        hidden.extend(told.map(|(key, why)| ("skipped".to_owned(), format!("{key} {why}"))));
        hidden
    }
}

/// Changes the next batch, and says how far it is.
///
/// # Errors
/// When what is typed cannot be done to any key; when the store does not answer. What is through stays.
pub(super) async fn next(
    visit: Writing,
    deed: Deed,
    typed: &Form,
) -> Result<HttpResponse, PageFault> {
    let mut progress = Progress::read(typed);
    let reading = visit.acting.also()?;
    let filter = Asked::of_form(typed)
        .filter(&reading, visit.clock.now)
        .await?;
    let mut more = false;
    if let Some(filter) = filter {
        let page = Page {
            after: progress.cursor.clone(),
            ..Page::first(BATCH)
        };
        let listed = keys::list(&reading, filter, &page).await?;
        more = listed.more;
        progress.cursor = listed.items.last().map(|key| key.id.to_string());
        let ids = listed.items.into_iter().map(|key| key.id.to_string());
        let ids: Vec<String> = ids.filter(|id| *id <= progress.newest).collect();
        if !ids.is_empty() {
            let many = u64::try_from(ids.len()).unwrap_or(0);
            let failed = done(&visit, deed, typed, ids).await?;
            progress.done = progress.done.saturating_add(many);
            progress.leave_out(visit.words(), failed);
        }
    }
    answered(visit, typed, (&progress, more)).await
}

async fn answered(
    visit: Writing,
    typed: &Form,
    (progress, more): (&Progress, bool),
) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let total = progress.total.max(progress.done);
    let told = [
        ("done", count(words, progress.done).into()),
        ("total", count(words, total).into()),
        ("skipped", count(words, progress.left_out).into()),
    ];
    let frame = visit.frame.clone();
    let action = frame.to("/keys/bulk");
    let inner = BulkProgress {
        frame: &frame,
        title: words.t(if more {
            "keys-batches"
        } else {
            "keys-batches-done"
        }),
        text: words.with(
            if more {
                "keys-batches-text"
            } else {
                "keys-batches-done-text"
            },
            &told,
        ),
        label: words.with("keys-batches-label", &told),
        done: progress.done,
        total,
        action: format!("{action}{}", query(&[(ASKED, frame.looked_at())])),
        hidden: progress.hidden(typed),
        more,
        skipped: match progress.left_out {
            0 => String::new(),
            _ => words.with("keys-batches-skipped", &told),
        },
        facts: progress
            .told
            .iter()
            .map(|(key, why)| Fact {
                name: key.clone(),
                value: why.clone(),
            })
            .collect(),
        back: frame.to("/keys"),
    };
    if visit.wants_piece {
        return answers::page(StatusCode::OK, &frame, inner.render());
    }
    let dialog = inner.in_dialog();
    let dialog = dialog.map_err(|fault| ActionError::Internal(fault.to_string()))?;
    list::with_markup(visit.to()?, dialog).await
}
