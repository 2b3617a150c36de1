//! A policy template made, changed, deleted.

use actix_web::{HttpResponse, web};
use domain::templates::Template;
use web_ui::pages::dialogs::Dialog;

use super::list;
use crate::acting::may;
use crate::actions::templates::{self, NewTemplate};
use crate::error::ActionError;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::keys::form as forms;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, homes};

type Writing = Visit<may::WriteTemplates>;

/// The fields of the budget that a new key gets.
const GIVEN: (&str, &str) = ("given_budget", "given_period");

fn of_template(one: &Template) -> Form {
    // What the form shows as limits are the caps.
    let mut members = forms::of_policy(&one.caps);
    let given = one.defaults.hard_budget();
    let money = given.map(|one| web_ui::typed::field(one.limit_nanousd));
    let window = given.and_then(|one| one.window).map(|one| one.to_string());
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    members.extend(
        [
            ("name", one.name.clone()),
            ("environment", text(&one.environment)),
            (GIVEN.0, money.unwrap_or_default()),
            (GIVEN.1, window.unwrap_or_default()),
            ("default_lifetime", text(&one.default_lifetime)),
            ("longest_lifetime", text(&one.longest_lifetime)),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    Form::of(members)
}

async fn filled(
    visit: &Writing,
    typed: &Form,
    refused: Option<&ActionError>,
    one: Option<&Template>,
) -> Result<Dialog, ActionError> {
    let (words, back) = (visit.words(), visit.frame.to("/templates"));
    let mut dialog = match one {
        Some(one) => dialogs::form(words, "template-edit", format!("{back}/{}", one.id), back),
        None => dialogs::form(words, "template-create", back.clone(), back),
    };
    dialog.text = words.t("template-text");
    let mut fields = Fields::of(words, typed, refused)
        .text("name", "name")
        .width(" half")
        .text("environment", "environment")
        .hint("template-environment-hint")
        .width(" half");
    match one {
        Some(one) => {
            dialog.version = one.stamps.updated_at.0.to_string();
            dialog.submit = words.t("save");
        }
        None => {
            let homes = homes::choices(visit, typed).await?;
            if !homes.is_empty() {
                fields = fields.select("organization", "level-organization", homes);
            }
        }
    }
    let fields = fields
        .money(GIVEN, "template-budget")
        .text("default_lifetime", "template-lifetime")
        .hint("template-lifetime-hint")
        .width(" half")
        .text("longest_lifetime", "template-longest")
        .width(" half")
        .money(("budget", "period"), "template-most")
        .rates()
        .models(visit)
        .await?;
    Ok(fields.within(dialog, refused))
}

async fn shown(
    visit: Writing,
    typed: &Form,
    refused: Option<&ActionError>,
    one: Option<&Template>,
) -> Result<HttpResponse, PageFault> {
    let dialog = filled(&visit, typed, refused, one).await?;
    list::with(visit.to()?, (&dialog, refused)).await
}

/// What the form says, over what there was.
fn read(typed: &Form, mut new: NewTemplate) -> Result<NewTemplate, ActionError> {
    if typed.says("name") {
        new.name = typed.text("name").to_owned();
    }
    for (name, slot) in [
        ("environment", &mut new.environment),
        ("default_lifetime", &mut new.default_lifetime),
        ("longest_lifetime", &mut new.longest_lifetime),
    ] {
        if typed.says(name) {
            *slot = typed.given(name);
        }
    }
    forms::set_budget(typed, GIVEN, &mut new.defaults.budgets)?;
    new.caps = forms::policy(typed, &new.caps)?;
    Ok(new)
}

pub(super) async fn ask(visit: Writing) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(b"period=1mo&given_period=1mo")?;
    shown(visit, &typed, None, None).await
}

pub(super) async fn make(visit: Writing, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let blank = NewTemplate {
        organization_id: typed.given("organization"),
        ..NewTemplate::default()
    };
    let made = match read(&typed, blank) {
        Ok(new) => templates::create(&visit.acting, new).await,
        Err(refused) => Err(refused),
    };
    match made {
        Ok(_made) => Ok(visit.done("/templates", "template-made")),
        Err(refused) if dialogs::is_typed(&refused) => {
            shown(visit, &typed, Some(&refused), None).await
        }
        Err(refused) => Err(refused.into()),
    }
}

pub(super) async fn edit(visit: Writing, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let one = templates::find(&visit.acting, &id).await?;
    shown(visit, &of_template(&one), None, Some(&one)).await
}

fn change(one: &mut Template, typed: &Form) -> Result<(), ActionError> {
    let before = NewTemplate {
        organization_id: None,
        environment: one.environment.take(),
        name: one.name.clone(),
        defaults: one.defaults.clone(),
        default_lifetime: one.default_lifetime.take(),
        caps: one.caps.clone(),
        longest_lifetime: one.longest_lifetime.take(),
    };
    let new = read(typed, before)?;
    one.environment = new.environment;
    one.name = new.name;
    one.defaults = new.defaults;
    one.default_lifetime = new.default_lifetime;
    one.caps = new.caps;
    one.longest_lifetime = new.longest_lifetime;
    Ok(())
}

pub(super) async fn update(
    visit: Writing,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let before = templates::find(&visit.acting, &id).await?;
    let changed = match forms::as_it_was(before.stamps.updated_at, &typed) {
        Ok(()) => templates::update(&visit.acting, &id, |one| change(one, &typed)).await,
        Err(conflict) => Err(conflict),
    };
    match changed {
        Ok(_changed) => Ok(visit.done("/templates", "template-saved")),
        Err(refused) if dialogs::is_typed(&refused) => {
            shown(visit, &typed, Some(&refused), Some(&before)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

pub(super) async fn ask_delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let one = templates::find(&visit.acting, &id).await?;
    let (words, back) = (visit.words(), visit.frame.to("/templates"));
    let title = words.with("delete-title", &[("name", (&one.name).into())]);
    let texts = (title, "template-delete-then", "template-delete");
    let action = format!("{back}/{}/delete", one.id);
    let dialog = dialogs::question(words, texts, action, back);
    list::with(visit.to()?, (&dialog, None)).await
}

pub(super) async fn delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    templates::delete(&visit.acting, &id).await?;
    Ok(visit.done("/templates", "template-deleted"))
}
