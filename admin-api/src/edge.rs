//! Around every request: its id, the headers that every answer has, errors in the dialect of the
//! path, and no answer to a change before data planes follow it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError, rt, web};
use domain::directory::Revision;
use domain::ids::RequestId;
use domain::randomness::random_bytes;
use domain::time::TimestampMs;

use crate::AdminApi;
use crate::credential::REQUEST_ID_HEADER;
use crate::error::{ActionError, Envelope, Problem};
use crate::pages::{self, PageFault};

/// The revision that a change has made, or a later one.
pub const REVISION_HEADER: &str = "x-headgate-revision";

/// Within what a change holds everywhere, when it does not yet hold here.
pub const ENFORCED_HEADER: &str = "x-headgate-enforced-within-ms";

/// Data planes elsewhere ask each second.
const ENFORCED_WITHIN: Duration = Duration::from_secs(2);

/// What every answer says to browsers: nobody keeps it, frames it, guesses its kind or is told where
/// one came from. A page says more of its own.
const ALWAYS: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-frame-options", "DENY"),
    (
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    ),
];

/// Runs around every request.
///
/// # Errors
/// Those of the server itself.
pub async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let api = request.app_data::<web::Data<AdminApi>>().cloned();
    let trusted = api
        .as_ref()
        .is_some_and(|api| api.settings.peer_from_header);
    let id = request_id(request.headers_mut(), trusted);
    if request.uri().to_string().contains("%00") {
        let message = "The address has the character NUL (%00). Leave it out.";
        let refused = answer(request.request(), ActionError::invalid("query", message));
        return Ok(request.into_response(refused));
    }
    let metrics = api.as_ref().map(|api| Arc::clone(&api.metrics));
    let underway = metrics.as_ref().map(|metrics| metrics.begun());
    let begun = Instant::now();
    let is_change = changes_something(request.method());
    // What was begun is done to its end, whether or not its caller stays: no half of a change, and
    // no query that is given up (SQLite's connections do not survive that on this kind of runtime).
    let done = rt::spawn(next.call(request)).await;
    let response = done.map_err(ErrorInternalServerError)??;
    let mut response = in_dialect(response.map_into_boxed_body());
    if let Some(api) = api.filter(|_| is_change && is_done(response.status())) {
        settle(&api, response.headers_mut()).await;
    }
    if let Some(metrics) = metrics {
        let status = response.status().as_u16();
        metrics.answered(response.request(), status, begun.elapsed());
    }
    drop(underway);
    finish(response.headers_mut(), &id);
    Ok(response)
}

/// A page leads on to another one when its change was made.
fn is_done(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::SEE_OTHER
}

fn changes_something(method: &Method) -> bool {
    !method.is_safe()
}

/// The id that the data plane gave, or one of ours; whoever speaks to us directly does not choose it.
fn request_id(headers: &mut HeaderMap, trusted: bool) -> HeaderValue {
    let name = HeaderName::from_static(REQUEST_ID_HEADER);
    if let Some(given) = headers.get(&name).filter(|_| trusted) {
        return given.clone();
    }
    let random = random_bytes::<16>().map_or(0, u128::from_le_bytes);
    let id = RequestId::new(TimestampMs::now(), random);
    let value = HeaderValue::from_str(id.as_str());
    let value = value.unwrap_or_else(|_not_ascii| HeaderValue::from_static("req_unknown"));
    headers.insert(name, value.clone());
    value
}

/// Waits until the data plane of this process serves by the newest change that was made here, and
/// those of a fleet know what was taken away by it.
async fn settle(api: &AdminApi, headers: &mut HeaderMap) {
    let newest = api.store.propagation.newest();
    if newest == Revision::default() {
        return;
    }
    let number = HeaderValue::from(newest.0);
    headers.insert(HeaderName::from_static(REVISION_HEADER), number);
    if !api.store.propagation.settled(newest).await {
        let within = u64::try_from(ENFORCED_WITHIN.as_millis()).unwrap_or(u64::MAX);
        let name = HeaderName::from_static(ENFORCED_HEADER);
        headers.insert(name, HeaderValue::from(within));
    }
}

fn finish(headers: &mut HeaderMap, id: &HeaderValue) {
    headers.insert(HeaderName::from_static(REQUEST_ID_HEADER), id.clone());
    for (name, value) in ALWAYS {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// An error that the server made before one of our handlers, such as of a query string, as the
/// dialect of the path has it.
fn in_dialect(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE);
    let is_ours = content_type
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains("json") || value.starts_with("text/html"));
    if is_ours || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let said = response.response().error().map(ToString::to_string);
    let said = said.unwrap_or_else(|| "The request cannot be read.".to_owned());
    let error = match status {
        StatusCode::PAYLOAD_TOO_LARGE => ActionError::TooLarge,
        _ if status.is_server_error() => ActionError::Internal(said),
        _ => ActionError::invalid("request", said),
    };
    let answer = answer(response.request(), error);
    response.into_response(answer)
}

/// An error in the dialect of the request's path.
#[must_use]
pub fn answer(request: &HttpRequest, error: ActionError) -> HttpResponse {
    if request.path().starts_with("/api/") {
        Problem(error).error_response()
    } else if pages::is_one(request.path()) {
        HttpResponse::from_error(PageFault(error))
    } else {
        Envelope(error).error_response()
    }
}

/// An answer with the same bytes as an earlier one.
#[must_use]
pub fn json_again(status: StatusCode, body: String) -> HttpResponse {
    HttpResponseBuilder::new(status)
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(body)
}
