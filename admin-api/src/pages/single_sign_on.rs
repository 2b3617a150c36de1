//! `/ui/sign-in/{provider}`: to an identity provider, and back. LiteLLM's paths for the same.

use actix_web::cookie::time::Duration;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template as _;
use domain::keys::Secret;
use serde::Deserialize;
use web_ui::frame::Frame;
use web_ui::pages::parts::Choice;

use crate::AdminApi;
use crate::actions::single_sign_on::{self, Arrival, Brought};
use crate::credential::arriving_browser;
use crate::error::ActionError;
use crate::identity::exchange::Answer;
use crate::identity::fault::SignInFault;
use crate::identity::flow::LIFETIME;
use crate::identity::provider::Provider;
use crate::pages::addresses::encoded;
use crate::pages::form::Form;
use crate::pages::sign_in::{ours, page};
use crate::pages::{PageFault, answers, frames};
use crate::routes::{Route, unshaped_route};
use crate::{cookies, origin};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/sign-in/{provider}" => depart, anybody, "Goes to an identity provider to sign in."),
    unshaped_route!(GET "/ui/sign-in/{provider}/callback" => arrive, anybody, "Comes back from an identity provider."),
    unshaped_route!(GET "/ui/sign-out/{provider}" => depart_for_good, anybody, "Goes to an identity provider to sign out there."),
    unshaped_route!(GET "/sso/key/generate" => depart_of_litellm, anybody, "Goes to the first identity provider to sign in."),
    unshaped_route!(GET "/sso/callback" => arrive_of_litellm, anybody, "Comes back from the identity provider of LiteLLM's settings."),
];

/// What the address may say on the way there.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    next: String,
}

/// What it says on the way back.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Came {
    code: Option<String>,
    state: String,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// The button of a provider.
pub(super) fn button(frame: &Frame, provider: &Provider, next: &str) -> Choice {
    let settings = &provider.settings;
    let mut href = frame.to(&format!("/sign-in/{}", settings.name));
    if !next.is_empty() {
        href.push_str("?next=");
        href.push_str(&encoded(next));
    }
    let label = frame
        .words
        .with("sign-in-with", &[("provider", (&settings.title).into())]);
    Choice::of(href, label, false)
}

/// The button with which one signs out at a provider too.
pub(super) fn sign_out_button(frame: &Frame, provider: &Provider) -> Choice {
    let settings = &provider.settings;
    let href = frame.to(&format!("/sign-out/{}", settings.name));
    let told = [("provider", (&settings.title).into())];
    Choice::of(href, frame.words.with("sign-out-at", &told), false)
}

async fn depart_for_good(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    name: web::Path<String>,
) -> Result<HttpResponse, PageFault> {
    let back = format!("{}/ui/sign-in", origin::of_console(&api, &request));
    let address = async {
        let provider = single_sign_on::provider(&api, &name)?;
        single_sign_on::sign_out_address(provider, &back).await
    };
    match address.await {
        Ok(address) => Ok(answers::see(&address)),
        Err(fault) => refused(&api, &request, fault).await,
    }
}

/// Where the provider sends the browser back to.
fn redirect_uri(api: &AdminApi, request: &HttpRequest, provider: &Provider) -> String {
    let path = if provider.settings.is_litellms {
        "/sso/callback".to_owned()
    } else {
        format!("/ui/sign-in/{}/callback", provider.settings.name)
    };
    format!("{}{path}", origin::of_console(api, request))
}

async fn depart(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    name: web::Path<String>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    to_provider(&api, &request, &name, &asked.next).await
}

async fn depart_of_litellm(
    api: web::Data<AdminApi>,
    request: HttpRequest,
) -> Result<HttpResponse, PageFault> {
    let first = api.settings.sign_in.providers().first();
    let name = first.map_or("", |provider| provider.settings.name.as_str());
    to_provider(&api, &request, name, "").await
}

async fn to_provider(
    api: &AdminApi,
    request: &HttpRequest,
    name: &str,
    next: &str,
) -> Result<HttpResponse, PageFault> {
    let next = ours(next).unwrap_or_default();
    let departed = async {
        let provider = single_sign_on::provider(api, name)?;
        let back = redirect_uri(api, request, provider);
        single_sign_on::depart(api, provider, next, &back).await
    };
    match departed.await {
        Ok(departure) => {
            let mut response = answers::see(&departure.address);
            let lifetime = i64::try_from(LIFETIME.as_secs()).unwrap_or_default();
            let lifetime = Duration::seconds(lifetime);
            with(
                &mut response,
                &cookies::set_flow(api, request, &departure.cookie, lifetime),
            )?;
            Ok(response)
        }
        Err(fault) => refused(api, request, fault).await,
    }
}

async fn arrive(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    name: web::Path<String>,
    came: web::Query<Came>,
) -> Result<HttpResponse, PageFault> {
    from_provider(&api, &request, &name, came.into_inner()).await
}

async fn arrive_of_litellm(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    came: web::Query<Came>,
) -> Result<HttpResponse, PageFault> {
    let mut providers = api.settings.sign_in.providers().iter();
    let theirs = providers.find(|provider| provider.settings.is_litellms);
    let name = theirs.map_or("", |provider| provider.settings.name.as_str());
    from_provider(&api, &request, name, came.into_inner()).await
}

async fn from_provider(
    api: &AdminApi,
    request: &HttpRequest,
    name: &str,
    came: Came,
) -> Result<HttpResponse, PageFault> {
    let mut response = match arrived(api, request, name, came).await {
        Ok(Arrival { begun, next }) => {
            let next = ours(&next).unwrap_or("/ui");
            let mut response = answers::see(&format!("{}{next}", frames::base(api)));
            with(&mut response, &cookies::set(api, request, &begun.cookie))?;
            response
        }
        Err(fault) => refused(api, request, fault).await?,
    };
    let over = cookies::set_flow(api, request, &Secret::new(""), Duration::ZERO);
    with(&mut response, &over)?;
    Ok(response)
}

async fn arrived(
    api: &AdminApi,
    request: &HttpRequest,
    name: &str,
    came: Came,
) -> Result<Arrival, SignInFault> {
    let provider = single_sign_on::provider(api, name)?;
    let browser = arriving_browser(api, request).await?;
    let cookie = cookies::given_flow(api, request);
    let back = redirect_uri(api, request, provider);
    let brought = Brought {
        cookie: cookie.as_ref().map(Secret::expose),
        state: &came.state,
        answer: Answer {
            code: came.code,
            issuer: came.iss,
            error: came.error,
            description: came.error_description,
        },
        redirect_uri: &back,
    };
    single_sign_on::arrive(api, &browser, provider, brought).await
}

fn with(
    response: &mut HttpResponse,
    cookie: &actix_web::cookie::Cookie<'_>,
) -> Result<(), ActionError> {
    let added = response.add_cookie(cookie);
    added.map_err(|fault| ActionError::Internal(fault.to_string()))
}

/// The page on which one signs in, saying why it was for nothing.
async fn refused(
    api: &AdminApi,
    request: &HttpRequest,
    fault: SignInFault,
) -> Result<HttpResponse, PageFault> {
    if let SignInFault::Action(error @ (ActionError::Unavailable(_) | ActionError::Internal(_))) =
        fault
    {
        return Err(error.into());
    }
    let (status, code) = fault.status_and_code();
    let mut page = page(api, request, &Form::default()).await?;
    page.fault = Some(fault.to_string());
    page.code = code;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    answers::page(status, &page.frame, page.render())
}
