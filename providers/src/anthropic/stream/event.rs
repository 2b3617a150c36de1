//! The shapes of a stream's events (`MessageStreamEvent`).

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::decode::StopDetails;
use crate::sse::SseEvent;

/// The events that say something; `ping` and those to come do not.
const KNOWN: &[&str] = &[
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
    "error",
];

/// Whether an event is worth reading; one without a name may be.
pub(super) fn is_known(event: &SseEvent) -> bool {
    event.data != "[DONE]" && (event.name.is_empty() || KNOWN.contains(&event.name.as_str()))
}

#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(rename = "type", borrow)]
    pub kind: Option<Cow<'a, str>>,
    #[serde(borrow)]
    index: Option<&'a RawValue>,
    #[serde(borrow)]
    pub message: Option<&'a RawValue>,
    #[serde(borrow)]
    pub content_block: Option<&'a RawValue>,
    #[serde(borrow)]
    pub delta: Option<&'a RawValue>,
    #[serde(borrow)]
    pub usage: Option<&'a RawValue>,
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Opening<'a> {
    pub id: Option<String>,
    pub model: Option<String>,
    #[serde(borrow)]
    pub usage: Option<&'a RawValue>,
}

#[derive(Deserialize)]
pub(super) struct Ending {
    pub stop_reason: Option<String>,
    pub stop_details: Option<StopDetails>,
}

#[derive(Deserialize)]
pub(super) struct ErrorWords {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub message: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct InputDelta {
    #[serde(default)]
    pub partial_json: String,
}

impl Event<'_> {
    /// The place of the block that the event speaks of.
    pub(super) fn index(&self) -> u64 {
        self.index
            .and_then(|index| index.get().parse().ok())
            .unwrap_or(0)
    }
}
