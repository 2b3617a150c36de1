//! A caller's request as it comes in: the head at once, the body when the caller is known.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use domain::ids::RequestId;
use domain::time::TimestampMs;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, EXPECT, HOST, TRANSFER_ENCODING};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method};
use http_body::Body as _;
use http_body_util::BodyExt;
use providers::openai::bad_body::BadBody;
use providers::openai::body::{BodyKind, CallerBody};

use crate::attending::Presence;
use crate::error::GatewayError;
use crate::incoming_body::read;
use crate::settings::Settings;

/// The head of a request, before anything is decided.
pub struct Incoming {
    /// Whether the caller is there.
    pub presence: Arc<Presence>,
    /// Ours.
    pub request_id: RequestId,
    /// When the head had been read.
    pub received: TimestampMs,
    /// The same on the clock that only goes forward.
    pub started: Instant,
    /// Who is at the other end of the connection.
    pub peer: IpAddr,
    /// The method.
    pub method: Method,
    /// The path, without the query.
    pub path: String,
    /// What follows the path's question mark; it may hold secrets.
    pub query: Option<String>,
    /// All headers.
    pub headers: HeaderMap,
    authority: Option<Authority>,
    is_http_1_1: bool,
    raw_head: Vec<u8>,
    /// Whether the body has been read whole.
    is_read: bool,
    /// None while somebody else has it.
    body: Option<hyper::body::Incoming>,
}

impl Incoming {
    /// Takes a request that has just been read.
    #[must_use]
    pub fn new(request: http::Request<hyper::body::Incoming>, peer: IpAddr) -> Self {
        let received = TimestampMs::now();
        let (parts, body) = request.into_parts();
        Self {
            presence: Arc::default(),
            request_id: crate::random::request_id(received),
            received,
            started: Instant::now(),
            peer,
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().map(str::to_owned),
            authority: parts.uri.authority().cloned(),
            headers: parts.headers,
            is_http_1_1: parts.version == http::Version::HTTP_11,
            raw_head: Vec::new(),
            is_read: false,
            body: Some(body),
        }
    }

    /// Adds the head's bytes as they came.
    #[must_use]
    pub fn with_head(mut self, raw_head: Vec<u8>) -> Self {
        self.raw_head = raw_head;
        self
    }

    /// Whether two parties could disagree on where the body ends or whom the request is for: more
    /// than one length, a length beside a coding (hyper keeps the latter only, as RFC 9112 allows;
    /// a proxy before us may not), a coding other than one `chunked`, several hosts or, in HTTP/1.1, none.
    #[must_use]
    pub fn is_framing_ambiguous(&self) -> bool {
        let count = |name| self.headers.get_all(name).iter().count();
        let hosts = count(HOST);
        let has_no_host = self.is_http_1_1 && hosts == 0;
        if has_no_host || hosts > 1 || count(CONTENT_LENGTH) > 1 || self.host_differs() {
            return true;
        }
        let lengths = lengths_in(&self.raw_head);
        let Some(coding) = self.headers.get(TRANSFER_ENCODING) else {
            // hyper makes one header of two equal lengths.
            return lengths.is_some_and(|lengths| lengths > 1);
        };
        // Without the head's bytes (of a request that came before its turn) nothing can be told.
        count(TRANSFER_ENCODING) > 1
            || !coding.as_bytes().eq_ignore_ascii_case(b"chunked")
            || lengths != Some(0)
    }

    /// Whether the request line names another host than the header.
    fn host_differs(&self) -> bool {
        let named = self.headers.get(HOST).map(HeaderValue::as_bytes);
        let asked = self.authority.as_ref().map(|name| name.as_str().as_bytes());
        matches!((named, asked), (Some(named), Some(asked)) if !named.eq_ignore_ascii_case(asked))
    }

    /// Reads the body and what the gateway has to know of it.
    ///
    /// # Errors
    /// When the body is too large, too slow, compressed, or not of the dialect's shape.
    pub async fn read_body(
        &mut self,
        kind: BodyKind,
        settings: &Settings,
    ) -> Result<CallerBody, GatewayError> {
        let encoding = self
            .headers
            .get(CONTENT_ENCODING)
            .map(HeaderValue::as_bytes);
        if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
            return Err(GatewayError::CompressedBody);
        }
        let body = self.body.as_mut().ok_or(GatewayError::Internal)?;
        let bytes = read(body, &self.headers, settings, self.started).await?;
        self.is_read = true;
        CallerBody::read(bytes, kind).map_err(refused)
    }
}

impl Incoming {
    /// The host that the request is for: the header, or HTTP/2's pseudo-header.
    #[must_use]
    pub fn host(&self) -> Option<HeaderValue> {
        let asked = || HeaderValue::from_str(self.authority.as_ref()?.as_str()).ok();
        self.headers.get(HOST).cloned().or_else(asked)
    }

    /// Hands the body over to somebody who reads it while it comes.
    #[must_use]
    pub const fn take_body(&mut self) -> Option<hyper::body::Incoming> {
        self.body.take()
    }

    /// Takes back a body that was not read to its end.
    pub fn give_back(&mut self, body: hyper::body::Incoming) {
        self.body = Some(body);
    }
}

/// How often a head's bytes say how long the body is; none when they do not hold a whole head.
fn lengths_in(bytes: &[u8]) -> Option<usize> {
    const LENGTH: &[u8] = b"content-length";
    // Empty lines before a request are skipped, by hyper too.
    let start = bytes
        .iter()
        .position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let head = bytes.get(start..)?;
    let mut lengths = 0;
    for end in memchr::memchr_iter(b'\n', head) {
        match head.get(end.saturating_add(1)..)? {
            [b'\n', ..] | [b'\r', b'\n', ..] => return Some(lengths),
            [b'c' | b'C', ..] => {
                let name = head.get(end..)?.get(1..=LENGTH.len()).unwrap_or_default();
                lengths += usize::from(name.eq_ignore_ascii_case(LENGTH));
            }
            _ => {}
        }
    }
    None
}

/// What is left of a refused request's body is read up to here, so that its connection can go on.
const MAX_DRAINED_BYTES: usize = 256 << 10;

/// And for this long.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

impl Incoming {
    /// Reads and forgets what is left of the body. False when there is too much of it: the
    /// connection has to be closed then, and the answer has to say so, or the caller would send its
    /// next request into a closing connection.
    pub async fn is_drained(&mut self) -> bool {
        let Some(body) = self.body.as_mut().filter(|body| !body.is_end_stream()) else {
            return true;
        };
        if !self.is_read && self.headers.contains_key(EXPECT) {
            // It waits for our word before it sends the body; to read would be to ask for it.
            return false;
        }
        let drain = async {
            let mut left_bytes = MAX_DRAINED_BYTES;
            while let Some(frame) = body.frame().await {
                let bytes =
                    frame.map_or(usize::MAX, |frame| frame.data_ref().map_or(0, Bytes::len));
                match left_bytes.checked_sub(bytes) {
                    Some(left) => left_bytes = left,
                    None => return false,
                }
            }
            true
        };
        tokio::time::timeout(DRAIN_TIMEOUT, drain)
            .await
            .unwrap_or(false)
    }
}

/// A refused body as the caller sees it.
#[must_use]
pub fn refused(bad: BadBody) -> GatewayError {
    GatewayError::BadRequest {
        message: bad.message,
        param: bad.param,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_trick_hides_a_second_length() {
        let head = |lines: &str| lengths_in(format!("POST / HTTP/1.1\r\n{lines}\r\n").as_bytes());
        assert_eq!(head("Host: a\r\n"), Some(0));
        assert_eq!(head("Content-Length: 5\r\n"), Some(1));
        assert_eq!(
            head("content-length: 5\r\nA: b\r\nCONTENT-LENGTH: 5\r\n"),
            Some(2)
        );
        assert_eq!(
            head("x-content-length: 5\r\nA: content-length: 5\r\n"),
            Some(0)
        );
        let after_empty_lines = b"\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n";
        assert_eq!(lengths_in(after_empty_lines), Some(1));
        assert_eq!(
            lengths_in(b"POST / HTTP/1.1\nContent-Length: 5\n\nbody"),
            Some(1)
        );
        let in_the_body = b"POST / HTTP/1.1\r\nA: b\r\n\r\ncontent-length: 5\r\n\r\n";
        assert_eq!(lengths_in(in_the_body), Some(0));
    }

    #[test]
    fn half_a_head_says_nothing() {
        for bytes in [
            &b""[..],
            b"\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 5\r\n",
        ] {
            assert_eq!(lengths_in(bytes), None);
        }
    }
}
