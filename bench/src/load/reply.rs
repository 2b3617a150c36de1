//! One answer, put together from the pieces in which it arrives.

use crate::http::{Dechunker, Framing, framing, head_end, status};

/// What has arrived of one answer.
#[derive(Default)]
pub struct Reply {
    head: Vec<u8>,
    framing: Option<Framing>,
    decoder: Dechunker,
    /// 0 until the head is complete.
    pub status: u16,
    /// The body as far as it has arrived, its chunked coding taken off.
    pub body: Vec<u8>,
}

impl Reply {
    /// Forgets the last answer and keeps its memory.
    pub fn reset(&mut self) {
        self.head.clear();
        self.framing = None;
        self.decoder = Dechunker::default();
        self.status = 0;
        self.body.clear();
    }

    /// The values of a header, in their order.
    pub fn headers(&self, name: &str) -> Vec<String> {
        let head = String::from_utf8_lossy(&self.head);
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        let named = fields.filter(|(field, _value)| field.eq_ignore_ascii_case(name));
        named
            .map(|(_field, value)| value.trim().to_owned())
            .collect()
    }

    /// Takes the next piece.
    pub fn feed(&mut self, piece: &[u8]) {
        if self.framing.is_some() {
            return self.feed_body(piece);
        }
        self.head.extend_from_slice(piece);
        let Some(end) = head_end(&self.head) else {
            return;
        };
        self.status = status(&self.head);
        self.framing = Some(framing(&self.head[..end]));
        let rest = self.head.split_off(end);
        self.feed_body(&rest);
    }

    fn feed_body(&mut self, piece: &[u8]) {
        if self.framing == Some(Framing::Chunked) {
            self.decoder.feed(piece, &mut self.body);
        } else {
            self.body.extend_from_slice(piece);
        }
    }

    /// Whether the answer's last byte has arrived.
    pub fn complete(&self) -> bool {
        match self.framing {
            None => false,
            Some(Framing::Chunked) => self.decoder.done(),
            Some(Framing::Sized(length)) => self.body.len() >= length,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_cut_anywhere_is_complete_at_its_last_byte_and_not_before() {
        let sized = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".as_slice();
        let chunked =
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
        for wire in [sized, chunked] {
            for cut in 1..wire.len() {
                let mut reply = Reply::default();
                reply.feed(&wire[..cut]);
                assert!(!reply.complete(), "cut at {cut}");
                reply.feed(&wire[cut..]);
                assert!(reply.complete(), "cut at {cut}");
                assert_eq!(
                    (reply.status, reply.body.as_slice()),
                    (200, b"hello".as_slice())
                );
            }
        }
    }
}
