//! The list of provider credentials, and how many deployments name each.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::Action;
use web_ui::figures::count;
use web_ui::markup::Markup;
use web_ui::pages::deployments::{CredentialRow, Credentials};
use web_ui::pages::dialogs::Dialog;

use crate::acting::{Acting, Permission, may};
use crate::actions::credentials;
use crate::actions::deployments::{self, Listing};
use crate::error::ActionError;
use crate::pages::lists::Asked;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, dialogs};

type Reading = Visit<may::ReadCredentials>;

pub(super) async fn show(
    visit: Reading,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &asked).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// The list with a dialog over it.
pub(super) async fn with(
    visit: Reading,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &Asked::default()).await?;
    dialogs::answered(page, (dialog, refused))
}

async fn page(visit: Reading, asked: &Asked) -> Result<Credentials, PageFault> {
    let words = visit.words();
    let listed = credentials::list(&visit.acting, &asked.page()).await?;
    let base = visit.frame.to("/credentials");
    let pager = asked.pager(words, &base, &listed, |one| one.credential.id.to_string());
    let uses = uses(&visit.acting).await?;
    let may_write = visit.may(Action::WriteCredentials);
    let rows = listed.items.into_iter().map(|one| {
        let credential = one.credential;
        let note = credential
            .info
            .get("description")
            .and_then(|one| one.as_str());
        CredentialRow {
            href: match may_write {
                true => format!("{base}/{}", credential.id),
                false => String::new(),
            },
            note: note.unwrap_or_default().to_owned(),
            members: one.members,
            uses: count(words, uses.get(&credential.name).copied().unwrap_or(0)),
            changed: visit.clock.exact(credential.stamps.updated_at),
            name: credential.name,
        }
    });
    Ok(Credentials {
        rows: rows.collect(),
        pager,
        may_write,
        dialog: Markup::default(),
        frame: visit.frame,
    })
}

/// How many deployments of the store name each credential.
pub(super) async fn uses<P: Permission>(
    acting: &Acting<P>,
) -> Result<BTreeMap<String, u64>, ActionError> {
    let reading = acting.also::<may::ReadDeployments>()?;
    let all = deployments::all(&reading, reading.scope(), &Listing::default()).await?;
    let mut uses: BTreeMap<String, u64> = BTreeMap::new();
    for one in all {
        let named = one.params.get("litellm_credential_name");
        if let Some(name) = named.and_then(|name| name.as_str()) {
            *uses.entry(name.to_owned()).or_default() += 1;
        }
    }
    Ok(uses)
}
