//! Bodies that go out: to callers and to providers, as pieces that are not copied.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::forward::Returned;
use crate::stream::last_words::Heard;

/// A request's body for a provider: pieces of known length.
#[derive(Default)]
pub struct Pieces {
    pieces: VecDeque<Bytes>,
    left_bytes: u64,
}

impl Pieces {
    /// A body of these pieces.
    #[must_use]
    pub fn new(pieces: Vec<Bytes>) -> Self {
        let left_bytes = pieces
            .iter()
            .map(|piece| u64::try_from(piece.len()).unwrap_or(u64::MAX))
            .sum();
        Self {
            pieces: pieces.into(),
            left_bytes,
        }
    }

    fn next(&mut self) -> Option<Bytes> {
        let piece = self.pieces.pop_front()?;
        self.left_bytes = self
            .left_bytes
            .saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        Some(piece)
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.get_mut().next().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left_bytes)
    }
}

/// An answer's body for a caller.
pub enum AnswerBody {
    /// Known whole.
    Whole(Pieces),
    /// A stream.
    Stream(Heard),
    /// The admin side's, as it comes.
    Forwarded(Box<Returned>),
}

impl AnswerBody {
    /// A body of these bytes.
    #[must_use]
    pub fn whole(bytes: Bytes) -> Self {
        Self::Whole(if bytes.is_empty() {
            Pieces::default()
        } else {
            Pieces::new(vec![bytes])
        })
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        match self.get_mut() {
            Self::Whole(pieces) => Poll::Ready(pieces.next().map(|piece| Ok(Frame::data(piece)))),
            Self::Stream(heard) => match heard.stream() {
                Some(stream) => stream.poll_frame(cx),
                None => Poll::Ready(None),
            },
            Self::Forwarded(body) => Pin::new(body.as_mut()).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(pieces) => pieces.is_end_stream(),
            Self::Stream(_) => false,
            Self::Forwarded(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(pieces) => pieces.size_hint(),
            Self::Stream(_) => SizeHint::default(),
            Self::Forwarded(body) => body.size_hint(),
        }
    }
}

/// A stream that cannot be ended properly: the connection is closed, so that nobody takes the
/// answer for whole.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the answer broke off")]
pub struct BrokenOff;
