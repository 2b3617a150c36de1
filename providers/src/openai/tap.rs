//! What an answer says, read while its bytes pass to the caller unchanged.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use domain::usage::Usage;
use serde::de::IgnoredAny;

use super::frames::{Frames, data_of};
use super::glimpse::{self, Glimpse, GlimpseChoice};
use super::mould::Mould;
use crate::chat::FinishReason;
use crate::wire::Malformed;

/// The output text that is kept, for counting where the provider does not say; beyond it only
/// the bytes are counted.
pub const MAX_KEPT_TEXT_BYTES: usize = 256 * 1024;

/// What was read of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tapped {
    /// What the provider counted; none when it did not say.
    pub usage: Option<Usage>,
    /// Text, reasoning, refusals and tool calls, up to [`MAX_KEPT_TEXT_BYTES`]. Of a whole
    /// answer only when the usage is missing.
    pub output_text: String,
    /// Bytes of output text that were not kept.
    pub output_text_beyond_bytes: u64,
    /// The model that the provider names in a stream.
    pub model: Option<String>,
    /// Why the first choice of a stream ended.
    pub finish: Option<FinishReason>,
    /// Whether a whole answer is a JSON object without `error`; of a stream, whether any chunk
    /// was one.
    pub valid: bool,
    /// Whether a whole answer has an array `choices`, as chats and completions have.
    pub has_choices: bool,
    /// Whether a whole answer has an array `data`, as embeddings have.
    pub has_data: bool,
    /// The provider's message, where an answer with status 200 or a stream has an `error`.
    pub error: Option<String>,
    /// Events of a stream that could not be read; they were passed on.
    pub malformed_events: u32,
}

impl Tapped {
    /// Takes everything but the text.
    fn take(&mut self, glimpse: &Glimpse<'_>) {
        self.valid = true;
        if self.model.is_none() {
            self.model = glimpse.model();
        }
        if let Some(usage) = glimpse.usage() {
            self.usage = Some(usage);
        }
        self.error = self.error.take().or_else(|| glimpse.error());
        let first = glimpse.choices().find(|choice| choice.index() == 0);
        self.finish = first.and_then(GlimpseChoice::finish).or(self.finish);
    }

    pub(super) fn keep_text(&mut self, choice: &GlimpseChoice<'_>) {
        choice.each_text(&mut |text: Cow<'_, str>| self.keep(&text));
    }

    fn keep(&mut self, text: &str) {
        if self.output_text.len().saturating_add(text.len()) <= MAX_KEPT_TEXT_BYTES {
            self.output_text.push_str(text);
        } else {
            let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
            self.output_text_beyond_bytes = self.output_text_beyond_bytes.saturating_add(bytes);
        }
    }
}

/// How a passed-through stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamEnd {
    /// With `[DONE]`, which has been forwarded.
    Complete,
    /// Every choice was finished but no `[DONE]` came: the gateway adds it.
    CompleteWithoutDone,
    /// Before its end: the gateway adds an error event.
    Truncated,
    /// With the provider's own error event, which has been forwarded; nothing may follow it.
    Errored,
}

/// Reads a stream while its events pass unchanged.
#[derive(Debug, Default)]
pub struct StreamTap {
    hide_usage: bool,
    frames: Frames,
    events: Vec<Bytes>,
    /// Choices that have begun, and whether they have finished.
    choices: Vec<(u32, bool)>,
    over: Option<StreamEnd>,
    /// The last chunk that only added text.
    mould: Mould,
    tapped: Tapped,
}

/// What becomes of an event.
enum Verdict {
    Forward,
    Withhold,
    /// It is `[DONE]`.
    Last,
}

impl StreamTap {
    /// A tap for one stream. With `hide_usage` the chunk that has nothing but the usage is kept
    /// from the caller, who did not ask for it.
    #[must_use]
    pub fn new(hide_usage: bool) -> Self {
        Self {
            hide_usage,
            ..Self::default()
        }
    }

    /// Takes a frame and appends what goes to the caller: whole events, as slices of the frame.
    /// An event that a frame leaves open waits for the rest. When `[DONE]` is among them, its
    /// place in `out` is returned: a comment (with the cost, say) may be inserted there, and
    /// all that the stream says is known.
    ///
    /// # Errors
    /// [`Malformed::TooLarge`] when one event exceeds [`crate::sse::MAX_EVENT_BYTES`]; what was
    /// appended before it may still be sent.
    pub fn push(&mut self, frame: Bytes, out: &mut Vec<Bytes>) -> Result<Option<usize>, Malformed> {
        let mut run = Run::new(frame.clone());
        let mut events = std::mem::take(&mut self.events);
        let result = self.frames.push(frame, &mut events);
        let mut done_at = None;
        for event in events.drain(..) {
            match self.read(&event) {
                Verdict::Forward => run.add(event, out),
                Verdict::Withhold => {}
                Verdict::Last => {
                    run.flush(out);
                    done_at = Some(out.len());
                    run.add(event, out);
                }
            }
        }
        run.flush(out);
        self.events = events;
        // After the last event nothing is read, and nothing can be wrong.
        match self.over {
            Some(_) => Ok(done_at),
            None => result.map(|()| done_at),
        }
    }

    /// Says that the body is over, and appends an event that only lacked its blank line.
    pub fn end(&mut self, out: &mut Vec<Bytes>) -> StreamEnd {
        let rest = self.frames.rest();
        if let Some(over) = self.over {
            return over;
        }
        let data = data_of(&rest);
        let is_done = data.as_deref().is_some_and(is_done);
        let is_chunk = data.is_some_and(|data| serde_json::from_slice::<IgnoredAny>(&data).is_ok());
        if is_chunk && matches!(self.read(&rest), Verdict::Forward) {
            out.extend([rest, Bytes::from_static(b"\n\n")]);
        }
        let is_finished =
            !self.choices.is_empty() && self.choices.iter().all(|(_, finished)| *finished);
        let end = match self.over {
            Some(over) => over,
            None if is_done || is_finished => StreamEnd::CompleteWithoutDone,
            None => StreamEnd::Truncated,
        };
        self.over = Some(end);
        end
    }

    /// Whether the stream's last event has passed; the rest of the body need not be read.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// Whether events have come and not one of them can be read: whatever this is, it is no answer.
    #[must_use]
    pub const fn is_noise(&self) -> bool {
        self.tapped.malformed_events > 0 && !self.tapped.valid && self.tapped.error.is_none()
    }

    /// What the stream has said so far.
    #[must_use]
    pub const fn tapped(&self) -> &Tapped {
        &self.tapped
    }

    fn read(&mut self, event: &[u8]) -> Verdict {
        if self.over.is_some() {
            return Verdict::Withhold;
        }
        if let Some(json) = self.mould.text_of(event) {
            // All else that it says has been noted with the chunk before.
            if let Some(text) = glimpse::text_of(json) {
                self.tapped.keep(&text);
            }
            return Verdict::Forward;
        }
        let Some(data) = data_of(event) else {
            return Verdict::Forward;
        };
        if is_done(&data) {
            self.over = Some(StreamEnd::Complete);
            return Verdict::Last;
        }
        let Ok(glimpse) = Glimpse::read(&data) else {
            self.tapped.malformed_events = self.tapped.malformed_events.saturating_add(1);
            return Verdict::Forward;
        };
        self.tapped.take(&glimpse);
        if self.tapped.error.is_some() {
            self.over = Some(StreamEnd::Errored);
            return Verdict::Forward;
        }
        for choice in glimpse.choices() {
            self.tapped.keep_text(choice);
            self.note(choice.index(), choice.finish().is_some());
        }
        // Slices of joined data lines are no slices of the event.
        if let (Some((text, padding)), Cow::Borrowed(_)) = (glimpse.only_text(), &data) {
            self.mould.take(event, text, padding);
        }
        if self.hide_usage && glimpse.is_usage_only() {
            return Verdict::Withhold;
        }
        Verdict::Forward
    }

    fn note(&mut self, index: u32, finishes: bool) {
        let known = self.choices.iter_mut().find(|(known, _)| *known == index);
        match known {
            Some((_, finished)) => *finished |= finishes,
            None => self.choices.push((index, finishes)),
        }
    }
}

fn is_done(data: &[u8]) -> bool {
    data.trim_ascii() == b"[DONE]"
}

/// Events that follow each other in one frame go out as one piece.
struct Run {
    frame: Bytes,
    range: Range<usize>,
}

impl Run {
    const fn new(frame: Bytes) -> Self {
        Self { frame, range: 0..0 }
    }

    fn add(&mut self, event: Bytes, out: &mut Vec<Bytes>) {
        let start = event
            .as_ptr()
            .addr()
            .wrapping_sub(self.frame.as_ptr().addr());
        let end = start.saturating_add(event.len());
        if end > self.frame.len() {
            // It began in an earlier frame.
            self.flush(out);
            out.push(event);
        } else if start == self.range.end && !self.range.is_empty() {
            self.range.end = end;
        } else {
            self.flush(out);
            self.range = start..end;
        }
    }

    fn flush(&mut self, out: &mut Vec<Bytes>) {
        let range = std::mem::take(&mut self.range);
        if !range.is_empty() {
            out.push(self.frame.slice(range));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Events with places for a text (`T`) and for padding (`P`).
    const EVENTS: [&str; 14] = [
        r#"{"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"T"},"finish_reason":null}]}"#,
        r#"{"model":"m","choices":[{"index":0,"delta":{"content":"T"},"finish_reason":null}],"usage":null}"#,
        r#"{"model":"m","choices":[{"index":0,"delta":{"content":"T"},"finish_reason":null}],"obfuscation":"P"}"#,
        r#"{"obfuscation":"P","choices":[{"index":0,"delta":{"content":"T"}}]}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"T"}}],"obfuscation":"P"}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"T"},"finish_reason":"T"}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"T"},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"index":0,"delta":{"reasoning_content":"T","reasoning":"T"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"arguments":"T"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"T"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"T"}}],"usage":{"prompt_tokens":1}}"#,
        r#"{"choices":[{"text":"T","index":0}],"model":"n"}"#,
        r#"{"choices":[{"text":"T"}],"error":"P"}"#,
        r#"{"choices":[{"text":T}]}"#,
    ];

    /// What may stand in such a place, and what may not.
    const TEXTS: [&[u8]; 16] = [
        b"a",
        b"",
        b"longer than one word of it, and than two",
        b"\\\"",
        b"\\\\",
        b"\"",
        b"\\",
        br#"","usage":{"prompt_tokens":7},"x":""#,
        br#"\"finish_reason\":\"stop\""#,
        b"\\u00e9",
        b"\\u12",
        b"\\ud800",
        b"\n",
        b"\x01",
        "\u{e9}".as_bytes(),
        b"\xff",
    ];

    fn event(form: &str, text: &[u8], padding: &[u8], joint: &str) -> Bytes {
        let mut bytes = joint.as_bytes().to_vec();
        for piece in form.split_inclusive(['T', 'P']) {
            let fixed = piece.trim_end_matches(['T', 'P']);
            bytes.extend_from_slice(fixed.as_bytes());
            if piece.ends_with('T') {
                bytes.extend_from_slice(text);
            } else if piece.ends_with('P') {
                bytes.extend_from_slice(padding);
            }
        }
        bytes.extend_from_slice(b"\n\n");
        Bytes::from(bytes)
    }

    fn form() -> impl Strategy<Value = (&'static str, &'static [u8], &'static [u8], &'static str)> {
        let texts = || prop::sample::select(TEXTS.to_vec());
        let joints = prop::sample::select(vec!["data: ", "data: ", "data:", "data: \ndata: "]);
        (
            prop::sample::select(EVENTS.to_vec()),
            texts(),
            texts(),
            joints,
        )
    }

    proptest! {
        #[test]
        fn a_stream_says_the_same_whether_its_chunks_are_alike_or_not(
            forms in prop::collection::vec((form(), prop::collection::vec(0..TEXTS.len(), 1..4)), 1..6),
        ) {
            let (mut tap, mut plain) = (StreamTap::new(true), StreamTap::new(true));
            let (mut out, mut plain_out) = (Vec::new(), Vec::new());
            for ((form, text, padding, joint), texts) in forms {
                let others = texts.iter().map(|&index| TEXTS[index]);
                for text in [text].into_iter().chain(others) {
                    let event = event(form, text, padding, joint);
                    plain.mould = Mould::default();
                    plain.push(event.clone(), &mut plain_out).unwrap();
                    tap.push(event, &mut out).unwrap();
                    prop_assert_eq!(tap.tapped(), plain.tapped());
                    prop_assert_eq!(&tap.choices, &plain.choices);
                }
            }
            prop_assert_eq!(out.concat(), plain_out.concat());
            prop_assert_eq!(tap.end(&mut out), plain.end(&mut plain_out));
        }
    }
}
