//! A team made and changed by a form.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::teams::Team;
use store::page::Page;
use web_ui::pages::parts::Choice;
use web_ui::pages::teams::TeamForm;

use super::{detail, list};
use crate::acting::{Permission, may};
use crate::actions::organizations;
use crate::actions::teams::{self, NewTeam};
use crate::api::named;
use crate::error::ActionError;
use crate::pages::form::Form;
use crate::pages::keys::form as forms;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};

fn of_team(team: &Team) -> Form {
    let mut members = forms::of_policy(&team.policy);
    members.push(("name".to_owned(), team.name.clone()));
    members.push(("version".to_owned(), team.stamps.updated_at.0.to_string()));
    Form::of(members)
}

async fn filled<P: Permission>(
    visit: &Visit<P>,
    typed: &Form,
    refused: Option<&ActionError>,
    team: Option<&Team>,
) -> Result<TeamForm, ActionError> {
    let words = visit.words();
    let text = |name: &str| typed.text(name).to_owned();
    let chosen: BTreeSet<String> = typed.all("models").into_iter().collect();
    let at = match team {
        Some(team) => visit.frame.to(&format!("/teams/{}", team.id)),
        None => visit.frame.to("/teams"),
    };
    let id = if team.is_some() {
        "save"
    } else {
        "team-create"
    };
    Ok(TeamForm {
        title: words.t(id),
        action: at.clone(),
        back: at,
        version: team
            .map(|team| team.stamps.updated_at.0.to_string())
            .unwrap_or_default(),
        fault: refused.map(ToString::to_string),
        name: text("name"),
        organizations: if team.is_some() {
            Vec::new()
        } else {
            homes(visit, typed).await?
        },
        budget: text("budget"),
        periods: forms::periods(words, typed.text("period")),
        rpm: text("rpm"),
        tpm: text("tpm"),
        parallel: text("parallel"),
        models: forms::model_choices(visit, &chosen).await?,
    })
}

/// The organizations in which a team can be made, where there are several.
async fn homes<P: Permission>(visit: &Visit<P>, typed: &Form) -> Result<Vec<Choice>, ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadOrganizations>() else {
        return Ok(Vec::new());
    };
    let listed = organizations::list(&reading, None, &Page::first(200))
        .await?
        .items;
    if listed.len() < 2 {
        return Ok(Vec::new());
    }
    let chosen = typed.text("organization");
    let each = listed
        .into_iter()
        .map(|one| Choice::of(one.id.as_str(), one.name, one.id.as_str() == chosen));
    Ok(each.collect())
}

pub(super) async fn ask(visit: Visit<may::CreateTeams>) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(b"period=1mo")?;
    new_form(visit, &typed, None).await
}

async fn new_form(
    visit: Visit<may::CreateTeams>,
    typed: &Form,
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let form = filled(&visit, typed, refused, None).await?;
    let mut page = list::page(visit.to()?, &list::Asked::default()).await?;
    // The list stands behind the form even before there is a first team.
    page.form = Some(form);
    let status = if refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    answers::page(status, &page.frame, page.render())
}

pub(super) async fn make(
    visit: Visit<may::CreateTeams>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let new = named(typed.text("name").to_owned()).and_then(|name| {
        Ok(NewTeam {
            organization_id: typed.given("organization"),
            name,
            policy: forms::policy(&typed, &Default::default())?,
            ..NewTeam::default()
        })
    });
    let made = match new {
        Ok(new) => teams::create(&visit.acting, new).await,
        Err(refused) => Err(refused),
    };
    match made {
        Ok((team, _members)) => Ok(visit.done(&format!("/teams/{}", team.id), "team-made")),
        Err(refused) if forms::is_typed(&refused) => new_form(visit, &typed, Some(&refused)).await,
        Err(refused) => Err(refused.into()),
    }
}

async fn changed_form(
    visit: Visit<may::UpdateTeams>,
    (team, typed): (&Team, &Form),
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let form = filled(&visit, typed, refused, Some(team)).await?;
    let mut page = detail::page(visit.to()?, team.id.as_str()).await?;
    page.form = Some(form);
    let status = match refused {
        None => StatusCode::OK,
        Some(ActionError::Conflict { .. }) => StatusCode::CONFLICT,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    answers::page(status, &page.frame, page.render())
}

pub(super) async fn edit(
    visit: Visit<may::UpdateTeams>,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let team = teams::find(&visit.acting, &id).await?;
    changed_form(visit, (&team, &of_team(&team)), None).await
}

pub(super) async fn update(
    visit: Visit<may::UpdateTeams>,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let before = teams::find(&visit.acting, &id).await?;
    let changed = match forms::as_it_was(before.stamps.updated_at, &typed) {
        Ok(()) => {
            teams::update(&visit.acting, before.id.as_str(), |team| {
                team.name = named(typed.text("name").to_owned())?;
                team.policy = forms::policy(&typed, &team.policy)?;
                Ok(())
            })
            .await
        }
        Err(conflict) => Err(conflict),
    };
    match changed {
        Ok(team) => Ok(visit.done(&format!("/teams/{}", team.id), "team-saved")),
        Err(refused) if forms::is_typed(&refused) => {
            changed_form(visit, (&before, &typed), Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}
