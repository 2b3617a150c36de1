//! The body of a provider's answer, which gives its connection back when it is dropped.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::send::pool::Lease;

/// The body of a provider's answer.
pub struct ProviderBody {
    // Dropped in this order: a body that has not been read to its end closes its connection.
    body: Incoming,
    lease: Option<Lease>,
}

impl ProviderBody {
    /// A body; a connection that is not shared comes with its lease.
    #[must_use]
    pub const fn new(body: Incoming, lease: Option<Lease>) -> Self {
        Self { body, lease }
    }
}

impl ProviderBody {
    /// Says to the provider that nobody listens any more; what it had written can still be read.
    /// Whether that could be said.
    pub fn hang_up(&self) -> bool {
        let lease = self.lease.as_ref();
        lease.map(|lease| lease.hang_up().now()).is_some()
    }
}

impl Body for ProviderBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
