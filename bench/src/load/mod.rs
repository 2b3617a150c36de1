//! The load generator: what is sent, what must come back, and three ways of sending it.

pub mod closed;
mod connection;
pub mod open;
mod reply;
pub mod streams;

use std::net::SocketAddr;

use memchr::memmem;

pub use connection::Connection;
use reply::Reply;

/// What keys are made with where requests are governed.
pub const MASTER_KEY: &str = "sk-bench-master-9d1f7c3a5e8b2046";

/// The key that callers present; long enough for gateways that refuse weak ones. Where requests are governed it is
/// a virtual key.
pub const CALLER_KEY: &str = "sk-bench-caller-5f0c2a9d7e1b4836";

/// One request, ready to be written, and where to.
#[derive(Clone)]
pub struct Request {
    pub address: SocketAddr,
    pub wire: Vec<u8>,
    pub expect: Expect,
}

/// What makes an answer a right one, beside its status of 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Whatever it says.
    Any,
    /// A body of exactly so many bytes: whoever does not translate must give back the provider's.
    Length(usize),
    /// A body that holds a usage object: whoever translates writes a body of its own.
    Usage,
    /// A stream with so many stamped chunks, ended by `[DONE]`.
    Chunks(u32),
}

impl Request {
    /// A chat completion for `model` with a body of exactly `bytes` bytes (or the least that the frame needs).
    pub fn chat(address: SocketAddr, call: (&str, usize), extra_headers: &str) -> Self {
        let (model, bytes) = call;
        let stream = if model.contains("stream-") {
            ",\"stream\":true"
        } else {
            ""
        };
        let frame = |text: &str| {
            format!(
                "{{\"model\":\"{model}\",\"messages\":[{{\"role\":\"system\",\"content\":\"You answer tersely.\"}},\
                 {{\"role\":\"user\",\"content\":\"{text}\"}}],\"temperature\":0.2,\"max_tokens\":1000{stream}}}"
            )
        };
        let body = frame(&crate::mock::prose(bytes.saturating_sub(frame("").len())));
        let wire = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {CALLER_KEY}\r\n\
             content-type: application/json\r\naccept: application/json\r\nuser-agent: headgate-bench\r\n\
             {extra_headers}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        Self {
            address,
            wire: wire.into_bytes(),
            expect: Expect::Usage,
        }
    }

    /// A request of the one who manages keys; any answer of 200 is right.
    pub fn management(address: SocketAddr, path: &str, body: &str) -> Self {
        let wire = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {MASTER_KEY}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        Self {
            address,
            wire: wire.into_bytes(),
            expect: Expect::Any,
        }
    }

    /// The same request with another expectation.
    pub fn expecting(mut self, expect: Expect) -> Self {
        self.expect = expect;
        self
    }
}

impl Expect {
    /// Whether a complete answer is the right one; `chunks` is how many stamps were seen in it.
    fn met_by(self, reply: &Reply, chunks: u32) -> bool {
        reply.status == 200
            && match self {
                Self::Any => true,
                Self::Length(bytes) => reply.body.len() == bytes,
                Self::Usage => memmem::find(&reply.body, b"\"usage\"").is_some(),
                Self::Chunks(count) => {
                    chunks == count && memmem::rfind(&reply.body, b"[DONE]").is_some()
                }
            }
    }
}

/// The value below which `share` (0 to 1) of the sorted values lie; 0 when there are none.
pub fn quantile(sorted: &[u64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted
        .get((last as f64 * share).round() as usize)
        .map_or(0.0, |value| *value as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_body_has_exactly_the_size_that_was_asked_for() {
        let address = "127.0.0.1:1".parse().unwrap();
        for bytes in [1_024, 51_200] {
            let request = Request::chat(address, ("answer-1024", bytes), "");
            let end = crate::http::head_end(&request.wire).unwrap();
            assert_eq!(request.wire.len() - end, bytes);
        }
    }

    #[test]
    fn quantiles_are_values_that_were_measured() {
        assert_eq!(quantile(&[1, 2, 3, 4, 100], 0.5), 3.0);
        assert_eq!(quantile(&[1, 2, 3, 4, 100], 0.99), 100.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }
}
