//! Which organization is looked at, where somebody may see several: the address says it
//! (`?organization=`, `all` for all of them), else what was chosen before in this browser.
//!
//! It narrows lists and figures. A page of one thing shows the thing wherever it lies.

use actix_web::HttpRequest;
use actix_web::body::BoxBody;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HeaderValue, SET_COOKIE};
use actix_web::web::Query;
use domain::ids::OrganizationId;
use domain::organizations::Organization;
use domain::permissions::{Action, Place};
use domain::windows::TimeZone;
use store::organizations::by_name;
use store::page::{Listed, Page};
use web_ui::frame::{Frame, Here, NAVIGATION};
use web_ui::pages::parts::Choice;

use crate::AdminApi;
use crate::error::ActionError;
use crate::live_session::LiveSession;
use crate::pages::addresses::query;

/// As addresses say it.
pub const ASKED: &str = "organization";
/// All of them.
pub const ALL: &str = "all";
/// The browser's cookie with what was chosen.
const COOKIE: &str = "hg_org";
/// No id of an organization is longer.
const LONGEST_ID: usize = 256;
/// How many organizations the switch shows; the others are found on their own page.
const SHOWN: i64 = 12;

/// The pages that show things of organizations, and so of one alone.
const NARROWED: [&str; 9] = [
    "/ui/requests",
    "/ui/usage",
    "/ui/keys",
    "/ui/teams",
    "/ui/people",
    "/ui/budgets",
    "/ui/audit",
    "/ui/templates",
    "/ui/invitations",
];

/// The organization whose things this page shows alone.
pub fn narrowed(request: &HttpRequest, frame: &Frame) -> Option<OrganizationId> {
    let pattern = request.match_pattern()?;
    let is_list = matches!(pattern.as_str(), "/ui" | "/ui/")
        || (!pattern.contains('{') && NARROWED.iter().any(|page| pattern.starts_with(page)));
    (is_list && !frame.organization.is_empty())
        .then(|| OrganizationId::new(frame.organization.clone()))
}

/// What the address asks for. Whether that may be seen, [`choose`] says.
pub fn asked(request: &HttpRequest) -> Option<String> {
    let members = Query::<Vec<(String, String)>>::from_query(request.query_string()).ok()?;
    let found = members.into_inner().into_iter();
    let mut found = found.filter(|(name, _value)| name == ASKED);
    found.next().map(|(_name, value)| value)
}

/// Refuses an address that asks for an organization which is not to be seen here. Who sees but one
/// looks at that one, whatever the address says.
///
/// # Errors
/// [`ActionError::NotFound`], as for one that is not there.
pub fn check(request: &HttpRequest, frame: &Frame) -> Result<(), ActionError> {
    match asked(request).as_deref() {
        None | Some("" | ALL) => Ok(()),
        Some(id) if frame.looks.is_empty() || id == frame.organization => Ok(()),
        Some(id) => Err(ActionError::not_found("Organization", id)),
    }
}

/// Fills in what is looked at and what there is to choose; gives the zone of it.
///
/// # Errors
/// When the store does not answer.
pub async fn choose(
    api: &AdminApi,
    request: &HttpRequest,
    (live, frame): (&LiveSession, &mut Frame),
) -> Result<TimeZone, ActionError> {
    let scope = live.rights.scope(Action::ReadOrganizations);
    let page = Page {
        order: Some(by_name(false)),
        ..Page::first(SHOWN)
    };
    let listed = api.store.organizations(&scope, None, &page).await?;
    if listed.items.len() < 2 {
        return Ok(only(listed, frame));
    }
    let cookie = || {
        request
            .cookie(COOKIE)
            .map(|cookie| cookie.value().to_owned())
    };
    let wanted = asked(request).or_else(cookie);
    let chosen = match wanted.filter(|id| !id.is_empty() && id != ALL) {
        None => None,
        Some(id) => api.store.organization(&id).await?,
    };
    let is_seen = |one: &Organization| {
        scope.contains(&Place {
            organization_id: Some(one.id.clone()),
            ..Place::default()
        })
    };
    let chosen = chosen.filter(is_seen);
    frame.looks = looks(frame, listed.items, chosen.as_ref());
    let Some(chosen) = chosen else {
        frame.scope = frame.t("scope-all");
        frame.scope_note = frame.t("scope-platform");
        return Ok(TimeZone::default());
    };
    frame.organization = chosen.id.to_string();
    Ok(named(chosen, frame))
}

/// Where there is nothing to choose: the only one, or none.
fn only(listed: Listed<Organization>, frame: &mut Frame) -> TimeZone {
    match listed.items.into_iter().next() {
        Some(only) => named(only, frame),
        None => {
            frame.scope = frame.t("scope-all");
            frame.scope_note = frame.t("scope-platform");
            TimeZone::default()
        }
    }
}

fn named(one: Organization, frame: &mut Frame) -> TimeZone {
    frame.scope = one.name;
    frame.scope_note = frame.t("scope-organization");
    one.time_zone.parse().unwrap_or_default()
}

/// All, the chosen one, then the others by their names.
fn looks(frame: &Frame, listed: Vec<Organization>, chosen: Option<&Organization>) -> Vec<Choice> {
    let link = |id: &str, name: String, is_it: bool| Choice::of(address(frame, id), name, is_it);
    let is_listed = chosen.is_some_and(|one| listed.iter().any(|other| other.id == one.id));
    let beyond = chosen.filter(|_one| !is_listed);
    let beyond = beyond.map(|one| link(one.id.as_str(), one.name.clone(), true));
    let each = listed.into_iter().map(|one| {
        let is_it = chosen.is_some_and(|chosen| chosen.id == one.id);
        link(one.id.as_str(), one.name, is_it)
    });
    let all = link(ALL, frame.t("scope-all"), chosen.is_none());
    std::iter::once(all).chain(beyond).chain(each).collect()
}

/// The page that is open, or the overview, with another choice.
pub fn address(frame: &Frame, id: &str) -> String {
    let mut pages = NAVIGATION.iter();
    let path = match frame.here {
        Here::Elsewhere | Here::Organizations => "",
        here => pages.find(|(one, ..)| *one == here).map_or("", |one| one.1),
    };
    format!("{}{}", frame.to(path), query(&[(ASKED, id)]))
}

/// Keeps a choice that an address made, for the pages after it. Pieces and streams say for themselves
/// what they are of, and a page that was not shown chooses nothing.
pub fn keep(api: &AdminApi, mut response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let request = response.request();
    let kind = response.headers().get(CONTENT_TYPE);
    let is_page = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html"))
        && response.status().is_success()
        && request.method() == Method::GET
        && !request.headers().contains_key("hx-request");
    // An address of elsewhere may ask for anything: what is no id is not kept.
    let is_id = |id: &String| {
        id.len() <= LONGEST_ID && !id.contains(|letter: char| !letter.is_ascii_graphic())
    };
    let Some(id) = asked(request).filter(|id| is_page && is_id(id)) else {
        return response;
    };
    let base = api.settings.base();
    let path = if base.is_empty() {
        "/".to_owned()
    } else {
        base
    };
    let mut cookie = Cookie::build(COOKIE, id.clone())
        .path(path)
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish();
    if id.is_empty() || id == ALL {
        cookie.make_removal();
    }
    if let Ok(value) = HeaderValue::from_str(&cookie.encoded().to_string()) {
        response.headers_mut().append(SET_COOKIE, value);
    }
    response
}
