//! A new key: the form, and the key that is shown this once.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::policies::Policy;
use serde::Deserialize;
use web_ui::frame::Frame;
use web_ui::pages::key_forms::{KeyFormPiece, Secret, SecretPiece};
use web_ui::pages::snippets::snippet;

use super::list::{self, Asked};
use super::{form, model_prices, rows};
use crate::acting::may;
use crate::actions::keys::{self, AskedOwner, MadeKey, NewKey};
use crate::error::ActionError;
use crate::fields::Given;
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, bases, first_request};

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct AskedFor {
    team: String,
    /// A key like which it shall be.
    from: String,
}

pub(super) async fn ask(
    visit: Visit<may::WriteKeys>,
    asked: web::Query<AskedFor>,
) -> Result<HttpResponse, PageFault> {
    let blank = match asked.from.as_str() {
        "" => form::blank(&asked.team),
        from => {
            let like = keys::find(&visit.acting, from).await?;
            form::like(&like, visit.acting.actor.rights.user_id.as_ref())
        }
    };
    let filled = form::filled(&visit, &blank, None, None).await?;
    let mut page = list::page(visit.to::<may::ReadKeys>()?, &Asked::default()).await?;
    page.form = Some(filled);
    answers::page(StatusCode::OK, &page.frame, page.render())
}

pub(super) async fn make(
    visit: Visit<may::WriteKeys>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let kept = kept(&visit, &typed).await?;
    let made = match new_key(&visit, &typed, &kept).await {
        Ok(new) => keys::create(&visit.acting, new).await,
        Err(refused) => Err(refused),
    };
    match made {
        Ok(made) => made_page(visit, &made).await,
        Err(refused) if form::is_typed(&refused) => refused_page(visit, &typed, &refused).await,
        Err(refused) => Err(refused.into()),
    }
}

/// What the form does not show: of the key like which it shall be, but for a raise of that key's own
/// budget.
async fn kept(visit: &Visit<may::WriteKeys>, typed: &Form) -> Result<Policy, ActionError> {
    let Some(from) = typed.given("from") else {
        return Ok(Policy::default());
    };
    let mut policy = keys::find(&visit.acting, &from).await?.policy;
    let own = policy.budgets.iter_mut();
    for budget in own.chain(policy.model_budgets.values_mut()) {
        budget.increase = None;
    }
    Ok(policy)
}

async fn new_key(
    visit: &Visit<may::WriteKeys>,
    typed: &Form,
    kept: &Policy,
) -> Result<NewKey, ActionError> {
    let name = typed.given("name").ok_or_else(|| {
        ActionError::invalid(
            "alias",
            "Give the key a name, for example “support-bot-prod”.",
        )
    })?;
    let mut policy = form::policy(typed, kept)?;
    if let Some(cheap) = model_prices::cheap(visit, typed).await? {
        policy.models = cheap;
    }
    Ok(NewKey {
        service_account_name: names_service(typed).then(|| name.clone()),
        owner: asked_owner(visit, typed),
        alias: Some(name),
        environment: typed.given("environment"),
        policy,
        lifetime: typed.given("expires").map_or(Given::Absent, Given::Value),
        ..NewKey::default()
    })
}

/// Whether the key is to be of the team's service account that has the key's name. A service is
/// known by its team: a key without one belongs to who makes it.
pub(super) fn names_service(typed: &Form) -> bool {
    !is_own(typed) && typed.given("team").is_some()
}

fn is_own(typed: &Form) -> bool {
    typed.text("owner") == "person"
}

/// To whom the form says that the key shall belong. Who administers a team makes keys for nobody there
/// unless somebody is named: so oneself is.
pub(super) fn asked_owner(visit: &Visit<may::WriteKeys>, typed: &Form) -> AskedOwner {
    let own = visit.acting.actor.rights.user_id.as_ref();
    AskedOwner {
        team_id: typed.given("team"),
        user_id: own.filter(|_| is_own(typed)).map(ToString::to_string),
        ..AskedOwner::default()
    }
}

/// The secret as it is shown.
pub(super) fn secret(visit_frame: &Frame, base: &str, made: &MadeKey, title: &str) -> Secret {
    let (words, key) = (visit_frame.words, made.plain.expose());
    let name = rows::name(&made.key);
    let model = made
        .key
        .policy
        .models
        .first()
        .map_or("headgate/echo", String::as_str);
    Secret {
        title: words.t(title),
        ready: words.with("secret-ready", &[("name", (&name).into())]),
        snippet: snippet(visit_frame, base, model, key),
        key: key.to_owned(),
        waiting: first_request::address(visit_frame, made.key.id.as_str()),
        href: visit_frame.to(&format!("/keys/{}", made.key.id)),
    }
}

async fn made_page(
    visit: Visit<may::WriteKeys>,
    made: &MadeKey,
) -> Result<HttpResponse, PageFault> {
    let base = bases::of(&visit);
    let shown = secret(&visit.frame, &base, made, "key-created");
    if visit.wants_piece {
        let piece = SecretPiece {
            frame: &visit.frame,
            secret: shown,
        };
        return answers::page(StatusCode::OK, &visit.frame, piece.render());
    }
    let mut page = list::page(visit.to::<may::ReadKeys>()?, &Asked::default()).await?;
    page.secret = Some(shown);
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn refused_page(
    visit: Visit<may::WriteKeys>,
    typed: &Form,
    refused: &ActionError,
) -> Result<HttpResponse, PageFault> {
    let filled = form::filled(&visit, typed, Some(refused), None).await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    if visit.wants_piece {
        let piece = KeyFormPiece {
            frame: &visit.frame,
            form: filled,
        };
        return answers::page(status, &visit.frame, piece.render());
    }
    let mut page = list::page(visit.to::<may::ReadKeys>()?, &Asked::default()).await?;
    page.form = Some(filled);
    answers::page(status, &page.frame, page.render())
}
