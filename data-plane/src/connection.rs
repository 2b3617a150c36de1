//! One caller's connection: bytes in, bytes out, and the guards that hyper leaves to us.
//!
//! Three guards: a head has to come within a time of its first byte, a write may stall for a
//! minute, an idle connection is closed after a while. And one courtesy: where hyper refuses a
//! head it cannot parse with an empty body, the caller gets words.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};

use crate::refused_head::refusal_instead_of;

/// A connection without a request is closed after this; longer than the usual client keeps it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(350);
/// A new connection has this long to send its first byte.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(30);
/// A caller that reads nothing for this long is gone.
const WRITE_STALL_TIMEOUT: Duration = Duration::from_secs(60);
/// At most this much of a head is remembered, to tell ambiguous framing: more than hyper reads.
const MAX_REMEMBERED_BYTES: usize = 160 << 10;

/// A time that has not been looked at.
const NOT_YET: u64 = u64::MAX;

const NEW: u8 = 0;
const IDLE: u8 = 1;
const HEAD: u8 = 2;
const BUSY: u8 = 3;

/// What a connection is doing, shared by its socket and its requests.
pub struct Activity {
    opened: Instant,
    head_timeout: Duration,
    phase: AtomicU8,
    phase_since_ms: AtomicU64,
    stalled_since_ms: AtomicU64,
    head: Mutex<Vec<u8>>,
}

impl Activity {
    /// A connection that has just been accepted. A head has `head_timeout` from its first byte to
    /// its last.
    #[must_use]
    pub fn new(head_timeout: Duration) -> Arc<Self> {
        Arc::new(Self {
            opened: Instant::now(),
            head_timeout,
            phase: AtomicU8::new(NEW),
            phase_since_ms: AtomicU64::new(0),
            stalled_since_ms: AtomicU64::new(NOT_YET),
            head: Mutex::default(),
        })
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX - 1)
    }

    /// Enters a phase. Most are over before anybody asks how long they took, so the clock is only
    /// looked at by [`Self::note_phase`].
    fn enter(&self, phase: u8) {
        self.phase.store(phase, Ordering::Relaxed);
        self.phase_since_ms.store(NOT_YET, Ordering::Relaxed);
    }

    /// Notes that the present phase goes on: when a head needs a second read, and whenever the
    /// guards are looked at. Gives when it began.
    fn note_phase(&self) -> u64 {
        let since_ms = self.phase_since_ms.load(Ordering::Relaxed);
        if since_ms != NOT_YET {
            return since_ms;
        }
        let now_ms = self.now_ms();
        self.phase_since_ms.store(now_ms, Ordering::Relaxed);
        now_ms
    }

    /// A head has been read and its request begins; gives the head's bytes.
    #[must_use]
    pub fn request_begins(&self) -> Vec<u8> {
        // No guard asks how long: a request has its own time-outs.
        self.phase.store(BUSY, Ordering::Relaxed);
        std::mem::take(&mut *self.head.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The answer has been handed over whole.
    pub fn request_ends(&self) {
        self.enter(IDLE);
    }

    /// Whether one of the guards says that the connection has to be closed.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        let now_ms = self.now_ms();
        let age = |since_ms: u64| Duration::from_millis(now_ms.saturating_sub(since_ms));
        if age(self.stalled_since_ms.load(Ordering::Relaxed)) > WRITE_STALL_TIMEOUT {
            return true;
        }
        let in_phase = age(self.note_phase());
        match self.phase.load(Ordering::Relaxed) {
            NEW => in_phase > FIRST_BYTE_TIMEOUT,
            IDLE => in_phase > IDLE_TIMEOUT,
            HEAD => in_phase > self.head_timeout,
            _ => false,
        }
    }

    fn bytes_came(&self, bytes: &[u8]) {
        let phase = self.phase.load(Ordering::Relaxed);
        if phase == BUSY {
            return;
        }
        if phase != HEAD {
            self.enter(HEAD);
        }
        let mut head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_REMEMBERED_BYTES.saturating_sub(head.len());
        head.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }
}

/// Says that a request has ended when the last of it is dropped.
pub struct Busy(pub Arc<Activity>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.request_ends();
    }
}

/// A socket that reports what it does.
pub struct Watched<S> {
    socket: S,
    activity: Arc<Activity>,
    /// Our own words in place of hyper's empty refusal, as far as they are written.
    refusal: Option<(Vec<u8>, usize)>,
}

impl<S> Watched<S> {
    /// Watches a socket.
    pub const fn new(socket: S, activity: Arc<Activity>) -> Self {
        Self {
            socket,
            activity,
            refusal: None,
        }
    }
}

impl<S: Read + Unpin> Read for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // Reads into a buffer of our own first: the cursor cannot be looked into without unsafe
        // code, and a head is a few hundred bytes.
        let phase = this.activity.phase.load(Ordering::Relaxed);
        if phase == BUSY || buffer.remaining() == 0 {
            return Pin::new(&mut this.socket).poll_read(cx, buffer);
        }
        if phase == HEAD {
            this.activity.note_phase();
        }
        let mut bytes = [const { MaybeUninit::<u8>::uninit() }; 8 << 10];
        let room = buffer.remaining().min(bytes.len());
        let mut window = ReadBuf::uninit(bytes.get_mut(..room).unwrap_or_default());
        ready!(Pin::new(&mut this.socket).poll_read(cx, window.unfilled()))?;
        let filled = window.filled();
        if !filled.is_empty() {
            this.activity.bytes_came(filled);
            buffer.put_slice(filled);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Write + Unpin> Write for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.refusal.is_none() && this.activity.phase.load(Ordering::Relaxed) == HEAD {
            this.refusal = refusal_instead_of(bytes).map(|words| (words, 0));
        }
        if this.refusal.is_some() {
            ready!(this.write_refusal(cx))?;
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut this.socket).poll_write(cx, bytes);
        this.note_stall(written.is_pending());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.activity.phase.load(Ordering::Relaxed) == HEAD {
            let whole: Vec<u8> = slices
                .iter()
                .flat_map(|slice| slice.iter().copied())
                .collect();
            return Pin::new(this).poll_write(cx, &whole);
        }
        let written = Pin::new(&mut this.socket).poll_write_vectored(cx, slices);
        this.note_stall(written.is_pending());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.socket).poll_flush(cx);
        self.note_stall(flushed.is_pending());
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }
}

impl<S: Write + Unpin> Watched<S> {
    fn note_stall(&self, stalled: bool) {
        let since = &self.activity.stalled_since_ms;
        if !stalled {
            since.store(NOT_YET, Ordering::Relaxed);
        } else if since.load(Ordering::Relaxed) == NOT_YET {
            since.store(self.activity.now_ms(), Ordering::Relaxed);
        }
    }

    fn write_refusal(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some((words, done)) = &mut self.refusal {
            let rest = words.get(*done..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
            *done += ready!(Pin::new(&mut self.socket).poll_write(cx, rest))?;
        }
        Poll::Ready(Ok(()))
    }
}
