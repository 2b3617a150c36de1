//! `Idempotency-Key`: a POST that is sent again is not done again, and gets the same answer.
//!
//! A key belongs to one actor and one request. The first request takes the key, does what it does,
//! and keeps its answer, encrypted, for a day: a new virtual key may be in it. It is done to its end
//! even when its caller has gone (see [`crate::edge`]), for that is when somebody sends it again. What
//! was refused gives the key back, for nothing was changed. A key whose request broke off stays taken: nobody knows
//! what became of it.

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};
use domain::hex;
use domain::keys::Secret;
use domain::sealed::Place;
use domain::time::TimestampMs;
use sha2::{Digest as _, Sha256};
use store::idempotency::{Reserved, StoredAnswer};

use crate::AdminApi;
use crate::credential::identify;
use crate::edge::{answer, json_again};
use crate::error::ActionError;
use crate::routes;

/// The header.
pub const KEY_HEADER: &str = "idempotency-key";

/// Says that the answer was given before.
pub const REPLAYED_HEADER: &str = "idempotency-replayed";

const LONGEST_KEY: usize = 255;

const ANOTHER_REQUEST: &str =
    "This Idempotency-Key was used for another request. Take a new key for each request.";
const UNDER_WAY: &str = "A request with this Idempotency-Key is under way, or broke off before its \
answer was known. Send it again in a moment; if this persists, look whether it was done, and take a \
new key.";

/// A request that wants to be done once.
struct Once {
    api: web::Data<AdminApi>,
    actor: String,
    key: String,
    digest: String,
}

/// Runs around every request.
///
/// # Errors
/// Those of the server itself.
pub async fn once(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let once = match taken_by(&mut request).await {
        Ok(Some(once)) => once,
        Ok(None) => return Ok(next.call(request).await?.map_into_boxed_body()),
        Err(error) => return Ok(refused(request, error)),
    };
    let now = TimestampMs::now();
    let store = &once.api.store;
    let reserved = store
        .reserve_answer(&once.actor, &once.key, &once.digest, now)
        .await;
    match reserved {
        Ok(Reserved::First) => once.keep(next.call(request).await?).await,
        Ok(Reserved::Answered(before)) if before.request_digest == once.digest => {
            let response = once.again(&before);
            Ok(match response {
                Ok(response) => request.into_response(response),
                Err(error) => refused(request, error),
            })
        }
        Ok(Reserved::UnderWay { request_digest }) if request_digest == once.digest => {
            Ok(refused(request, ActionError::NotOnce(UNDER_WAY)))
        }
        Ok(_of_another) => Ok(refused(request, ActionError::NotOnce(ANOTHER_REQUEST))),
        Err(fault) => Ok(refused(request, fault.into())),
    }
}

fn refused(request: ServiceRequest, error: ActionError) -> ServiceResponse<BoxBody> {
    let answer = answer(request.request(), error);
    request.into_response(answer)
}

/// What a request with a key is about; none where there is no key, or where nobody is known: then the
/// handler says so.
async fn taken_by(request: &mut ServiceRequest) -> Result<Option<Once>, ActionError> {
    if request.method() != Method::POST || !routes::is_done_once(request.path()) {
        return Ok(None);
    }
    let Some(key) = request.headers().get(KEY_HEADER) else {
        return Ok(None);
    };
    let key = match key.to_str() {
        Ok(key) if (1..=LONGEST_KEY).contains(&key.len()) => key.to_owned(),
        _ => {
            let message = format!("`Idempotency-Key` has 1 to {LONGEST_KEY} visible characters.");
            return Err(ActionError::invalid("Idempotency-Key", message));
        }
    };
    let Some(api) = request.app_data::<web::Data<AdminApi>>().cloned() else {
        return Ok(None);
    };
    let Ok(actor) = identify(&api, request.request()).await else {
        return Ok(None);
    };
    let actor = format!("{}:{}", actor.kind_word(), actor.id());
    let body = request.extract::<web::Bytes>().await;
    let body = body.map_err(|_too_large| ActionError::TooLarge)?;
    let digest = digest(&api, request, &body);
    request.set_payload(Payload::from(body));
    Ok(Some(Once {
        api,
        actor,
        key,
        digest,
    }))
}

/// What the request says. Keyed, since a password may be in its body.
fn digest(api: &AdminApi, request: &ServiceRequest, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(api.settings.encryption.current().derive("idempotency"));
    for part in [request.path(), request.query_string()] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(body);
    hex::encode(&hash.finalize())
}

impl Once {
    /// Where an answer is kept: it opens there alone.
    fn place<'a>(&'a self, row: &'a str) -> Place<'a> {
        Place {
            table: "idempotency_keys",
            row,
            column: "sealed_body",
        }
    }

    fn row(&self) -> String {
        format!("{}/{}", self.actor, self.key)
    }

    /// Keeps an answer that says yes, and gives the key back after any other. That it could not be
    /// kept does not undo what was done.
    async fn keep(
        &self,
        response: ServiceResponse<impl MessageBody + 'static>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        let store = &self.api.store;
        if !response.status().is_success() {
            let given_back = store.give_answer_back(&self.actor, &self.key).await;
            if let Err(fault) = given_back {
                tracing::warn!("an Idempotency-Key could not be given back: {fault}");
            }
            return Ok(response.map_into_boxed_body());
        }
        let status = response.status().as_u16();
        let (request, response) = response.into_parts();
        let (response, body) = response.into_parts();
        let body = to_bytes(body).await.map_err(|_broken| {
            actix_web::error::ErrorInternalServerError("an answer of ours broke off")
        })?;
        if let Err(fault) = self.kept(status, &body).await {
            tracing::warn!("an answer could not be kept for its Idempotency-Key: {fault}");
        }
        let response = response.set_body(BoxBody::new(body));
        Ok(ServiceResponse::new(request, response))
    }

    async fn kept(&self, status: u16, body: &[u8]) -> Result<(), ActionError> {
        let internal = |cause: String| ActionError::Internal(cause);
        let text = std::str::from_utf8(body).map_err(|_none| internal("no text".to_owned()))?;
        let row = self.row();
        let encryption = &self.api.settings.encryption;
        let sealed = encryption
            .seal(&Secret::new(text), self.place(&row))
            .map_err(|fault| internal(fault.to_string()))?;
        let answer = StoredAnswer {
            request_digest: self.digest.clone(),
            status,
            sealed_body: sealed,
        };
        let store = &self.api.store;
        Ok(store.keep_answer(&self.actor, &self.key, &answer).await?)
    }

    /// The answer that was given.
    fn again(&self, before: &StoredAnswer) -> Result<HttpResponse, ActionError> {
        let row = self.row();
        let encryption = &self.api.settings.encryption;
        let body = encryption
            .open(&before.sealed_body, self.place(&row))
            .map_err(|fault| ActionError::Internal(fault.to_string()))?;
        let status = StatusCode::from_u16(before.status).unwrap_or(StatusCode::OK);
        let mut response = json_again(status, body.expose().to_owned());
        let name = HeaderName::from_static(REPLAYED_HEADER);
        let headers = response.headers_mut();
        headers.insert(name, HeaderValue::from_static("true"));
        Ok(response)
    }
}
