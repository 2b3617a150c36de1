//! An answer that is no success: the provider's words, and how long it wants us to wait.

use std::time::{Duration, Instant, UNIX_EPOCH};

use domain::time::TimestampMs;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Response};
use providers::Provider;
use providers::dialect::Dialect;
use providers::failure::{Failure, FailureKind};

use crate::send::fault::Fault;
use crate::send::provider_body::ProviderBody;
use crate::send::upstream_body;

/// An error answer's body has this long.
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads an answer that is no success. A redirect is never followed: it would carry the credential
/// to an address that the operator did not name.
pub async fn refusal(provider: &'static dyn Provider, response: Response<ProviderBody>) -> Fault {
    let (head, body) = response.into_parts();
    let status = head.status.as_u16();
    if !(400..=599).contains(&status) {
        return Fault::Unexpected { status };
    }
    let body =
        upstream_body::read_error(&head.headers, body, Instant::now() + ERROR_BODY_TIMEOUT).await;
    let failure = in_openais_words(provider, provider.failure(status, &body));
    Fault::Refused {
        failure,
        retry_after: retry_after(&head.headers),
    }
}

/// Callers look at OpenAI's types: another vendor's type goes into the code.
fn in_openais_words(provider: &dyn Provider, mut failure: Failure) -> Failure {
    if provider.dialect() != Dialect::OpenAi {
        failure.code = match failure.kind {
            FailureKind::ContextWindow => Some("context_length_exceeded".to_owned()),
            _ => failure
                .error_type
                .take()
                .map(|word| word.to_ascii_lowercase()),
        };
        failure.error_type = None;
    }
    failure
}

/// How long the provider wants us to wait: milliseconds, seconds with a fraction perhaps, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let exact = text("retry-after-ms").and_then(|text| text.parse().ok());
    exact
        .map(Duration::from_millis)
        .or_else(|| wait(text(RETRY_AFTER.as_str())?))
}

fn wait(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let until = until.duration_since(UNIX_EPOCH).ok()?;
    let TimestampMs(now_ms) = TimestampMs::now();
    Some(until.saturating_sub(Duration::from_millis(now_ms)))
}

/// Nobody asked for a compressed stream.
#[must_use]
pub fn is_compressed(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_ENCODING)
        .is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Whether a stream comes as a page: some proxy's words, not the provider's.
#[must_use]
pub fn is_html(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| {
        value
            .as_bytes()
            .to_ascii_lowercase()
            .starts_with(b"text/html")
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn wish(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_str(value).unwrap());
        retry_after(&headers)
    }

    #[test]
    fn a_providers_wish_is_read_in_every_spelling() {
        assert_eq!(wish("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(
            wish("retry-after", "2.5"),
            Some(Duration::from_millis(2_500))
        );
        assert_eq!(
            wish("retry-after-ms", "250"),
            Some(Duration::from_millis(250))
        );
        let soon = UNIX_EPOCH + Duration::from_millis(TimestampMs::now().0 + 30_000);
        let date = httpdate::fmt_http_date(soon);
        let wait = wish("retry-after", &date).unwrap();
        assert!(wait > Duration::from_secs(25) && wait <= Duration::from_secs(30));
        let past = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(wish("retry-after", past), Some(Duration::ZERO));
        for nonsense in ["-1", "soon", "inf", "NaN", "18446744073709551616", ""] {
            assert_eq!(wish("retry-after", nonsense), None, "{nonsense}");
        }
    }
}
