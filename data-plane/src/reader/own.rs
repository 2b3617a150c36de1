//! Answers that the gateway gives itself, written like a provider's.

use providers::chat::{ChatEvent, EventReader};
use providers::openai::write_stream::StreamWriter;
use providers::wire::{Malformed, Stamp};

use crate::call::Call;
use crate::meter::Meter;
use crate::reader::{Step, StreamReader, Translated};

/// Writes the events of an answer that the gateway gives itself, as if a provider had sent them,
/// and gives the reader that writes its end.
#[must_use]
pub fn begin(
    call: &Call,
    stamp: &Stamp,
    mut events: Vec<ChatEvent>,
    meter: &mut Meter,
) -> (StreamReader, Step) {
    let include_usage = call.body.include_usage;
    let mut stream = Translated {
        events: Box::new(NoEvents),
        writer: StreamWriter::new(call.body.kind, stamp, include_usage),
        include_usage,
        pending: Vec::new(),
    };
    let mut step = Step::default();
    stream.write(&mut events, meter, &mut step);
    (StreamReader::Translated(Box::new(stream)), step)
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
