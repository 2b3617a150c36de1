//! Server-sent events from bytes, however they are cut.
//!
//! The rules of the WHATWG standard as providers use it: lines end with LF, CRLF or CR, a blank
//! line ends an event, several `data` lines are joined by LF, comments are skipped, a byte order
//! mark at the start is skipped. Bytes that are no UTF-8 are replaced, as the standard says.

use crate::wire::Malformed;

/// One event may have this many bytes; a larger one ends the stream.
pub const MAX_EVENT_BYTES: usize = 1 << 20;

/// One event with data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SseEvent {
    /// The `event` field; empty when there was none.
    pub name: String,
    /// The `data` lines, joined by LF.
    pub data: String,
}

/// Reads events from bytes that come in pieces.
#[derive(Debug, Default)]
pub struct SseReader {
    line: Vec<u8>,
    name: String,
    data: String,
    has_data: bool,
    event_bytes: usize,
    after_cr: bool,
    started: bool,
}

impl SseReader {
    /// Takes the next bytes and appends the events that they complete.
    ///
    /// # Errors
    /// [`Malformed::TooLarge`] when an event exceeds [`MAX_EVENT_BYTES`].
    pub fn push(&mut self, bytes: &[u8], events: &mut Vec<SseEvent>) -> Result<(), Malformed> {
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = memchr::memchr2(b'\n', b'\r', rest) {
            let (line, tail) = rest.split_at(end);
            self.take(line)?;
            self.line_ends(events);
            rest = match tail {
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [b'\r', b'\n', tail @ ..] | [_, tail @ ..] => tail,
                [] => &[],
            };
        }
        self.take(rest)
    }

    /// Whether an event has begun and not ended: a stream that stops here was cut.
    #[must_use]
    pub fn is_inside_event(&self) -> bool {
        self.has_data || !self.line.is_empty()
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        self.event_bytes = self.event_bytes.saturating_add(bytes.len());
        if self.event_bytes > MAX_EVENT_BYTES {
            return Err(Malformed::TooLarge);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn line_ends(&mut self, events: &mut Vec<SseEvent>) {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !self.started {
            self.started = true;
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if line.is_empty() {
            self.event_ends(events);
            return;
        }
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => {
                let (field, value) = line.split_at(colon);
                let value = value.strip_prefix(b":").unwrap_or(value);
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &b""[..]),
        };
        match field {
            b"data" => {
                if self.has_data {
                    self.data.push('\n');
                }
                self.has_data = true;
                self.data.push_str(&String::from_utf8_lossy(value));
            }
            b"event" => self.name = String::from_utf8_lossy(value).into_owned(),
            _ => {}
        }
    }

    fn event_ends(&mut self, events: &mut Vec<SseEvent>) {
        self.event_bytes = 0;
        let name = std::mem::take(&mut self.name);
        if std::mem::take(&mut self.has_data) {
            events.push(SseEvent {
                name,
                data: std::mem::take(&mut self.data),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let (mut reader, mut events) = (SseReader::default(), Vec::new());
        for piece in pieces {
            reader.push(piece, &mut events).unwrap();
        }
        events
            .into_iter()
            .map(|event| (event.name, event.data))
            .collect()
    }

    fn event(name: &str, data: &str) -> (String, String) {
        (name.to_owned(), data.to_owned())
    }

    #[test]
    fn line_ends_may_be_mixed() {
        let bytes = b"data: a\n\ndata:b\r\n\r\ndata: c\r\revent: x\rdata: d\n\r\n";
        assert_eq!(
            read(&[bytes]),
            [
                event("", "a"),
                event("", "b"),
                event("", "c"),
                event("x", "d")
            ]
        );
    }

    #[test]
    fn data_lines_are_joined_and_comments_skipped() {
        assert_eq!(
            read(&[b"\xef\xbb\xbf: hello\ndata: a\ndata\ndata:  b\nid: 7\n\n: bye\n\n"]),
            [event("", "a\n\n b")]
        );
    }

    #[test]
    fn every_cut_gives_the_same_events() {
        let bytes =
            "event: x\r\ndata: {\"t\":\"thr\u{e9}e \u{1f680}\"}\r\n\r\n: ping\n\ndata: [DONE]\n\n"
                .as_bytes();
        let whole = read(&[bytes]);
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(read(&[head, tail]), whole, "cut at {cut}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&single), whole);
    }

    #[test]
    fn an_endless_event_is_refused() {
        let (mut reader, mut events) = (SseReader::default(), Vec::new());
        let piece = vec![b'a'; 64 * 1024];
        let result = (0..17).try_for_each(|_| reader.push(&piece, &mut events));
        assert_eq!(result, Err(Malformed::TooLarge));
        let mut reader = SseReader::default();
        let result = (0..20_000).try_for_each(|_| {
            reader.push(
                &[b"data: ".as_slice(), &[b'a'; 64], b"\n"].concat(),
                &mut events,
            )
        });
        assert_eq!(result, Err(Malformed::TooLarge));
    }

    proptest! {
        #[test]
        fn any_bytes_cut_anywhere_read_alike(bytes in prop::collection::vec(prop::sample::select(b"da:t \r\n\xc3\xa9{}".to_vec()), 0..200), cut in 0..200_usize) {
            let cut = cut.min(bytes.len());
            let (head, tail) = bytes.split_at(cut);
            prop_assert_eq!(read(&[head, tail]), read(&[&bytes]));
        }
    }
}
