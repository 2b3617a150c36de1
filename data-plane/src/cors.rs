//! May a web page of another origin call? Only when the operator says so.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue};

use crate::settings::Settings;

/// The origin to name in an answer, when the request's origin is allowed.
#[must_use]
pub fn allowed_origin(settings: &Settings, request: &HeaderMap) -> Option<HeaderValue> {
    if settings.cors_origins.is_empty() {
        return None;
    }
    let origin = request.get(ORIGIN)?;
    if settings.cors_origins.iter().any(|allowed| allowed == "*") {
        return Some(HeaderValue::from_static("*"));
    }
    is_named(settings, request).then(|| origin.clone())
}

/// Whether the operator has named the request's origin itself, not only `*`.
#[must_use]
pub fn is_named(settings: &Settings, request: &HeaderMap) -> bool {
    request.get(ORIGIN).is_some_and(|origin| {
        let named = |allowed: &String| allowed != "*" && allowed.as_bytes() == origin.as_bytes();
        settings.cors_origins.iter().any(named)
    })
}

/// Adds what a browser wants to see on an answer.
pub fn add(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
    headers.append(VARY, HeaderValue::from_static("origin"));
}

/// Adds what a browser wants to see before it sends the real request.
pub fn add_preflight(headers: &mut HeaderMap, request: &HeaderMap) {
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    );
    let asked = request.get("access-control-request-headers").cloned();
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        asked.unwrap_or_else(|| HeaderValue::from_static("authorization, content-type")),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
}
