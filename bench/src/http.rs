//! As much of HTTP/1.1 as the mock provider and the load generator need: heads, body lengths, chunked decoding.

use memchr::memmem;

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// So many bytes.
    Sized(usize),
    /// `transfer-encoding: chunked`.
    Chunked,
}

/// Where the head ends (the first byte of the body), or `None` while it is incomplete.
pub fn head_end(bytes: &[u8]) -> Option<usize> {
    memmem::find(bytes, b"\r\n\r\n").map(|at| at + 4)
}

/// How the body after this head is framed; a head that says nothing has no body.
pub fn framing(head: &[u8]) -> Framing {
    for line in head.split(|byte| *byte == b'\n') {
        let Some(colon) = memchr::memchr(b':', line) else {
            continue;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        if name.eq_ignore_ascii_case(b"transfer-encoding") && value.ends_with(b"chunked") {
            return Framing::Chunked;
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            return Framing::Sized(decimal(value));
        }
    }
    Framing::Sized(0)
}

/// The status of an answer's head; 0 when it has none.
pub fn status(head: &[u8]) -> u16 {
    let code = head.get(9..12).unwrap_or_default();
    u16::try_from(decimal(code)).unwrap_or(0)
}

fn decimal(text: &[u8]) -> usize {
    str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

/// Takes the chunked coding off a body that arrives in pieces.
#[derive(Debug, Default)]
pub struct Dechunker {
    state: State,
    size: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Size,
    /// Past the digits, up to the line feed.
    SizeEnd,
    Data,
    /// The line end after a chunk's data.
    DataEnd,
    /// After the last chunk: the line feed of the empty line ends the body. Trailers are not expected.
    LastLine,
    Done,
}

impl Dechunker {
    /// Whether the last chunk and its empty line have been seen.
    pub fn done(&self) -> bool {
        self.state == State::Done
    }

    /// Eats `input`, appends what it carries to `output`, and returns how many bytes belonged to this body.
    pub fn feed(&mut self, input: &[u8], output: &mut Vec<u8>) -> usize {
        let mut at = 0;
        while at < input.len() && !self.done() {
            if self.state == State::Data {
                let taken = self.size.min(input.len() - at);
                output.extend_from_slice(&input[at..at + taken]);
                self.size -= taken;
                at += taken;
                if self.size == 0 {
                    self.state = State::DataEnd;
                }
                continue;
            }
            self.step(input[at]);
            at += 1;
        }
        at
    }

    fn step(&mut self, byte: u8) {
        self.state = match (self.state, byte) {
            (State::Size | State::SizeEnd, b'\n') if self.size == 0 => State::LastLine,
            (State::Size | State::SizeEnd, b'\n') => State::Data,
            (State::Size, digit) => match char::from(digit).to_digit(16) {
                Some(value) => {
                    self.size = self.size * 16 + value as usize;
                    State::Size
                }
                None => State::SizeEnd,
            },
            (State::DataEnd, b'\n') => State::Size,
            (State::LastLine, b'\n') => State::Done,
            (state, _) => state,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_body_cut_anywhere_gives_the_same_bytes() {
        let wire = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n";
        for cut in 0..wire.len() {
            let (mut decoder, mut body) = (Dechunker::default(), Vec::new());
            let first = decoder.feed(&wire[..cut], &mut body);
            decoder.feed(&wire[first..], &mut body);
            assert_eq!(body, b"hello world", "cut at {cut}");
            assert!(decoder.done(), "cut at {cut}");
        }
    }

    #[test]
    fn what_follows_a_chunked_body_is_left_alone() {
        let wire = b"2\r\nok\r\n0\r\n\r\nNEXT";
        let mut body = Vec::new();
        let taken = Dechunker::default().feed(wire, &mut body);
        assert_eq!(&wire[taken..], b"NEXT");
    }

    #[test]
    fn the_framing_is_read_whatever_the_case_of_the_names() {
        assert_eq!(
            framing(b"HTTP/1.1 200 OK\r\nContent-LENGTH: 42\r\n\r\n"),
            Framing::Sized(42)
        );
        assert_eq!(
            framing(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
            Framing::Chunked
        );
        assert_eq!(status(b"HTTP/1.1 503 Service Unavailable\r\n\r\n"), 503);
    }
}
