//! A caller's request as it comes in: the head at once, the body when the caller is known.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use domain::ids::RequestId;
use domain::time::TimestampMs;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, Method};
use http_body::Body as _;
use http_body_util::BodyExt;
use providers::openai::bad_body::BadBody;
use providers::openai::body::{BodyKind, CallerBody};

use crate::error::GatewayError;
use crate::settings::Settings;

/// A body has this long before its pace is looked at.
const BODY_GRACE: Duration = Duration::from_secs(10);

/// After the grace a body must have come at this pace, in bytes per second.
const BODY_PACE: u64 = 1024;

/// Bodies up to this size are copied out of the connection's read buffer.
const SMALL_BODY_BYTES: usize = 4 << 10;

/// The head of a request, before anything is decided.
pub struct Incoming {
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
    /// All headers.
    pub headers: HeaderMap,
    raw_head: Vec<u8>,
    body: hyper::body::Incoming,
}

impl Incoming {
    /// Takes a request that has just been read.
    #[must_use]
    pub fn new(request: http::Request<hyper::body::Incoming>, peer: IpAddr) -> Self {
        let received = TimestampMs::now();
        let (parts, body) = request.into_parts();
        let random = (u128::from(crate::random::bits()) << 64) | u128::from(crate::random::bits());
        Self {
            request_id: RequestId::new(received, random),
            received,
            started: Instant::now(),
            peer,
            method: parts.method,
            path: parts.uri.path().to_owned(),
            headers: parts.headers,
            raw_head: Vec::new(),
            body,
        }
    }

    /// Adds the head's bytes as they came.
    #[must_use]
    pub fn with_head(mut self, raw_head: Vec<u8>) -> Self {
        self.raw_head = raw_head;
        self
    }

    /// Whether two parties could disagree on where the body ends: `content-length` together with
    /// `transfer-encoding` (hyper keeps the latter only, as RFC 9112 allows; a proxy before us may
    /// not), or more than one `content-length`.
    #[must_use]
    pub fn is_framing_ambiguous(&self) -> bool {
        if self.headers.get_all(CONTENT_LENGTH).iter().count() > 1 {
            return true;
        }
        if !self.headers.contains_key(TRANSFER_ENCODING) {
            return false;
        }
        let head = self.raw_head.to_ascii_lowercase();
        let end = memchr::memmem::find(&head, b"\r\n\r\n").unwrap_or(head.len());
        memchr::memmem::find(head.get(..end).unwrap_or_default(), b"\ncontent-length").is_some()
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
            .map(http::HeaderValue::as_bytes);
        if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
            return Err(GatewayError::CompressedBody);
        }
        let bytes = read(&mut self.body, &self.headers, settings).await?;
        CallerBody::read(bytes, kind).map_err(refused)
    }
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
        if self.body.is_end_stream() {
            return true;
        }
        let drain = async {
            let mut left_bytes = MAX_DRAINED_BYTES;
            while let Some(frame) = self.body.frame().await {
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

async fn read(
    body: &mut hyper::body::Incoming,
    headers: &HeaderMap,
    settings: &Settings,
) -> Result<Bytes, GatewayError> {
    let limit_bytes = settings.max_request_bytes;
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit_bytes) {
        return Err(GatewayError::TooLarge { limit_bytes });
    }
    let mut coming = Coming {
        body,
        started: Instant::now(),
        pause: settings.request_body_timeout,
        got_bytes: 0,
        limit_bytes,
    };
    let Some(first) = coming.next().await? else {
        return Ok(Bytes::new());
    };
    if announced == Some(first.len()) || coming.body.is_end_stream() {
        // A copy of a small body costs less than the read buffer that it would keep alive.
        let small = first.len() <= SMALL_BODY_BYTES;
        return Ok(if small {
            Bytes::copy_from_slice(&first)
        } else {
            first
        });
    }
    // The announced length is within the limit; memory is touched only as bytes come.
    let capacity = announced.unwrap_or(0);
    let mut whole = BytesMut::with_capacity(capacity.max(first.len()));
    whole.extend_from_slice(&first);
    while let Some(more) = coming.next().await? {
        whole.extend_from_slice(&more);
    }
    Ok(whole.freeze())
}

/// A body while it comes.
struct Coming<'a> {
    body: &'a mut hyper::body::Incoming,
    started: Instant,
    pause: Duration,
    got_bytes: usize,
    limit_bytes: usize,
}

impl Coming<'_> {
    /// The next piece, none at the end. The longest wait is the settings' pause, and less when the
    /// body as a whole comes slower than [`BODY_PACE`].
    async fn next(&mut self) -> Result<Option<Bytes>, GatewayError> {
        loop {
            let frame = tokio::time::timeout_at(self.deadline().into(), self.body.frame())
                .await
                .map_err(|_elapsed| GatewayError::SlowBody)?;
            let Some(frame) = frame else {
                return Ok(None);
            };
            let frame = frame.map_err(|_broken| {
                GatewayError::bad_request("The request body broke off before its end.", None)
            })?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            self.got_bytes = self.got_bytes.saturating_add(data.len());
            if self.got_bytes > self.limit_bytes {
                return Err(GatewayError::TooLarge {
                    limit_bytes: self.limit_bytes,
                });
            }
            if !data.is_empty() {
                return Ok(Some(data));
            }
        }
    }

    fn deadline(&self) -> Instant {
        let earned_s = u64::try_from(self.got_bytes).unwrap_or(u64::MAX) / BODY_PACE;
        let by_pace = self.started + BODY_GRACE + Duration::from_secs(earned_s);
        by_pace.min(Instant::now() + self.pause)
    }
}
