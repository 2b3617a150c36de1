//! Where a person is, as what: a role given in a team or an organization, and taken away.

use actix_web::{HttpResponse, web};
use domain::permissions::Role;
use domain::users::User;
use store::page::Page;
use store::teams::TeamFilter;
use store::virtual_keys::KeyFilter;
use web_ui::figures::count;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::parts::{Choice, Fact};

use super::{detail, name};
use crate::acting::may;
use crate::actions::members::{self, NewMember, Person};
use crate::actions::{organizations, teams, users};
use crate::error::ActionError;
use crate::pages::dialogs::{self, Fields};
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, at_stake, roles};

type Writing = Visit<may::WriteUsers>;

/// How many teams are to choose from; others are found on their own pages.
const MOST: i64 = 200;

/// Organizations and teams to choose from.
async fn choices(visit: &Writing, chosen: &str) -> Result<Vec<Choice>, ActionError> {
    let words = visit.words();
    let (reading, page) = (visit.acting.also()?, Page::first(MOST));
    let listed = organizations::list(&reading, None, &page).await?;
    let of = |kind: &str, id: &str, name: &str| {
        let told = [("kind", words.t(kind).into()), ("name", name.into())];
        Choice::of(id, words.with("place-of-kind", &told), id == chosen)
    };
    let mut all: Vec<Choice> = listed
        .items
        .iter()
        .map(|one| of("level-organization", one.id.as_str(), &one.name))
        .collect();
    let reading = visit.acting.also()?;
    let listed = teams::list(&reading, TeamFilter::default(), &page).await?;
    let teams = listed.items.iter();
    all.extend(teams.map(|one| of("level-team", one.id.as_str(), &one.name)));
    Ok(all)
}

async fn asked(
    visit: Writing,
    (user, typed): (&User, &Form),
    refused: Option<&ActionError>,
) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let at = visit.frame.to(&format!("/people/{}", user.id));
    let mut dialog = dialogs::form(words, "place-add", format!("{at}/places"), at);
    dialog.text = name(user);
    let every = [
        Role::Member,
        Role::TeamAdmin,
        Role::OrganizationAdmin,
        Role::Viewer,
    ];
    let all = every.into_iter().map(|role| {
        let value = role.as_str();
        Choice::of(
            value,
            words.t(roles::word(role)),
            value == typed.text("role"),
        )
    });
    let fields = Fields::of(words, typed, refused)
        .select(
            "place",
            "place",
            choices(&visit, typed.text("place")).await?,
        )
        .hint("place-hint")
        .select("role", "role", all.collect());
    let dialog = fields.within(dialog, refused);
    detail::with(visit.to()?, user.id.as_str(), (&dialog, refused)).await
}

pub(super) async fn ask(visit: Writing, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let user = users::find(&visit.acting.also()?, &id).await?;
    asked(visit, (&user, &Form::read(b"role=member")?), None).await
}

async fn given(visit: &Writing, user: &User, typed: &Form) -> Result<(), ActionError> {
    let member = NewMember {
        person: Person::by_id(user.id.as_str()),
        role: roles::of_form(typed)?,
        policy: None,
    };
    let place = typed.text("place");
    if place.starts_with("team_") {
        members::put_in_team(&visit.acting.also()?, place, vec![member]).await?;
    } else {
        members::put_in_organization(&visit.acting.also()?, place, vec![member]).await?;
    }
    Ok(())
}

pub(super) async fn put(
    visit: Writing,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let user = users::find(&visit.acting.also()?, &id).await?;
    match given(&visit, &user, &typed).await {
        Ok(()) => Ok(visit.done(&format!("/people/{}", user.id), "place-given")),
        Err(refused) if dialogs::is_typed(&refused) => {
            asked(visit, (&user, &typed), Some(&refused)).await
        }
        Err(refused) => Err(refused.into()),
    }
}

/// The question before a role is taken: which keys end with it.
async fn taking(visit: &Writing, user: &User, place: &str) -> Result<Dialog, ActionError> {
    let words = visit.words();
    let is_team = place.starts_with("team_");
    let (called, keys) = if is_team {
        let team = teams::find(&visit.acting.also::<may::ReadTeams>()?, place).await?;
        let keys = KeyFilter {
            team_id: Some(team.id),
            ..KeyFilter::default()
        };
        (team.name, keys)
    } else {
        let found = organizations::find(&visit.acting.also()?, place).await?;
        let keys = KeyFilter {
            organization_id: Some(found.id),
            ..KeyFilter::default()
        };
        (found.name, keys)
    };
    let keys = KeyFilter {
        user_id: Some(user.id.clone()),
        ..keys
    };
    let told = [("name", name(user).into()), ("team", called.into())];
    let title = words.with("member-remove-title", &told);
    let at = visit.frame.to(&format!("/people/{}", user.id));
    let warning = if is_team {
        "member-remove-then"
    } else {
        "place-remove-then"
    };
    let kind = if is_team { "teams" } else { "orgs" };
    let action = format!("{at}/{kind}/{place}/remove");
    let mut dialog = dialogs::question(words, (title, warning, "place-remove"), action, at);
    let ending = at_stake::many(&visit.acting.also()?, keys).await?;
    dialog.facts = vec![Fact {
        name: words.t("stake-keys-ending"),
        value: count(words, ending),
    }];
    Ok(dialog)
}

pub(super) async fn ask_remove(
    visit: Writing,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageFault> {
    let (id, place) = path.into_inner();
    let user = users::find(&visit.acting.also()?, &id).await?;
    let dialog = taking(&visit, &user, &place).await?;
    detail::with(visit.to()?, user.id.as_str(), (&dialog, None)).await
}

pub(super) async fn remove(
    visit: Writing,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, PageFault> {
    let (id, place) = path.into_inner();
    let user = users::find(&visit.acting.also()?, &id).await?;
    let person = Person::by_id(user.id.as_str());
    if place.starts_with("team_") {
        members::remove_from_team(&visit.acting.also()?, &place, &person).await?;
    } else {
        members::remove_from_organization(&visit.acting.also()?, &place, &person).await?;
    }
    Ok(visit.done(&format!("/people/{}", user.id), "place-taken"))
}
