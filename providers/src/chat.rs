//! A chat call, its answer and its stream's events, in our own words.
//!
//! Hub and spoke: every caller's dialect is read into a [`ChatCall`], every vendor writes its
//! request from one, and answers come back the same way.

use domain::usage::Usage;
use serde_json::{Map, Number, Value};

use crate::wire::{Malformed, Stamp, Target, Untranslatable, WireBody};

/// A vendor's chat.
pub trait ChatApi: Sync {
    /// Puts a call into the vendor's words.
    ///
    /// # Errors
    /// When the vendor cannot honour a parameter and nobody allowed to drop it.
    fn encode(&self, call: &ChatCall, target: &Target<'_>) -> Result<WireBody, Untranslatable>;

    /// Reads a whole answer.
    ///
    /// # Errors
    /// When the body is not of the vendor's shape.
    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed>;

    /// A reader for one streamed answer.
    fn events(&self, stamp: &Stamp) -> Box<dyn EventReader>;
}

/// Reads one vendor's stream, however its bytes are cut.
pub trait EventReader: Send {
    /// Takes the next bytes and appends the events that they complete.
    ///
    /// # Errors
    /// When an event is not of the vendor's shape or too large; the stream is then over.
    fn push(&mut self, bytes: &[u8], events: &mut Vec<ChatEvent>) -> Result<(), Malformed>;

    /// Says that no more bytes come, and appends what was held back.
    ///
    /// # Errors
    /// [`Malformed::Truncated`] when the vendor's last event has not been seen.
    fn end(&mut self, events: &mut Vec<ChatEvent>) -> Result<(), Malformed>;

    /// What the vendor has counted of an answer that is not finished, for those that break off.
    fn counted_so_far(&self) -> Option<Usage> {
        None
    }
}

/// A chat call. Numbers keep the caller's spelling.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatCall {
    /// The conversation, in order.
    pub messages: Vec<Message>,
    /// Functions that the model may call.
    pub tools: Vec<Tool>,
    /// Which of them it may, must or must not call.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several may be called at once.
    pub parallel_tool_calls: Option<bool>,
    /// The shape of the answer's text.
    pub response_format: Option<ResponseFormat>,
    /// The most tokens to write (`max_completion_tokens`, else `max_tokens`).
    pub max_tokens: Option<u64>,
    /// Sampling temperature.
    pub temperature: Option<Number>,
    /// Nucleus sampling.
    pub top_p: Option<Number>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// For repeatable sampling.
    pub seed: Option<Number>,
    /// How many answers; 1 when missing.
    pub n: Option<u64>,
    /// The caller's own end user.
    pub user: Option<String>,
    /// The caller's own labels.
    pub metadata: Option<Map<String, Value>>,
    /// How hard to think (`none`, `minimal`, `low`, `medium`, `high`, `xhigh`).
    pub reasoning_effort: Option<String>,
    /// Anthropic's `thinking` object, as callers of LiteLLM send it.
    pub thinking: Option<Value>,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// OpenAI's parameters that have no place above (`logit_bias`, `logprobs`, `service_tier` …),
    /// by name. A vendor that has no such parameter must say so, see [`crate::openai::parameters`].
    pub openai_parameters: Map<String, Value>,
    /// Members that OpenAI does not have: they travel along as they are.
    pub extra: Map<String, Value>,
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The operator's rules.
    System,
    /// The operator's rules, as newer models call them.
    Developer,
    /// The person.
    User,
    /// The model.
    Assistant,
    /// The result of a tool (also the legacy role `function`).
    Tool,
}

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said; a plain string is one text part; empty for `null`.
    pub content: Vec<Part>,
    /// The speaker's name.
    pub name: Option<String>,
    /// The calls that an assistant made.
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool answers.
    pub tool_call_id: Option<String>,
    /// An assistant's refusal.
    pub refusal: Option<String>,
    /// An assistant's thinking, to be sent back with its signatures.
    pub thinking: Vec<Thinking>,
    /// Prompt-cache mark of the whole message.
    pub cache_control: Option<Value>,
    /// Members that we do not know.
    pub extra: Map<String, Value>,
}

/// A piece of content.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text.
    Text {
        /// The text.
        text: String,
        /// Prompt-cache mark, as it came.
        cache_control: Option<Value>,
    },
    /// An image.
    Image {
        /// Where it is.
        source: MediaSource,
        /// OpenAI's `detail`.
        detail: Option<String>,
        /// Prompt-cache mark, as it came.
        cache_control: Option<Value>,
    },
    /// Sound.
    Audio {
        /// Base 64.
        data: String,
        /// `wav`, `mp3` …
        format: String,
    },
    /// A document.
    File {
        /// OpenAI's `file` object as it came (`file_data`, `filename`, `file_id`).
        file: Map<String, Value>,
        /// Prompt-cache mark, as it came.
        cache_control: Option<Value>,
    },
    /// A refusal within an assistant's content.
    Refusal(String),
    /// A part of a type that we do not know, as it came.
    Other(Value),
}

/// Where an image is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MediaSource {
    /// In the request: its MIME type and base 64.
    Base64 {
        /// `image/png` …
        media_type: String,
        /// Base 64, as it came.
        data: String,
    },
    /// At an address; the gateway never fetches it.
    Url(String),
}

/// A piece of a model's thinking, kept so that the next turn can send it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thinking {
    /// Thinking with the vendor's signature; the text may be empty where the vendor hides it.
    Signed {
        /// The text.
        text: String,
        /// Opaque; empty when the vendor gave none.
        signature: String,
    },
    /// Thinking that the vendor encrypted.
    Redacted {
        /// Opaque.
        data: String,
    },
}

/// A function that the model may call.
#[derive(Clone, Debug, PartialEq)]
pub struct Tool {
    /// The function's name; empty for a tool that is not a function.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// JSON Schema of its arguments.
    pub parameters: Option<Value>,
    /// Whether the arguments must follow the schema.
    pub strict: Option<bool>,
    /// Prompt-cache mark, as it came.
    pub cache_control: Option<Value>,
    /// The whole object, for tools that are not functions (a vendor's own).
    pub native: Option<Value>,
}

/// Which tools may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// None may be called.
    None,
    /// At least one must be called.
    Required,
    /// This one must be called.
    Function(String),
    /// Only these may be called (`allowed_tools`), and one must be when `required`.
    Allowed {
        /// The names.
        names: Vec<String>,
        /// Whether one must be called.
        required: bool,
    },
}

/// A call that the model made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    /// Names the call, so that its result can be found.
    pub id: String,
    /// The function.
    pub name: String,
    /// JSON text, as the model wrote it.
    pub arguments: String,
    /// Opaque proof of thought that the vendor wants back with the call (Gemini).
    pub signature: Option<String>,
}

/// The shape of the answer's text.
#[derive(Clone, Debug, PartialEq)]
pub enum ResponseFormat {
    /// Any text.
    Text,
    /// Some JSON object.
    JsonObject,
    /// JSON of a schema.
    JsonSchema {
        /// The schema's name.
        name: String,
        /// The schema.
        schema: Value,
        /// Whether it must be followed to the letter.
        strict: Option<bool>,
        /// What it is for.
        description: Option<String>,
    },
}

/// A whole answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatAnswer {
    /// The vendor's id, or one made from the request's.
    pub id: String,
    /// The model that the vendor names.
    pub model: String,
    /// Seconds since 1970.
    pub created_s: u64,
    /// One for each `n`.
    pub choices: Vec<Choice>,
    /// What the vendor counted; none when it did not say.
    pub usage: Option<Usage>,
    /// The vendor's `service_tier` word.
    pub service_tier: Option<String>,
    /// OpenAI's `system_fingerprint`.
    pub system_fingerprint: Option<String>,
}

/// One answer of several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// Text; none when there is only a call or a refusal.
    pub text: Option<String>,
    /// Thinking that may be shown (`reasoning_content`).
    pub reasoning: Option<String>,
    /// Thinking to be sent back (`thinking_blocks`).
    pub thinking: Vec<Thinking>,
    /// Calls of tools.
    pub tool_calls: Vec<ToolCall>,
    /// A refusal.
    pub refusal: Option<String>,
    /// Why it ended.
    pub finish: FinishReason,
    /// OpenAI's `logprobs`.
    pub logprobs: Option<Value>,
}

/// Why an answer ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FinishReason {
    /// It was complete, or a stop text was met.
    #[default]
    Stop,
    /// The token limit was met.
    Length,
    /// Tools are to be called.
    ToolCalls,
    /// The vendor withheld it.
    ContentFilter,
}

impl FinishReason {
    /// OpenAI's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
        }
    }
}

/// One event of a streamed answer: `Start`, deltas, a `Finish` a choice, `Usage` once, `Done`.
#[derive(Clone, Debug, PartialEq)]
pub enum ChatEvent {
    /// The answer begins; comes once, before everything else.
    Start {
        /// The vendor's id, or one made from the request's.
        id: String,
        /// The model that the vendor names.
        model: String,
    },
    /// More of one choice.
    Delta {
        /// Which choice.
        choice: u32,
        /// What is new.
        delta: Delta,
    },
    /// A choice is complete; comes once for each.
    Finish {
        /// Which choice.
        choice: u32,
        /// Why.
        reason: FinishReason,
    },
    /// What the vendor counted for the whole answer.
    Usage(Usage),
    /// The vendor reports an error in the midst of the stream; nothing follows.
    Error {
        /// The vendor's words.
        message: String,
        /// The vendor's type.
        error_type: Option<String>,
    },
    /// The stream is complete; nothing follows.
    Done,
}

/// What is new in a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// More text.
    Text(String),
    /// More thinking that may be shown.
    Reasoning(String),
    /// A thinking block is complete, to be sent back; its text has been streamed as `Reasoning`.
    ThinkingEnd(Thinking),
    /// More of a refusal.
    Refusal(String),
    /// A tool call begins.
    ToolCallStart {
        /// Counted from 0 within the choice.
        index: u32,
        /// The call's id.
        id: String,
        /// The function.
        name: String,
        /// Opaque proof of thought that the vendor wants back with the call.
        signature: Option<String>,
    },
    /// More of a tool call's arguments.
    ToolCallArguments {
        /// The call's index.
        index: u32,
        /// A piece of JSON text.
        json: String,
    },
}
