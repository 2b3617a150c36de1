//! A team made and changed by a form.

use actix_web::{HttpResponse, web};
use domain::policies::Budget;
use domain::teams::Team;
use web_ui::pages::dialogs::Dialog;

use super::{detail, list};
use crate::acting::{Permission, may};
use crate::actions::teams::{self, NewTeam};
use crate::api::named;
use crate::error::ActionError;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::keys::form as forms;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, homes};

/// The names of the fields of what each member gets.
const OF_MEMBERS: (&str, &str) = ("member_budget", "member_period");

fn of_team(team: &Team) -> Form {
    let mut members = forms::of_policy(&team.policy);
    let each = team.member_policy.hard_budget();
    let money = each.map(|one| web_ui::typed::field(one.limit_nanousd));
    let window = each.and_then(|one| one.window).map(|one| one.to_string());
    members.extend([
        forms::of_members_keys(&team.policy),
        ("name".to_owned(), team.name.clone()),
        (OF_MEMBERS.0.to_owned(), money.unwrap_or_default()),
        (OF_MEMBERS.1.to_owned(), window.unwrap_or_default()),
    ]);
    Form::of(members)
}

async fn filled<P: Permission>(
    visit: &Visit<P>,
    typed: &Form,
    refused: Option<&ActionError>,
    team: Option<&Team>,
) -> Result<Dialog, ActionError> {
    let words = visit.words();
    let at = match team {
        Some(team) => visit.frame.to(&format!("/teams/{}", team.id)),
        None => visit.frame.to("/teams"),
    };
    let title = if team.is_some() {
        "team-edit"
    } else {
        "team-create"
    };
    let mut dialog = dialogs::form(words, title, at.clone(), at);
    let mut fields = Fields::of(words, typed, refused).text("name", "name");
    if let Some(team) = team {
        dialog.version = team.stamps.updated_at.0.to_string();
        dialog.submit = words.t("save");
    } else {
        let homes = homes::choices(visit, typed).await?;
        if !homes.is_empty() {
            fields = fields.select("organization", "level-organization", homes);
        }
    }
    fields = fields.money(("budget", "period"), "budget");
    let home = team.map(|team| &team.organization_id);
    let shared = forms::shared(visit, typed.text("shared"), home).await?;
    if !shared.is_empty() {
        fields = fields.select("shared", "shared-budget", shared);
    }
    let fields = fields
        .rates()
        .money(OF_MEMBERS, "team-each")
        .members_keys("team-members-keys", true)
        .models(visit)
        .await?;
    Ok(fields.within(dialog, refused))
}

/// What each member gets by the form.
fn of_members(typed: &Form, budgets: &mut Vec<Budget>) -> Result<(), ActionError> {
    forms::set_budget(typed, OF_MEMBERS, budgets)
}

pub(super) async fn ask(visit: Visit<may::CreateTeams>) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(b"period=1mo&member_period=1mo")?;
    new_form(visit, &typed, None).await
}

async fn new_form(
    visit: Visit<may::CreateTeams>,
    typed: &Form,
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let dialog = filled(&visit, typed, refused, None).await?;
    // The list stands behind the form even before there is a first team.
    let page = list::page(visit.to()?, &list::Asked::default()).await?;
    dialogs::answered(page, (&dialog, refused))
}

pub(super) async fn make(
    visit: Visit<may::CreateTeams>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let new = named(typed.text("name").to_owned()).and_then(|name| {
        let mut new = NewTeam {
            organization_id: typed.given("organization"),
            name,
            policy: forms::policy(&typed, &Default::default())?,
            ..NewTeam::default()
        };
        of_members(&typed, &mut new.member_policy.budgets)?;
        forms::set_members_keys(&typed, &mut new.policy);
        Ok(new)
    });
    let made = match new {
        Ok(new) => teams::create(&visit.acting, new).await,
        Err(refused) => Err(refused),
    };
    match made {
        Ok((team, _members)) => Ok(visit.done(&format!("/teams/{}", team.id), "team-made")),
        Err(refused) if dialogs::is_typed(&refused) => {
            new_form(visit, &typed, Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

async fn changed_form(
    visit: Visit<may::UpdateTeams>,
    (team, typed): (&Team, &Form),
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let dialog = filled(&visit, typed, refused, Some(team)).await?;
    detail::with(visit.to()?, team.id.as_str(), (&dialog, refused)).await
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
                if typed.says("name") {
                    team.name = named(typed.text("name").to_owned())?;
                }
                team.policy = forms::policy(&typed, &team.policy)?;
                forms::set_members_keys(&typed, &mut team.policy);
                of_members(&typed, &mut team.member_policy.budgets)
            })
            .await
        }
        Err(conflict) => Err(conflict),
    };
    match changed {
        Ok(team) => Ok(visit.done(&format!("/teams/{}", team.id), "team-saved")),
        Err(refused) if dialogs::is_typed(&refused) => {
            changed_form(visit, (&before, &typed), Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}
