//! A provider credential set, its secrets replaced, removed. What was typed into a secret's field is
//! never sent back.

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};
use web_ui::figures::count;
use web_ui::pages::dialogs::{Dialog, FieldKind};
use web_ui::pages::parts::Fact;

use super::list;
use crate::acting::may;
use crate::actions::credentials::{self, CredentialChange, KnownCredential};
use crate::error::ActionError;
use crate::pages::PageFault;
use crate::pages::dialogs::{self, Fields};
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::keys::form as forms;
use crate::pages::visit::Visit;

type Writing = Visit<may::WriteCredentials>;

fn filled(
    visit: &Writing,
    typed: &Form,
    refused: Option<&ActionError>,
    one: Option<&KnownCredential>,
) -> Dialog {
    let (words, back) = (visit.words(), visit.frame.to("/credentials"));
    let of_name = Fields::of(words, typed, refused);
    let (dialog, fields) = match one {
        Some(one) => {
            let action = format!("{back}/{}", one.credential.id);
            let mut dialog = dialogs::form(words, "credential-replace", action, back);
            dialog.text.clone_from(&one.credential.name);
            dialog.version = one.credential.stamps.updated_at.0.to_string();
            (dialog, of_name)
        }
        None => (
            dialogs::form(words, "credential-add", back.clone(), back),
            of_name.text("name", "name").hint("credential-name-hint"),
        ),
    };
    let fields = fields
        .field("api_key", "provider-key", FieldKind::Secret)
        .hint(match one {
            Some(_) => "provider-key-kept",
            None => "provider-key-hint",
        })
        .field("more", "credential-more", FieldKind::Secret)
        .hint("credential-more-hint")
        .text("description", "credential-note");
    fields.within(dialog, refused)
}

async fn shown(
    visit: Writing,
    typed: &Form,
    refused: Option<&ActionError>,
    one: Option<&KnownCredential>,
) -> Result<HttpResponse, PageFault> {
    let dialog = filled(&visit, typed, refused, one);
    list::with(visit.to()?, (&dialog, refused)).await
}

/// The secrets that the form says: the key, and further members as `name=value` with blanks.
fn values(typed: &Form) -> Result<Map<String, Value>, ActionError> {
    let mut values = Map::new();
    if let Some(key) = typed.given("api_key") {
        values.insert("api_key".to_owned(), Value::String(key));
    }
    for pair in typed.text("more").split_whitespace() {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            // What was typed may be a secret: it is not said again.
            ActionError::invalid(
                "more",
                "Write further members as name=value, apart by blanks.",
            )
        })?;
        values.insert(name.to_owned(), Value::String(value.to_owned()));
    }
    Ok(values)
}

/// What everybody may see, over what there was.
fn info(typed: &Form, mut before: Map<String, Value>) -> Map<String, Value> {
    match typed.given("description") {
        Some(text) => before.insert("description".to_owned(), Value::String(text)),
        None => before.remove("description"),
    };
    before
}

pub(super) async fn ask(visit: Writing) -> Result<HttpResponse, PageFault> {
    shown(visit, &Form::default(), None, None).await
}

pub(super) async fn make(visit: Writing, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let made = match values(&typed) {
        Ok(values) => {
            let change = CredentialChange {
                values,
                info: Some(info(&typed, Map::new())),
            };
            credentials::create(&visit.acting, typed.text("name").to_owned(), change).await
        }
        Err(refused) => Err(refused),
    };
    match made {
        Ok(_made) => Ok(visit.done("/credentials", "credential-made")),
        Err(refused) if dialogs::is_typed(&refused) => {
            shown(visit, &typed, Some(&refused), None).await
        }
        Err(refused) => Err(refused.into()),
    }
}

pub(super) async fn edit(visit: Writing, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let one = credentials::find(&visit.acting.also()?, &id).await?;
    let note = one.credential.info.get("description");
    let note = note.and_then(Value::as_str).unwrap_or_default();
    let typed = Form::of(vec![("description".to_owned(), note.to_owned())]);
    shown(visit, &typed, None, Some(&one)).await
}

pub(super) async fn update(
    visit: Writing,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let before = credentials::find(&visit.acting.also()?, &id).await?;
    let read = || {
        forms::as_it_was(before.credential.stamps.updated_at, &typed)?;
        let said = typed.says("description");
        Ok::<_, ActionError>(CredentialChange {
            values: values(&typed)?,
            info: said.then(|| info(&typed, before.credential.info.clone())),
        })
    };
    let changed = match read() {
        Ok(change) => credentials::update(&visit.acting, &before.credential.name, change).await,
        Err(refused) => Err(refused),
    };
    match changed {
        Ok(_changed) => Ok(visit.done("/credentials", "credential-saved")),
        Err(refused) if dialogs::is_typed(&refused) => {
            shown(visit, &typed, Some(&refused), Some(&before)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

async fn deleting(visit: &Writing, one: &KnownCredential) -> Result<Dialog, ActionError> {
    let (words, back) = (visit.words(), visit.frame.to("/credentials"));
    let name = &one.credential.name;
    let title = words.with("delete-title", &[("name", name.into())]);
    let texts = (title, "credential-delete-then", "credential-delete");
    let action = format!("{back}/{}/delete", one.credential.id);
    let mut dialog = dialogs::question(words, texts, action, back);
    let uses = list::uses(&visit.acting).await?;
    dialog.facts = vec![Fact {
        name: words.t("credential-uses"),
        value: count(words, uses.get(name).copied().unwrap_or(0)),
    }];
    Ok(dialog)
}

pub(super) async fn ask_delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let one = credentials::find(&visit.acting.also()?, &id).await?;
    let dialog = deleting(&visit, &one).await?;
    list::with(visit.to()?, (&dialog, None)).await
}

pub(super) async fn delete(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let one = credentials::find(&visit.acting.also()?, &id).await?;
    match credentials::delete(&visit.acting, &one.credential.name).await {
        Ok(_gone) => Ok(visit.done("/credentials", "credential-deleted")),
        Err(refused @ ActionError::Conflict { .. }) => {
            let mut dialog = deleting(&visit, &one).await?;
            dialog.fault = Some(told(visit.words(), &refused));
            list::with(visit.to()?, (&dialog, Some(&refused))).await
        }
        Err(refused) => Err(refused.into()),
    }
}
