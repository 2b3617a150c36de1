//! Answers that the gateway gives itself, written like a provider's.

use providers::chat::{ChatEvent, EventReader};
use providers::openai::body::BodyKind;
use providers::openai::write_stream::StreamWriter;
use providers::wire::{Malformed, Stamp};

use crate::meter::Meter;
use crate::reader::{Step, StreamReader, Translated};

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
    pub fn write(
        &self,
        reader: &mut StreamReader,
        mut events: Vec<ChatEvent>,
        meter: &mut Meter,
    ) -> Step {
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
