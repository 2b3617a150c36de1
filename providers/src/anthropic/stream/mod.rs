//! A streamed answer of the Messages API into our events.

mod event;

use domain::usage::Usage;
use std::collections::BTreeMap;

use serde_json::value::RawValue;

use self::event::{Ending, ErrorWords, Event, InputDelta, Opening};
use super::JSON_ANSWER_TOOL;
use super::decode::{
    Kind, RedactedBlock, TextBlock, ThinkingBlock, ToolUseBlock, call_id, finish_reason, shape,
};
use super::usage::Counted;
use crate::chat::{ChatEvent, Delta, EventReader, Thinking};
use crate::sse::{SseEvent, SseReader};
use crate::wire::{Malformed, Stamp};

/// Thinking is held until its block ends; an answer that has more of it is no answer.
const MAX_HELD_BYTES: usize = 8 << 20;

/// Blocks that are open at once; real answers have one.
const MAX_OPEN_BLOCKS: usize = 1024;

/// Reads one stream.
pub(super) struct Reader {
    sse: SseReader,
    stamp: Stamp,
    state: State,
    blocks: BTreeMap<u64, Open>,
    held_bytes: usize,
    calls: u32,
    counted: Option<Counted>,
    stop_reason: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Fresh,
    Started,
    Over,
}

/// A block whose end has not come.
enum Open {
    Text,
    Thinking {
        text: String,
        signature: String,
    },
    Redacted(String),
    /// A call; its place among the calls, none for the tool that stands for a JSON answer.
    Call {
        index: Option<u32>,
        /// What the block began with, for servers that send the input at once.
        whole: Option<String>,
    },
    /// A call whose input has come in pieces.
    CallWithInput(Option<u32>),
    Ignored,
}

impl Reader {
    pub(super) fn new(stamp: &Stamp) -> Self {
        Self {
            sse: SseReader::default(),
            stamp: stamp.clone(),
            state: State::Fresh,
            blocks: BTreeMap::new(),
            held_bytes: 0,
            calls: 0,
            counted: None,
            stop_reason: None,
        }
    }

    fn take(&mut self, event: &SseEvent, events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        if self.state == State::Over || !event::is_known(event) {
            return Ok(());
        }
        let read: Event<'_> = shape(&event.data)?;
        match read.kind.as_deref().unwrap_or(&event.name) {
            "message_start" => self.message_start(read.message, events),
            "content_block_start" => self.block_start(&read, events),
            "content_block_delta" => self.block_delta(&read, events),
            "content_block_stop" => self.block_stop(read.index(), events),
            "message_delta" => self.message_delta(&read, events),
            "message_stop" => {
                self.message_stop(events);
                Ok(())
            }
            "error" => self.error(read.error, events),
            _ => Ok(()),
        }
    }

    fn message_start(
        &mut self,
        message: Option<&RawValue>,
        events: &mut Vec<ChatEvent>,
    ) -> Result<(), Malformed> {
        let Opening { id, model, usage } = shape(part(message, "message")?)?;
        self.count(usage);
        self.start(id, model, events);
        Ok(())
    }

    fn start(&mut self, id: Option<String>, model: Option<String>, events: &mut Vec<ChatEvent>) {
        if self.state == State::Fresh {
            self.state = State::Started;
            events.push(ChatEvent::Start {
                id: id.unwrap_or_else(|| self.stamp.request_id.clone()),
                model: model.unwrap_or_else(|| self.stamp.model.clone()),
            });
        }
    }

    fn count(&mut self, usage: Option<&RawValue>) {
        if let Some(counted) = usage.and_then(Counted::read) {
            match &mut self.counted {
                Some(earlier) => earlier.update(counted),
                None => self.counted = Some(counted),
            }
        }
    }

    fn block_start(
        &mut self,
        event: &Event<'_>,
        events: &mut Vec<ChatEvent>,
    ) -> Result<(), Malformed> {
        self.start(None, None, events);
        let json = part(event.content_block, "content_block")?;
        let open = match shape::<Kind>(json)?.name.as_str() {
            "text" => {
                push_text(shape::<TextBlock>(json)?.text, Delta::Text, events);
                Open::Text
            }
            "thinking" => {
                let ThinkingBlock {
                    thinking,
                    signature,
                } = shape(json)?;
                push_text(thinking.clone(), Delta::Reasoning, events);
                Open::Thinking {
                    text: thinking,
                    signature,
                }
            }
            "redacted_thinking" => Open::Redacted(shape::<RedactedBlock>(json)?.data),
            "tool_use" => self.call_start(shape(json)?, events),
            _ => Open::Ignored,
        };
        if !matches!(open, Open::Text | Open::Ignored) {
            self.hold(json.len())?;
        }
        if self.blocks.len() >= MAX_OPEN_BLOCKS {
            return Err(Malformed::TooLarge);
        }
        self.blocks.insert(event.index(), open);
        Ok(())
    }

    fn call_start(&mut self, block: ToolUseBlock, events: &mut Vec<ChatEvent>) -> Open {
        let whole = block.input_text().map(str::to_owned);
        let ToolUseBlock { id, name, input: _ } = block;
        if name == JSON_ANSWER_TOOL {
            return Open::Call { index: None, whole };
        }
        let index = self.calls;
        self.calls = self.calls.saturating_add(1);
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        events.push(delta(Delta::ToolCallStart {
            index,
            id: call_id(id, &self.stamp, place),
            name,
            signature: None,
        }));
        let index = Some(index);
        Open::Call { index, whole }
    }

    fn block_delta(
        &mut self,
        event: &Event<'_>,
        events: &mut Vec<ChatEvent>,
    ) -> Result<(), Malformed> {
        let json = part(event.delta, "delta")?;
        let index = event.index();
        let Some(open) = self.blocks.get_mut(&index) else {
            return Err(Malformed::Answer(format!(
                "a delta of block {index}, which has not begun"
            )));
        };
        let mut held = 0;
        match (shape::<Kind>(json)?.name.as_str(), &mut *open) {
            ("text_delta", Open::Text) => {
                push_text(shape::<TextBlock>(json)?.text, Delta::Text, events);
            }
            ("thinking_delta", Open::Thinking { text: all, .. }) => {
                let piece = shape::<ThinkingBlock>(json)?.thinking;
                held = piece.len();
                all.push_str(&piece);
                push_text(piece, Delta::Reasoning, events);
            }
            ("signature_delta", Open::Thinking { signature, .. }) => {
                let piece = shape::<ThinkingBlock>(json)?.signature;
                held = piece.len();
                signature.push_str(&piece);
            }
            ("input_json_delta", Open::Call { index, .. } | Open::CallWithInput(index)) => {
                let piece = shape::<InputDelta>(json)?.partial_json;
                let index = *index;
                if !piece.is_empty() {
                    events.push(input(index, piece));
                    *open = Open::CallWithInput(index);
                }
            }
            _ => {}
        }
        self.hold(held)
    }

    fn block_stop(&mut self, index: u64, events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        match self.blocks.remove(&index) {
            Some(Open::Thinking { text, signature }) => {
                let thinking = Thinking::Signed { text, signature };
                events.push(delta(Delta::ThinkingEnd(thinking)));
            }
            Some(Open::Redacted(data)) => {
                events.push(delta(Delta::ThinkingEnd(Thinking::Redacted { data })));
            }
            Some(Open::Call { index, whole }) => {
                events.push(input(index, whole.unwrap_or_else(|| "{}".to_owned())));
            }
            Some(Open::Text | Open::CallWithInput(_) | Open::Ignored) | None => {}
        }
        Ok(())
    }

    fn message_delta(
        &mut self,
        event: &Event<'_>,
        events: &mut Vec<ChatEvent>,
    ) -> Result<(), Malformed> {
        self.start(None, None, events);
        self.count(event.usage);
        let Some(json) = event.delta else {
            return Ok(());
        };
        let Ending {
            stop_reason,
            stop_details,
        } = shape(json.get())?;
        if let Some(stop_reason) = stop_reason {
            let refusal = stop_details.and_then(|details| details.refusal(Some(&stop_reason)));
            events.extend(refusal.map(|words| delta(Delta::Refusal(words))));
            self.stop_reason = Some(stop_reason);
        }
        Ok(())
    }

    fn message_stop(&mut self, events: &mut Vec<ChatEvent>) {
        self.start(None, None, events);
        self.state = State::Over;
        events.push(ChatEvent::Finish {
            choice: 0,
            reason: finish_reason(self.stop_reason.as_deref(), self.calls > 0),
        });
        let usage = self.counted.as_ref().and_then(Counted::usage);
        events.extend(usage.map(ChatEvent::Usage));
        events.push(ChatEvent::Done);
    }

    /// An error may come before anything else; there is no start then, so that the gateway may
    /// still ask somebody else.
    fn error(
        &mut self,
        error: Option<&RawValue>,
        events: &mut Vec<ChatEvent>,
    ) -> Result<(), Malformed> {
        let ErrorWords { kind, message } = shape(part(error, "error")?)?;
        self.state = State::Over;
        events.push(ChatEvent::Error {
            message: message.unwrap_or_default(),
            error_type: kind,
        });
        Ok(())
    }

    fn hold(&mut self, bytes: usize) -> Result<(), Malformed> {
        self.held_bytes = self.held_bytes.saturating_add(bytes);
        if self.held_bytes > MAX_HELD_BYTES {
            return Err(Malformed::TooLarge);
        }
        Ok(())
    }
}

impl EventReader for Reader {
    fn counted_so_far(&self) -> Option<Usage> {
        self.counted.as_ref().and_then(Counted::usage)
    }

    fn push(&mut self, bytes: &[u8], events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        if self.state == State::Over {
            return Ok(());
        }
        let mut read = Vec::new();
        let result = self.sse.push(bytes, &mut read);
        for event in &read {
            self.take(event, events)?;
        }
        result
    }

    fn end(&mut self, events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        if self.state != State::Over && self.sse.is_inside_event() {
            // The blank line after the last event is sometimes missing; anything else that stops
            // here was cut.
            let mut last = Vec::new();
            let whole = self.push(b"\n\n", &mut last);
            if whole.is_ok() && self.state == State::Over {
                events.append(&mut last);
            }
        }
        if self.state == State::Over {
            Ok(())
        } else {
            Err(Malformed::Truncated)
        }
    }
}

const fn delta(delta: Delta) -> ChatEvent {
    ChatEvent::Delta { choice: 0, delta }
}

fn push_text(piece: String, kind: fn(String) -> Delta, events: &mut Vec<ChatEvent>) {
    if !piece.is_empty() {
        events.push(delta(kind(piece)));
    }
}

/// A piece of a call's input; that of the tool that stands for a JSON answer is text.
const fn input(index: Option<u32>, json: String) -> ChatEvent {
    delta(match index {
        Some(index) => Delta::ToolCallArguments { index, json },
        None => Delta::Text(json),
    })
}

fn part<'a>(json: Option<&'a RawValue>, name: &str) -> Result<&'a str, Malformed> {
    json.map(RawValue::get)
        .ok_or_else(|| Malformed::Answer(format!("an event without `{name}`")))
}

#[cfg(test)]
mod tests;
