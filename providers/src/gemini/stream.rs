//! A streamed answer in our own words: server-sent events, each a `GenerateContentResponse`.
//!
//! Nothing marks the last event, and a reason to finish may come on several events: the answer is
//! complete when the bytes end and every candidate has given a reason. Each event's counts are
//! those so far; they count for the answer from the first reason on.

use std::collections::BTreeMap;

use domain::usage::Usage;
use serde_json::Value;

use super::answer::{Answer, Candidate, Piece, finish_reason};
use crate::chat::{ChatEvent, Delta, EventReader, FinishReason};
use crate::sse::SseReader;
use crate::tool_calls::CallIds;
use crate::wire::{Malformed, Stamp};

/// Reads one streamed answer.
pub(super) struct Events {
    sse: SseReader,
    stamp: Stamp,
    ids: CallIds,
    choices: BTreeMap<u32, Progress>,
    usage: Option<Usage>,
    counted_so_far: Option<Usage>,
    has_started: bool,
    has_failed: bool,
}

/// How far a choice has come.
#[derive(Default)]
struct Progress {
    calls: u32,
    finish: Option<String>,
}

impl Events {
    pub(super) fn new(stamp: &Stamp) -> Self {
        Self {
            sse: SseReader::default(),
            stamp: stamp.clone(),
            ids: CallIds::new(&stamp.request_id),
            choices: BTreeMap::new(),
            usage: None,
            counted_so_far: None,
            has_started: false,
            has_failed: false,
        }
    }

    fn event(&mut self, data: &str, events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        let mut answer: Answer =
            serde_json::from_str(data).map_err(|error| Malformed::Answer(error.to_string()))?;
        if let Some(error) = &answer.error {
            self.has_failed = true;
            events.push(failure(error));
            return Ok(());
        }
        if !self.has_started {
            self.has_started = true;
            events.push(ChatEvent::Start {
                id: answer
                    .response_id
                    .take()
                    .unwrap_or_else(|| self.stamp.request_id.clone()),
                model: answer
                    .model_version
                    .take()
                    .unwrap_or_else(|| self.stamp.model.clone()),
            });
        }
        if answer.is_blocked() && self.choices.is_empty() {
            let blocked = self.choices.entry(0).or_default();
            blocked.finish = Some("SAFETY".to_owned());
        }
        let candidates = answer.candidates.unwrap_or_default();
        for (candidate, place) in candidates.into_iter().zip(0_u32..) {
            self.candidate(candidate, place, events);
        }
        let has_reason = self.choices.values().any(|choice| choice.finish.is_some());
        if let Some(usage) = answer.usage_metadata {
            self.counted_so_far = Some(usage.usage());
            if has_reason {
                self.usage.clone_from(&self.counted_so_far);
            }
        }
        Ok(())
    }

    fn candidate(&mut self, mut candidate: Candidate, place: u32, events: &mut Vec<ChatEvent>) {
        let choice = candidate.index.unwrap_or(place);
        let progress = self.choices.entry(choice).or_default();
        let mut push = |delta| events.push(ChatEvent::Delta { choice, delta });
        for piece in candidate.pieces() {
            match piece {
                Piece::Text(text) => push(Delta::Text(text)),
                Piece::Thought(text) => push(Delta::Reasoning(text)),
                Piece::Call {
                    id,
                    name,
                    arguments,
                    signature,
                } => {
                    let index = progress.calls;
                    progress.calls = index.saturating_add(1);
                    push(Delta::ToolCallStart {
                        index,
                        id: self.ids.next(id),
                        name,
                        signature,
                    });
                    push(Delta::ToolCallArguments {
                        index,
                        json: arguments,
                    });
                }
            }
        }
        if candidate.finish_reason.is_some() {
            progress.finish = candidate.finish_reason;
        }
    }
}

fn failure(error: &Value) -> ChatEvent {
    let text = |name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
    ChatEvent::Error {
        message: super::address::without_keys(&text("message").unwrap_or_default()),
        error_type: text("status"),
    }
}

impl EventReader for Events {
    fn push(&mut self, bytes: &[u8], events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        let mut read = Vec::new();
        let result = self.sse.push(bytes, &mut read);
        for event in read {
            if !self.has_failed {
                self.event(&event.data, events)?;
            }
        }
        result
    }

    fn counted_so_far(&self) -> Option<Usage> {
        self.counted_so_far.clone()
    }

    fn end(&mut self, events: &mut Vec<ChatEvent>) -> Result<(), Malformed> {
        if self.has_failed {
            return Ok(());
        }
        // The blank line after the last event is sometimes missing; half an event is no JSON.
        if self.sse.is_inside_event() {
            self.push(b"\n\n", events)
                .map_err(|_half| Malformed::Truncated)?;
        }
        let mut finishes = Vec::with_capacity(self.choices.len());
        for (&choice, progress) in &self.choices {
            let word = progress.finish.as_deref().ok_or(Malformed::Truncated)?;
            let reason: FinishReason = finish_reason(word, progress.calls > 0);
            finishes.push(ChatEvent::Finish { choice, reason });
        }
        if finishes.is_empty() {
            return Err(Malformed::Truncated);
        }
        events.append(&mut finishes);
        events.extend(self.usage.take().map(ChatEvent::Usage));
        events.push(ChatEvent::Done);
        Ok(())
    }
}
