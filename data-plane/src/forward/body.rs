//! Bodies on their way: the caller's to the admin side, piece by piece and within the usual bounds,
//! and the answer's back.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::body::BrokenOff;
use crate::error::GatewayError;
use crate::incoming_body::{Bounds, Coming};

/// A piece of a body, or its proper end. A channel that closes without one means a broken body.
enum Piece {
    Data(Bytes),
    End,
}

/// The body that the admin side gets.
pub struct Passed {
    pieces: Option<mpsc::Receiver<Piece>>,
    announced_bytes: Option<u64>,
}

impl Passed {
    /// No body.
    #[must_use]
    pub const fn empty() -> Self {
        Self {
            pieces: None,
            announced_bytes: Some(0),
        }
    }
}

impl Body for Passed {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        let this = self.get_mut();
        let Some(pieces) = &mut this.pieces else {
            return Poll::Ready(None);
        };
        Poll::Ready(match ready!(pieces.poll_recv(cx)) {
            Some(Piece::Data(data)) => {
                let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
                this.announced_bytes = this
                    .announced_bytes
                    .map(|announced| announced.saturating_sub(length));
                Some(Ok(Frame::data(data)))
            }
            Some(Piece::End) => {
                this.pieces = None;
                None
            }
            None => Some(Err(BrokenOff)),
        })
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        self.announced_bytes
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// How the reading of a caller's body ended.
enum End {
    /// All of it came.
    Whole,
    /// The caller did not keep to the bounds.
    Refused(GatewayError),
    /// The admin side wanted no more.
    Unwanted,
}

/// Reads the caller's body while the admin side takes it. Dropping it ends that.
pub struct Passing {
    task: JoinSet<(hyper::body::Incoming, End)>,
    ended: Option<(hyper::body::Incoming, End)>,
}

impl Passing {
    /// Begins to read a body of this announced length.
    #[must_use]
    pub fn begin(
        mut body: hyper::body::Incoming,
        announced: Option<usize>,
        bounds: Bounds,
    ) -> (Self, Passed) {
        // One piece at a time: the caller is read as fast as the admin side takes.
        let (pieces, taken) = mpsc::channel(1);
        let mut task = JoinSet::new();
        task.spawn(async move {
            let end = pass(&mut body, bounds, pieces).await;
            (body, end)
        });
        let passed = Passed {
            pieces: Some(taken),
            announced_bytes: announced.and_then(|length| u64::try_from(length).ok()),
        };
        (Self { task, ended: None }, passed)
    }

    /// Waits until the reading has ended.
    pub async fn ended(&mut self) {
        if self.ended.is_none() {
            self.ended = self.task.join_next().await.and_then(Result::ok);
        }
    }

    /// Whether the caller may still be sending.
    #[must_use]
    pub fn is_under_way(&mut self) -> bool {
        if self.ended.is_none() {
            self.ended = self.task.try_join_next().and_then(Result::ok);
        }
        !matches!(self.ended, Some((_, End::Whole)))
    }

    /// What the admin side did not take, and why when that is the caller's doing.
    pub async fn into_rest(mut self) -> (Option<hyper::body::Incoming>, Option<GatewayError>) {
        self.ended().await;
        match self.ended {
            Some((body, End::Refused(error))) => (Some(body), Some(error)),
            Some((body, End::Whole | End::Unwanted)) => (Some(body), None),
            None => (None, None),
        }
    }
}

async fn pass(
    body: &mut hyper::body::Incoming,
    bounds: Bounds,
    pieces: mpsc::Sender<Piece>,
) -> End {
    let mut coming = Coming::begin(body, bounds, Instant::now());
    loop {
        let next = tokio::select! {
            biased;
            next = coming.next() => next,
            () = pieces.closed() => return End::Unwanted,
        };
        match next {
            Ok(Some(data)) => {
                let began = Instant::now();
                if pieces.send(Piece::Data(data)).await.is_err() {
                    return End::Unwanted;
                }
                coming.forgive(began.elapsed());
            }
            Ok(None) => {
                // Where the length was announced nobody waits for the end's mark.
                let _ = pieces.send(Piece::End).await;
                return End::Whole;
            }
            Err(error) => return End::Refused(error),
        }
    }
}

/// The admin side's answer, and with it what of the request has not come yet.
pub struct Returned {
    body: hyper::body::Incoming,
    _passing: Option<Passing>,
}

impl Returned {
    /// An answer whose request may still be on its way.
    #[must_use]
    pub const fn new(body: hyper::body::Incoming, passing: Option<Passing>) -> Self {
        Self {
            body,
            _passing: passing,
        }
    }
}

impl Body for Returned {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        Pin::new(&mut self.get_mut().body)
            .poll_frame(cx)
            .map_err(|_broken| BrokenOff)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
