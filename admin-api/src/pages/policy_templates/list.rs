//! The list of policy templates.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::{Action, Place, authorize};
use domain::templates::Template;
use web_ui::markup::Markup;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::policy_templates::{TemplateRow, Templates};
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::templates;
use crate::error::ActionError;
use crate::pages::lists::Asked;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, dialogs, homes, policy_words};

type Reading = Visit<may::ReadTemplates>;

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

async fn page(visit: Reading, asked: &Asked) -> Result<Templates, PageFault> {
    let words = visit.words();
    let listed = templates::list(&visit.acting, None, &asked.page()).await?;
    let base = visit.frame.to("/templates");
    let pager = asked.pager(words, &base, &listed, |one| one.id.to_string());
    let homes = homes::names(&visit).await?;
    let rows = listed.items.into_iter().map(|one| {
        let place = Place {
            organization_id: Some(one.organization_id.clone()),
            ..Place::default()
        };
        let rights = &visit.acting.actor.rights;
        let may_write = authorize(rights, Action::WriteTemplates, &place).is_ok();
        let home = homes.get(one.organization_id.as_str()).cloned();
        TemplateRow {
            href: match may_write {
                true => format!("{base}/{}", one.id),
                false => String::new(),
            },
            organization: home.unwrap_or_else(|| one.organization_id.to_string()),
            gives: gives(words, &one),
            caps: caps(words, &one),
            environment: one
                .environment
                .unwrap_or_else(|| words.t("template-every-environment")),
            name: one.name,
        }
    });
    Ok(Templates {
        rows: rows.collect(),
        pager,
        may_create: visit.may(Action::WriteTemplates),
        dialog: Markup::default(),
        frame: visit.frame,
    })
}

fn gives(words: Words, one: &Template) -> Vec<String> {
    let mut said = policy_words::of(words, &one.defaults);
    let life = one.default_lifetime.as_ref();
    said.extend(life.map(|life| words.with("template-ends-in", &[("life", life.into())])));
    said
}

fn caps(words: Words, one: &Template) -> Vec<String> {
    let mut said = policy_words::of(words, &one.caps);
    let life = one.longest_lifetime.as_ref();
    said.extend(life.map(|life| words.with("template-ends-in", &[("life", life.into())])));
    said
}
