//! What is done to a key: changed, blocked, given a new secret, deleted.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::virtual_keys::VirtualKey;
use web_ui::pages::keys::Key;

use super::{create, detail, form, model_prices};
use crate::acting::may;
use crate::actions::keys::{self, Rotation};
use crate::error::ActionError;
use crate::fields::Given;
use crate::pages::form::Form;
use crate::pages::measures::Measure;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, bases};

type Asking = Visit<may::WriteKeys>;

/// The key's page with a dialog open.
async fn asked(visit: Asking, id: &str, dialog: &'static str) -> Result<HttpResponse, PageFault> {
    keys::find(&visit.acting, id).await?;
    let page = detail::page(visit.to()?, id, Measure::Spend, dialog).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

pub(super) async fn ask_block(
    visit: Asking,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    asked(visit, &id, "block").await
}

pub(super) async fn ask_rotate(
    visit: Asking,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    asked(visit, &id, "rotate").await
}

pub(super) async fn ask_delete(
    visit: Asking,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    asked(visit, &id, "delete").await
}

pub(super) async fn block(
    visit: Asking,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let reason = Form::read(&body)?.given("reason");
    let key = keys::block(&visit.acting, &id, reason).await?;
    Ok(visit.done(&format!("/keys/{}", key.id), "key-blocked"))
}

pub(super) async fn unblock(
    visit: Asking,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let key = keys::set_blocked(&visit.acting, &id, false).await?;
    Ok(visit.done(&format!("/keys/{}", key.id), "key-unblocked"))
}

pub(super) async fn delete(
    visit: Asking,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    keys::find(&visit.acting, &id).await?;
    keys::delete(&visit.acting, &[id.into_inner()], &[]).await?;
    Ok(visit.done("/keys?view=deleted", "key-deleted"))
}

pub(super) async fn rotate(
    visit: Asking,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let rotation = Rotation {
        grace: typed.given("grace"),
        chosen: None,
    };
    let made = keys::rotate(&visit.acting, &id, rotation, |_change| Ok(())).await?;
    let base = bases::of(&visit);
    let shown = create::secret(&visit.frame, &base, &made, "key-rotated");
    let mut page = detail::page(visit.to()?, &id, Measure::Spend, "").await?;
    page.secret = Some(shown);
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// The key's page with its form open.
async fn with_form(
    visit: Asking,
    key: &VirtualKey,
    typed: &Form,
    refused: Option<&ActionError>,
) -> Result<Key, PageFault> {
    let filled = form::filled(&visit, typed, refused, Some(key)).await?;
    let mut page = detail::page(visit.to()?, key.id.as_str(), Measure::Spend, "").await?;
    page.form = Some(filled);
    Ok(page)
}

pub(super) async fn edit(visit: Asking, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let key = keys::find(&visit.acting, &id).await?;
    let page = with_form(visit, &key, &form::of_key(&key), None).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

pub(super) async fn update(
    visit: Asking,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let before = keys::find(&visit.acting, &id).await?;
    let changed = match form::as_it_was(before.stamps.updated_at, &typed) {
        Ok(()) => change(&visit, &before, &typed).await,
        Err(conflict) => Err(conflict),
    };
    match changed {
        Ok(key) => Ok(visit.done(&format!("/keys/{}", key.id), "key-saved")),
        Err(refused) if form::is_typed(&refused) => {
            let status = match &refused {
                ActionError::Conflict { .. } => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            };
            let page = with_form(visit, &before, &typed, Some(&refused)).await?;
            answers::page(status, &page.frame, page.render())
        }
        Err(refused) => Err(refused.into()),
    }
}

async fn change(
    visit: &Asking,
    before: &VirtualKey,
    typed: &Form,
) -> Result<VirtualKey, ActionError> {
    let cheap = model_prices::cheap(visit, typed).await?;
    keys::update(&visit.acting, before.id.as_str(), |change| {
        change.policy = form::policy(typed, &change.policy)?;
        if let Some(cheap) = cheap {
            change.policy.models = cheap;
        }
        if typed.says("name") {
            change.alias = typed.given("name");
        }
        if typed.says("team") {
            change.owner.team_id = typed.given("team");
        }
        if typed.says("environment") {
            change.environment = typed.given("environment");
        }
        match typed.text("expires") {
            "" | "same" => {}
            "never" => change.lifetime = Given::Null,
            end => change.lifetime = Given::Value(end.to_owned()),
        }
        Ok(())
    })
    .await
}
