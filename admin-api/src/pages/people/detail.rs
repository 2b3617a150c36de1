//! One person: what they are and where, their keys, what they spent.

use std::collections::BTreeSet;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::members::Member;
use domain::permissions::Action;
use domain::users::User;
use store::page::Page;
use store::virtual_keys::KeyFilter;
use web_ui::figures::count;
use web_ui::frame::initials;
use web_ui::markup::Markup;
use web_ui::pages::dialogs::Dialog;
use web_ui::pages::parts::{Choice, Fact};
use web_ui::pages::people::{OwnKeyRow, Person, PlaceRow};

use super::list::name;
use super::presence::{last_active, sign_in};
use crate::acting::may;
use crate::actions::{keys, organizations, users};
use crate::error::ActionError;
use crate::pages::keys::name as name_of_key;
use crate::pages::names::Names;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, dialogs, lists, roles};

/// How many keys are shown here.
const KEYS: i64 = 10;

type Reading = Visit<may::ReadUsers>;

pub(super) async fn show(visit: Reading, id: web::Path<String>) -> Result<HttpResponse, PageFault> {
    let page = page(visit, &id).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// The person's page with a dialog over it.
pub(super) async fn with(
    visit: Reading,
    id: &str,
    (dialog, refused): (&Dialog, Option<&ActionError>),
) -> Result<HttpResponse, PageFault> {
    let page = page(visit, id).await?;
    dialogs::answered(page, (dialog, refused))
}

async fn page(visit: Reading, id: &str) -> Result<Person, PageFault> {
    let user = users::find(&visit.acting, id).await?;
    let words = visit.words();
    let href = visit.frame.to(&format!("/people/{}", user.id));
    let one = std::slice::from_ref(&user);
    let memberships = users::visible_memberships(&visit.acting, one).await?;
    let may_write = visit.may(Action::WriteUsers);
    let places = places(&visit, (&href, may_write), &memberships).await?;
    let (keys, all_keys) = keys(&visit, &user).await?;
    let spent = lists::spent(&visit, one).await?;
    let shown = name(&user);
    let presence = users::presence(&visit.acting, one).await?;
    let presence = presence.into_values().next().unwrap_or_default();
    let told = [("day", visit.clock.date(user.stamps.created_at).into())];
    let since = words.with("person-since", &told);
    let email = user.email.clone().filter(|email| *email != shown);
    Ok(Person {
        id: user.id.to_string(),
        mark: initials(&shown),
        sub: email.map_or_else(|| since.clone(), |email| format!("{email} · {since}")),
        status: lists::status(words, user.blocked),
        blocked: user.blocked,
        may_write,
        may_place: may_write,
        money: lists::cell(words, spent.as_ref(), (user.id.as_str(), &user.policy)),
        last_active: last_active(&visit, &presence),
        sign_in: sign_in(&visit, &user, &presence),
        facts: facts(&visit, &user),
        places,
        keys,
        all_keys,
        requests: visit
            .frame
            .to(&format!("/requests?q=user:{}&r=7d", user.id)),
        dialog: Markup::default(),
        name: shown,
        href,
        frame: visit.frame,
    })
}

fn facts(visit: &Reading, user: &User) -> Vec<Fact> {
    let words = visit.words();
    let fact = |name: &str, value: String| Fact {
        name: words.t(name),
        value,
    };
    let platform = user
        .platform_role
        .map_or("role-platform-none", |role| roles::platform_word(role));
    let rate =
        |value: Option<u64>| value.map_or_else(|| words.t("no-limit"), |value| count(words, value));
    let mut facts = vec![
        fact("role-platform", words.t(platform)),
        fact("rpm", rate(user.policy.limits.rpm)),
        fact("tpm", rate(user.policy.limits.tpm)),
    ];
    facts.extend(
        user.external_id
            .clone()
            .map(|id| fact("person-external", id)),
    );
    facts
}

/// Where they are, as what; and where each role is taken away, for who may.
async fn places(
    visit: &Reading,
    (href, may_write): (&str, bool),
    memberships: &[Member],
) -> Result<Vec<PlaceRow>, ActionError> {
    let words = visit.words();
    let teams: BTreeSet<String> = memberships
        .iter()
        .filter_map(|one| one.team_id.as_ref().map(ToString::to_string))
        .collect();
    let names = Names::of(visit.acting.store(), teams, BTreeSet::new()).await?;
    let mut rows = Vec::with_capacity(memberships.len());
    for member in memberships {
        let (kind, path, of_place, link) = match &member.team_id {
            Some(team) => (
                "level-team",
                format!("teams/{team}"),
                names.team(Some(team)),
                visit.frame.to(&format!("/teams/{team}")),
            ),
            None => (
                "level-organization",
                format!("orgs/{}", member.organization_id),
                organization(visit, member).await?,
                String::new(),
            ),
        };
        rows.push(PlaceRow {
            kind: words.t(kind),
            name: of_place,
            href: link,
            role: words.t(roles::word(member.role)),
            remove: match may_write {
                true => format!("{href}/{path}/remove"),
                false => String::new(),
            },
        });
    }
    Ok(rows)
}

async fn organization(visit: &Reading, member: &Member) -> Result<String, ActionError> {
    let id = member.organization_id.as_str();
    let Ok(reading) = visit.acting.also::<may::ReadOrganizations>() else {
        return Ok(id.to_owned());
    };
    let found = organizations::find(&reading, id).await;
    Ok(found.map_or_else(|_unseen| id.to_owned(), |one| one.name))
}

async fn keys(
    visit: &Reading,
    user: &User,
) -> Result<(Vec<OwnKeyRow>, Option<Choice>), ActionError> {
    let Ok(reading) = visit.acting.also::<may::ReadKeys>() else {
        return Ok((Vec::new(), None));
    };
    let filter = KeyFilter {
        user_id: Some(user.id.clone()),
        ..KeyFilter::default()
    };
    let page = Page {
        count: true,
        ..Page::first(KEYS)
    };
    let listed = keys::list(&reading, filter, &page).await?;
    let total = listed
        .total
        .and_then(|total| u64::try_from(total).ok())
        .unwrap_or(0);
    let told = [
        ("count", total.into()),
        ("shown", count(visit.words(), total).into()),
    ];
    let address = visit.frame.to(&format!("/keys?user={}", user.id));
    let all = Choice::of(address, visit.words().with("keys-found", &told), false);
    let each = listed.items.iter().map(|key| OwnKeyRow {
        href: visit.frame.to(&format!("/keys/{}", key.id)),
        name: name_of_key(key),
        mask: format!("sk-…{}", key.last_four),
        status: lists::status(visit.words(), key.blocked),
    });
    Ok((each.collect(), Some(all)))
}
