//! A caller's body as it comes in: its size and its pace have bounds.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http_body::Body as _;
use http_body_util::BodyExt;

use crate::error::GatewayError;
use crate::settings::Settings;

/// A body has this long before its pace is looked at.
const BODY_GRACE: Duration = Duration::from_secs(10);

/// After the grace a body must have come at this pace, in bytes per second.
const BODY_PACE: u64 = 1024;

/// Bodies up to this size are copied out of the connection's read buffer.
const SMALL_BODY_BYTES: usize = 4 << 10;

/// Reads a body of a request that came at `started`.
///
/// # Errors
/// When it is too large, too slow, or breaks off.
pub async fn read(
    body: &mut hyper::body::Incoming,
    headers: &HeaderMap,
    settings: &Settings,
    started: Instant,
) -> Result<Bytes, GatewayError> {
    let bounds = Bounds::of(settings);
    let announced = bounds.announced(headers)?;
    let mut coming = Coming::begin(body, bounds, started);
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

/// How large a body may be, and how long its next byte may take.
#[derive(Clone, Copy)]
pub struct Bounds {
    limit_bytes: usize,
    pause: Duration,
}

impl Bounds {
    /// What the operator allows.
    #[must_use]
    pub const fn of(settings: &Settings) -> Self {
        Self {
            limit_bytes: settings.max_request_bytes,
            pause: settings.request_body_timeout,
        }
    }

    /// The length that the head announces, if it does.
    ///
    /// # Errors
    /// When that is too large.
    pub fn announced(self, headers: &HeaderMap) -> Result<Option<usize>, GatewayError> {
        let limit_bytes = self.limit_bytes;
        let announced = headers
            .get(CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if announced.is_some_and(|length| length > limit_bytes) {
            return Err(GatewayError::TooLarge { limit_bytes });
        }
        Ok(announced)
    }
}

/// A body while it comes.
pub struct Coming<'a> {
    body: &'a mut hyper::body::Incoming,
    started: Instant,
    got_bytes: usize,
    bounds: Bounds,
}

impl<'a> Coming<'a> {
    /// Begins to read; the pace counts from `started`.
    #[must_use]
    pub const fn begin(
        body: &'a mut hyper::body::Incoming,
        bounds: Bounds,
        started: Instant,
    ) -> Self {
        Self {
            body,
            started,
            got_bytes: 0,
            bounds,
        }
    }

    /// Time that we ourselves did not read is not the caller's.
    pub fn forgive(&mut self, span: Duration) {
        self.started += span;
    }

    /// The next piece, none at the end. The longest wait is the settings' pause, and less when the
    /// body as a whole comes slower than [`BODY_PACE`].
    ///
    /// # Errors
    /// When the body is too large, too slow, or breaks off.
    pub async fn next(&mut self) -> Result<Option<Bytes>, GatewayError> {
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
            let limit_bytes = self.bounds.limit_bytes;
            if self.got_bytes > limit_bytes {
                return Err(GatewayError::TooLarge { limit_bytes });
            }
            if !data.is_empty() {
                return Ok(Some(data));
            }
        }
    }

    fn deadline(&self) -> Instant {
        let earned_s = u64::try_from(self.got_bytes).unwrap_or(u64::MAX) / BODY_PACE;
        let by_pace = self.started + BODY_GRACE + Duration::from_secs(earned_s);
        // The wait for the first piece began with the request.
        let since = match self.got_bytes {
            0 => self.started,
            _ => Instant::now(),
        };
        by_pace.min(since + self.bounds.pause)
    }
}
