//! Every name for which callers ask, and what answers.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::permissions::Action;
use serde::Deserialize;
use store::page::Page;
use web_ui::figures::count;
use web_ui::markup::Markup;
use web_ui::pages::deployments::{ModelGroup, Models};
use web_ui::pages::dialogs::Dialog;

use super::rows::{self, Around, Found};
use crate::acting::may;
use crate::actions::deployments::{self, Listing};
use crate::actions::health;
use crate::error::ActionError;
use crate::pages::addresses::encoded;
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, dialogs};

/// How many deployments of the store a page shows.
const SHOWN: i64 = 200;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
}

type Reading = Visit<may::ReadDeployments>;

pub(super) async fn show(
    visit: Reading,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &asked.q, Found::new()).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// The page with a dialog over it.
pub(super) async fn with(
    visit: Reading,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let mut page = page(visit, "", Found::new()).await?;
    page.dialog = dialogs::over(&page.frame, dialog)?;
    answers::page(dialogs::status(refused), &page.frame, page.render())
}

pub(super) async fn check(
    visit: Visit<may::CheckHealth>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let asked = health::Asked {
        model: None,
        deployment_id: typed.given("deployment"),
    };
    let checked = health::check(&visit.acting, &asked).await?.into_iter();
    let found = checked
        .map(|one| (one.deployment.id.to_string(), one.health))
        .collect();
    let page = page(visit.to()?, "", found).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn page(visit: Reading, q: &str, found: Found) -> Result<Models, PageFault> {
    let words = visit.words();
    let listing = Listing {
        search: Some(q.trim().to_owned()).filter(|q| !q.is_empty()),
        ..Listing::default()
    };
    let listed = deployments::list(&visit.acting, &listing, &Page::first(SHOWN))
        .await?
        .items;
    let around = Around::of(&visit, found).await?;
    let number = listed.len();
    let way = visit.frame.to("/models/dry-run?model=");
    let mut groups: BTreeMap<String, ModelGroup> = BTreeMap::new();
    for one in listed {
        let group = groups
            .entry(one.model_name.clone())
            .or_insert_with(|| ModelGroup {
                name: one.model_name.clone(),
                aliases: aliases(&visit, &one.model_name),
                price: rows::price(words, &one),
                strategy: String::new(),
                way: format!("{way}{}", encoded(&one.model_name)),
                deployments: Vec::new(),
            });
        group.deployments.push(rows::row(&visit, one, &around));
    }
    for group in groups.values_mut() {
        if group.deployments.len() > 1 {
            group.strategy = strategy(&visit);
        }
    }
    let many = |number: usize| count(words, u64::try_from(number).unwrap_or(0));
    let told = [
        ("names", many(groups.len()).into()),
        ("deployments", many(number).into()),
    ];
    Ok(Models {
        sub: words.with("models-sub", &told),
        may_check: visit.may(Action::CheckHealth),
        may_write: visit.may(Action::WriteDeployments),
        credentials: match visit.may(Action::ReadCredentials) {
            true => visit.frame.to("/credentials"),
            false => String::new(),
        },
        q: q.to_owned(),
        groups: groups.into_values().collect(),
        dialog: Markup::default(),
        frame: visit.frame,
    })
}

/// How the file orders deployments of one name.
fn strategy(visit: &Reading) -> String {
    let file = visit.acting.api().settings.file.load();
    visit.words().t(rows::strategy(file.table.router.strategy))
}

/// Other names of the file for a model.
fn aliases(visit: &Reading, name: &str) -> Vec<String> {
    let file = visit.acting.api().settings.file.load();
    let all = file.table.aliases.iter();
    all.filter(|(_alias, target)| target.group == name)
        .map(|(alias, _target)| alias.clone())
        .collect()
}
