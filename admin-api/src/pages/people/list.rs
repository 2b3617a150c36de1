//! The list of people: who is here, as what, and what their keys spend.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::ids::UserId;
use domain::members::Member;
use domain::money::NanoUsd;
use domain::permissions::Action;
use domain::users::User;
use store::presence::Presence;
use store::users::{UserFilter, by_name};
use web_ui::frame::initials;
use web_ui::markup::Markup;
use web_ui::pages::people::{People, PersonRow};
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::users;
use crate::error::ActionError;
use crate::pages::lists::Asked;
use crate::pages::names::Names;
use crate::pages::people::presence::{last_active, sign_in};
use crate::pages::visit::Visit;
use crate::pages::{PageFault, lists, roles};

pub(super) async fn show(
    visit: Visit<may::ReadUsers>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let wants_piece = visit.wants_piece;
    let page = page(visit, &asked).await?;
    let both = (|| page.render(), || page.rows_alone().render());
    lists::answer(&page.frame, wants_piece, both)
}

/// The list as it is asked for.
pub(super) async fn page(visit: Visit<may::ReadUsers>, asked: &Asked) -> Result<People, PageFault> {
    let filter = UserFilter {
        search: asked.search(),
        ..UserFilter::default()
    };
    let listed = users::list(&visit.acting, filter, &asked.sorted(by_name)).await?;
    let base = visit.frame.to("/people");
    Ok(People {
        q: asked.q.clone(),
        pager: asked.pager(visit.words(), &base, &listed, |one| one.id.to_string()),
        sorts: asked.sorts(&base),
        rows: rows(&visit, listed.items).await?,
        may_write: visit.may(Action::WriteUsers),
        dialog: Markup::default(),
        frame: visit.frame,
    })
}

async fn rows(
    visit: &Visit<may::ReadUsers>,
    listed: Vec<User>,
) -> Result<Vec<PersonRow>, ActionError> {
    if listed.is_empty() {
        return Ok(Vec::new());
    }
    let (store, words) = (visit.acting.store(), visit.words());
    let memberships = users::visible_memberships(&visit.acting, &listed).await?;
    let teams: BTreeSet<String> = memberships
        .iter()
        .filter_map(|one| one.team_id.as_ref().map(ToString::to_string))
        .collect();
    let names = Names::of(store, teams, BTreeSet::new()).await?;
    let mut held: BTreeMap<UserId, Vec<String>> = BTreeMap::new();
    for member in &memberships {
        held.entry(member.user_id.clone())
            .or_default()
            .push(role(words, member, &names));
    }
    let spent = lists::spent(visit, &listed).await?;
    let mut seen = users::presence(&visit.acting, &listed).await?;
    let each = listed.into_iter().map(|user| {
        let theirs = held.remove(&user.id).unwrap_or_default();
        let presence = seen.remove(&user.id).unwrap_or_default();
        row(visit, user, (theirs, presence), spent.as_ref())
    });
    Ok(each.collect())
}

fn row(
    visit: &Visit<may::ReadUsers>,
    user: User,
    (mut theirs, presence): (Vec<String>, Presence),
    spent: Option<&BTreeMap<String, NanoUsd>>,
) -> PersonRow {
    let words = visit.words();
    if let Some(role) = user.platform_role {
        theirs.insert(0, words.t(roles::platform_word(role)));
    }
    let email = user.email.clone().unwrap_or_default();
    let name = name(&user);
    PersonRow {
        mark: initials(&name),
        href: visit.frame.to(&format!("/people/{}", user.id)),
        email: if email == name { String::new() } else { email },
        roles: theirs,
        money: lists::cell(words, spent, (user.id.as_str(), &user.policy)),
        status: lists::status(words, user.blocked),
        last_active: last_active(visit, &presence),
        sign_in: sign_in(visit, &user, &presence),
        name,
    }
}

/// Their name, their address, or their id.
pub(in crate::pages) fn name(user: &User) -> String {
    let name = user.name.clone().or_else(|| user.email.clone());
    name.unwrap_or_else(|| user.id.to_string())
}

/// A role and where it holds.
fn role(words: Words, member: &Member, names: &Names) -> String {
    let role = words.t(roles::word(member.role));
    match &member.team_id {
        Some(_) => {
            let team = names.team(member.team_id.as_ref());
            words.with("role-in", &[("role", role.into()), ("place", team.into())])
        }
        None => role,
    }
}
