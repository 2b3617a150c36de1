//! How many tokens will a provider count for a chat's input? An estimate.

use serde_json::Value;

use super::count_as;
use super::encoding::Encoding;
use crate::chat::{ChatCall, MediaSource, Message, Part, ResponseFormat, Thinking, Tool, ToolCall};

/// What each message costs beside its content (OpenAI's cookbook, "How to count tokens").
const PER_MESSAGE_TOKENS: u64 = 3;
/// A role is one token in OpenAI's vocabularies.
const ROLE_TOKENS: u64 = 1;
/// What a name costs beside its text (the same source).
const PER_NAME_TOKENS: u64 = 1;
/// Every answer is primed with this much (the same source).
const PRIMING_TOKENS: u64 = 3;
/// What a tool or a call of one costs beside its text (the same source has 7 to 12 for tools).
const PER_TOOL_TOKENS: u64 = 8;
/// What Anthropic adds to a call that has tools: its system prompt for them (Anthropic's page on
/// tool use, Claude 4).
const ANTHROPIC_TOOLS_TOKENS: u64 = 346;
/// An image at OpenAI in low detail.
const LOW_DETAIL_TOKENS: u64 = 85;
/// An image at OpenAI otherwise: one of 1024 x 1024 pixels (85 + 4 tiles of 170). The gateway does
/// not decode images, so their size is not known.
const IMAGE_TOKENS: u64 = 765;
/// The largest image at Anthropic, which scales down what is larger.
const ANTHROPIC_IMAGE_TOKENS: u64 = 1_600;
/// An image at Google: one tile.
const GEMINI_IMAGE_TOKENS: u64 = 258;
/// A document: a full page of a PDF (Anthropic's page on PDF support: 1,500 to 3,000 each). How
/// many pages it has is not known without parsing it.
const FILE_TOKENS: u64 = 3_000;
/// Bytes of audio for one token: OpenAI counts 10 a second, and a second of 24 kHz mono in 16 bits
/// is 48,000 bytes …
const WAV_BYTES_PER_TOKEN: u64 = 4_800;
/// … or 16,000 bytes in a compressed format at 128 kbit/s.
const COMPRESSED_BYTES_PER_TOKEN: u64 = 1_600;

/// Estimates the input tokens of a chat: text by the tokenizer, the rest by the constants of this
/// file. Exact for plain text at OpenAI; for everything else mark the result as estimated.
#[must_use]
pub fn count_messages(vendor: &str, model: &str, call: &ChatCall) -> u64 {
    let counter = Counter {
        vendor,
        encoding: Encoding::of(vendor, model),
    };
    let messages = sum(call.messages.iter().map(|message| counter.message(message)));
    let tools = sum(call.tools.iter().map(|tool| counter.tool(tool)));
    let vendors_own = if vendor == "anthropic" && !call.tools.is_empty() {
        ANTHROPIC_TOOLS_TOKENS
    } else {
        0
    };
    sum([
        PRIMING_TOKENS,
        messages,
        tools,
        vendors_own,
        counter.response_format(call.response_format.as_ref()),
    ])
}

struct Counter<'a> {
    vendor: &'a str,
    encoding: Encoding,
}

impl Counter<'_> {
    fn text(&self, text: &str) -> u64 {
        if text.is_empty() {
            return 0;
        }
        count_as(self.encoding, text)
    }

    fn json(&self, value: &Value) -> u64 {
        self.text(&value.to_string())
    }

    fn message(&self, message: &Message) -> u64 {
        let Message {
            role: _,
            content,
            name,
            tool_calls,
            tool_call_id: _,
            refusal,
            thinking,
            cache_control: _,
            extra: _,
        } = message;
        let name = name
            .as_deref()
            .map_or(0, |name| PER_NAME_TOKENS.saturating_add(self.text(name)));
        sum([
            PER_MESSAGE_TOKENS,
            ROLE_TOKENS,
            name,
            sum(content.iter().map(|part| self.part(part))),
            sum(tool_calls.iter().map(|call| self.tool_call(call))),
            refusal.as_deref().map_or(0, |text| self.text(text)),
            sum(thinking.iter().map(|thinking| self.thinking(thinking))),
        ])
    }

    fn part(&self, part: &Part) -> u64 {
        match part {
            Part::Text { text, .. } => self.text(text),
            Part::Image { source, detail, .. } => self.image(source, detail.as_deref()),
            Part::Audio { data, format } => audio(data, format),
            Part::File { .. } => FILE_TOKENS,
            Part::Refusal(text) => self.text(text),
            Part::Other(value) => self.json(value),
        }
    }

    fn image(&self, source: &MediaSource, detail: Option<&str>) -> u64 {
        // Where an image is does not change what it costs.
        let (MediaSource::Base64 { .. } | MediaSource::Url(_)) = source;
        match (self.vendor, detail) {
            ("anthropic", _) => ANTHROPIC_IMAGE_TOKENS,
            ("gemini", _) => GEMINI_IMAGE_TOKENS,
            (_, Some("low")) => LOW_DETAIL_TOKENS,
            (_, _) => IMAGE_TOKENS,
        }
    }

    fn thinking(&self, thinking: &Thinking) -> u64 {
        match thinking {
            Thinking::Signed { text, signature: _ } => self.text(text),
            // Four characters of base 64 are three bytes; a token is about four.
            Thinking::Redacted { data } => bytes(data) / 4,
        }
    }

    fn tool_call(&self, call: &ToolCall) -> u64 {
        let ToolCall {
            id: _,
            name,
            arguments,
            signature: _,
        } = call;
        sum([PER_TOOL_TOKENS, self.text(name), self.text(arguments)])
    }

    fn tool(&self, tool: &Tool) -> u64 {
        let Tool {
            name,
            description,
            parameters,
            strict: _,
            cache_control: _,
            native,
        } = tool;
        if let Some(native) = native {
            return PER_TOOL_TOKENS.saturating_add(self.json(native));
        }
        sum([
            PER_TOOL_TOKENS,
            self.text(name),
            description.as_deref().map_or(0, |text| self.text(text)),
            parameters.as_ref().map_or(0, |schema| self.json(schema)),
        ])
    }

    fn response_format(&self, format: Option<&ResponseFormat>) -> u64 {
        match format {
            None | Some(ResponseFormat::Text | ResponseFormat::JsonObject) => 0,
            Some(ResponseFormat::JsonSchema {
                name,
                schema,
                strict: _,
                description,
            }) => sum([
                PER_TOOL_TOKENS,
                self.text(name),
                self.json(schema),
                description.as_deref().map_or(0, |text| self.text(text)),
            ]),
        }
    }
}

fn audio(data: &str, format: &str) -> u64 {
    let bytes_per_token = match format {
        "wav" | "pcm16" => WAV_BYTES_PER_TOKEN,
        _ => COMPRESSED_BYTES_PER_TOKEN,
    };
    bytes(data).div_ceil(bytes_per_token)
}

/// How many bytes a text in base 64 stands for.
fn bytes(base64: &str) -> u64 {
    u64::try_from(base64.len()).unwrap_or(u64::MAX) / 4 * 3
}

fn sum(tokens: impl IntoIterator<Item = u64>) -> u64 {
    tokens.into_iter().fold(0, u64::saturating_add)
}
