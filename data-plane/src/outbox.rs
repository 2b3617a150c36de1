//! What waits to go to a caller, and when it goes.
//!
//! Events that come one by one go on at once. When they come faster than they can be sent one by
//! one (a provider that answers in bursts, or a machine with a thousand streams), they are gathered
//! first: one write for many events costs little more than for one.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

/// Events that follow each other within this pause are a burst.
const BURST_PAUSE: Duration = Duration::from_micros(400);

/// What is gathered goes on at this size at the latest.
const GATHERED_BYTES: usize = 16 << 10;

/// Pieces below this are copied, so that they do not keep a whole read buffer alive.
const COPIED_BYTES: usize = 4 << 10;

/// What waits to go to a caller.
#[derive(Debug, Default)]
pub struct Outbox {
    pieces: VecDeque<Bytes>,
    waiting_bytes: usize,
    gathers: bool,
    has_yielded: bool,
}

impl Outbox {
    /// Adds a piece.
    pub fn push(&mut self, piece: Bytes) {
        self.waiting_bytes = self.waiting_bytes.saturating_add(piece.len());
        self.pieces.push_back(piece);
    }

    /// Notes that the provider's next bytes came after this pause.
    pub fn arrived(&mut self, pause: Duration) {
        self.gathers = pause < BURST_PAUSE;
        self.has_yielded = false;
    }

    /// Takes what is to go now: nothing while it gathers, unless it has gathered enough.
    pub fn take(&mut self) -> Option<Bytes> {
        if self.gathers && self.waiting_bytes < GATHERED_BYTES {
            return None;
        }
        self.take_all()
    }

    /// Takes what waits as one piece.
    pub fn take_all(&mut self) -> Option<Bytes> {
        let first = self.pieces.pop_front()?;
        if self.pieces.is_empty() {
            self.waiting_bytes = 0;
            return Some(if first.len() < COPIED_BYTES {
                Bytes::copy_from_slice(&first)
            } else {
                first
            });
        }
        if self.waiting_bytes > 2 * GATHERED_BYTES {
            self.waiting_bytes = self.waiting_bytes.saturating_sub(first.len());
            return Some(first);
        }
        let mut whole = BytesMut::with_capacity(self.waiting_bytes);
        whole.extend_from_slice(&first);
        for piece in self.pieces.drain(..) {
            whole.extend_from_slice(&piece);
        }
        self.waiting_bytes = 0;
        Some(whole.freeze())
    }

    /// When nothing more is here: whether to give way once, so that more can come, before what has
    /// been gathered goes.
    pub fn gives_way(&mut self) -> bool {
        let gives_way = self.gathers && !self.pieces.is_empty() && !self.has_yielded;
        self.has_yielded |= gives_way;
        gives_way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: Duration = Duration::from_micros(50);
    const SLOW: Duration = Duration::from_millis(5);

    #[test]
    fn a_single_event_goes_at_once() {
        let mut outbox = Outbox::default();
        outbox.arrived(SLOW);
        outbox.push(Bytes::from_static(b"a"));
        assert_eq!(outbox.take().unwrap(), "a");
        assert!(!outbox.gives_way());
    }

    #[test]
    fn a_burst_goes_as_one_piece_in_order() {
        let mut outbox = Outbox::default();
        for event in ["a", "b", "c"] {
            outbox.arrived(FAST);
            outbox.push(Bytes::from_static(event.as_bytes()));
            assert_eq!(outbox.take(), None);
            assert!(outbox.gives_way());
            assert!(!outbox.gives_way());
        }
        assert_eq!(outbox.take_all().unwrap(), "abc");
        assert_eq!(outbox.take_all(), None);
    }

    #[test]
    fn a_long_burst_is_not_held_back() {
        let mut outbox = Outbox::default();
        outbox.arrived(FAST);
        outbox.push(Bytes::from(vec![b'x'; GATHERED_BYTES]));
        assert_eq!(outbox.take().unwrap().len(), GATHERED_BYTES);
    }
}
