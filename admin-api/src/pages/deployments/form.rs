//! A deployment of the store: provider, credential, a try, a name; changed later by the same form.

use actix_web::{HttpResponse, web};
use domain::deployments::StoredDeployment;
use serde_json::{Map, Value, json};
use store::page::Page;
use web_ui::pages::dialogs::{Dialog, FieldKind};
use web_ui::pages::parts::Choice;

use super::list;
use crate::acting::may;
use crate::actions::credentials;
use crate::actions::deployments::{self, DeploymentChange, NewDeployment};
use crate::actions::health::{self, Health};
use crate::actions::sealing;
use crate::error::ActionError;
use crate::pages::PageFault;
use crate::pages::addresses::encoded;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::keys::form as forms;
use crate::pages::visit::Visit;

type Writing = Visit<may::WriteDeployments>;

/// The member that names a credential.
const CREDENTIAL: &str = "litellm_credential_name";

fn of_deployment(one: &StoredDeployment) -> Form {
    let text = |name: &str| match one.params.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    let model = text("model");
    let (provider, model) = model.split_once('/').unwrap_or(("", model.as_str()));
    let members = [
        ("name", one.model_name.clone()),
        ("provider", provider.to_owned()),
        ("model", model.to_owned()),
        ("credential", text(CREDENTIAL)),
        ("api_base", text("api_base")),
        ("weight", text("weight")),
        ("rpm", text("rpm")),
        ("tpm", text("tpm")),
        ("test", String::new()),
    ];
    Form::of(members.map(|(name, value)| (name.to_owned(), value)).into())
}

fn providers(chosen: &str) -> Vec<Choice> {
    let all = providers::ALL
        .iter()
        .chain(providers::openai_compatible::ALL);
    let mut names: Vec<&str> = all.map(|one| one.name()).collect();
    // What the form was filled with stays, also where it is another name of a vendor.
    if !chosen.is_empty() && !names.contains(&chosen) {
        names.push(chosen);
    }
    names.sort_unstable();
    let each = names.into_iter();
    each.map(|name| Choice::of(name, name, name == chosen))
        .collect()
}

async fn credential_choices(visit: &Writing, chosen: &str) -> Result<Vec<Choice>, ActionError> {
    let none = visit.words().t("credential-own");
    let mut choices = vec![Choice::of("", none, chosen.is_empty())];
    let listed = credentials::list(&visit.acting.also()?, &Page::first(200)).await?;
    choices.extend(listed.items.into_iter().map(|one| {
        let name = one.credential.name;
        let is_chosen = name == chosen;
        Choice::of(name.clone(), name, is_chosen)
    }));
    Ok(choices)
}

async fn filled(
    visit: &Writing,
    typed: &Form,
    refused: Option<&ActionError>,
    one: Option<&StoredDeployment>,
) -> Result<Dialog, ActionError> {
    let (words, back) = (visit.words(), visit.frame.to("/models"));
    let mut dialog = match one {
        Some(one) => {
            let action = format!("{back}/{}", encoded(one.id.as_str()));
            dialogs::form(words, "deployment-edit", action, back)
        }
        None => dialogs::form(words, "deployment-add", back.clone(), back),
    };
    if let Some(one) = one {
        dialog.version = one.stamps.updated_at.0.to_string();
        dialog.submit = words.t("save");
    }
    let credentials = credential_choices(visit, typed.text("credential")).await?;
    let fields = Fields::of(words, typed, refused)
        .select("provider", "provider", providers(typed.text("provider")))
        .width(" half")
        .text("model", "deployment-model")
        .hint("deployment-model-hint")
        .width(" half")
        .select("credential", "credential", credentials)
        .width(" half")
        .field("api_key", "provider-key", FieldKind::Secret)
        .hint(match one {
            Some(_) => "provider-key-kept",
            None => "provider-key-hint",
        })
        .width(" half")
        .text("api_base", "provider-address")
        .hint("provider-address-hint")
        .text("name", "deployment-name")
        .hint("deployment-name-hint")
        .number("weight", "weight")
        .width(" third")
        .number("rpm", "rpm")
        .width(" third")
        .number("tpm", "tpm")
        .width(" third")
        .tick("test", "deployment-test");
    Ok(fields.within(dialog, refused))
}

async fn shown(
    visit: Writing,
    typed: &Form,
    refused: Option<&ActionError>,
    one: Option<&StoredDeployment>,
) -> Result<HttpResponse, PageFault> {
    let dialog = filled(&visit, typed, refused, one).await?;
    list::with(visit.to()?, (&dialog, refused)).await
}

pub(super) async fn ask(visit: Writing) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(b"provider=openai&test=on")?;
    shown(visit, &typed, None, None).await
}

/// What the form says of `litellm_params`; an empty field takes a member away, but for the key, which
/// is never shown and so stays.
fn params(typed: &Form) -> Result<Map<String, Value>, ActionError> {
    let mut params = Map::new();
    if typed.says("model") {
        let model = typed.given("model").ok_or_else(|| {
            ActionError::invalid("model", "Say which model of the provider's: gpt-4o-mini.")
        })?;
        let whole = match typed.text("provider") {
            "" => model,
            provider => format!("{provider}/{model}"),
        };
        params.insert("model".to_owned(), Value::String(whole));
    }
    for (field, member) in [("credential", CREDENTIAL), ("api_base", "api_base")] {
        if typed.says(field) {
            let value = typed.given(field).map_or(Value::Null, Value::String);
            params.insert(member.to_owned(), value);
        }
    }
    if let Some(key) = typed.given("api_key") {
        params.insert("api_key".to_owned(), Value::String(key));
    }
    for field in ["weight", "rpm", "tpm"] {
        if typed.says(field) {
            params.insert(field.to_owned(), json!(forms::whole(typed, field)?));
        }
    }
    Ok(params)
}

/// Tries a deployment where the form asks for it.
async fn tried(visit: &Writing, typed: &Form, new: &NewDeployment) -> Result<(), ActionError> {
    if typed.text("test") != "on" {
        return Ok(());
    }
    let known = deployments::draft(&visit.acting, new.clone()).await?;
    match health::try_one(&visit.acting.also()?, &known).await? {
        Health::Healthy => Ok(()),
        Health::Unhealthy(why) => Err(ActionError::invalid(
            "test",
            format!(
                "The provider did not answer: {why}. Mend it and type the key again, or take the \
                 tick away to add it untried."
            ),
        )),
    }
}

pub(super) async fn make(visit: Writing, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let new = params(&typed).and_then(|params| {
        let name = typed
            .given("name")
            .ok_or_else(|| ActionError::invalid("name", "Give the name for which callers ask."))?;
        Ok(NewDeployment {
            model_name: name,
            params,
            ..NewDeployment::default()
        })
    });
    let made = match new {
        Ok(new) => match tried(&visit, &typed, &new).await {
            Ok(()) => deployments::create(&visit.acting, new).await,
            Err(silent) => Err(silent),
        },
        Err(refused) => Err(refused),
    };
    match made {
        Ok(_made) => Ok(visit.done("/models", "deployment-made")),
        Err(refused) if dialogs::is_typed(&refused) => {
            shown(visit, &typed, Some(&refused), None).await
        }
        Err(refused) => Err(refused.into()),
    }
}

pub(super) async fn edit(visit: Writing, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let one = deployments::to_change(&visit.acting, &id).await?;
    shown(visit, &of_deployment(&one), None, Some(&one)).await
}

pub(super) async fn update(
    visit: Writing,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let before = deployments::to_change(&visit.acting, &id).await?;
    let changed = match forms::as_it_was(before.stamps.updated_at, &typed) {
        Ok(()) => {
            deployments::update(&visit.acting, &id, |now: &mut DeploymentChange| {
                sealing::overlay(&mut now.params, params(&typed)?);
                if let Some(name) = typed.given("name") {
                    now.model_name = name;
                }
                Ok(())
            })
            .await
        }
        Err(conflict) => Err(conflict),
    };
    match changed {
        Ok(_changed) => Ok(visit.done("/models", "deployment-saved")),
        Err(refused) if dialogs::is_typed(&refused) => {
            shown(visit, &typed, Some(&refused), Some(&before)).await
        }
        Err(refused) => Err(refused.into()),
    }
}
