//! What the gateway reads of a caller's body, in one pass, without copying it.
//!
//! The rest of the body is skipped (and checked to be JSON); where every member stands is kept,
//! so that [`super::splice`] can change single members and leave all other bytes alone.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use bytes::Bytes;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::bad_body::BadBody;
use super::controls::{self, GatewayControls};
use super::elements;
use super::nesting::{self, MAX_DEPTH};

/// A body may have this many members at its top; callers send about twenty.
pub const MAX_MEMBERS: usize = 4096;

/// Which of OpenAI's calls a body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// `chat/completions`.
    Chat,
    /// `completions`.
    Completion,
    /// `embeddings`.
    Embedding,
}

/// A caller's body in OpenAI's dialect.
#[derive(Clone, Debug)]
pub struct CallerBody {
    /// The bytes as they came.
    pub bytes: Bytes,
    /// What they are for.
    pub kind: BodyKind,
    /// The model asked for; none when the address names it.
    pub model: Option<String>,
    /// Whether the answer is to be streamed.
    pub stream: bool,
    /// Whether the caller asked for a stream's usage (`stream_options.include_usage`).
    pub include_usage: bool,
    /// The most tokens to write (`max_completion_tokens`, else `max_tokens`).
    pub max_output_tokens: Option<u64>,
    /// How many answers to each prompt; 1 when missing.
    pub n: u64,
    /// How many prompts or inputs the body has; 1 for a chat.
    pub prompts: u64,
    /// The caller's own end user.
    pub user: Option<String>,
    /// The service tier asked for.
    pub service_tier: Option<String>,
    /// Whether there are `tools` or `functions`.
    pub has_tools: bool,
    /// What the caller asks of the gateway; never sent to a provider.
    pub controls: GatewayControls,
    pub(super) members: Vec<Member>,
    pub(super) stream_options: Option<StreamOptions>,
}

/// Where a member of the body stands.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// The name with its quotes.
    pub(super) name: Range<usize>,
    /// The value.
    pub(super) value: Range<usize>,
    /// What it is to the gateway.
    pub(super) role: MemberRole,
}

/// What a member is to the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MemberRole {
    Model,
    StreamOptions,
    /// Asks something of the gateway and is cut out.
    Control,
    /// Travels along.
    Other,
}

/// What a `stream_options` object holds.
#[derive(Clone, Debug)]
pub(super) struct StreamOptions {
    /// Whether there is anything in it.
    pub(super) is_empty: bool,
    /// Where the value of `include_usage` stands.
    pub(super) include_usage: Option<Range<usize>>,
}

impl CallerBody {
    /// Reads a body. Costs about a microsecond per kilobyte.
    ///
    /// # Errors
    /// When the body is no JSON object, is too deep, or a member that the gateway reads has a
    /// wrong type, is missing, stands there twice or is not for callers to set.
    pub fn read(bytes: Bytes, kind: BodyKind) -> Result<Self, BadBody> {
        if nesting::is_too_deep(&bytes) {
            return Err(BadBody::too_complex(format!(
                "the request body is nested deeper than {MAX_DEPTH} levels"
            )));
        }
        let mut reading = Reading::new(&bytes, kind);
        let mut json = serde_json::Deserializer::from_slice(&bytes);
        let result = json
            .deserialize_map(TopLevel(&mut reading))
            .and_then(|()| json.end());
        if let Err(error) = result {
            return Err(reading.refusal(&error));
        }
        let mut body = reading.finish()?;
        body.bytes = bytes;
        Ok(body)
    }

    /// The name of a member.
    pub(super) fn name_of(&self, member: &Member) -> Cow<'_, str> {
        let quoted = self.bytes.get(member.name.clone()).unwrap_or_default();
        unquoted(std::str::from_utf8(quoted).unwrap_or_default()).unwrap_or_default()
    }

    /// The JSON text of a member's value.
    pub(super) fn value_of(&self, member: &Member) -> &str {
        let bytes = self.bytes.get(member.value.clone()).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// The text of a JSON string; borrowed when it has no escapes.
fn unquoted(json: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    let inner = json
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    match inner {
        Some(text) if memchr::memchr(b'\\', text.as_bytes()).is_none() => Ok(Cow::Borrowed(text)),
        _ => serde_json::from_str::<String>(json).map(Cow::Owned),
    }
}

/// The members that the gateway reads and that may therefore stand there only once.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Once {
    Model,
    Messages,
    Prompt,
    Input,
    Stream,
    StreamOptions,
    MaxTokens,
    MaxCompletionTokens,
    N,
    User,
    ServiceTier,
}

impl Once {
    fn of(name: &str, kind: BodyKind) -> Option<Self> {
        Some(match name {
            "model" => Self::Model,
            "messages" if kind == BodyKind::Chat => Self::Messages,
            "prompt" if kind == BodyKind::Completion => Self::Prompt,
            "input" if kind == BodyKind::Embedding => Self::Input,
            "stream" => Self::Stream,
            "stream_options" => Self::StreamOptions,
            "max_tokens" => Self::MaxTokens,
            "max_completion_tokens" => Self::MaxCompletionTokens,
            "n" => Self::N,
            "user" => Self::User,
            "service_tier" => Self::ServiceTier,
            _ => return None,
        })
    }
}

/// The body while it is read.
struct Reading<'b> {
    bytes: &'b [u8],
    current: Option<Once>,
    seen: Vec<Once>,
    refused: Option<BadBody>,
    max_tokens: Option<u64>,
    body: CallerBody,
}

impl<'b> Reading<'b> {
    fn new(bytes: &'b [u8], kind: BodyKind) -> Self {
        Self {
            bytes,
            current: None,
            seen: Vec::with_capacity(12),
            refused: None,
            max_tokens: None,
            body: CallerBody {
                bytes: Bytes::new(),
                kind,
                model: None,
                stream: false,
                include_usage: false,
                max_output_tokens: None,
                n: 1,
                prompts: 1,
                user: None,
                service_tier: None,
                has_tools: false,
                controls: GatewayControls::default(),
                members: Vec::with_capacity(16),
                stream_options: None,
            },
        }
    }

    /// Where a piece of the body's own text stands in it.
    fn span(&self, text: &str) -> Range<usize> {
        let start = text
            .as_ptr()
            .addr()
            .saturating_sub(self.bytes.as_ptr().addr());
        start..start.saturating_add(text.len())
    }

    fn refusal(self, error: &serde_json::Error) -> BadBody {
        if let Some(refused) = self.refused {
            return refused;
        }
        match (error.is_data(), self.current) {
            (true, Some(Once::Messages)) => {
                BadBody::wrong_type("messages", "an array of messages", "another type")
            }
            (true, Some(_)) => BadBody::not_json(error),
            (true, None) => BadBody::not_an_object(),
            (false, _) => BadBody::not_json(error),
        }
    }

    fn finish(self) -> Result<CallerBody, BadBody> {
        let mut body = self.body;
        let required = match body.kind {
            BodyKind::Chat => Some((Once::Messages, "messages")),
            BodyKind::Embedding => Some((Once::Input, "input")),
            BodyKind::Completion => None,
        };
        if let Some((member, name)) = required
            && !self.seen.contains(&member)
        {
            return Err(BadBody::missing(name));
        }
        body.max_output_tokens = body.max_output_tokens.or(self.max_tokens);
        Ok(body)
    }

    fn push(&mut self, key: &str, value: Range<usize>, role: MemberRole) -> Result<(), BadBody> {
        if self.body.members.len() >= MAX_MEMBERS {
            return Err(BadBody::too_complex(format!(
                "the request body has more than {MAX_MEMBERS} members"
            )));
        }
        let name = self.span(key);
        self.body.members.push(Member { name, value, role });
        Ok(())
    }

    /// Takes a member whose value is skipped or small.
    fn take(&mut self, key: &str, name: &str, json: &str) -> Result<(), BadBody> {
        let role = match Once::of(name, self.body.kind) {
            Some(member) => self.take_once(member, name, json)?,
            None if controls::is_forbidden(name) => return Err(BadBody::forbidden(name)),
            None if self.body.controls.take(name, json)? => MemberRole::Control,
            None => {
                let is_tools = matches!(name, "tools" | "functions");
                self.body.has_tools |= is_tools && !matches!(json, "null" | "[]");
                MemberRole::Other
            }
        };
        let value = self.span(json);
        self.push(key, value, role)
    }

    fn take_once(&mut self, member: Once, name: &str, json: &str) -> Result<MemberRole, BadBody> {
        let body = &mut self.body;
        match member {
            Once::Model => {
                body.model = elements::text(name, json)?;
                return Ok(MemberRole::Model);
            }
            Once::Stream => body.stream = elements::flag(name, json)?.unwrap_or(false),
            Once::MaxTokens => self.max_tokens = elements::count(name, json)?,
            Once::MaxCompletionTokens => body.max_output_tokens = elements::count(name, json)?,
            Once::N => body.n = elements::count(name, json)?.unwrap_or(1),
            Once::User => body.user = elements::text(name, json)?,
            Once::ServiceTier => body.service_tier = elements::text(name, json)?,
            Once::Prompt => body.prompts = elements::prompts(name, json)?.unwrap_or(1),
            Once::Input => {
                body.prompts =
                    elements::prompts(name, json)?.ok_or_else(|| BadBody::missing(name))?;
            }
            Once::StreamOptions => {
                self.take_stream_options(json)?;
                return Ok(MemberRole::StreamOptions);
            }
            Once::Messages => {}
        }
        Ok(MemberRole::Other)
    }

    fn take_stream_options(&mut self, json: &str) -> Result<(), BadBody> {
        if json == "null" {
            return Ok(());
        }
        let wrong = |_| BadBody::wrong_type("stream_options", "an object", elements::kind(json));
        let options: elements::StreamOptionsJson<'_> = serde_json::from_str(json).map_err(wrong)?;
        let path = "stream_options.include_usage";
        if let Some(value) = options.include_usage {
            self.body.include_usage = elements::flag(path, value.get())?.unwrap_or(false);
        }
        self.body.stream_options = Some(StreamOptions {
            is_empty: options.is_empty,
            include_usage: options.include_usage.map(|value| self.span(value.get())),
        });
        Ok(())
    }

    /// Takes the messages, whose elements have been seen one by one.
    fn take_messages(&mut self, key: &str, last: Option<&str>) -> Result<(), BadBody> {
        let last = last.ok_or_else(|| BadBody::missing("messages"))?;
        // The array begins after the colon, and ends with the bracket after its last element.
        let is_between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b':');
        let gap = |from: usize| {
            let rest = self.bytes.get(from..).unwrap_or_default();
            rest.iter().take_while(|byte| is_between(byte)).count()
        };
        let (key_end, last_end) = (self.span(key).end, self.span(last).end);
        let value = (key_end + gap(key_end))..(last_end + gap(last_end) + 1);
        self.push(key, value, MemberRole::Other)
    }

    fn refuse<E: serde::de::Error>(&mut self, refused: BadBody) -> E {
        self.refused = Some(refused);
        E::custom("refused")
    }
}

/// Visits the members of the body's object.
struct TopLevel<'r, 'b>(&'r mut Reading<'b>);

impl<'de> Visitor<'de> for TopLevel<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reading = self.0;
        while let Some(key) = map.next_key::<&'de RawValue>()? {
            let key = key.get();
            let name = match unquoted(key) {
                Ok(name) => name,
                Err(error) => return Err(reading.refuse(BadBody::not_json(&error))),
            };
            let once = Once::of(&name, reading.body.kind);
            if let Some(member) = once {
                if reading.seen.contains(&member) {
                    return Err(reading.refuse(BadBody::duplicate(&name)));
                }
                reading.seen.push(member);
            }
            reading.current = once;
            let taken = if once == Some(Once::Messages) {
                let last = map.next_value_seed(elements::Messages(&mut reading.refused))?;
                reading.take_messages(key, last)
            } else {
                let value = map.next_value::<&'de RawValue>()?;
                reading.take(key, &name, value.get())
            };
            reading.current = None;
            if let Err(refused) = taken {
                return Err(reading.refuse(refused));
            }
        }
        Ok(())
    }
}
