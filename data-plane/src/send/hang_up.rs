//! Hanging up on a provider, and listening to what it had said already.
//!
//! Closing a connection throws away what is on its way; the provider bills that. So only our side is
//! closed, which providers take for the caller's going (as nginx, Envoy and most servers do): what
//! comes until they close theirs is read, and charged.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};

/// How long a provider that was hung up on is listened to. On a machine that was busy for more than a
/// second, what it had billed was not all heard within one.
pub const LAST_WORDS: Duration = Duration::from_secs(2);

/// Hangs up one connection.
#[derive(Default)]
pub struct HangUp(Mutex<Line>);

#[derive(Default)]
struct Line {
    is_hung_up: bool,
    reader: Option<Waker>,
}

impl HangUp {
    /// Closes our side. No request may be sent any more.
    pub fn now(&self) {
        let mut line = self.line();
        line.is_hung_up = true;
        let reader = line.reader.take();
        drop(line);
        if let Some(reader) = reader {
            reader.wake();
        }
    }

    /// Whether our side is closed, or about to be.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.line().is_hung_up
    }

    /// The same; if it is not, whoever reads is woken when it is.
    fn is_done_or_wakes(&self, reader: &Waker) -> bool {
        let mut line = self.line();
        if !line.is_hung_up
            && !line
                .reader
                .as_ref()
                .is_some_and(|one| one.will_wake(reader))
        {
            line.reader = Some(reader.clone());
        }
        line.is_hung_up
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket that can be hung up from elsewhere.
pub struct Hanging<S> {
    socket: S,
    hang_up: Arc<HangUp>,
    is_closed: bool,
}

impl<S> Hanging<S> {
    /// A socket, and what hangs it up.
    pub fn new(socket: S) -> (Self, Arc<HangUp>) {
        let hang_up = Arc::new(HangUp::default());
        let hanging = Self {
            socket,
            hang_up: Arc::clone(&hang_up),
            is_closed: false,
        };
        (hanging, hang_up)
    }
}

impl<S: Read + Write + Unpin> Read for Hanging<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if !this.is_closed && this.hang_up.is_done_or_wakes(cx.waker()) {
            // What cannot be closed is read all the same.
            this.is_closed = Pin::new(&mut this.socket).poll_shutdown(cx).is_ready();
        }
        Pin::new(&mut this.socket).poll_read(cx, buffer)
    }
}

impl<S: Write + Unpin> Write for Hanging<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}
