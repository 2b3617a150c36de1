//! An organization made and changed by a form.

use actix_web::{HttpResponse, web};
use domain::organizations::Organization;
use web_ui::pages::dialogs::Dialog;

use super::list;
use crate::acting::{Permission, may};
use crate::actions::organizations::{self, NewOrganization};
use crate::api::named;
use crate::error::ActionError;
use crate::pages::PageFault;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::keys::form as forms;
use crate::pages::visit::Visit;

fn of_organization(one: &Organization) -> Form {
    let mut members = forms::of_policy(&one.policy);
    members.extend([
        forms::of_members_keys(&one.policy),
        ("name".to_owned(), one.name.clone()),
        ("time_zone".to_owned(), one.time_zone.clone()),
    ]);
    Form::of(members)
}

async fn filled<P: Permission>(
    visit: &Visit<P>,
    typed: &Form,
    refused: Option<&ActionError>,
    one: Option<&Organization>,
) -> Result<Dialog, ActionError> {
    let (words, back) = (visit.words(), visit.frame.to("/orgs"));
    let mut dialog = match one {
        Some(one) => dialogs::form(
            words,
            "organization-edit",
            format!("{back}/{}", one.id),
            back,
        ),
        None => dialogs::form(words, "organization-create", back.clone(), back),
    };
    if let Some(one) = one {
        dialog.version = one.stamps.updated_at.0.to_string();
        dialog.submit = words.t("save");
    }
    let fields = Fields::of(words, typed, refused)
        .text("name", "name")
        .width(" half")
        .text("time_zone", "time-zone")
        .hint("time-zone-hint")
        .width(" half")
        .money(("budget", "period"), "budget")
        .rates()
        .members_keys("members-keys", organizations::usually_may(one))
        .models(visit)
        .await?;
    Ok(fields.within(dialog, refused))
}

async fn shown<P: Permission>(
    visit: Visit<P>,
    typed: &Form,
    refused: Option<&ActionError>,
    one: Option<&Organization>,
) -> Result<HttpResponse, PageFault> {
    let dialog = filled(&visit, typed, refused, one).await?;
    list::with(visit.to()?, (&dialog, refused)).await
}

pub(super) async fn ask(visit: Visit<may::CreateOrganizations>) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(b"period=1mo&time_zone=UTC")?;
    shown(visit, &typed, None, None).await
}

pub(super) async fn make(
    visit: Visit<may::CreateOrganizations>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let new = named(typed.text("name").to_owned()).and_then(|name| {
        let mut policy = forms::policy(&typed, &Default::default())?;
        forms::set_members_keys(&typed, &mut policy);
        Ok(NewOrganization {
            external_id: None,
            name,
            time_zone: typed.given("time_zone"),
            policy,
        })
    });
    let made = match new {
        Ok(new) => organizations::create(&visit.acting, new).await,
        Err(refused) => Err(refused),
    };
    match made {
        Ok(_made) => Ok(visit.done("/orgs", "organization-made")),
        Err(refused) if dialogs::is_typed(&refused) => {
            shown(visit, &typed, Some(&refused), None).await
        }
        Err(refused) => Err(refused.into()),
    }
}

pub(super) async fn edit(
    visit: Visit<may::UpdateOrganizations>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let one = organizations::to_change(&visit.acting, &id).await?;
    shown(visit, &of_organization(&one), None, Some(&one)).await
}

pub(super) async fn update(
    visit: Visit<may::UpdateOrganizations>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let before = organizations::to_change(&visit.acting, &id).await?;
    let changed = match forms::as_it_was(before.stamps.updated_at, &typed) {
        Ok(()) => {
            organizations::update(&visit.acting, before.id.as_str(), |one| {
                if typed.says("name") {
                    one.name = named(typed.text("name").to_owned())?;
                }
                if let Some(zone) = typed.given("time_zone") {
                    one.time_zone = zone;
                }
                one.policy = forms::policy(&typed, &one.policy)?;
                forms::set_members_keys(&typed, &mut one.policy);
                Ok(())
            })
            .await
        }
        Err(conflict) => Err(conflict),
    };
    match changed {
        Ok(_changed) => Ok(visit.done("/orgs", "organization-saved")),
        Err(refused) if dialogs::is_typed(&refused) => {
            shown(visit, &typed, Some(&refused), Some(&before)).await
        }
        Err(refused) => Err(refused.into()),
    }
}
