//! What `GET /metrics` answers, in the format that the scraper asks for.

use bytes::Bytes;
use domain::exposition::in_format;
use http::header::ACCEPT;
use http::{HeaderMap, Response};

use crate::answer;
use crate::body::AnswerBody;
use crate::metrics::Metrics;

/// The metrics of a node.
#[must_use]
pub fn answer(metrics: &Metrics, request: &HeaderMap) -> Response<AnswerBody> {
    let accept = request.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let (media_type, text) = in_format(accept, metrics.to_text());
    answer::text(200, media_type, Bytes::from(text))
}
