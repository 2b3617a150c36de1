//! For whom a budget is set: a kind of thing and its name, which lead to its form.

use actix_web::{HttpResponse, web};
use domain::ids::OrganizationId;
use store::page::{Listed, Page};
use store::projects::ProjectFilter;
use store::teams::TeamFilter;
use store::virtual_keys::KeyFilter;
use web_ui::pages::parts::Choice;

use super::list;
use crate::acting::{Acting, may};
use crate::actions::{end_users, keys, organizations, projects, tags, teams, users};
use crate::error::ActionError;
use crate::pages::addresses::encoded;
use crate::pages::dialogs::{self, Fields};
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

type Reading = Visit<may::ReadSpend>;

/// The kinds: their place in addresses, and the texts.
const KINDS: [(&str, &str); 8] = [
    ("teams", "level-team"),
    ("keys", "level-key"),
    ("people", "level-user"),
    ("team-members", "level-member"),
    ("projects", "level-project"),
    ("organizations", "level-organization"),
    ("end-users", "level-end-user"),
    ("tags", "level-tag"),
];

/// How many of a name are looked through for the one that has it exactly.
const MOST: i64 = 50;

pub(super) async fn ask(visit: Reading) -> Result<HttpResponse, PageFault> {
    asked(visit, &Form::default(), None).await
}

async fn asked(
    visit: Reading,
    typed: &Form,
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let at = visit.frame.to("/budgets");
    let mut dialog = dialogs::form(words, "budget-set", format!("{at}/new"), at);
    dialog.submit = words.t("budget-go-on");
    let kinds = KINDS
        .iter()
        .map(|(kind, text)| Choice::of(*kind, words.t(text), *kind == typed.text("kind")));
    let fields = Fields::of(words, typed, refused)
        .select("kind", "budget-kind", kinds.collect())
        .width(" half")
        .text("name", "budget-whose-name")
        .hint("budget-whose-hint")
        .width(" half")
        .text("team", "team")
        .hint("budget-member-hint");
    let dialog = fields.within(dialog, refused);
    list::with(visit, (&dialog, refused)).await
}

pub(super) async fn find(visit: Reading, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    match located(&visit.acting, &typed).await {
        Ok(path) => {
            let path = format!("/budgets/{path}?budget=new");
            Ok(answers::see(&visit.frame.to(&path)))
        }
        Err(refused @ ActionError::NotFound { .. }) => {
            let refused = ActionError::invalid("name", told(visit.words(), &refused));
            asked(visit, &typed, Some(&refused)).await
        }
        Err(refused) if dialogs::is_typed(&refused) => asked(visit, &typed, Some(&refused)).await,
        Err(refused) => Err(refused.into()),
    }
}

/// Kind and id, as addresses say them.
async fn located(acting: &Acting<may::ReadSpend>, typed: &Form) -> Result<String, ActionError> {
    let name = typed.given("name").ok_or_else(|| {
        ActionError::invalid("name", "Say whose budget it shall be: a name or an ID.")
    })?;
    let id = match typed.text("kind") {
        "teams" => team(acting, &name).await?,
        "keys" => key(acting, &name).await?,
        "people" => users::named(&acting.also()?, &name).await?.id.to_string(),
        "team-members" => {
            let within = team(acting, typed.text("team")).await?;
            let user = users::named(&acting.also()?, &name).await?;
            format!("{within}/{}", user.id)
        }
        "projects" => project(acting, &name).await?,
        "organizations" => organization(acting, &name).await?.to_string(),
        "end-users" => {
            let reading = acting.also::<may::ReadEndUsers>()?;
            let found = end_users::find(&reading, &name).await?;
            found.external_id
        }
        "tags" => {
            let reading = acting.also::<may::ReadEndUsers>()?;
            tags::find(&reading, &name).await?.name
        }
        _ => return Err(ActionError::invalid("kind", "Choose one of the list.")),
    };
    Ok(format!("{}/{}", typed.text("kind"), encoded(&id)))
}

/// The only one, or the one that has exactly this name or id.
fn one<T>(
    listed: Listed<T>,
    asked: &str,
    kind: &'static str,
    names: impl Fn(&T) -> [String; 2],
) -> Result<String, ActionError> {
    let mut exact = listed
        .items
        .iter()
        .filter(|one| names(one).iter().any(|name| name == asked));
    if let (Some(found), None) = (exact.next(), exact.next()) {
        let [id, _name] = names(found);
        return Ok(id);
    }
    match listed.items.as_slice() {
        [only] => {
            let [id, _name] = names(only);
            Ok(id)
        }
        [] => Err(ActionError::not_found(kind, asked)),
        _several => Err(ActionError::invalid(
            "name",
            format!("Several have “{asked}” in their name. Write the ID of the one that is meant."),
        )),
    }
}

async fn team(acting: &Acting<may::ReadSpend>, name: &str) -> Result<String, ActionError> {
    let filter = TeamFilter {
        search: Some(name.to_owned()),
        ..TeamFilter::default()
    };
    let listed = teams::list(&acting.also()?, filter, &Page::first(MOST)).await?;
    one(listed, name, "Team", |one| {
        [one.id.to_string(), one.name.clone()]
    })
}

async fn key(acting: &Acting<may::ReadSpend>, name: &str) -> Result<String, ActionError> {
    let filter = KeyFilter {
        search: Some(name.to_owned()),
        ..KeyFilter::default()
    };
    let listed = keys::list(&acting.also()?, filter, &Page::first(MOST)).await?;
    one(listed, &keys::shortened(name), "Key", |one| {
        [one.id.to_string(), one.alias.clone().unwrap_or_default()]
    })
}

async fn project(acting: &Acting<may::ReadSpend>, name: &str) -> Result<String, ActionError> {
    let listed = projects::list(
        &acting.also()?,
        ProjectFilter::default(),
        &Page::first(1_000),
    )
    .await?;
    let mut listed = listed;
    listed
        .items
        .retain(|one| one.name == name || one.id.as_str() == name);
    one(listed, name, "Project", |one| {
        [one.id.to_string(), one.name.clone()]
    })
}

async fn organization(
    acting: &Acting<may::ReadSpend>,
    name: &str,
) -> Result<OrganizationId, ActionError> {
    let listed = organizations::list(&acting.also()?, Some(name), &Page::first(MOST)).await?;
    let id = one(listed, name, "Organization", |one| {
        [one.id.to_string(), one.name.clone()]
    })?;
    Ok(OrganizationId::new(id))
}
