//! `/ui/people`, `/ui/orgs`: who is here, as what, and what they spend.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template as _;
use domain::ids::UserId;
use domain::members::Member;
use domain::money::NanoUsd;
use domain::permissions::{Action, PlatformRole, Role};
use domain::users::User;
use serde::Deserialize;
use store::page::Page;
use store::users::UserFilter;
use web_ui::figures::money;
use web_ui::frame::initials;
use web_ui::markup::{Tone, badge};
use web_ui::pages::people::{OrganizationRow, Organizations, People, PersonRow};
use web_ui::words::Words;

use crate::acting::may;
use crate::actions::{organizations, spend, users};
use crate::error::ActionError;
use crate::pages::addresses::{pager, query};
use crate::pages::keys::{bar, of_limit};
use crate::pages::names::Names;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/people" => people, ReadUsers, "People, filtered and paged."),
    unshaped_route!(GET "/ui/orgs" => all_organizations, ReadOrganizations, "Organizations."),
];

/// How many a page shows.
const SHOWN: i64 = 50;

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    after: String,
}

impl Asked {
    fn page(&self) -> Page {
        Page {
            after: Some(self.after.clone()).filter(|after| !after.is_empty()),
            count: true,
            ..Page::first(SHOWN)
        }
    }
}

async fn people(
    visit: Visit<may::ReadUsers>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let search = Some(asked.q.trim().to_owned()).filter(|q| !q.is_empty());
    let filter = UserFilter {
        search,
        ..UserFilter::default()
    };
    let listed = users::list(&visit.acting, filter, &asked.page()).await?;
    let next = listed
        .items
        .last()
        .filter(|_| listed.more)
        .map(|one| one.id.to_string());
    let base = visit.frame.to("/people");
    let address = |after: &str| format!("{base}{}", query(&[("q", &asked.q), ("after", after)]));
    let shown = (listed.items.len(), listed.total);
    let wants_piece = visit.wants_piece;
    let page = People {
        q: asked.q.clone(),
        pager: pager(visit.words(), shown, address, (&asked.after, next)),
        rows: rows(&visit, listed.items).await?,
        frame: visit.frame,
    };
    let rendered = if wants_piece {
        page.rows_alone().render()
    } else {
        page.render()
    };
    answers::page(StatusCode::OK, &page.frame, rendered)
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
    let mut roles: BTreeMap<UserId, Vec<String>> = BTreeMap::new();
    for member in &memberships {
        roles
            .entry(member.user_id.clone())
            .or_default()
            .push(role(words, member, &names));
    }
    let spent: BTreeMap<String, _> = match visit.may(Action::ReadSpend) {
        true => spend::shown(store, &listed)
            .await?
            .into_iter()
            .map(|(scope, sum)| (scope.id, sum))
            .collect(),
        false => BTreeMap::new(),
    };
    let each = listed.into_iter().map(|user| {
        let theirs = roles.remove(&user.id).unwrap_or_default();
        let sum = spent.get(user.id.as_str()).copied().unwrap_or_default();
        row(visit, user, theirs, sum)
    });
    Ok(each.collect())
}

fn row(
    visit: &Visit<may::ReadUsers>,
    user: User,
    mut theirs: Vec<String>,
    sum: NanoUsd,
) -> PersonRow {
    let words = visit.words();
    match user.platform_role {
        Some(PlatformRole::PlatformAdmin) => theirs.insert(0, words.t("role-platform-admin")),
        Some(PlatformRole::PlatformAuditor) => theirs.insert(0, words.t("role-platform-auditor")),
        None => {}
    }
    let budget = user.policy.hard_budget();
    let email = user.email.clone().unwrap_or_default();
    let name = user.name.clone().or(user.email);
    let name = name.unwrap_or_else(|| user.id.to_string());
    let (tone, state) = match user.blocked {
        true => (Tone::Danger, "state-blocked"),
        false => (Tone::Ok, "state-active"),
    };
    PersonRow {
        mark: initials(&name),
        href: visit
            .frame
            .to(&format!("/requests?q=user:{}&r=7d", user.id)),
        email: if email == name { String::new() } else { email },
        roles: theirs,
        spent: money(words, sum, 2),
        limit: budget
            .map(|budget| of_limit(words, budget))
            .unwrap_or_default(),
        bar: budget.map(|budget| bar(words, sum, budget.limit_nanousd)),
        status: badge(tone, &words.t(state)),
        created: visit.clock.date(user.stamps.created_at),
        name,
    }
}

/// A role and where it holds.
fn role(words: Words, member: &Member, names: &Names) -> String {
    let role = words.t(match member.role {
        Role::OrganizationAdmin => "role-organization-admin",
        Role::TeamAdmin => "role-team-admin",
        Role::Member => "role-member",
        Role::Viewer => "role-viewer",
    });
    match &member.team_id {
        Some(_) => {
            let team = names.team(member.team_id.as_ref());
            words.with("role-in", &[("role", role.into()), ("place", team.into())])
        }
        None => role,
    }
}

async fn all_organizations(
    visit: Visit<may::ReadOrganizations>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let listed = organizations::list(&visit.acting, None, &asked.page()).await?;
    let next = listed
        .items
        .last()
        .filter(|_| listed.more)
        .map(|one| one.id.to_string());
    let base = visit.frame.to("/orgs");
    let address = |after: &str| format!("{base}{}", query(&[("after", after)]));
    let shown = (listed.items.len(), listed.total);
    let pager = pager(words, shown, address, (&asked.after, next));
    let sees_spend = visit.may(Action::ReadSpend);
    let spent = spend::shown(visit.acting.store(), &listed.items).await?;
    let spent: BTreeMap<String, _> = spent
        .into_iter()
        .map(|(scope, sum)| (scope.id, sum))
        .collect();
    let rows = listed.items.into_iter().map(|one| {
        let sum = spent.get(one.id.as_str()).copied().unwrap_or_default();
        let budget = one.policy.hard_budget().filter(|_| sees_spend);
        let state = if one.blocked {
            (Tone::Danger, "state-blocked")
        } else {
            (Tone::Ok, "state-active")
        };
        OrganizationRow {
            mark: initials(&one.name),
            id: one.id.to_string(),
            zone: one.time_zone,
            spent: if sees_spend {
                money(words, sum, 2)
            } else {
                "—".to_owned()
            },
            limit: budget
                .map(|budget| of_limit(words, budget))
                .unwrap_or_default(),
            bar: budget.map(|budget| bar(words, sum, budget.limit_nanousd)),
            status: badge(state.0, &words.t(state.1)),
            name: one.name,
        }
    });
    let page = Organizations {
        rows: rows.collect(),
        pager,
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &page.frame, page.render())
}
