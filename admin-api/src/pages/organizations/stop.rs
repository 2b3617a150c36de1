//! An organization blocked, let again, removed.

use actix_web::{HttpResponse, web};
use domain::organizations::Organization;
use store::usage::Dimension;
use store::virtual_keys::KeyFilter;
use web_ui::pages::dialogs::Dialog;

use super::list;
use crate::acting::{Permission, may};
use crate::actions::organizations;
use crate::error::ActionError;
use crate::pages::fault::told;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, at_stake, dialogs};

/// The question, its warning and its button, for the organization's name.
async fn question<P: Permission>(
    visit: &Visit<P>,
    one: &Organization,
    (title, warning, submit): (&str, &str, &str),
    path: &str,
) -> Result<Dialog, ActionError> {
    let words = visit.words();
    let title = words.with(title, &[("name", (&one.name).into())]);
    let back = visit.frame.to("/orgs");
    let action = format!("{back}/{}/{path}", one.id);
    let mut dialog = dialogs::question(words, (title, warning, submit), action, back);
    let keys = KeyFilter {
        organization_id: Some(one.id.clone()),
        ..KeyFilter::default()
    };
    let spender = (Dimension::Organization, one.id.to_string());
    dialog.facts = at_stake::facts(visit, keys, spender).await?;
    Ok(dialog)
}

pub(super) async fn ask_block(
    visit: Visit<may::UpdateOrganizations>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let one = organizations::to_change(&visit.acting, &id).await?;
    let texts = (
        "block-title",
        "organization-block-then",
        "organization-block",
    );
    let dialog = question(&visit, &one, texts, "block").await?;
    list::with(visit.to()?, (&dialog, None)).await
}

async fn set_blocked(
    visit: &Visit<may::UpdateOrganizations>,
    id: &str,
    blocked: bool,
) -> Result<(), ActionError> {
    organizations::update(&visit.acting, id, |one| {
        one.blocked = blocked;
        Ok(())
    })
    .await?;
    Ok(())
}

pub(super) async fn block(
    visit: Visit<may::UpdateOrganizations>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    set_blocked(&visit, &id, true).await?;
    Ok(visit.done("/orgs", "organization-blocked"))
}

pub(super) async fn unblock(
    visit: Visit<may::UpdateOrganizations>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    set_blocked(&visit, &id, false).await?;
    Ok(visit.done("/orgs", "organization-unblocked"))
}

pub(super) async fn ask_delete(
    visit: Visit<may::CreateOrganizations>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let one = organizations::find(&visit.acting.also()?, &id).await?;
    let texts = (
        "delete-title",
        "organization-delete-then",
        "organization-delete",
    );
    let dialog = question(&visit, &one, texts, "delete").await?;
    list::with(visit.to()?, (&dialog, None)).await
}

pub(super) async fn delete(
    visit: Visit<may::CreateOrganizations>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let one = organizations::find(&visit.acting.also()?, &id).await?;
    let deleted = organizations::delete(&visit.acting, &[id.into_inner()]).await;
    match deleted {
        Ok(_gone) => Ok(visit.done("/orgs", "organization-deleted")),
        Err(refused @ ActionError::Conflict { .. }) => {
            let texts = (
                "delete-title",
                "organization-delete-then",
                "organization-delete",
            );
            let mut dialog = question(&visit, &one, texts, "delete").await?;
            dialog.fault = Some(told(visit.words(), &refused));
            list::with(visit.to()?, (&dialog, Some(&refused))).await
        }
        Err(refused) => Err(refused.into()),
    }
}
