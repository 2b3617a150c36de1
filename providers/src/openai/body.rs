//! What the gateway reads of a caller's body, in one pass, without copying it.
//!
//! The rest of the body is skipped (and checked to be JSON); where every member stands is kept,
//! so that [`super::splice`] can change single members and leave all other bytes alone.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::bad_body::{BadBody, Ending};
use super::controls::{self, GatewayControls};
use super::elements::{self, unquoted};
use super::scan::{MAX_DEPTH, Scan, Stop};

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

/// Whether a quoted name is this one; no name of OpenAI's needs escapes.
fn unquoted_is(quoted: &[u8], name: &str) -> bool {
    let inner = quoted
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""));
    inner == Some(name.as_bytes())
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
    /// Whether the body has a member of this name at its top.
    #[must_use]
    pub fn has_member(&self, name: &str) -> bool {
        self.members.iter().any(|member| {
            let quoted = self.bytes.get(member.name.clone());
            quoted.is_some_and(|quoted| unquoted_is(quoted, name))
        })
    }

    /// Reads a body. Costs about a microsecond per kilobyte, and less where texts are long.
    ///
    /// # Errors
    /// When the body is no JSON object, is too deep, or a member that the gateway reads has a
    /// wrong type, is missing, stands there twice or is not for callers to set.
    pub fn read(bytes: Bytes, kind: BodyKind) -> Result<Self, BadBody> {
        let text = std::str::from_utf8(&bytes).map_err(|error| BadBody::not_json(&error))?;
        let mut reading = Reading::new(text, kind);
        match reading.read_all() {
            Ok(()) => {}
            Err(Ending::Refused(refused)) => return Err(refused),
            Err(Ending::Stopped(stop)) => return Err(unreadable(text, stop)),
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

/// Says why a text cannot be read. A mistake is found a second time, by the parser that can name
/// its line and column.
fn unreadable(text: &str, stop: Stop) -> BadBody {
    if stop == Stop::TooDeep {
        return BadBody::too_complex(format!(
            "the request body is nested deeper than {MAX_DEPTH} levels"
        ));
    }
    let error = if text.trim_ascii_start().starts_with('{') {
        serde_json::from_str::<&RawValue>(text).err()
    } else {
        serde_json::from_str::<Map<String, Value>>(text).err()
    };
    match error {
        Some(error) if !error.is_data() => BadBody::not_json(&error),
        _ => BadBody::not_an_object(),
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
    /// A bit of its own.
    const fn bit(self) -> u16 {
        match self {
            Self::Model => 1,
            Self::Messages => 1 << 1,
            Self::Prompt => 1 << 2,
            Self::Input => 1 << 3,
            Self::Stream => 1 << 4,
            Self::StreamOptions => 1 << 5,
            Self::MaxTokens => 1 << 6,
            Self::MaxCompletionTokens => 1 << 7,
            Self::N => 1 << 8,
            Self::User => 1 << 9,
            Self::ServiceTier => 1 << 10,
        }
    }

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
    text: &'b str,
    /// The bits of the members that have been met.
    seen: u16,
    max_tokens: Option<u64>,
    body: CallerBody,
}

impl<'b> Reading<'b> {
    fn new(text: &'b str, kind: BodyKind) -> Self {
        Self {
            text,
            seen: 0,
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
        let whole = self.text.as_ptr().addr();
        let start = text.as_ptr().addr().saturating_sub(whole);
        start..start.saturating_add(text.len())
    }

    fn read_all(&mut self) -> Result<(), Ending> {
        let mut scan = Scan::new(self.text);
        scan.enter_object()?;
        while let Some(key) = scan.next_name()? {
            let name = unquoted(key).map_err(|error| BadBody::not_json(&error))?;
            let once = Once::of(&name, self.body.kind);
            if let Some(member) = once {
                if self.seen & member.bit() != 0 {
                    return Err(BadBody::duplicate(&name).into());
                }
                self.seen |= member.bit();
            }
            let (value, role) = if once == Some(Once::Messages) {
                (elements::messages(&mut scan)?, MemberRole::Other)
            } else {
                let value = scan.value()?;
                (value, self.take(once, &name, value)?)
            };
            self.push(key, value, role)?;
        }
        Ok(scan.end()?)
    }

    fn finish(self) -> Result<CallerBody, BadBody> {
        let mut body = self.body;
        let required = match body.kind {
            BodyKind::Chat => Some((Once::Messages, "messages")),
            BodyKind::Embedding => Some((Once::Input, "input")),
            BodyKind::Completion => None,
        };
        if let Some((member, name)) = required
            && self.seen & member.bit() == 0
        {
            return Err(BadBody::missing(name));
        }
        body.max_output_tokens = body.max_output_tokens.or(self.max_tokens);
        Ok(body)
    }

    fn push(&mut self, key: &str, value: &str, role: MemberRole) -> Result<(), BadBody> {
        if self.body.members.len() >= MAX_MEMBERS {
            return Err(BadBody::too_complex(format!(
                "the request body has more than {MAX_MEMBERS} members"
            )));
        }
        let (name, value) = (self.span(key), self.span(value));
        self.body.members.push(Member { name, value, role });
        Ok(())
    }

    fn take(&mut self, once: Option<Once>, name: &str, json: &str) -> Result<MemberRole, BadBody> {
        if let Some(member) = once {
            return self.take_once(member, name, json);
        }
        if controls::is_forbidden(name) {
            return Err(BadBody::forbidden(name));
        }
        if self.body.controls.take(name, json)? {
            return Ok(MemberRole::Control);
        }
        let is_tools = matches!(name, "tools" | "functions");
        self.body.has_tools |= is_tools && !matches!(json, "null" | "[]");
        Ok(MemberRole::Other)
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
        let wrong = || BadBody::wrong_type("stream_options", "an object", elements::kind(json));
        let options = elements::StreamOptionsJson::read(json).ok_or_else(wrong)?;
        let path = "stream_options.include_usage";
        if let Some(value) = options.include_usage {
            self.body.include_usage = elements::flag(path, value)?.unwrap_or(false);
        }
        self.body.stream_options = Some(StreamOptions {
            is_empty: !options.has_members,
            include_usage: options.include_usage.map(|value| self.span(value)),
        });
        Ok(())
    }
}
