//! A deployment of the store drained, put back, removed.

use actix_web::{HttpResponse, web};
use domain::deployments::StoredDeployment;
use store::usage::Dimension;
use web_ui::figures::count;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::parts::Fact;

use super::list;
use crate::acting::may;
use crate::actions::deployments::{self, Listing};
use crate::error::ActionError;
use crate::pages::addresses::encoded;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, at_stake, dialogs};

type Writing = Visit<may::WriteDeployments>;

/// The question, with what came through the deployment, and how many others answer for its name.
async fn question(
    visit: &Writing,
    one: &StoredDeployment,
    (title, warning, submit): (&str, &str, &str),
    path: &str,
) -> Result<Dialog, ActionError> {
    let words = visit.words();
    let title = words.with(title, &[("name", one.id.as_str().into())]);
    let back = visit.frame.to("/models");
    let action = format!("{back}/{}/{path}", encoded(one.id.as_str()));
    let mut dialog = dialogs::question(words, (title, warning, submit), action, back);
    let listing = Listing {
        model_name: Some(one.model_name.clone()),
        ..Listing::default()
    };
    let reading = visit.acting.also::<may::ReadDeployments>()?;
    let siblings = deployments::all(&reading, reading.scope(), &listing).await?;
    let others = siblings
        .iter()
        .filter(|other| other.id != one.id && !other.blocked);
    let others = u64::try_from(others.count()).unwrap_or(0);
    let told = [("name", (&one.model_name).into())];
    dialog.facts = vec![Fact {
        name: words.with("stake-others", &told),
        value: count(words, others),
    }];
    let spender = (Dimension::Deployment, one.id.to_string());
    dialog
        .facts
        .extend(at_stake::traffic(visit, spender).await?);
    Ok(dialog)
}

pub(super) async fn ask_block(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let one = deployments::to_change(&visit.acting, &id).await?;
    let texts = ("drain-title", "deployment-block-then", "deployment-block");
    let dialog = question(&visit, &one, texts, "block").await?;
    list::with(visit.to()?, (&dialog, None)).await
}

pub(super) async fn block(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    deployments::set_blocked(&visit.acting, &id, true).await?;
    Ok(visit.done("/models", "deployment-blocked"))
}

pub(super) async fn unblock(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    deployments::set_blocked(&visit.acting, &id, false).await?;
    Ok(visit.done("/models", "deployment-unblocked"))
}

pub(super) async fn ask_delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let one = deployments::to_change(&visit.acting, &id).await?;
    let texts = (
        "delete-title",
        "deployment-delete-then",
        "deployment-delete",
    );
    let dialog = question(&visit, &one, texts, "delete").await?;
    list::with(visit.to()?, (&dialog, None)).await
}

pub(super) async fn delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    deployments::delete(&visit.acting, &id).await?;
    Ok(visit.done("/models", "deployment-deleted"))
}
