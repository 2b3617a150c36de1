//! Around every page: the form's token to where the check looks for it, and errors made into pages.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, web};

use crate::AdminApi;
use crate::credential::REQUEST_ID_HEADER;
use crate::cross_site::TOKEN_HEADER;
use crate::error::ActionError;
use crate::live_session;
use crate::pages::addresses::encoded;
use crate::pages::fault::{piece, shown};
use crate::pages::form::Form;
use crate::pages::{PageFault, answers, compress, frames, is_one, looking};

/// Runs around every request; other paths than the console's pass as they are.
///
/// # Errors
/// Those of the server itself.
pub async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !is_one(request.path()) {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let lifted = lift_token(&mut request).await;
    let response = match lifted {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(fault) => {
            let refused = HttpResponse::from_error(fault);
            request.into_response(refused)
        }
    };
    let fault = response
        .response()
        .error()
        .and_then(Error::as_error::<PageFault>);
    let response = match fault {
        Some(PageFault(error)) => {
            let page = page_of(response.request(), error).await;
            response.into_response(page)
        }
        None => response,
    };
    let api = response
        .request()
        .app_data::<web::Data<AdminApi>>()
        .cloned();
    let response = match api {
        Some(api) => looking::keep(&api, response),
        None => response,
    };
    compress::fitting(response).await
}

/// A form without JavaScript cannot send a header: its hidden field becomes the header that the one
/// check of a session's changes reads.
async fn lift_token(request: &mut ServiceRequest) -> Result<(), PageFault> {
    let kind = request.headers().get(CONTENT_TYPE);
    let is_form = kind
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if request.method().is_safe() || !is_form || request.headers().contains_key(TOKEN_HEADER) {
        return Ok(());
    }
    let body = request.extract::<web::Bytes>().await;
    let body = body.map_err(|_too_large| ActionError::TooLarge)?;
    let token = Form::read(&body)?.text("csrf").to_owned();
    if let Ok(token) = HeaderValue::from_str(&token)
        && !token.is_empty()
    {
        request
            .headers_mut()
            .insert(HeaderName::from_static(TOKEN_HEADER), token);
    }
    request.set_payload(Payload::from(body));
    Ok(())
}

/// The page of an error: whoever is not signed in is led to where one signs in.
async fn page_of(request: &HttpRequest, error: &ActionError) -> HttpResponse {
    let Some(api) = request.app_data::<web::Data<AdminApi>>() else {
        return HttpResponse::InternalServerError().finish();
    };
    if matches!(error, ActionError::Unauthenticated(_)) {
        return to_sign_in(api, request);
    }
    if request.headers().contains_key("hx-request") {
        return piece(error, frames::bare(api, request));
    }
    let id = request.headers().get(REQUEST_ID_HEADER);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    let live = live_session::find(api, request).await.ok().flatten();
    let framed = match &live {
        Some(live) => frames::of(api, request, live).await.ok(),
        None => None,
    };
    match framed {
        Some((frame, _zone)) => shown(error, frame, id, true),
        None => shown(error, frames::bare(api, request), id, false),
    }
}

fn to_sign_in(api: &AdminApi, request: &HttpRequest) -> HttpResponse {
    let address = format!("{}/ui/sign-in", frames::base(api));
    if request.headers().contains_key("hx-request") {
        let mut answer = HttpResponse::Unauthorized();
        // A page without a word: what has no content type is taken for a fault of the server's.
        return answer
            .insert_header(("hx-redirect", address))
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .body("");
    }
    if !request.method().is_safe() || request.uri().path() == "/ui" {
        return answers::see(&address);
    }
    let asked = request
        .uri()
        .path_and_query()
        .map_or("", |asked| asked.as_str());
    let query = encoded(asked);
    answers::see(&format!("{address}?next={query}"))
}
