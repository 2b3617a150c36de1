//! Streams in the caller's dialect: OpenAI's chunks as server-sent events.

use serde::Serialize;
use serde_json::{Value, json};

use super::body::BodyKind;
use super::encode::{thinking_block, tool_call};
use super::usage::UsageJson;
use super::write::completion_finish;
use crate::chat::{ChatEvent, Delta, FinishReason, ToolCall};
use crate::wire::Stamp;

/// The last event of a complete stream.
pub const DONE: &[u8] = b"data: [DONE]\n\n";

/// Writes one stream of chunks.
#[derive(Debug)]
pub struct StreamWriter {
    kind: BodyKind,
    id: String,
    model: String,
    created_s: u64,
    include_usage: bool,
    /// The choices whose first delta, which names the role, has been written.
    begun: Vec<u32>,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: &'a [ChoiceChunk<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageJson>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ChoiceChunk<'a> {
    Chat {
        index: u32,
        delta: DeltaJson<'a>,
        logprobs: Option<Value>,
        finish_reason: Option<&'static str>,
    },
    Completion {
        text: &'a str,
        index: u32,
        logprobs: Option<Value>,
        finish_reason: Option<&'static str>,
    },
}

#[derive(Default, Serialize)]
struct DeltaJson<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_blocks: Option<[Value; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[Value; 1]>,
}

impl StreamWriter {
    /// A writer for one answer; `include_usage` says whether the caller asked for the usage.
    #[must_use]
    pub fn new(kind: BodyKind, stamp: &Stamp, include_usage: bool) -> Self {
        Self {
            kind,
            id: stamp.request_id.clone(),
            model: stamp.model.clone(),
            created_s: stamp.created_s,
            include_usage,
            begun: Vec::new(),
        }
    }

    /// Appends the bytes of an event; some events have none.
    pub fn write(&mut self, event: &ChatEvent, out: &mut Vec<u8>) {
        match event {
            ChatEvent::Start { id, model } => {
                self.id.clone_from(id);
                self.model.clone_from(model);
            }
            ChatEvent::Delta { choice, delta } => self.write_delta(*choice, delta, out),
            ChatEvent::Finish { choice, reason } => self.write_finish(*choice, *reason, out),
            ChatEvent::Usage(usage) => {
                if self.include_usage {
                    self.write_chunk(&[], Some(UsageJson::from(usage)), out);
                }
            }
            ChatEvent::Error {
                message,
                error_type,
            } => out.extend(error_event(
                message,
                error_type.as_deref().unwrap_or("upstream_error"),
                "upstream_error",
            )),
            ChatEvent::Done => out.extend_from_slice(DONE),
        }
    }

    fn write_delta(&mut self, index: u32, delta: &Delta, out: &mut Vec<u8>) {
        if self.kind != BodyKind::Chat {
            if let Delta::Text(text) = delta {
                self.write_text(index, text, None, out);
            }
            return;
        }
        let mut json = DeltaJson {
            role: self.role(index),
            ..DeltaJson::default()
        };
        match delta {
            Delta::Text(text) => json.content = Some(text),
            Delta::Reasoning(text) => json.reasoning_content = Some(text),
            Delta::Refusal(text) => json.refusal = Some(text),
            Delta::ThinkingEnd(block) => json.thinking_blocks = Some([thinking_block(block)]),
            Delta::ToolCallStart {
                index,
                id,
                name,
                signature,
            } => {
                let mut call = tool_call(&ToolCall {
                    id: id.clone(),
                    name: name.clone(),
                    arguments: String::new(),
                    signature: signature.clone(),
                });
                if let Value::Object(call) = &mut call {
                    call.shift_insert(0, "index".to_owned(), (*index).into());
                }
                json.tool_calls = Some([call]);
            }
            Delta::ToolCallArguments { index, json: text } => {
                let call = json!({"index": index, "function": {"arguments": text}});
                json.tool_calls = Some([call]);
            }
        }
        self.write_chat(index, json, None, out);
    }

    fn write_finish(&mut self, index: u32, reason: FinishReason, out: &mut Vec<u8>) {
        if self.kind != BodyKind::Chat {
            self.write_text(index, "", Some(completion_finish(reason)), out);
            return;
        }
        let delta = DeltaJson {
            role: self.role(index),
            ..DeltaJson::default()
        };
        self.write_chat(index, delta, Some(reason.as_str()), out);
    }

    /// The role, in a choice's first delta only.
    fn role(&mut self, index: u32) -> Option<&'static str> {
        if self.begun.contains(&index) {
            return None;
        }
        self.begun.push(index);
        Some("assistant")
    }

    fn write_chat(
        &self,
        index: u32,
        delta: DeltaJson<'_>,
        finish_reason: Option<&'static str>,
        out: &mut Vec<u8>,
    ) {
        let choice = ChoiceChunk::Chat {
            index,
            delta,
            logprobs: None,
            finish_reason,
        };
        self.write_chunk(&[choice], None, out);
    }

    fn write_text(
        &self,
        index: u32,
        text: &str,
        finish_reason: Option<&'static str>,
        out: &mut Vec<u8>,
    ) {
        let choice = ChoiceChunk::Completion {
            text,
            index,
            logprobs: None,
            finish_reason,
        };
        self.write_chunk(&[choice], None, out);
    }

    fn write_chunk(
        &self,
        choices: &[ChoiceChunk<'_>],
        usage: Option<UsageJson>,
        out: &mut Vec<u8>,
    ) {
        let object = match self.kind {
            BodyKind::Chat => "chat.completion.chunk",
            BodyKind::Completion | BodyKind::Embedding => "text_completion",
        };
        write_event(
            &Chunk {
                id: &self.id,
                object,
                created: self.created_s,
                model: &self.model,
                choices,
                usage,
            },
            out,
        );
    }
}

/// An error in the midst of a stream; `[DONE]` must not follow it.
#[must_use]
pub fn error_event(message: &str, error_type: &str, code: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let error = json!({"message": message, "type": error_type, "param": null, "code": code});
    write_event(&json!({"error": error}), &mut out);
    out
}

fn write_event(value: &impl Serialize, out: &mut Vec<u8>) {
    out.extend_from_slice(b"data: ");
    // These values have string keys only and a vector takes every byte: it cannot fail.
    drop(serde_json::to_writer(&mut *out, value));
    out.extend_from_slice(b"\n\n");
}
