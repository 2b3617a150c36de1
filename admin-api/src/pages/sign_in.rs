//! `/ui/sign-in`, `/ui/sign-out`.

use actix_web::http::StatusCode;
use actix_web::http::header::HOST;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template as _;
use domain::keys::Secret;
use serde::Deserialize;
use web_ui::pages::entry::SignIn;

use crate::AdminApi;
use crate::acting::may;
use crate::actions::sign_in::{self, SignIn as Given};
use crate::actions::single_sign_on::may_sign_out_at;
use crate::actions::{sessions, setup};
use crate::credential::browser;
use crate::error::ActionError;
use crate::pages::addresses::encoded;
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::visit::Visit;
use crate::pages::{PageFault, answers, frames, is_one, single_sign_on};
use crate::routes::{Route, unshaped_route};
use crate::{cookies, live_session};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/sign-in" => show, anybody, "The page on which one signs in."),
    unshaped_route!(POST "/ui/sign-in" => begin, anybody, "Signs in."),
    unshaped_route!(POST "/ui/sign-out" => end, Myself, "Signs out here."),
];

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    next: String,
    /// The provider of whoever has just signed out.
    at: String,
}

/// A page of ours, and nothing else.
pub(super) fn ours(next: &str) -> Option<&str> {
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let is_plain = !next.contains(['\\', '\r', '\n']) && next.is_ascii();
    (is_plain && is_one(path) && path != "/ui/sign-in").then_some(next)
}

/// The page, with what was typed.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn page(
    api: &AdminApi,
    request: &HttpRequest,
    typed: &Form,
) -> Result<SignIn, PageFault> {
    let host = request.headers().get(HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let next = ours(typed.text("next")).unwrap_or_default();
    let frame = frames::bare(api, request);
    let signs_out_at = api.settings.sign_in.provider(typed.text("at"));
    let providers = api.settings.sign_in.providers().iter();
    let providers = providers.map(|provider| single_sign_on::button(&frame, provider, next));
    Ok(SignIn {
        signs_out_at: signs_out_at
            .map(|provider| single_sign_on::sign_out_button(&frame, provider)),
        providers: providers.collect(),
        password: api.settings.sign_in.password,
        code: "",
        frame,
        host: host.to_owned(),
        next: next.to_owned(),
        email: typed.text("email").to_owned(),
        fault: None,
        with_key: !typed.raw("master_key").is_empty(),
        insecure: !cookies::is_https(api, request) && !cookies::is_near(api, request),
        setup_needed: setup::is_needed(&api.store).await?,
    })
}

async fn show(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    if live_session::find(&api, &request).await?.is_some() {
        let base = frames::base(&api);
        return Ok(answers::see(&format!(
            "{base}{}",
            ours(&asked.next).unwrap_or("/ui")
        )));
    }
    let Asked { next, at } = asked.into_inner();
    let said = Form::of(vec![("next".to_owned(), next), ("at".to_owned(), at)]);
    let page = page(&api, &request, &said).await?;
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn begin(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    let browser = browser(&api, &request).await?;
    let typed = Form::read(&body)?;
    match sign_in::sign_in(&api, &browser, given(&typed)).await {
        Ok(begun) => {
            let next = ours(typed.text("next")).unwrap_or("/ui");
            let mut response = answers::see(&format!("{}{next}", frames::base(&api)));
            let cookie = cookies::set(&api, &request, &begun.cookie);
            response
                .add_cookie(&cookie)
                .map_err(|fault| ActionError::Internal(fault.to_string()))?;
            Ok(response)
        }
        Err(refused @ (ActionError::Unavailable(_) | ActionError::Internal(_))) => {
            Err(refused.into())
        }
        Err(refused) => {
            let (status, _kind, _code) = refused.status_and_code();
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            let mut page = page(&api, &request, &typed).await?;
            page.fault = Some(told(page.frame.words, &refused));
            answers::page(status, &page.frame, page.render())
        }
    }
}

fn given(typed: &Form) -> Given {
    let key = typed.raw("master_key");
    if key.is_empty() {
        return Given::Person {
            email: typed.text("email").to_owned(),
            password: Secret::new(typed.raw("password")),
        };
    }
    Given::Operator {
        master_key: Secret::new(key.trim()),
    }
}

async fn end(visit: Visit<may::Myself>, request: HttpRequest) -> Result<HttpResponse, PageFault> {
    sessions::sign_out(&visit.acting).await?;
    let user = visit.acting.actor.rights.user_id.as_ref();
    let provider = may_sign_out_at(visit.acting.api(), user).await?;
    let to = match provider {
        Some(provider) => format!("/sign-in?at={}", encoded(&provider.settings.name)),
        None => "/sign-in".to_owned(),
    };
    let mut response = visit.done(&to, "signed-out");
    let cookie = cookies::cleared(visit.acting.api(), &request);
    response
        .add_cookie(&cookie)
        .map_err(|fault| ActionError::Internal(fault.to_string()))?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_pages_of_ours_only() {
        assert_eq!(ours("/ui/keys?team=a"), Some("/ui/keys?team=a"));
        for other in [
            "//evil.example",
            "/ui.evil",
            "https://evil.example",
            "/api/v1/keys",
            "/ui\\x",
            "",
        ] {
            assert_eq!(ours(other), None, "{other}");
        }
    }
}
