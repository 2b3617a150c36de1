//! An answer's head: status and headers, ours and, where the operator wants them, LiteLLM's.

use std::time::Duration;

use bytes::Bytes;
use domain::decimal::DecimalText;
use domain::ids::RequestId;
use domain::money::NanoUsd;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::admit::room::{RateRoom, Room};
use crate::body::AnswerBody;
use crate::error::GatewayError;
use crate::route::Choice;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const X_SHOULD_RETRY: HeaderName = HeaderName::from_static("x-should-retry");
const X_CODE: HeaderName = HeaderName::from_static("x-headgate-code");
const X_MODEL: HeaderName = HeaderName::from_static("x-headgate-model");
const X_DEPLOYMENT: HeaderName = HeaderName::from_static("x-headgate-deployment");
const X_ATTEMPTS: HeaderName = HeaderName::from_static("x-headgate-attempts");
const X_DROPPED: HeaderName = HeaderName::from_static("x-headgate-dropped");
const X_COST: HeaderName = HeaderName::from_static("x-headgate-cost-usd");
const X_OVERHEAD: HeaderName = HeaderName::from_static("x-headgate-overhead-ms");
const X_SHARE: HeaderName = HeaderName::from_static("x-headgate-output-limit-tokens");
const X_BUDGET_LEFT: HeaderName = HeaderName::from_static("x-headgate-budget-left-usd");
const REQUESTS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
];
const TOKENS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
];
/// How many headers say what budgets and limits leave.
const ROOM_HEADERS: usize = 7;
const X_ACCEL: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What the headers of an answered call say.
pub struct Facts<'a> {
    /// The group and the deployment that answered.
    pub choice: &'a Choice,
    /// Attempts made.
    pub attempts: u32,
    /// Fallbacks made.
    pub fallbacks: u32,
    /// Parameters that the provider did not get.
    pub dropped: &'a [&'static str],
    /// The charge, when it is known at the head.
    pub charge: Option<NanoUsd>,
    /// Time the gateway itself took.
    pub overhead: Duration,
    /// Time since the request came.
    pub duration: Duration,
    /// What budgets and limits leave.
    pub room: &'a Room,
    /// The limit of the answer, when money leaves a share only.
    pub share_tokens: Option<u64>,
}

/// A whole answer in JSON.
#[must_use]
pub fn json(status: u16, body: Bytes) -> Response<AnswerBody> {
    with_type(status, JSON, AnswerBody::whole(body))
}

/// A whole answer of another type.
#[must_use]
pub fn text(status: u16, content_type: &'static str, body: Bytes) -> Response<AnswerBody> {
    with_type(
        status,
        HeaderValue::from_static(content_type),
        AnswerBody::whole(body),
    )
}

/// A stream of events.
#[must_use]
pub fn events(body: AnswerBody) -> Response<AnswerBody> {
    let mut response = with_type(200, EVENTS, body);
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
        .headers_mut()
        .insert(X_ACCEL, HeaderValue::from_static("no"));
    response
}

/// An error in OpenAI's shape.
#[must_use]
pub fn error(error: &GatewayError, request_id: &str) -> Response<AnswerBody> {
    let words = error.status_and_code();
    let mut response = json(words.status, Bytes::from(error.to_openai(request_id)));
    let headers = response.headers_mut();
    headers.insert(X_CODE, HeaderValue::from_static(words.code));
    if let Some(wait) = error.retry_after() {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if matches!(
        error,
        GatewayError::BadFraming(_) | GatewayError::TooLarge { .. } | GatewayError::SlowBody
    ) {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    // Whoever is out of money would only come again: clients retry 429 otherwise.
    if matches!(
        error,
        GatewayError::ProviderCredential | GatewayError::BudgetExceeded { .. }
    ) {
        headers.insert(X_SHOULD_RETRY, HeaderValue::from_static("false"));
    }
    if let GatewayError::WrongMethod { allowed, .. } = error {
        headers.insert(http::header::ALLOW, HeaderValue::from_static(allowed));
    }
    response
}

fn with_type(status: u16, content_type: HeaderValue, body: AnswerBody) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    *response.headers_mut() = HeaderMap::with_capacity(12);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}

/// Adds the request's id; every answer has it.
pub fn add_request_id(headers: &mut HeaderMap, request_id: &RequestId) {
    insert(headers, X_REQUEST_ID, request_id.as_str());
}

/// Adds our headers of an answered call.
pub fn add_facts(headers: &mut HeaderMap, facts: &Facts<'_>) {
    let values = [
        (X_MODEL, facts.choice.group.header.clone()),
        (X_DEPLOYMENT, facts.choice.candidate.header.clone()),
        (
            X_COST,
            facts.charge.and_then(|charge| value(charge.to_text())),
        ),
        (X_OVERHEAD, value(milliseconds(facts.overhead))),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    if !facts.dropped.is_empty() {
        insert(headers, X_DROPPED, &facts.dropped.join(","));
    }
    if let Some(tokens) = facts.share_tokens {
        headers.insert(X_SHARE, HeaderValue::from(tokens));
    }
    add_room(headers, facts.room);
    let attempts = match facts.attempts {
        1 => HeaderValue::from_static("1"),
        attempts => HeaderValue::from(attempts),
    };
    headers.insert(X_ATTEMPTS, attempts);
}

/// Adds what budgets and limits leave, in OpenAI's headers where it has them.
fn add_room(headers: &mut HeaderMap, room: &Room) {
    if room.requests.is_some() || room.tokens.is_some() {
        headers.reserve(ROOM_HEADERS);
    }
    if let Some(requests) = &room.requests {
        add_rate(headers, REQUESTS, requests);
    }
    if let Some(tokens) = &room.tokens {
        add_rate(headers, TOKENS, tokens);
    }
    if let Some(left) = room.left.and_then(|left| value(left.to_text())) {
        headers.insert(X_BUDGET_LEFT, left);
    }
}

fn add_rate(headers: &mut HeaderMap, [limit, remaining, reset]: [HeaderName; 3], rate: &RateRoom) {
    headers.insert(limit, HeaderValue::from(rate.limit));
    headers.insert(remaining, HeaderValue::from(rate.remaining));
    // As OpenAI writes it: `1s`, `250ms`.
    let text = if rate.full_in_ms < 1_000 {
        format!("{}ms", rate.full_in_ms)
    } else {
        format!("{}s", rate.full_in_ms.div_ceil(1_000))
    };
    insert(headers, reset, &text);
}

/// Adds LiteLLM's headers of an answered call, for clients that look at them.
pub fn add_litellm(headers: &mut HeaderMap, facts: &Facts<'_>, call_id: &str) {
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    let cost = facts
        .charge
        .map_or_else(|| "0".to_owned(), |charge| charge.to_string());
    let (duration, overhead) = (milliseconds(facts.duration), milliseconds(facts.overhead));
    let pairs: [(&'static str, &str); 9] = [
        ("x-litellm-call-id", call_id),
        ("x-litellm-model-id", facts.choice.candidate.id.as_str()),
        ("x-litellm-model-group", &facts.choice.group.name),
        ("x-litellm-version", VERSION),
        ("x-litellm-response-cost", &cost),
        ("x-litellm-response-duration-ms", duration.as_str()),
        ("x-litellm-overhead-duration-ms", overhead.as_str()),
        (
            "x-litellm-attempted-retries",
            &facts
                .attempts
                .saturating_sub(1)
                .saturating_sub(facts.fallbacks)
                .to_string(),
        ),
        (
            "x-litellm-attempted-fallbacks",
            &facts.fallbacks.to_string(),
        ),
    ];
    for (name, value) in pairs {
        insert(headers, HeaderName::from_static(name), value);
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // A group's name may hold what no header can; it is then left out.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn value(number: DecimalText) -> Option<HeaderValue> {
    HeaderValue::from_str(number.as_str()).ok()
}

fn milliseconds(span: Duration) -> DecimalText {
    DecimalText::new(i64::try_from(span.as_micros()).unwrap_or(i64::MAX), 3)
}
