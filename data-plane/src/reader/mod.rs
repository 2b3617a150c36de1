//! A provider's bytes to the caller's bytes, in either lane, with the meter listening.

pub mod whole;

use bytes::Bytes;
use providers::chat::{ChatEvent, Delta, EventReader};
use providers::failure::Failure;
use providers::openai::body::BodyKind;
use providers::openai::tap::{Tap, TapOptions};
use providers::openai::write_stream::StreamWriter;
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
    Same(Box<Tap>),
    /// Another dialect: events are read and written anew.
    Translated(Box<Translated>),
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
                let options = TapOptions { hide_usage: !include_usage };
                return Self::Same(Box::new(Tap::new(call.body.kind, options)));
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
    pub fn push(&mut self, bytes: Bytes, meter: &mut Meter, step: &mut Step) -> Result<(), Malformed> {
        match self {
            Self::Same(tap) => {
                let read = tap.push(bytes, &mut step.pieces);
                listen(tap, meter, step);
                read
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
            Self::Same(tap) => {
                let read = tap.end(&mut step.pieces);
                listen(tap, meter, step);
                read
            }
            Self::Translated(stream) => {
                let mut events = std::mem::take(&mut stream.pending);
                let read = stream.events.end(&mut events);
                stream.write(&mut events, meter, step);
                read
            }
        }
    }

    /// The last bytes of a complete answer: a comment, the usage if the caller asked for it, the
    /// end mark.
    #[must_use]
    pub fn tail(&mut self, meter: &Meter, comment: &str) -> Vec<Bytes> {
        let mut tail = vec![Bytes::from(format!(": {comment}\n\n"))];
        match self {
            Self::Same(tap) => tail.extend(tap.tail()),
            Self::Translated(stream) => {
                let mut bytes = Vec::new();
                if let Some(usage) = meter.counted().filter(|_| stream.include_usage) {
                    stream.writer.write(&ChatEvent::Usage(usage.clone()), &mut bytes);
                }
                stream.writer.write(&ChatEvent::Done, &mut bytes);
                tail.push(Bytes::from(bytes));
            }
        }
        tail
    }
}

fn listen(tap: &mut Tap, meter: &mut Meter, step: &mut Step) {
    let heard = tap.heard();
    step.has_events |= heard.events > 0;
    step.complete |= heard.complete;
    if let Some(failure) = &heard.error {
        step.error = Some(failure.clone());
    }
    if let Some(usage) = &heard.usage {
        meter.usage(usage.clone());
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
                ChatEvent::Error { message, error_type } => {
                    step.error = Some(Failure::classify(500, message, error_type, None));
                }
                ChatEvent::Start { .. } | ChatEvent::Finish { .. } => self.writer.write(&event, &mut bytes),
                ChatEvent::Delta { ref delta, .. } => {
                    match delta {
                        Delta::Text(text) | Delta::Reasoning(text) | Delta::Refusal(text) => meter.text(text),
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

/// A reader for an answer that the gateway gives itself.
#[must_use]
pub fn local(kind: BodyKind, stamp: &Stamp, include_usage: bool) -> (StreamReader, LocalWriter) {
    let reader = StreamReader::Translated(Box::new(Translated {
        events: Box::new(NoEvents),
        writer: StreamWriter::new(kind, stamp, include_usage),
        include_usage,
        pending: Vec::new(),
    }));
    (reader, LocalWriter)
}

/// Writes events that the gateway makes itself.
pub struct LocalWriter;

impl LocalWriter {
    /// Writes events through `reader`, as if a provider had sent them.
    pub fn write(&self, reader: &mut StreamReader, mut events: Vec<ChatEvent>, meter: &mut Meter) -> Step {
        let mut step = Step::default();
        if let StreamReader::Translated(stream) = reader {
            stream.write(&mut events, meter, &mut step);
        }
        step
    }
}

struct NoEvents;

impl EventReader for NoEvents {
    fn push(&mut self, _bytes: &[u8], _events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        Ok(())
    }

    fn end(&mut self, _events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        Ok(())
    }
}
