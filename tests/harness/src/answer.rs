//! What a scripted provider says to one request, and how it misbehaves.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::gate::Gate;
use crate::ledger::Tokens;

/// One scripted answer, in the wire format that the request's path asks for.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(crate) kind: Kind,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) before: Option<Gate>,
    pub(crate) pause: Option<(usize, Gate)>,
    pub(crate) pace: Duration,
    pub(crate) cut_after_bytes: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A model's answer, rendered in the vendor's format.
    Words(Words),
    /// An error in the vendor's format.
    Error(ErrorWords),
    /// A whole body as it stands.
    Body {
        status: u16,
        content_type: String,
        body: Bytes,
    },
    /// A stream whose pieces stand as they are; one write each.
    Pieces {
        content_type: String,
        pieces: Vec<Bytes>,
    },
    /// Bytes for the socket in place of a response; the connection ends after them.
    Socket(Bytes),
    /// A beginning, and then the same bytes again until the peer goes.
    Endless { head: Bytes, block: Bytes },
    /// The connection ends without a byte.
    Close,
    /// Nothing comes until the peer goes.
    Hang,
}

#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub text: String,
    pub echo: bool,
    pub pieces: usize,
    pub tool_calls: Vec<ToolCall>,
    pub reasoning: String,
    pub finish: &'static str,
    pub tokens: Tokens,
    pub with_usage: bool,
    pub with_end: bool,
    pub line_ends: LineEnds,
    pub dimensions: usize,
    pub service_tier: Option<String>,
    pub heeds_limits: bool,
    pub is_billed_by_text: bool,
}

impl Words {
    /// The same, cut at a token limit where the provider heeds it.
    pub fn within(&self, limit: Option<u64>) -> Self {
        let mut words = self.clone();
        if let Some(limit) = limit.filter(|limit| self.heeds_limits && *limit < self.tokens.output)
        {
            words.tokens.output = limit;
            words.finish = "length";
        }
        words
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ToolCall {
    pub name: String,
    pub arguments: Value,
}

#[derive(Clone, Debug)]
pub(crate) struct ErrorWords {
    pub status: u16,
    pub message: String,
    pub code: Option<String>,
}

/// How the lines of an event stream end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnds {
    /// LF, as most vendors.
    Lf,
    /// CRLF, as Gemini.
    CrLf,
    /// CR alone.
    Cr,
    /// Another one after each event.
    Mixed,
}

impl Answer {
    fn of(kind: Kind) -> Self {
        Self {
            kind,
            headers: Vec::new(),
            before: None,
            pause: None,
            pace: Duration::ZERO,
            cut_after_bytes: None,
        }
    }

    /// A model's answer: 11 input tokens and 7 output tokens unless [`Answer::tokens`] says
    /// otherwise, four pieces when streamed.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::of(Kind::Words(Words {
            text: text.to_owned(),
            echo: false,
            pieces: 4,
            tool_calls: Vec::new(),
            reasoning: String::new(),
            finish: "stop",
            tokens: Tokens::new(11, 7),
            with_usage: true,
            with_end: true,
            line_ends: LineEnds::Lf,
            dimensions: 4,
            service_tier: None,
            heeds_limits: false,
            is_billed_by_text: false,
        }))
    }

    /// The last user message comes back.
    #[must_use]
    pub fn echo() -> Self {
        Self::text("").words(|words| words.echo = true)
    }

    /// The model calls a tool and says nothing.
    #[must_use]
    pub fn tool_call(name: &str, arguments: Value) -> Self {
        Self::text("").and_tool_call(name, arguments)
    }

    /// An error in the vendor's own shape.
    #[must_use]
    pub fn error(status: u16, message: &str) -> Self {
        Self::of(Kind::Error(ErrorWords {
            status,
            message: message.to_owned(),
            code: None,
        }))
    }

    /// A body as it stands, with a true content-length.
    #[must_use]
    pub fn body(status: u16, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::of(Kind::Body {
            status,
            content_type: content_type.to_owned(),
            body: body.into(),
        })
    }

    /// A stream as it stands: each piece is one write and one chunk.
    #[must_use]
    pub fn stream<P: Into<Bytes>>(content_type: &str, pieces: impl IntoIterator<Item = P>) -> Self {
        Self::of(Kind::Pieces {
            content_type: content_type.to_owned(),
            pieces: pieces.into_iter().map(Into::into).collect(),
        })
    }

    /// Bytes for the socket, status line and all.
    #[must_use]
    pub fn socket(bytes: impl Into<Bytes>) -> Self {
        Self::of(Kind::Socket(bytes.into()))
    }

    /// `head`, and then `block` for ever.
    #[must_use]
    pub fn endless(head: impl Into<Bytes>, block: impl Into<Bytes>) -> Self {
        Self::of(Kind::Endless {
            head: head.into(),
            block: block.into(),
        })
    }

    /// The connection is closed without a byte.
    #[must_use]
    pub fn close() -> Self {
        Self::of(Kind::Close)
    }

    /// No byte ever comes.
    #[must_use]
    pub fn hang() -> Self {
        Self::of(Kind::Hang)
    }

    /// Adds a header to the response.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Waits at the gate before the first byte of the response.
    #[must_use]
    pub fn after(mut self, gate: &Gate) -> Self {
        self.before = Some(gate.clone());
        self
    }

    /// Waits at the gate when so many pieces of the stream have been written.
    #[must_use]
    pub fn pause_after(mut self, pieces: usize, gate: &Gate) -> Self {
        self.pause = Some((pieces, gate.clone()));
        self
    }

    /// Takes so long before the first byte and before each piece of a stream, as models do.
    #[must_use]
    pub fn paced(mut self, pace: Duration) -> Self {
        self.pace = pace;
        self
    }

    /// Cuts the connection after so many bytes of the body.
    #[must_use]
    pub fn cut_after_bytes(mut self, bytes: usize) -> Self {
        self.cut_after_bytes = Some(bytes);
        self
    }

    /// Gives an error a code.
    #[must_use]
    pub fn code(mut self, code: &str) -> Self {
        match &mut self.kind {
            Kind::Error(error) => error.code = Some(code.to_owned()),
            other => panic!("a code belongs to an error, not to {other:?}"),
        }
        self
    }

    /// What the provider counts, and bills.
    #[must_use]
    pub fn tokens(self, tokens: Tokens) -> Self {
        self.words(|words| words.tokens = tokens)
    }

    /// The provider writes no more than a request allows (`max_tokens` and its kin), as real ones do.
    #[must_use]
    pub fn heeding_limits(self) -> Self {
        self.words(|words| words.heeds_limits = true)
    }

    /// A stream that is cut is billed by the pieces of its text that were written, not by all its
    /// pieces: as real ones do, where the first says nothing and the last is the count.
    #[must_use]
    pub fn billed_by_text(self) -> Self {
        self.words(|words| words.is_billed_by_text = true)
    }

    /// The tier that the provider says it billed.
    #[must_use]
    pub fn service_tier(self, tier: &str) -> Self {
        self.words(|words| words.service_tier = Some(tier.to_owned()))
    }

    /// The text is streamed in so many pieces.
    #[must_use]
    pub fn pieces(self, pieces: usize) -> Self {
        self.words(|words| words.pieces = pieces)
    }

    /// The model also calls a tool.
    #[must_use]
    pub fn and_tool_call(self, name: &str, arguments: Value) -> Self {
        let call = ToolCall {
            name: name.to_owned(),
            arguments,
        };
        self.words(|words| {
            words.tool_calls.push(call);
            words.finish = "tool_calls";
        })
    }

    /// The model thinks first.
    #[must_use]
    pub fn reasoning(self, reasoning: &str) -> Self {
        self.words(|words| words.reasoning = reasoning.to_owned())
    }

    /// Why the model stopped, in OpenAI's word.
    #[must_use]
    pub fn finish(self, finish: &'static str) -> Self {
        self.words(|words| words.finish = finish)
    }

    /// The provider does not say what it counted. It bills all the same.
    #[must_use]
    pub fn without_usage(self) -> Self {
        self.words(|words| words.with_usage = false)
    }

    /// The stream ends without its last event (`[DONE]`, `message_stop`, `done: true`).
    #[must_use]
    pub fn without_end(self) -> Self {
        self.words(|words| words.with_end = false)
    }

    /// How the stream's lines end.
    #[must_use]
    pub fn line_ends(self, line_ends: LineEnds) -> Self {
        self.words(|words| words.line_ends = line_ends)
    }

    /// The length of embedding vectors.
    #[must_use]
    pub fn dimensions(self, dimensions: usize) -> Self {
        self.words(|words| words.dimensions = dimensions)
    }

    fn words(mut self, change: impl FnOnce(&mut Words)) -> Self {
        match &mut self.kind {
            Kind::Words(words) => change(words),
            other => panic!("only a model's answer has this, not {other:?}"),
        }
        self
    }
}
