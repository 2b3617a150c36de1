//! Pages go out compressed where the browser takes it.
//!
//! A page holds the session's form token, and parts of it follow from the address. What makes that
//! safe to compress (BREACH): the token is the only secret, nobody else's page can read an answer's
//! length (`Sec-Fetch-Site` and the cookie's `SameSite` keep other sites' requests without a session),
//! and a one-time key is answered to a POST, which carries the token already.

use std::io::Write as _;

use actix_web::Error;
use actix_web::body::{BoxBody, MessageBody as _, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::error::ErrorInternalServerError;
use actix_web::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, VARY,
};
use flate2::Compression;
use flate2::write::GzEncoder;

/// Shorter ones are not worth it.
const SHORTEST_BYTES: u64 = 600;

/// A page as it goes out. What is compressed already, or is no page, goes as it is.
///
/// # Errors
/// When a body of ours breaks off.
pub async fn fitting(
    response: ServiceResponse<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let size = match response.response().body().size() {
        actix_web::body::BodySize::Sized(size) => size,
        _ => 0,
    };
    let is_page = says(response.headers(), CONTENT_TYPE.as_str(), "text/html");
    let takes = says(
        response.request().headers(),
        ACCEPT_ENCODING.as_str(),
        "gzip",
    );
    let is_compressed = response.headers().contains_key(CONTENT_ENCODING);
    if !is_page || !takes || is_compressed || size < SHORTEST_BYTES {
        return Ok(response);
    }
    let (request, response) = response.into_parts();
    let (mut response, body) = response.into_parts();
    let body = to_bytes(body).await.map_err(ErrorInternalServerError)?;
    let mut gzip = GzEncoder::new(Vec::with_capacity(body.len() / 3), Compression::new(6));
    let written = gzip.write_all(&body).and_then(|()| gzip.finish());
    let compressed = written.map_err(ErrorInternalServerError)?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    let response = response.set_body(BoxBody::new(compressed));
    Ok(ServiceResponse::new(request, response))
}

fn says(headers: &HeaderMap, name: &str, word: &str) -> bool {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| value.contains(word))
}
