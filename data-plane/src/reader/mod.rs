//! A provider's bytes to the caller's bytes, in either lane, with the meter listening.

pub mod cut;
pub mod own;
pub mod whole;

use bytes::Bytes;
use providers::chat::{ChatEvent, Delta, EventReader};
use providers::failure::Failure;
use providers::openai::tap::{StreamEnd, StreamTap};
use providers::openai::write_stream::{DONE, StreamWriter};
use providers::wire::{Malformed, Stamp};

use crate::call::Call;
use crate::meter::Meter;
use crate::translate::Lane;

/// What reading brought.
#[derive(Default)]
pub struct Step {
    /// Bytes for the caller, in order.
    pub pieces: Vec<Bytes>,
    /// Whether the provider has sent any event yet.
    pub has_events: bool,
    /// The provider reported an error in its stream; nothing follows.
    pub error: Option<Failure>,
    /// The provider's last event is here.
    pub complete: bool,
}

/// Reads one streamed answer.
pub enum StreamReader {
    /// The caller's own dialect: bytes pass, a tap listens.
    Same(Box<Same>),
    /// Another dialect: events are read and written anew.
    Translated(Box<Translated>),
}

/// A stream that passes.
pub struct Same {
    tap: StreamTap,
    /// The end mark, held until the request is settled.
    end_mark: Vec<Bytes>,
    /// Writes an end of our own.
    writer: StreamWriter,
    include_usage: bool,
    /// Whether the end is ours.
    is_cut: bool,
}

/// A stream that is written anew.
pub struct Translated {
    events: Box<dyn EventReader>,
    writer: StreamWriter,
    include_usage: bool,
    pending: Vec<ChatEvent>,
}

impl StreamReader {
    /// A reader for the answer of `call` in `lane`.
    #[must_use]
    pub fn new(call: &Call, lane: Lane, stamp: &Stamp) -> Self {
        let include_usage = call.body.include_usage;
        let events = match lane {
            Lane::Chat(api) => api.events(stamp),
            Lane::Completion(api) => api.events(stamp),
            Lane::Same | Lane::Embedding(_) => {
                let tap = StreamTap::new(!include_usage);
                return Self::Same(Box::new(Same {
                    tap,
                    end_mark: Vec::new(),
                    writer: StreamWriter::new(call.body.kind, stamp, include_usage),
                    include_usage,
                    is_cut: false,
                }));
            }
        };
        Self::Translated(Box::new(Translated {
            events,
            writer: StreamWriter::new(call.body.kind, stamp, include_usage),
            include_usage,
            pending: Vec::new(),
        }))
    }

    /// Whether an error event of the provider is among the pieces already.
    #[must_use]
    pub const fn passes_errors_on(&self) -> bool {
        matches!(self, Self::Same(_))
    }

    /// Takes the provider's next bytes.
    ///
    /// # Errors
    /// When they mean nothing; the stream is then over.
    pub fn push(
        &mut self,
        bytes: Bytes,
        meter: &mut Meter,
        step: &mut Step,
    ) -> Result<(), Malformed> {
        match self {
            Self::Same(stream) => {
                let first = step.pieces.len();
                let read = stream.tap.push(bytes, &mut step.pieces);
                if let Ok(Some(end)) = read
                    && !stream.is_cut
                {
                    stream.end_mark = step.pieces.split_off(end.max(first));
                }
                stream.listen(meter, step);
                step.complete |= step.error.is_none() && stream.tap.is_over();
                if stream.tap.is_noise() {
                    return Err(Malformed::Answer("no event can be read".to_owned()));
                }
                read.map(|_end| ())
            }
            Self::Translated(stream) => {
                let mut events = std::mem::take(&mut stream.pending);
                let read = stream.events.push(&bytes, &mut events);
                stream.write(&mut events, meter, step);
                read
            }
        }
    }

    /// Says that the provider sends nothing more.
    ///
    /// # Errors
    /// When the answer is not complete.
    pub fn end(&mut self, meter: &mut Meter, step: &mut Step) -> Result<(), Malformed> {
        match self {
            Self::Same(stream) => {
                let end = stream.tap.end(&mut step.pieces);
                stream.listen(meter, step);
                match end {
                    StreamEnd::Complete => {
                        step.complete = true;
                        Ok(())
                    }
                    StreamEnd::Errored => Ok(()),
                    StreamEnd::CompleteWithoutDone => {
                        stream.end_mark = vec![Bytes::from_static(DONE)];
                        step.complete = true;
                        Ok(())
                    }
                    StreamEnd::Truncated => Err(Malformed::Truncated),
                }
            }
            Self::Translated(stream) => {
                let mut events = std::mem::take(&mut stream.pending);
                let read = stream.events.end(&mut events);
                stream.write(&mut events, meter, step);
                read
            }
        }
    }

    /// Hands the meter what was heard of the answer, for counting when the provider did not.
    pub fn hand_over(&self, meter: &mut Meter) {
        match self {
            Self::Same(stream) => {
                let tapped = stream.tap.tapped();
                meter.text_so_far(&tapped.output_text, tapped.output_text_beyond_bytes);
            }
            Self::Translated(stream) => meter.counted_so_far(stream.events.counted_so_far()),
        }
    }

    /// The last bytes of a complete answer: a comment, the usage if the caller asked for it, the
    /// end mark.
    #[must_use]
    pub fn tail(&mut self, meter: &Meter, comment: &str) -> Vec<Bytes> {
        let mut tail = vec![Bytes::from(format!(": {comment}\n\n"))];
        let ours = meter.counted().map(|usage| self.cut_usage(usage));
        tail.extend(ours.filter(|ours| !ours.is_empty()).map(Bytes::from));
        match self {
            Self::Same(stream) => tail.append(&mut stream.end_mark),
            Self::Translated(stream) => {
                let mut bytes = Vec::new();
                if let Some(usage) = meter.counted().filter(|_| stream.include_usage) {
                    stream
                        .writer
                        .write(&ChatEvent::Usage(usage.clone()), &mut bytes);
                }
                stream.writer.write(&ChatEvent::Done, &mut bytes);
                tail.push(Bytes::from(bytes));
            }
        }
        tail
    }
}

impl Same {
    fn listen(&self, meter: &mut Meter, step: &mut Step) {
        let tapped = self.tap.tapped();
        step.has_events |= tapped.valid || tapped.error.is_some();
        if let Some(message) = &tapped.error {
            step.error = Some(Failure::classify(500, message.clone(), None, None));
        }
        // Some vendors count on in every chunk: the last count is the one they bill.
        if tapped.usage.is_some() && tapped.usage.as_ref() != meter.counted() {
            meter.usage(tapped.usage.clone().unwrap_or_default());
        }
    }
}

impl Translated {
    fn write(&mut self, events: &mut Vec<ChatEvent>, meter: &mut Meter, step: &mut Step) {
        let mut bytes = Vec::new();
        for event in events.drain(..) {
            step.has_events = true;
            match event {
                ChatEvent::Usage(usage) => meter.usage(usage),
                ChatEvent::Done => step.complete = true,
                ChatEvent::Error {
                    message,
                    error_type,
                } => {
                    step.error = Some(Failure::classify(500, message, error_type, None));
                }
                ChatEvent::Start { .. } | ChatEvent::Finish { .. } => {
                    self.writer.write(&event, &mut bytes)
                }
                ChatEvent::Delta { ref delta, .. } => {
                    match delta {
                        Delta::Text(text) | Delta::Reasoning(text) | Delta::Refusal(text) => {
                            meter.text(text)
                        }
                        Delta::ToolCallArguments { json, .. } => meter.text(json),
                        Delta::ThinkingEnd(_) | Delta::ToolCallStart { .. } => {}
                    }
                    self.writer.write(&event, &mut bytes);
                }
            }
        }
        self.pending = std::mem::take(events);
        if !bytes.is_empty() {
            step.pieces.push(Bytes::from(bytes));
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::usage::Usage;
    use providers::openai::body::BodyKind;

    use super::*;

    const COUNTED: &str = r#"data: {"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":11,"completion_tokens":"#;

    fn same() -> StreamReader {
        let stamp = Stamp {
            request_id: "req_1".to_owned(),
            created_s: 0,
            model: "m".to_owned(),
        };
        StreamReader::Same(Box::new(Same {
            tap: StreamTap::new(true),
            end_mark: Vec::new(),
            writer: StreamWriter::new(BodyKind::Chat, &stamp, false),
            include_usage: false,
            is_cut: false,
        }))
    }

    fn push(
        reader: &mut StreamReader,
        meter: &mut Meter,
        text: &str,
    ) -> (Step, Result<(), Malformed>) {
        let mut step = Step::default();
        let read = reader.push(Bytes::from(text.to_owned()), meter, &mut step);
        (step, read)
    }

    #[test]
    fn a_stream_that_stops_before_its_end_is_not_complete() {
        let (mut reader, mut meter) = (same(), Meter::default());
        let chunk = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n";
        let (mut step, read) = push(&mut reader, &mut meter, chunk);
        assert!(read.is_ok() && step.has_events && !step.complete);
        assert!(reader.end(&mut meter, &mut step).is_err());
        assert!(!step.complete);
    }

    #[test]
    fn the_last_count_of_a_stream_is_charged() {
        let (mut reader, mut meter) = (same(), Meter::default());
        for count in [1, 500, 1_000] {
            let _ = push(
                &mut reader,
                &mut meter,
                &format!("{COUNTED}{count}}}}}\n\n"),
            );
        }
        let counted = meter.counted().map(Usage::completion_tokens);
        assert_eq!(counted, Some(1_000));
    }

    #[test]
    fn events_that_are_no_answer_begin_no_stream() {
        let (step, read) = push(&mut same(), &mut Meter::default(), "data: <html>\n\n");
        assert!(read.is_err() && !step.has_events);
        let (step, read) = push(&mut same(), &mut Meter::default(), "data: [DONE]\n\n");
        assert!(read.is_ok() && step.complete && !step.has_events);
    }
}
