//! `/login`, `/v2/login`: LiteLLM's way to sign in, as a form or as JSON.

use actix_web::http::header::{ACCEPT, CONTENT_TYPE, LOCATION};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use crate::actions::sign_in::{SignIn, sign_in};
use crate::api::secret_text::SecretText;
use crate::credential::{browser, is_master_key};
use crate::error::{ActionError, Envelope};
use crate::routes::{Route, litellm_route};
use crate::{AdminApi, cookies};

/// The routes.
pub const ROUTES: &[Route] = &[
    litellm_route!(POST "/login" => login, anybody, "Signs in to the console with a form."),
    litellm_route!(POST "/v2/login" => login, anybody, "Signs in to the console."),
];

/// Where the console is.
const CONSOLE: &str = "/ui/";

#[derive(Deserialize)]
struct Login {
    username: String,
    password: SecretText,
}

async fn login(
    api: web::Data<AdminApi>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse, Envelope> {
    let Login { username, password } = read(&request, &body)?;
    let browser = browser(&api, &request).await?;
    // LiteLLM's administrator is called `admin`, and the master key is their password.
    let given = if username == "admin" || is_master_key(&api, password.0.expose()) {
        SignIn::Operator {
            master_key: password.0,
        }
    } else {
        SignIn::Person {
            email: username,
            password: password.0,
        }
    };
    let begun = sign_in(&api, &browser, given).await?;
    let cookie = cookies::set(&api, &request, &begun.cookie);
    let console = format!("{}{CONSOLE}", api.settings.address());
    let wants_a_page = request
        .headers()
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if wants_a_page {
        return Ok(HttpResponse::SeeOther()
            .cookie(cookie)
            .insert_header((LOCATION, format!("{}{CONSOLE}", api.settings.base())))
            .finish());
    }
    Ok(HttpResponse::Ok()
        .cookie(cookie)
        .json(json!({"redirect_url": console})))
}

fn read(request: &HttpRequest, body: &[u8]) -> Result<Login, ActionError> {
    let wrong = || ActionError::invalid("body", "Send `username` and `password`.");
    let content_type = request.headers().get(CONTENT_TYPE);
    let is_json = content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"));
    if is_json {
        return serde_json::from_slice(body).map_err(|_mismatch| wrong());
    }
    let form = std::str::from_utf8(body).map_err(|_no_text| wrong())?;
    web::Query::<Login>::from_query(form)
        .map(web::Query::into_inner)
        .map_err(|_mismatch| wrong())
}
