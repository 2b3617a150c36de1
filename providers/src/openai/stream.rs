//! A streamed answer in OpenAI's dialect, as events in our own words.

use domain::usage::Usage;
use serde_json::Value;

use super::answer::{AnswerSeen, ChoiceSeen, MessageSeen, ToolCallSeen, finish_reason};
use super::decode::made_call_id;
use crate::chat::{ChatEvent, Delta, EventReader};
use crate::sse::{SseEvent, SseReader};
use crate::wire::{Malformed, Stamp};

/// Reads a stream of `chat.completion.chunk` or of `text_completion`.
pub(super) struct Events {
    stamp: Stamp,
    sse: SseReader,
    choices: Vec<ChoiceState>,
    usage: Option<Usage>,
    service_tier: Option<String>,
    started: bool,
    over: bool,
}

/// What is known of one choice.
struct ChoiceState {
    index: u32,
    finished: bool,
    calls: Vec<CallState>,
}

/// How a vendor names a call, whose own index is its place in the list.
struct CallState {
    vendor_index: Option<u32>,
    id: String,
}

impl Events {
    pub(super) fn new(stamp: &Stamp) -> Self {
        Self {
            stamp: stamp.clone(),
            sse: SseReader::default(),
            choices: Vec::new(),
            usage: None,
            service_tier: None,
            started: false,
            over: false,
        }
    }

    fn take(&mut self, event: &SseEvent, events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        if event.data.trim() == "[DONE]" {
            self.finish(events);
            return Ok(());
        }
        let chunk: AnswerSeen =
            serde_json::from_str(&event.data).map_err(|e| Malformed::Answer(e.to_string()))?;
        if let Some(error) = chunk.error {
            self.over = true;
            events.push(read_error(&error));
            return Ok(());
        }
        if !self.started {
            self.started = true;
            events.push(ChatEvent::Start {
                id: chunk.id.unwrap_or_else(|| self.stamp.request_id.clone()),
                model: chunk
                    .model
                    .filter(|model| !model.is_empty())
                    .unwrap_or_else(|| self.stamp.model.clone()),
            });
        }
        for choice in chunk.choices.unwrap_or_default() {
            self.take_choice(choice, events);
        }
        self.service_tier = chunk.service_tier.or_else(|| self.service_tier.take());
        // Some vendors count in every chunk; the last count holds.
        if let Some(usage) = chunk.usage.filter(|usage| !usage.is_empty()) {
            self.usage = Some(usage.usage(self.service_tier.as_deref()));
        }
        Ok(())
    }

    fn take_choice(&mut self, seen: ChoiceSeen, events: &mut Vec<ChatEvent>) {
        let index = seen.index.unwrap_or(0);
        let known = self.choices.iter().position(|state| state.index == index);
        let at = known.unwrap_or(self.choices.len());
        if known.is_none() {
            self.choices.push(ChoiceState {
                index,
                finished: false,
                calls: Vec::new(),
            });
        }
        let Some(state) = self.choices.get_mut(at) else {
            return;
        };
        if state.finished {
            // Some servers repeat the finish, or send an empty delta with the usage.
            return;
        }
        let mut push = |delta| {
            events.push(ChatEvent::Delta {
                choice: index,
                delta,
            });
        };
        if let Some(text) = seen.text.filter(|text| !text.is_empty()) {
            push(Delta::Text(text));
        }
        if let Some(message) = seen.delta.or(seen.message) {
            take_delta(message, state, &self.stamp, &mut push);
        }
        if let Some(word) = seen.finish_reason {
            state.finished = true;
            events.push(ChatEvent::Finish {
                choice: index,
                reason: finish_reason(&word),
            });
        }
    }

    fn finish(&mut self, events: &mut Vec<ChatEvent>) {
        self.over = true;
        if let Some(usage) = self.usage.take() {
            events.push(ChatEvent::Usage(usage));
        }
        events.push(ChatEvent::Done);
    }
}

impl EventReader for Events {
    fn push(&mut self, bytes: &[u8], events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        let mut found = Vec::new();
        let result = self.sse.push(bytes, &mut found);
        for event in found {
            if self.over {
                return Ok(());
            }
            self.take(&event, events)?;
        }
        if self.over { Ok(()) } else { result }
    }

    fn end(&mut self, events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        if self.over {
            return Ok(());
        }
        // Some servers close after the last finish reason, without `[DONE]`.
        let is_complete =
            !self.choices.is_empty() && self.choices.iter().all(|state| state.finished);
        if !is_complete {
            return Err(Malformed::Truncated);
        }
        self.finish(events);
        Ok(())
    }
}

fn take_delta(
    mut message: MessageSeen,
    state: &mut ChoiceState,
    stamp: &Stamp,
    push: &mut impl FnMut(Delta),
) {
    if let Some(text) = message.reasoning() {
        push(Delta::Reasoning(text));
    }
    for block in message.thinking() {
        push(Delta::ThinkingEnd(block));
    }
    if let Some(text) = message.text().filter(|text| !text.is_empty()) {
        push(Delta::Text(text));
    }
    if let Some(text) = message.refusal.take().filter(|text| !text.is_empty()) {
        push(Delta::Refusal(text));
    }
    let legacy = message.function_call.take().map(ToolCallSeen::legacy);
    let calls = message.tool_calls.take().unwrap_or_default();
    for call in calls.into_iter().chain(legacy) {
        take_call(call, state, stamp, push);
    }
}

fn take_call(
    mut call: ToolCallSeen,
    state: &mut ChoiceState,
    stamp: &Stamp,
    push: &mut impl FnMut(Delta),
) {
    let signature = call.signature();
    let id = call.id.filter(|id| !id.is_empty());
    let mut function = call.function.unwrap_or_default();
    // Some servers give every call the index 0, or none: a new id is then a new call.
    let known = state
        .calls
        .iter()
        .rposition(|known| match (&id, call.index) {
            (Some(id), Some(index)) => known.vendor_index == Some(index) && known.id == *id,
            (Some(id), None) => known.id == *id,
            (None, Some(index)) => known.vendor_index == Some(index),
            (None, None) => true,
        });
    let at = known.unwrap_or(state.calls.len());
    let index = u32::try_from(at).unwrap_or(u32::MAX);
    if known.is_none() {
        let id = id.unwrap_or_else(|| made_call_id(stamp, at));
        state.calls.push(CallState {
            vendor_index: call.index,
            id: id.clone(),
        });
        push(Delta::ToolCallStart {
            index,
            id,
            name: function.name.take().unwrap_or_default(),
            signature,
        });
    }
    let json = function.arguments();
    if !json.is_empty() {
        push(Delta::ToolCallArguments { index, json });
    }
}

fn read_error(error: &Value) -> ChatEvent {
    let text = |name: &str| error.get(name).and_then(Value::as_str);
    ChatEvent::Error {
        message: error
            .as_str()
            .or_else(|| text("message"))
            .unwrap_or_default()
            .to_owned(),
        error_type: text("type").map(str::to_owned),
    }
}
