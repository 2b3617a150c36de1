//! Who is in a team: added, made another kind of member, given a budget, taken out.

use actix_web::{HttpResponse, web};
use domain::members::Member;
use domain::policies::Policy;
use domain::teams::Team;
use domain::users::User;
use store::virtual_keys::KeyFilter;
use web_ui::figures::count;
use web_ui::pages::dialogs::{Dialog, FieldKind};
use web_ui::pages::parts::Fact;

use super::detail;
use crate::acting::may;
use crate::actions::members::{self, NewMember, Person};
use crate::actions::{teams, users};
use crate::error::ActionError;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::keys::form as forms;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, at_stake, roles};

type Writing = Visit<may::WriteTeamMembers>;

fn limited<'a>(visit: &Writing, typed: &'a Form, refused: Option<&ActionError>) -> Fields<'a> {
    let words = visit.words();
    let of_name = Fields::of(words, typed, refused);
    match typed.says("email") {
        true => of_name
            .field("email", "email", FieldKind::Email)
            .hint("member-email-hint"),
        false => of_name,
    }
    .select(
        "role",
        "role",
        roles::choices(words, roles::OF_TEAMS, typed.text("role")),
    )
    .money(("budget", "period"), "member-budget")
    .hint("member-budget-hint")
}

async fn answered(
    visit: Writing,
    team: &Team,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    detail::with(visit.to()?, team.id.as_str(), (dialog, refused)).await
}

fn adding(visit: &Writing, team: &Team, typed: &Form, refused: Option<&ActionError>) -> Dialog {
    let at = visit.frame.to(&format!("/teams/{}", team.id));
    let dialog = dialogs::form(visit.words(), "member-add", format!("{at}/members"), at);
    limited(visit, typed, refused).within(dialog, refused)
}

pub(super) async fn ask_add(
    visit: Writing,
    id: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let team = teams::find(&visit.acting, &id).await?;
    let typed = Form::read(b"email=&role=member&period=1mo")?;
    let dialog = adding(&visit, &team, &typed, None);
    answered(visit, &team, (&dialog, None)).await
}

/// What they may spend by the form, beside what else they had.
fn policy(typed: &Form, had: &Policy) -> Result<Policy, ActionError> {
    let mut policy = had.clone();
    forms::set_budget(typed, ("budget", "period"), &mut policy.budgets)?;
    Ok(policy)
}

pub(super) async fn add(
    visit: Writing,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let team = teams::find(&visit.acting, &id).await?;
    let new = || {
        let name = typed.given("email").ok_or_else(|| {
            ActionError::invalid("email", "Say who: an email address, or the ID of a person.")
        })?;
        // Without a budget of their own they have what the team gives to each.
        let policy = policy(&typed, &Policy::default())?;
        Ok::<_, ActionError>(NewMember {
            person: Person::named(&name),
            role: roles::of_form(&typed)?,
            policy: (policy != Policy::default()).then_some(policy),
        })
    };
    let put = match new() {
        Ok(new) => put(&visit, &team, new).await,
        Err(refused) => Err(refused),
    };
    match put {
        Ok(()) => Ok(visit.done(&format!("/teams/{}", team.id), "member-put")),
        Err(refused) if is_shown(&refused) => {
            let dialog = adding(&visit, &team, &typed, Some(&refused));
            answered(visit, &team, (&dialog, Some(&refused))).await
        }
        Err(refused) => Err(refused.into()),
    }
}

/// Adds somebody: whom an address names they may make, whom an ID names has to be there.
async fn put(visit: &Writing, team: &Team, new: NewMember) -> Result<(), ActionError> {
    if let Some(id) = &new.person.id {
        users::named(&visit.acting.also()?, id).await?;
    }
    members::put_in_team(&visit.acting, team.id.as_str(), vec![new]).await?;
    Ok(())
}

/// What was typed is wrong, or names nobody.
fn is_shown(refused: &ActionError) -> bool {
    dialogs::is_typed(refused) || matches!(refused, ActionError::NotFound { kind: "User", .. })
}

/// Their name in a title.
fn name(user: &User) -> String {
    let name = user.name.clone().or_else(|| user.email.clone());
    name.unwrap_or_else(|| user.id.to_string())
}

fn changing(
    visit: &Writing,
    (team, user, member): (&Team, &User, &Member),
    typed: &Form,
    refused: Option<&ActionError>,
) -> Dialog {
    let at = visit.frame.to(&format!("/teams/{}", team.id));
    let action = format!("{at}/members/{}", user.id);
    let mut dialog = dialogs::form(visit.words(), "member-edit", action, at);
    dialog.text = name(user);
    dialog.version = member.stamps.updated_at.0.to_string();
    limited(visit, typed, refused).within(dialog, refused)
}

pub(super) async fn ask_change(
    visit: Writing,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageFault> {
    let (id, user_id) = path.into_inner();
    let found = members::in_team(&visit.acting, &id, &Person::by_id(user_id)).await?;
    let (team, user, member) = found;
    let mut said = forms::of_policy(&member.policy);
    said.push(("role".to_owned(), member.role.as_str().to_owned()));
    let dialog = changing(&visit, (&team, &user, &member), &Form::of(said), None);
    answered(visit, &team, (&dialog, None)).await
}

pub(super) async fn change(
    visit: Writing,
    path: web::Path<(String, String)>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let (id, user_id) = path.into_inner();
    let found = members::in_team(&visit.acting, &id, &Person::by_id(user_id)).await?;
    let (team, user, member) = found;
    let new = || {
        forms::as_it_was(member.stamps.updated_at, &typed)?;
        Ok::<_, ActionError>(NewMember {
            person: Person::by_id(user.id.as_str()),
            role: roles::of_form(&typed)?,
            policy: Some(policy(&typed, &member.policy)?),
        })
    };
    let put = match new() {
        Ok(new) => members::put_in_team(&visit.acting, team.id.as_str(), vec![new]).await,
        Err(refused) => Err(refused),
    };
    match put {
        Ok(_members) => Ok(visit.done(&format!("/teams/{}", team.id), "member-put")),
        Err(refused) if dialogs::is_typed(&refused) => {
            let dialog = changing(&visit, (&team, &user, &member), &typed, Some(&refused));
            answered(visit, &team, (&dialog, Some(&refused))).await
        }
        Err(refused) => Err(refused.into()),
    }
}

pub(super) async fn ask_remove(
    visit: Writing,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageFault> {
    let (id, user_id) = path.into_inner();
    let found = members::in_team(&visit.acting, &id, &Person::by_id(user_id)).await?;
    let (team, user, _member) = found;
    let words = visit.words();
    let told = [("name", name(&user).into()), ("team", (&team.name).into())];
    let title = words.with("member-remove-title", &told);
    let at = visit.frame.to(&format!("/teams/{}", team.id));
    let action = format!("{at}/members/{}/remove", user.id);
    let texts = (title, "member-remove-then", "member-remove");
    let mut dialog = dialogs::question(words, texts, action, at);
    let keys = KeyFilter {
        team_id: Some(team.id.clone()),
        user_id: Some(user.id.clone()),
        ..KeyFilter::default()
    };
    if let Ok(reading) = visit.acting.also::<may::ReadKeys>() {
        let ending = at_stake::many(&reading, keys).await?;
        dialog.facts = vec![Fact {
            name: words.t("stake-keys-ending"),
            value: count(words, ending),
        }];
    }
    answered(visit, &team, (&dialog, None)).await
}

pub(super) async fn remove(
    visit: Writing,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageFault> {
    let (id, user_id) = path.into_inner();
    let person = Person::by_id(user_id);
    let (team, _left) = members::remove_from_team(&visit.acting, &id, &person).await?;
    Ok(visit.done(&format!("/teams/{}", team.id), "member-removed"))
}
