//! A stream that has to end because no more of it can be paid: ended as a token limit ends it.

use bytes::Bytes;
use domain::usage::Usage;
use providers::chat::{ChatEvent, FinishReason};
use providers::openai::write_stream::DONE;

use crate::meter::Meter;
use crate::reader::StreamReader;

/// What the caller is told beside the end.
const NOTICE: &[u8] = b": x-headgate-notice: the budget is spent; the answer was ended here\n\n";

impl StreamReader {
    /// The bytes that end an answer here: a notice, and the reason `length` for each of its parts.
    /// The usage and the end mark follow when the answer has been counted.
    #[must_use]
    pub fn cut(&mut self, answers: u64) -> Bytes {
        let writer = match self {
            Self::Same(stream) => {
                stream.end_mark = vec![Bytes::from_static(DONE)];
                stream.is_cut = true;
                &mut stream.writer
            }
            Self::Translated(stream) => &mut stream.writer,
        };
        let mut bytes = NOTICE.to_vec();
        for choice in 0..u32::try_from(answers).unwrap_or(1) {
            let reason = FinishReason::Length;
            writer.write(&ChatEvent::Finish { choice, reason }, &mut bytes);
        }
        Bytes::from(bytes)
    }

    /// What has been heard of the answer: its first part, and how many bytes more there were.
    #[must_use]
    pub fn heard<'a>(&'a self, meter: &'a Meter) -> (&'a str, u64) {
        match self {
            Self::Same(stream) => {
                let tapped = stream.tap.tapped();
                (&tapped.output_text, tapped.output_text_beyond_bytes)
            }
            Self::Translated(_) => meter.heard(),
        }
    }

    /// The usage of an answer that was cut, where the caller asked for it.
    pub(super) fn cut_usage(&mut self, usage: &Usage) -> Vec<u8> {
        let mut bytes = Vec::new();
        if let Self::Same(stream) = self
            && stream.is_cut
            && stream.include_usage
        {
            let event = ChatEvent::Usage(usage.clone());
            stream.writer.write(&event, &mut bytes);
        }
        bytes
    }
}
