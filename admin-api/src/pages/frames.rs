//! What is around a page, for a request: who, where, theme, language, nonce.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::web::Query;
use domain::hex;
use domain::permissions::{Action, PlatformRole, Reach, Rights, Role};
use domain::randomness::random_bytes;
use domain::windows::TimeZone;
use web_ui::frame::{Frame, Here, NAVIGATION, initials};
use web_ui::words::{Language, Words};

use crate::AdminApi;
use crate::error::ActionError;
use crate::live_session::LiveSession;
use crate::pages::looking;
use crate::{cookies, cross_site};

/// Where the console lies below its host.
pub fn base(api: &AdminApi) -> String {
    api.settings.base()
}

/// For nobody who is known.
pub fn bare(api: &AdminApi, request: &HttpRequest) -> Frame {
    let theme = request.cookie("hg_theme");
    let words = Words {
        language: language(api, request),
    };
    Frame {
        words,
        base: base(api),
        // Without randomness nothing of the page runs, which is safe.
        nonce: random_bytes::<16>().map_or_else(|_none| String::new(), |bytes| hex::encode(&bytes)),
        theme: match theme.as_ref().map(|cookie| cookie.value()) {
            Some("light") => "light",
            Some("dark") => "dark",
            _ => "system",
        },
        shortcuts: request
            .cookie("hg_keys")
            .is_none_or(|cookie| cookie.value() != "off"),
        comfortable: request
            .cookie("hg_density")
            .is_some_and(|cookie| cookie.value() == "comfortable"),
        said: said(words, request),
        ..Frame::default()
    }
}

/// The zone in which this browser's person reads times, where they chose one.
pub fn own_zone(request: &HttpRequest) -> Option<TimeZone> {
    request.cookie("hg_zone")?.value().parse().ok()
}

/// In which language somebody reads: the one that they chose, else what their browser asks for, else
/// the operator's.
fn language(api: &AdminApi, request: &HttpRequest) -> Language {
    if let Some(chosen) = chosen_language(request) {
        return chosen;
    }
    let usual = api.settings.language;
    let asked = request.headers().get(ACCEPT_LANGUAGE);
    let asked = asked
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    Language::asked(asked, usual).unwrap_or(usual)
}

/// The language that somebody chose for this browser.
pub fn chosen_language(request: &HttpRequest) -> Option<Language> {
    let cookie = request.cookie("hg_lang")?;
    Language::of(cookie.value())
}

/// What was done before this page: the address names a text of the catalogue, and no other.
fn said(words: Words, request: &HttpRequest) -> Option<String> {
    let members = Query::<Vec<(String, String)>>::from_query(request.query_string()).ok()?;
    let (_name, word) = members.iter().find(|(name, _value)| name == "said")?;
    let id = format!("said-{word}");
    words.has(&id).then(|| words.t(&id))
}

/// For who is signed in, with the zone of what they look at.
///
/// # Errors
/// When the store does not answer.
pub async fn of(
    api: &AdminApi,
    request: &HttpRequest,
    live: &LiveSession,
) -> Result<(Frame, TimeZone), ActionError> {
    let mut frame = bare(api, request);
    let token = cookies::given(api, request).map(|cookie| cross_site::token_of(&cookie));
    frame.csrf = token
        .map(|token| token.expose().to_owned())
        .unwrap_or_default();
    let user = match &live.session.user_id {
        Some(id) => api.store.user(id.as_str()).await?,
        None => None,
    };
    frame.person = match user {
        Some(user) => user
            .name
            .or(user.email)
            .unwrap_or_else(|| user.id.to_string()),
        None => frame.t("person-operator"),
    };
    frame.initials = initials(&frame.person);
    frame.role = frame.t(role(&live.rights));
    frame.here = here(request.path());
    frame.may_create_keys = live.rights.reach(Action::WriteKeys) > Reach::Nothing;
    frame.fill_navigation(|page| is_shown(&live.rights, page));
    let zone = looking::choose(api, request, (live, &mut frame)).await?;
    Ok((frame, zone))
}

fn role(rights: &Rights) -> &'static str {
    match rights.platform {
        Some(PlatformRole::PlatformAdmin) => return "role-platform-admin",
        Some(PlatformRole::PlatformAuditor) => return "role-platform-auditor",
        None => {}
    }
    let has = |role: Role| rights.grants.iter().any(|grant| grant.role == role);
    if has(Role::OrganizationAdmin) {
        "role-organization-admin"
    } else if has(Role::TeamAdmin) {
        "role-team-admin"
    } else if has(Role::Member) {
        "role-member"
    } else if has(Role::Viewer) {
        "role-viewer"
    } else {
        "role-none"
    }
}

/// The page of the navigation that a path belongs to: the longest that it begins with.
fn here(path: &str) -> Here {
    let rest = path
        .strip_prefix("/ui")
        .unwrap_or_default()
        .trim_end_matches('/');
    let mut found = NAVIGATION.iter().filter(|(_here, page, ..)| {
        !page.is_empty()
            && rest
                .strip_prefix(page)
                .is_some_and(|more| more.is_empty() || more.starts_with('/'))
    });
    let overview = if rest.is_empty() {
        Here::Overview
    } else {
        Here::Elsewhere
    };
    found.next().map_or(overview, |(here, ..)| *here)
}

/// Whether somebody may open a page at all.
fn is_shown(rights: &Rights, page: Here) -> bool {
    let needed = match page {
        Here::Elsewhere => return false,
        Here::Overview | Here::Requests | Here::Usage | Here::Budgets => Action::ReadSpend,
        Here::Keys => Action::ReadKeys,
        Here::Teams => Action::ReadTeams,
        Here::People => Action::ReadUsers,
        Here::Organizations => {
            return rights.reach(Action::ReadOrganizations) == Reach::Everything;
        }
        Here::Models => Action::ReadDeployments,
        Here::Audit => Action::ReadAudit,
        Here::Settings => Action::ReadSettings,
    };
    rights.reach(needed) > Reach::Nothing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_belongs_to_its_page_of_the_navigation() {
        assert_eq!(here("/ui"), Here::Overview);
        assert_eq!(here("/ui/"), Here::Overview);
        assert_eq!(here("/ui/keys/key_1/edit"), Here::Keys);
        assert_eq!(here("/ui/keysets"), Here::Elsewhere);
    }
}
