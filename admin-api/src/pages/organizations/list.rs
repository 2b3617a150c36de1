//! The list of organizations.

use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::organizations::Organization;
use domain::permissions::{Action, Place, authorize};
use web_ui::frame::initials;
use web_ui::markup::Markup;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::people::{OrganizationRow, Organizations};

use crate::acting::may;
use crate::actions::organizations;
use crate::error::ActionError;
use crate::pages::lists::Asked;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, dialogs, lists, looking};

type Reading = Visit<may::ReadOrganizations>;

pub(super) async fn show(
    visit: Reading,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let wants_piece = visit.wants_piece;
    let page = page(visit, &asked).await?;
    let both = (|| page.render(), || page.rows_alone().render());
    lists::answer(&page.frame, wants_piece, both)
}

/// The list with a dialog over it.
pub(super) async fn with(
    visit: Reading,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &Asked::default()).await?;
    dialogs::answered(page, (dialog, refused))
}

async fn page(visit: Reading, asked: &Asked) -> Result<Organizations, PageFault> {
    let words = visit.words();
    let search = asked.search();
    let listed = organizations::list(&visit.acting, search.as_deref(), &asked.page()).await?;
    let base = visit.frame.to("/orgs");
    let pager = asked.pager(words, &base, &listed, |one| one.id.to_string());
    let spent = lists::spent(&visit, &listed.items).await?;
    let rows = listed.items.into_iter().map(|one| {
        let may = |action| authorize(&visit.acting.actor.rights, action, &place(&one)).is_ok();
        OrganizationRow {
            mark: initials(&one.name),
            id: one.id.to_string(),
            money: lists::cell(words, spent.as_ref(), (one.id.as_str(), &one.policy)),
            status: lists::status(words, one.blocked),
            blocked: one.blocked,
            href: match may(Action::UpdateOrganizations) {
                true => format!("{base}/{}", one.id),
                false => String::new(),
            },
            may_delete: may(Action::CreateOrganizations),
            look: match visit.frame.looks.is_empty() {
                true => String::new(),
                false => looking::address(&visit.frame, one.id.as_str()),
            },
            zone: one.time_zone,
            name: one.name,
        }
    });
    Ok(Organizations {
        q: asked.q.clone(),
        rows: rows.collect(),
        pager,
        may_create: visit.may(Action::CreateOrganizations),
        dialog: Markup::default(),
        frame: visit.frame,
    })
}

fn place(one: &Organization) -> Place {
    Place {
        organization_id: Some(one.id.clone()),
        ..Place::default()
    }
}
