//! A key's spend set to nothing: its budgets count anew.

use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::money::NanoUsd;
use domain::virtual_keys::VirtualKey;

use super::{detail, rows};
use crate::acting::may;
use crate::actions::keys;
use crate::error::ActionError;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::measures::Measure;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

type Resetting = Visit<may::ResetSpend>;

async fn asked(
    visit: Resetting,
    (key, typed): (&VirtualKey, &Form),
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let at = visit.frame.to(&format!("/keys/{}", key.id));
    let title = words.with("key-reset-title", &[("name", rows::name(key).into())]);
    let texts = (title, "key-reset-then", "key-reset");
    let dialog = dialogs::question(words, texts, format!("{at}/reset-spend"), at);
    let fields = Fields::of(words, typed, refused).text("reason", "key-reset-reason");
    let dialog = fields.within(dialog, refused);
    let mut page = detail::page(visit.to()?, key.id.as_str(), Measure::Spend, "").await?;
    page.question = dialogs::over(&page.frame, &dialog)?;
    answers::page(dialogs::status(refused), &page.frame, page.render())
}

pub(super) async fn ask(
    visit: Resetting,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let key = keys::find(&visit.acting, &id).await?;
    asked(visit, (&key, &Form::default()), None).await
}

pub(super) async fn reset(
    visit: Resetting,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let key = keys::find(&visit.acting, &id).await?;
    let reason = typed.given("reason");
    let done = keys::reset_spend(&visit.acting, key.id.as_str(), NanoUsd(0), reason).await;
    match done {
        Ok(_done) => Ok(visit.done(&format!("/keys/{}", key.id), "spend-reset")),
        Err(refused) if dialogs::is_typed(&refused) => {
            asked(visit, (&key, &typed), Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}
