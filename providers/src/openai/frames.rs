//! Whole server-sent events out of the frames of a body, as slices of the frames.
//!
//! Unlike [`crate::sse`], which reads what events say, this keeps the bytes of each event
//! together, so that they can be forwarded as they came.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};

use crate::sse::MAX_EVENT_BYTES;
use crate::wire::Malformed;

/// Cuts frames at the ends of events.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// The start of an event that a later frame completes.
    held: BytesMut,
    /// Whether the present line has no byte yet.
    line_is_empty: bool,
    /// Whether the last byte was CR, whose LF belongs to the same line end.
    after_cr: bool,
    started: bool,
}

impl Frames {
    /// Takes a frame and appends the events that it completes, each with the blank line that
    /// ends it. An event within one frame is a slice of it.
    ///
    /// # Errors
    /// [`Malformed::TooLarge`] when an event exceeds [`MAX_EVENT_BYTES`].
    pub(super) fn push(&mut self, frame: Bytes, events: &mut Vec<Bytes>) -> Result<(), Malformed> {
        let mut frame = frame;
        while let Some(end) = self.event_end(&frame) {
            let tail = frame.split_to(end);
            let event = if self.held.is_empty() {
                tail
            } else {
                self.held.extend_from_slice(&tail);
                self.held.split().freeze()
            };
            if event.len() > MAX_EVENT_BYTES {
                return Err(Malformed::TooLarge);
            }
            events.push(event);
        }
        if self.held.len().saturating_add(frame.len()) > MAX_EVENT_BYTES {
            return Err(Malformed::TooLarge);
        }
        self.held.extend_from_slice(&frame);
        Ok(())
    }

    /// What is left when the body is over: an event without its blank line.
    pub(super) fn rest(&mut self) -> Bytes {
        self.held.split().freeze()
    }

    /// Where the first event ends within these bytes, after its blank line.
    fn event_end(&mut self, bytes: &[u8]) -> Option<usize> {
        if !self.started && !bytes.is_empty() {
            self.started = true;
            self.line_is_empty = true;
        }
        let (mut rest, mut at) = (bytes, 0);
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            if let Some(tail) = rest.strip_prefix(b"\n") {
                (rest, at) = (tail, 1);
            }
        }
        while let Some(length) = memchr::memchr2(b'\n', b'\r', rest) {
            let (_, tail) = rest.split_at(length);
            let (after, end_length) = match tail {
                [b'\r', b'\n', after @ ..] => (after, 2),
                [b'\r'] => {
                    self.after_cr = true;
                    (&[][..], 1)
                }
                [_, after @ ..] => (after, 1),
                [] => return None,
            };
            at += length + end_length;
            if length == 0 && self.line_is_empty {
                return Some(at);
            }
            self.line_is_empty = true;
            rest = after;
        }
        self.line_is_empty &= rest.is_empty();
        None
    }
}

/// The `data` of an event's bytes, its lines joined by LF; none when it has no data (a comment).
pub(super) fn data_of(event: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut data: Option<Cow<'_, [u8]>> = None;
    let event = event.strip_prefix(b"\xef\xbb\xbf").unwrap_or(event);
    let mut rest = event;
    while !rest.is_empty() {
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let (line, tail) = rest.split_at_checked(end).unwrap_or((rest, &[]));
        rest = tail.split_first().map_or(&[], |(_end, after)| after);
        let Some(value) = line.strip_prefix(b"data") else {
            continue;
        };
        let value = match value {
            [] => value,
            [b':', b' ', value @ ..] | [b':', value @ ..] => value,
            _ => continue,
        };
        data = Some(match data {
            None => Cow::Borrowed(value),
            Some(before) => {
                let mut joined = before.into_owned();
                joined.push(b'\n');
                joined.extend_from_slice(value);
                Cow::Owned(joined)
            }
        });
    }
    data
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sse::SseReader;

    fn events(pieces: &[&[u8]]) -> (Vec<Bytes>, Bytes) {
        let (mut frames, mut events) = (Frames::default(), Vec::new());
        for piece in pieces {
            frames
                .push(Bytes::copy_from_slice(piece), &mut events)
                .unwrap();
        }
        (events, frames.rest())
    }

    #[test]
    fn an_event_within_one_frame_is_a_slice_of_it() {
        let frame = Bytes::from_static(b"data: a\n\n: b\r\n\r\ndata: c\r\rdata");
        let (mut frames, mut events) = (Frames::default(), Vec::new());
        frames.push(frame.clone(), &mut events).unwrap();
        assert_eq!(events, ["data: a\n\n", ": b\r\n\r\n", "data: c\r\r"]);
        for event in &events {
            assert!(frame.as_ptr_range().contains(&event.as_ptr()));
        }
        frames
            .push(Bytes::from_static(b": d\n\n"), &mut events)
            .unwrap();
        assert_eq!(events.last().unwrap(), "data: d\n\n");
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut frames = Frames::default();
        let frame = Bytes::from(vec![b'a'; 64 * 1024]);
        let result = (0..17).try_for_each(|_| frames.push(frame.clone(), &mut Vec::new()));
        assert_eq!(result, Err(Malformed::TooLarge));
    }

    proptest! {
        #[test]
        fn no_byte_is_lost_and_the_events_are_those_of_the_standard(
            pieces in prop::collection::vec(
                prop::sample::select(vec!["data: x", "data", "y", ": c", "\n", "\r", "\r\n"]),
                0..20,
            ),
            cuts in prop::collection::vec(0..100_usize, 0..5),
        ) {
            let bytes = pieces.concat().into_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
            let (found, rest) = events(&pieces);
            let joined: Vec<u8> = found.iter().chain([&rest]).flatten().copied().collect();
            prop_assert_eq!(&joined, &bytes);
            let mut standard = Vec::new();
            SseReader::default().push(&bytes, &mut standard).unwrap();
            let ours: Vec<String> = found
                .iter()
                .filter_map(|event| data_of(event))
                .map(|data| String::from_utf8(data.into_owned()).unwrap())
                .collect();
            let theirs: Vec<String> = standard.into_iter().map(|event| event.data).collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
