//! A person deactivated, with their keys handed over or not; activated; deleted.

use actix_web::{HttpResponse, web};
use domain::users::User;
use store::usage::Dimension;
use store::virtual_keys::KeyFilter;
use web_ui::pages::dialogs::Dialog;

use super::{detail, name};
use crate::acting::may;
use crate::actions::keys::{self, KeyChange};
use crate::actions::{levels, users};
use crate::error::ActionError;
use crate::pages::dialogs::Fields;
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, at_stake, dialogs};

type Writing = Visit<may::WriteUsers>;

fn of_person(user: &User) -> KeyFilter {
    KeyFilter {
        user_id: Some(user.id.clone()),
        ..KeyFilter::default()
    }
}

async fn question(
    visit: &Writing,
    user: &User,
    (title, warning, submit): (&str, &str, &str),
    path: &str,
) -> Result<Dialog, ActionError> {
    let words = visit.words();
    let title = words.with(title, &[("name", name(user).into())]);
    let at = visit.frame.to(&format!("/people/{}", user.id));
    let texts = (title, warning, submit);
    let mut dialog = dialogs::question(words, texts, format!("{at}/{path}"), at);
    let spender = (Dimension::User, user.id.to_string());
    dialog.facts = at_stake::facts(visit, of_person(user), spender).await?;
    Ok(dialog)
}

async fn deactivating(
    visit: Writing,
    (user, typed): (&User, &Form),
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let texts = ("deactivate-title", "deactivate-then", "person-deactivate");
    let dialog = question(&visit, user, texts, "deactivate").await?;
    let fields = Fields::of(visit.words(), typed, refused)
        .text("heir", "hand-over")
        .hint("hand-over-hint");
    let dialog = fields.within(dialog, refused);
    detail::with(visit.to()?, user.id.as_str(), (&dialog, refused)).await
}

pub(super) async fn ask_block(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let user = users::find(&visit.acting.also()?, &id).await?;
    deactivating(visit, (&user, &Form::default()), None).await
}

/// Gives all keys of a person to another, in one change.
async fn hand_over(visit: &Writing, user: &User, heir: &str) -> Result<(), ActionError> {
    let found = users::named(&visit.acting.also()?, heir).await?;
    if found.id == user.id {
        return Err(ActionError::invalid(
            "heir",
            "Name somebody else: this person is being deactivated.",
        ));
    }
    let theirs = levels::all_keys(&visit.acting, of_person(user)).await?;
    let to = found.id.to_string();
    let changes = theirs.into_iter().map(|key| {
        let to = to.clone();
        let change = move |change: &mut KeyChange| {
            change.owner.user_id = Some(to);
            Ok(())
        };
        (key.id.to_string(), change)
    });
    let done = keys::update_many(&visit.acting.also()?, changes.collect()).await?;
    match done.failed.into_iter().next() {
        None => Ok(()),
        Some((key, why)) => Err(ActionError::invalid(
            "heir",
            format!("The key {key} cannot be handed over: {why}"),
        )),
    }
}

pub(super) async fn block(
    visit: Writing,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let user = users::find(&visit.acting.also()?, &id).await?;
    let handed = match typed.given("heir") {
        None => Ok(()),
        Some(heir) => hand_over(&visit, &user, &heir).await.map_err(in_the_field),
    };
    let done = match handed {
        Ok(()) => users::set_blocked(&visit.acting, user.id.as_str(), true).await,
        Err(refused) => Err(refused),
    };
    match done {
        Ok(user) => Ok(visit.done(&format!("/people/{}", user.id), "person-deactivated")),
        Err(refused) if dialogs::is_typed(&refused) => {
            deactivating(visit, (&user, &typed), Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

/// Nobody of that name is a fault of what was typed.
fn in_the_field(error: ActionError) -> ActionError {
    match error {
        missing @ ActionError::NotFound { .. } => ActionError::invalid("heir", missing.to_string()),
        other => other,
    }
}

pub(super) async fn unblock(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let user = users::set_blocked(&visit.acting, &id, false).await?;
    Ok(visit.done(&format!("/people/{}", user.id), "person-activated"))
}

pub(super) async fn ask_delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let user = users::find(&visit.acting.also()?, &id).await?;
    let texts = ("delete-title", "person-delete-then", "person-delete");
    let dialog = question(&visit, &user, texts, "delete").await?;
    detail::with(visit.to()?, user.id.as_str(), (&dialog, None)).await
}

pub(super) async fn delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    users::delete(&visit.acting, &[id.into_inner()]).await?;
    Ok(visit.done("/people", "person-deleted"))
}
