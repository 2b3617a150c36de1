//! A streamed answer in our own words: lines of JSON, the last one marked `done`.

use super::answer::Answer;
use crate::chat::{ChatEvent, Delta, EventReader};
use crate::ndjson::LineReader;
use crate::tool_calls::CallIds;
use crate::wire::{Malformed, Stamp};

/// Reads one streamed answer.
pub(super) struct Events {
    lines: LineReader,
    stamp: Stamp,
    ids: CallIds,
    calls: u32,
    has_started: bool,
    is_over: bool,
}

impl Events {
    pub(super) fn new(stamp: &Stamp) -> Self {
        Self {
            lines: LineReader::default(),
            stamp: stamp.clone(),
            ids: CallIds::new(&stamp.request_id),
            calls: 0,
            has_started: false,
            is_over: false,
        }
    }

    fn line(&mut self, line: &[u8], events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        let mut answer = Answer::read(line)?;
        if let Some(message) = answer.error_message() {
            self.is_over = true;
            events.push(ChatEvent::Error {
                message,
                error_type: None,
            });
            return Ok(());
        }
        if !self.has_started {
            self.has_started = true;
            events.push(ChatEvent::Start {
                id: self.stamp.request_id.clone(),
                model: answer
                    .model
                    .take()
                    .unwrap_or_else(|| self.stamp.model.clone()),
            });
        }
        self.deltas(&mut answer, events);
        if answer.done {
            self.is_over = true;
            let reason = answer.finish(self.calls > 0);
            events.push(ChatEvent::Finish { choice: 0, reason });
            events.extend(answer.usage().map(ChatEvent::Usage));
            events.push(ChatEvent::Done);
        }
        Ok(())
    }

    fn deltas(&mut self, answer: &mut Answer, events: &mut Vec<ChatEvent>) {
        let message = answer.take_message();
        let mut push = |delta| events.push(ChatEvent::Delta { choice: 0, delta });
        if let Some(thinking) = message.thinking {
            push(Delta::Reasoning(thinking));
        }
        if let Some(text) = message.content {
            push(Delta::Text(text));
        }
        for call in message.tool_calls.unwrap_or_default() {
            let index = self.calls;
            self.calls = index.saturating_add(1);
            let json = call.function.arguments();
            push(Delta::ToolCallStart {
                index,
                id: self.ids.next(call.id),
                name: call.function.name,
                signature: None,
            });
            push(Delta::ToolCallArguments { index, json });
        }
    }

    fn lines(&mut self, lines: &[Vec<u8>], events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        for line in lines {
            if !self.is_over {
                self.line(line, events)?;
            }
        }
        Ok(())
    }
}

impl EventReader for Events {
    fn push(&mut self, bytes: &[u8], events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        let mut lines = Vec::new();
        let result = self.lines.push(bytes, &mut lines);
        self.lines(&lines, events)?;
        result
    }

    fn end(&mut self, events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        let mut lines = Vec::new();
        self.lines.end(&mut lines);
        // A last line without its end may be cut: then it is no JSON.
        self.lines(&lines, events)
            .map_err(|_cut| Malformed::Truncated)?;
        if self.is_over {
            Ok(())
        } else {
            Err(Malformed::Truncated)
        }
    }
}
