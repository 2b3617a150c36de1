//! The list of policy templates.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::{Action, Place, authorize};
use domain::policies::Policy;
use domain::templates::Template;
use store::page::Page;
use web_ui::figures::{count, limit};
use web_ui::markup::Markup;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::policy_templates::{TemplateRow, Templates};
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::{organizations, templates};
use crate::error::ActionError;
use crate::pages::keys::window_word;
use crate::pages::lists::Asked;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, dialogs};

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
    let mut page = page(visit, &Asked::default()).await?;
    page.dialog = dialogs::over(&page.frame, dialog)?;
    answers::page(dialogs::status(refused), &page.frame, page.render())
}

async fn page(visit: Reading, asked: &Asked) -> Result<Templates, PageFault> {
    let words = visit.words();
    let listed = templates::list(&visit.acting, None, &asked.page()).await?;
    let base = visit.frame.to("/templates");
    let pager = asked.pager(words, &base, &listed, |one| one.id.to_string());
    let homes = homes(&visit).await?;
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

/// The names of organizations by their ids.
async fn homes(visit: &Reading) -> Result<BTreeMap<String, String>, ActionError> {
    let reading = visit.acting.also()?;
    let listed = organizations::list(&reading, None, &Page::first(200)).await?;
    let each = listed.items.into_iter();
    Ok(each.map(|one| (one.id.to_string(), one.name)).collect())
}

fn gives(words: Words, one: &Template) -> Vec<String> {
    let mut said = of_policy(words, &one.defaults);
    let life = one.default_lifetime.as_ref();
    said.extend(life.map(|life| words.with("template-ends-in", &[("life", life.into())])));
    said
}

fn caps(words: Words, one: &Template) -> Vec<String> {
    let mut said = of_policy(words, &one.caps);
    let life = one.longest_lifetime.as_ref();
    said.extend(life.map(|life| words.with("template-ends-in", &[("life", life.into())])));
    said
}

/// A policy in a few words.
fn of_policy(words: Words, policy: &Policy) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(budget) = policy.hard_budget() {
        let window = budget.window.map(|window| {
            let word = window_word(words, &window.to_string());
            words.with("budget-every", &[("window", word.into())])
        });
        let window = window.unwrap_or_else(|| words.t("budget-life"));
        said.push(format!("{} · {window}", limit(words, budget.limit_nanousd)));
    }
    let rates = [
        ("rpm", policy.limits.rpm),
        ("tpm", policy.limits.tpm),
        ("parallel", policy.limits.parallel),
    ];
    for (name, value) in rates {
        said.extend(value.map(|value| format!("{} {}", words.t(name), count(words, value))));
    }
    if !policy.models.is_empty() {
        said.push(policy.models.join(", "));
    }
    said
}
