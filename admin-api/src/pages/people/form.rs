//! A person made and changed by a form.

use actix_web::{HttpResponse, web};
use domain::users::User;
use web_ui::pages::dialogs::{Dialog, FieldKind};

use super::{detail, list};
use crate::acting::may;
use crate::actions::users::{self, Changes, NewUser};
use crate::error::ActionError;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::keys::form as forms;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, lists, roles};

type Writing = Visit<may::WriteUsers>;

fn of_user(user: &User) -> Form {
    let mut members = forms::of_policy(&user.policy);
    let role = user.platform_role.map(|role| role.as_str().to_owned());
    members.extend([
        ("name".to_owned(), user.name.clone().unwrap_or_default()),
        ("email".to_owned(), user.email.clone().unwrap_or_default()),
        ("platform_role".to_owned(), role.unwrap_or_default()),
    ]);
    Form::of(members)
}

async fn filled(
    visit: &Writing,
    typed: &Form,
    refused: Option<&ActionError>,
    user: Option<&User>,
) -> Result<Dialog, ActionError> {
    let words = visit.words();
    let (title, at) = match user {
        Some(user) => (
            "person-edit",
            visit.frame.to(&format!("/people/{}", user.id)),
        ),
        None => ("person-create", visit.frame.to("/people")),
    };
    let mut dialog = dialogs::form(words, title, at.clone(), at);
    if let Some(user) = user {
        dialog.version = user.stamps.updated_at.0.to_string();
        dialog.submit = words.t("save");
    }
    let platform = roles::platform_choices(words, typed.text("platform_role"));
    let fields = Fields::of(words, typed, refused)
        .text("name", "name")
        .width(" half")
        .field("email", "email", FieldKind::Email)
        .width(" half")
        .select("platform_role", "role-platform", platform)
        .hint("role-platform-hint")
        .money(("budget", "period"), "person-budget")
        .rates()
        .models(visit)
        .await?;
    Ok(fields.within(dialog, refused))
}

pub(super) async fn ask(visit: Writing) -> Result<HttpResponse, PageFault> {
    new_form(visit, &Form::read(b"period=1mo")?, None).await
}

async fn new_form(
    visit: Writing,
    typed: &Form,
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let dialog = filled(&visit, typed, refused, None).await?;
    let page = list::page(visit.to()?, &lists::Asked::default()).await?;
    dialogs::answered(page, (&dialog, refused))
}

fn read(typed: &Form) -> Result<NewUser, ActionError> {
    let email = typed.given("email").ok_or_else(|| {
        ActionError::invalid("email", "Give the person an address: they sign in with it.")
    })?;
    Ok(NewUser {
        email: Some(email),
        name: typed.given("name"),
        platform_role: roles::platform_of_form(typed)?,
        policy: forms::policy(typed, &Default::default())?,
        ..NewUser::default()
    })
}

pub(super) async fn make(visit: Writing, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let made = match read(&typed) {
        Ok(new) => users::create(&visit.acting, new).await,
        Err(refused) => Err(refused),
    };
    match made {
        Ok(made) => Ok(visit.done(&format!("/people/{}", made.user.id), "person-made")),
        Err(refused) if dialogs::is_typed(&refused) => {
            new_form(visit, &typed, Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

async fn changed_form(
    visit: Writing,
    (user, typed): (&User, &Form),
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let dialog = filled(&visit, typed, refused, Some(user)).await?;
    detail::with(visit.to()?, user.id.as_str(), (&dialog, refused)).await
}

pub(super) async fn edit(visit: Writing, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let user = users::find(&visit.acting.also()?, &id).await?;
    changed_form(visit, (&user, &of_user(&user)), None).await
}

fn change(user: &mut User, typed: &Form) -> Result<(), ActionError> {
    user.policy = forms::policy(typed, &user.policy)?;
    if typed.says("name") {
        user.name = typed.given("name");
    }
    if typed.says("email") {
        user.email = typed.given("email");
    }
    if typed.says("platform_role") {
        user.platform_role = roles::platform_of_form(typed)?;
    }
    Ok(())
}

pub(super) async fn update(
    visit: Writing,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let before = users::find(&visit.acting.also()?, &id).await?;
    let id = before.id.as_str();
    let changed = match forms::as_it_was(before.stamps.updated_at, &typed) {
        Ok(()) => {
            users::update(&visit.acting, id, Changes::default(), |user| {
                change(user, &typed)
            })
            .await
        }
        Err(conflict) => Err(conflict),
    };
    match changed {
        Ok((user, _places)) => Ok(visit.done(&format!("/people/{}", user.id), "person-saved")),
        Err(refused) if dialogs::is_typed(&refused) => {
            changed_form(visit, (&before, &typed), Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}
