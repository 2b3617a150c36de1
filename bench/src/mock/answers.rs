//! The mock's JSON answers, made once per size and kept, and the frames around every answer.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::rc::Rc;

use super::{Dialect, anthropic, openai};

/// What a model without a script gets.
pub const UNKNOWN_MODEL: &[u8] = b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 103\r\n\r\n\
{\"error\":{\"message\":\"the mock knows answer-N and stream-COUNT-MS only\",\"type\":\"invalid_request_error\"}}";

/// The head of every stream.
pub const STREAM_HEAD: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n\
cache-control: no-cache\r\nx-request-id: req-bench\r\ntransfer-encoding: chunked\r\n\r\n";

/// Whole answers, head included, by dialect and size of the body.
#[derive(Default)]
pub struct Answers(HashMap<(Dialect, usize), Rc<[u8]>>);

impl Answers {
    /// The answer whose body has exactly `bytes` bytes (or the least that the dialect's frame needs).
    pub fn sized(&mut self, dialect: Dialect, bytes: usize) -> Rc<[u8]> {
        let made = self.0.entry((dialect, bytes)).or_insert_with(|| {
            let frame = body(dialect, "").len();
            let body = body(dialect, &prose(bytes.saturating_sub(frame)));
            // The headers are those that a provider sends and a gateway has to carry.
            let head = format!(
                "HTTP/1.1 200 OK\r\ndate: Sun, 22 Nov 2026 10:00:00 GMT\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\nx-request-id: req-bench\r\nopenai-processing-ms: 3\r\n\
                 x-ratelimit-remaining-requests: 9999\r\nx-ratelimit-remaining-tokens: 999999\r\n\r\n",
                body.len()
            );
            (head + &body).into_bytes().into()
        });
        Rc::clone(made)
    }
}

fn body(dialect: Dialect, text: &str) -> String {
    match dialect {
        Dialect::OpenAi => openai::answer(text),
        Dialect::Anthropic => anthropic::answer(text),
    }
}

/// English-looking text of exactly `bytes` bytes that needs no escapes in JSON but a line end now and then.
pub fn prose(bytes: usize) -> String {
    const LINE: &str =
        "The gateway carries what it is given and counts what it has carried, no more.\\n";
    let mut text = LINE.repeat(bytes / LINE.len());
    text.extend(std::iter::repeat_n('x', bytes % LINE.len()));
    text
}

/// Moves `events` into one chunk of the chunked coding, appended to `wire`.
pub fn chunked(events: &mut String, wire: &mut Vec<u8>) {
    let mut size = String::with_capacity(8);
    write!(size, "{:x}\r\n", events.len()).unwrap();
    wire.extend_from_slice(size.as_bytes());
    wire.extend_from_slice(events.as_bytes());
    wire.extend_from_slice(b"\r\n");
    events.clear();
}

/// The wall clock in nanoseconds: every chunk carries the time it was written, so that the reader can tell its delay.
pub fn now_ns() -> u64 {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    u64::try_from(since.as_nanos()).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::head_end;

    #[test]
    fn an_answer_has_exactly_the_size_that_was_asked_for() {
        for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
            for bytes in [1_024, 10_240, 1_048_576] {
                let answer = Answers::default().sized(dialect, bytes);
                assert_eq!(answer.len() - head_end(&answer).unwrap(), bytes);
            }
        }
    }

    #[test]
    fn the_refusal_states_its_own_length() {
        let end = head_end(UNKNOWN_MODEL).unwrap();
        assert_eq!(
            crate::http::framing(UNKNOWN_MODEL),
            crate::http::Framing::Sized(UNKNOWN_MODEL.len() - end)
        );
    }
}
