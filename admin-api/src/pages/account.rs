//! `/ui/account`: one's own sessions, password and preferences; `/ui/help`: what keys do.

use std::borrow::Cow;

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template as _;
use domain::keys::Secret;
use domain::windows::TimeZone;
use web_ui::pages::own::{Account, Help, SessionRow};
use web_ui::pages::parts::Choice;
use web_ui::words::{Language, Words};

use crate::acting::may;
use crate::actions::sessions;
use crate::cookies;
use crate::credential::browser;
use crate::error::ActionError;
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, frames, single_sign_on};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/account" => show, Myself, "One's own account."),
    unshaped_route!(POST "/ui/account/preferences" => prefer, Myself, "Sets theme, density, time zone and shortcuts of this browser."),
    unshaped_route!(POST "/ui/account/password" => password, Myself, "Changes one's own password."),
    unshaped_route!(POST "/ui/account/sign-out-everywhere" => end_all, Myself, "Signs out everywhere."),
    unshaped_route!(GET "/ui/help" => help, Myself, "What keys do."),
];

/// So much of a browser's name is shown.
const LONGEST_NAME: usize = 70;

type Own = Visit<may::Myself>;

async fn page(
    visit: Own,
    chosen: Option<Language>,
    fault: Option<String>,
) -> Result<Account, PageFault> {
    let words = visit.words();
    let current = sessions::current(&visit.acting.actor);
    let listed = sessions::own(&visit.acting).await?;
    let each = listed.into_iter().map(|one| SessionRow {
        current: current == Some(&one.id),
        browser: browser_name(words, one.user_agent),
        address: one.address.unwrap_or_default(),
        since: visit.clock.exact(one.created_at),
        seen: visit.clock.ago(one.last_seen_at),
    });
    let themes = [
        ("system", "theme-system"),
        ("light", "theme-light"),
        ("dark", "theme-dark"),
    ];
    let themes = themes
        .into_iter()
        .map(|(word, text)| Choice::of(word, words.t(text), word == visit.frame.theme));
    let on = visit.frame.shortcuts;
    let wide = visit.frame.comfortable;
    Ok(Account {
        languages: languages(words, chosen),
        themes: themes.collect(),
        densities: vec![
            Choice::of("compact", words.t("density-compact"), !wide),
            Choice::of("comfortable", words.t("density-comfortable"), wide),
        ],
        zone: visit
            .clock
            .own
            .as_ref()
            .map(|zone| zone.name().to_owned())
            .unwrap_or_default(),
        zone_fault: None,
        keys: vec![
            Choice::of("on", words.t("shortcuts-on"), on),
            Choice::of("off", words.t("shortcuts-off"), !on),
        ],
        providers: visit
            .acting
            .api()
            .settings
            .sign_in
            .providers()
            .iter()
            .map(|provider| single_sign_on::button(&visit.frame, provider, "/ui/account"))
            .collect(),
        has_password: visit.acting.actor.rights.user_id.is_some()
            && visit.acting.api().settings.sign_in.password,
        fault,
        sessions: each.collect(),
        frame: visit.frame,
    })
}

/// The languages, each in its own; before them, that the browser decides.
fn languages(words: Words, chosen: Option<Language>) -> Vec<Choice> {
    let browser = Choice {
        note: words.language.tag().to_owned(),
        ..Choice::of("", words.t("language-browser"), chosen.is_none())
    };
    let each = Language::ALL.iter().map(|one| Choice {
        note: one.tag().to_owned(),
        ..Choice::of(one.tag(), one.name(), chosen == Some(*one))
    });
    std::iter::once(browser).chain(each).collect()
}

/// As much of what a browser calls itself as tells it from others.
fn browser_name(words: Words, name: Option<String>) -> String {
    let Some(name) = name else {
        return words.t("browser-unknown");
    };
    match name.char_indices().nth(LONGEST_NAME) {
        Some((end, _letter)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name,
    }
}

async fn show(visit: Own, request: HttpRequest) -> Result<HttpResponse, PageFault> {
    let page = page(visit, frames::chosen_language(&request), None).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

/// A cookie that pages and `app.js` read; it says nothing of who one is.
fn preference(
    visit: &Own,
    name: &'static str,
    value: impl Into<Cow<'static, str>>,
) -> Cookie<'static> {
    let path = if visit.frame.base.is_empty() {
        "/".to_owned()
    } else {
        visit.frame.base.clone()
    };
    Cookie::build(name, value)
        .path(path)
        .max_age(Duration::days(365))
        .same_site(SameSite::Lax)
        .finish()
}

fn with(response: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<(), ActionError> {
    let added = response.add_cookie(cookie);
    added.map_err(|fault| ActionError::Internal(fault.to_string()))
}

async fn prefer(visit: Own, body: web::Bytes) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let theme = match typed.text("theme") {
        "light" => "light",
        "dark" => "dark",
        _ => "system",
    };
    let keys = if typed.text("keys") == "off" {
        "off"
    } else {
        "on"
    };
    let density = match typed.text("density") {
        "comfortable" => "comfortable",
        _ => "compact",
    };
    let zone = match typed.text("zone") {
        "" => String::new(),
        name => match name.parse::<TimeZone>() {
            Ok(zone) => zone.name().to_owned(),
            Err(none) => {
                let name = name.to_owned();
                let chosen = Language::of(typed.text("language"));
                let mut page = page(visit, chosen, None).await?;
                page.zone = name;
                page.zone_fault = Some(none.to_string());
                return answers::page(StatusCode::UNPROCESSABLE_ENTITY, &page.frame, page.render());
            }
        },
    };
    let mut response = visit.done("/account", "saved");
    with(&mut response, &preference(&visit, "hg_theme", theme))?;
    with(&mut response, &preference(&visit, "hg_density", density))?;
    with(&mut response, &preference(&visit, "hg_zone", zone))?;
    with(&mut response, &preference(&visit, "hg_keys", keys))?;
    let language = Language::of(typed.text("language"));
    let mut cookie = preference(&visit, "hg_lang", language.map_or("", Language::tag));
    if language.is_none() {
        cookie.make_removal();
    }
    with(&mut response, &cookie)?;
    Ok(response)
}

async fn password(
    visit: Own,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let typed = Form::read(&body)?;
    let api = visit.acting.api();
    let browser = browser(api, &request).await?;
    let (now, new) = (
        Secret::new(typed.raw("current")),
        Secret::new(typed.raw("new")),
    );
    match sessions::change_password(&visit.acting, &browser, now, new).await {
        Ok(begun) => {
            let mut response = visit.done("/account", "password-changed");
            if let Some(begun) = &begun {
                with(&mut response, &cookies::set(api, &request, &begun.cookie))?;
            }
            Ok(response)
        }
        Err(refused @ (ActionError::Unavailable(_) | ActionError::Internal(_))) => {
            Err(refused.into())
        }
        Err(refused) => {
            let chosen = frames::chosen_language(&request);
            let why = told(visit.words(), &refused);
            let page = page(visit, chosen, Some(why)).await?;
            answers::page(StatusCode::UNPROCESSABLE_ENTITY, &page.frame, page.render())
        }
    }
}

async fn end_all(visit: Own, request: HttpRequest) -> Result<HttpResponse, PageFault> {
    sessions::sign_out_everywhere(&visit.acting).await?;
    let mut response = visit.done("/sign-in", "signed-out");
    with(
        &mut response,
        &cookies::cleared(visit.acting.api(), &request),
    )?;
    Ok(response)
}

/// Keys of single pages, and what they do.
const KEYS: [(&str, &str); 9] = [
    ("c", "keys-create"),
    ("/", "filter-list"),
    ("e", "key-edit"),
    ("r", "key-rotate"),
    ("b", "key-block"),
    ("]", "page-next"),
    ("[", "page-first"),
    ("j", "shortcut-next"),
    ("k", "shortcut-previous"),
];

async fn help(visit: Own) -> Result<HttpResponse, PageFault> {
    let words = visit.words();
    let keys = KEYS
        .iter()
        .map(|(key, text)| Choice::of(*key, words.t(text), false));
    let page = Help {
        keys: keys.collect(),
        frame: visit.frame,
    };
    answers::page(StatusCode::OK, &page.frame, page.render())
}
