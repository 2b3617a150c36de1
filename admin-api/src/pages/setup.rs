//! `/ui/setup`: the first administrator, with the token that the first start prints.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template as _;
use domain::keys::Secret;
use serde::Deserialize;
use web_ui::pages::entry::Setup;

use crate::AdminApi;
use crate::actions::setup::{self, FirstAdministrator};
use crate::credential::anonymous;
use crate::cross_site;
use crate::error::ActionError;
use crate::pages::fault::told;
use crate::pages::form::Form;
use crate::pages::{PageFault, answers, frames};
use crate::routes::{Route, unshaped_route};

/// The routes.
pub const ROUTES: &[Route] = &[
    unshaped_route!(GET "/ui/setup" => show, anybody, "The page for the first administrator."),
    unshaped_route!(POST "/ui/setup" => complete, anybody, "Makes the first administrator."),
];

/// What the address may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    token: String,
}

async fn page(api: &AdminApi, request: &HttpRequest, typed: &Form) -> Result<Setup, PageFault> {
    Ok(Setup {
        frame: frames::bare(api, request),
        needed: setup::is_needed(&api.store).await?,
        token: typed.text("token").to_owned(),
        name: typed.text("name").to_owned(),
        email: typed.text("email").to_owned(),
        fault: None,
    })
}

async fn show(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, PageFault> {
    let mut page = page(&api, &request, &Form::default()).await?;
    page.token.clone_from(&asked.token);
    answers::page(StatusCode::OK, &page.frame, page.render())
}

async fn complete(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, PageFault> {
    cross_site::check_origin(&api, &request)?;
    let typed = Form::read(&body)?;
    let first = FirstAdministrator {
        token: Secret::new(typed.text("token")),
        email: typed.text("email").to_owned(),
        password: Secret::new(typed.raw("password")),
        name: typed.given("name"),
    };
    match setup::complete(&api, &anonymous(&api, &request), first).await {
        Ok(_made) => {
            let base = frames::base(&api);
            Ok(answers::see(&format!(
                "{base}/ui/sign-in?said=administrator"
            )))
        }
        Err(refused @ (ActionError::Unavailable(_) | ActionError::Internal(_))) => {
            Err(refused.into())
        }
        Err(refused) => {
            let mut page = page(&api, &request, &typed).await?;
            page.fault = Some(told(page.frame.words, &refused));
            answers::page(StatusCode::UNPROCESSABLE_ENTITY, &page.frame, page.render())
        }
    }
}
