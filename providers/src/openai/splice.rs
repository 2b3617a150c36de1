//! A caller's body with single members changed; every other byte stays as it came.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::body::{CallerBody, Member, MemberRole};
use super::controls;

/// Bodies below this are copied into one piece, which is cheaper to send than several.
const ONE_PIECE_BYTES: usize = 16 * 1024;

/// What is changed besides the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edits<'a> {
    /// What becomes of `stream_options` when the answer is streamed.
    pub stream_usage: StreamUsage,
    /// The operator's members, added unless the caller set them.
    pub extra_body: Option<&'a Map<String, Value>>,
    /// Members to leave out, besides those that the caller himself names.
    pub drop: &'a [String],
    /// Members that replace the caller's, as a fallback or a token limit asks for; `model` is
    /// not among them.
    pub overrides: Option<&'a Map<String, Value>>,
}

/// What becomes of `stream_options` when the answer is streamed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StreamUsage {
    /// As the caller sent it.
    #[default]
    Untouched,
    /// The usage is asked for, whether the caller did or not.
    Ask,
    /// Left out, for vendors that refuse it ([`crate::Provider::asks_stream_usage`]).
    Remove,
}

/// A change of the body: these bytes become this text.
struct Patch<'a> {
    at: Range<usize>,
    text: Cow<'a, str>,
}

impl CallerBody {
    /// The body for a provider: the model's name replaced, what asks the gateway cut out, the
    /// edits made. The pieces are slices of the caller's bytes, unless the body is small; when
    /// nothing changes it is the caller's bytes themselves.
    #[must_use]
    pub fn with_model(&self, model: &str, edits: &Edits<'_>) -> Vec<Bytes> {
        let patches = Patches::new(self, model, edits).patches();
        if patches.is_empty() {
            return vec![self.bytes.clone()];
        }
        if self.bytes.len() < ONE_PIECE_BYTES {
            return vec![self.in_one_piece(&patches)];
        }
        let (mut pieces, mut from) = (Vec::with_capacity(patches.len() * 2 + 1), 0);
        for Patch { at, text } in patches {
            if from < at.start {
                pieces.push(self.bytes.slice(from..at.start));
            }
            if !text.is_empty() {
                pieces.push(Bytes::from(text.into_owned()));
            }
            from = at.end;
        }
        pieces.push(self.bytes.slice(from..));
        pieces
    }

    fn in_one_piece(&self, patches: &[Patch<'_>]) -> Bytes {
        let added: usize = patches.iter().map(|patch| patch.text.len()).sum();
        let removed: usize = patches.iter().map(|patch| patch.at.len()).sum();
        // Bytes without room to spare are taken over as they are.
        let length = (self.bytes.len() + added).saturating_sub(removed);
        let mut out = Vec::with_capacity(length);
        let mut from = 0;
        for Patch { at, text } in patches {
            let kept = self.bytes.get(from..at.start).unwrap_or_default();
            out.extend_from_slice(kept);
            out.extend_from_slice(text.as_bytes());
            from = at.end;
        }
        out.extend_from_slice(self.bytes.get(from..).unwrap_or_default());
        Bytes::from(out)
    }
}

/// Finds the patches of one body.
struct Patches<'a> {
    body: &'a CallerBody,
    model: &'a str,
    edits: &'a Edits<'a>,
    /// Members to append, each as `,"name":value`.
    appended: Cow<'a, str>,
}

/// What becomes of a member.
enum Fate<'a> {
    /// As it is.
    Kept,
    Dropped,
    Patched(Patch<'a>),
}

impl<'a> Patches<'a> {
    fn new(body: &'a CallerBody, model: &'a str, edits: &'a Edits<'a>) -> Self {
        let mut patches = Self {
            body,
            model,
            edits,
            appended: Cow::Borrowed(""),
        };
        patches.append();
        patches
    }

    fn fate(&self, member: &Member) -> Fate<'a> {
        match member.role {
            MemberRole::Control => return Fate::Dropped,
            MemberRole::Model => return self.model_fate(member),
            MemberRole::StreamOptions | MemberRole::Other => {}
        }
        if self.changes_by_name() {
            let name = self.body.name_of(member);
            let value = self.edits.overrides.and_then(|map| map.get(&*name));
            if let Some(value) = value {
                return patched(member.value.clone(), value.to_string());
            }
            if self.drops(&name) {
                return Fate::Dropped;
            }
        }
        if member.role == MemberRole::StreamOptions {
            return self.stream_options_fate(member);
        }
        Fate::Kept
    }

    /// Most requests change no member by its name; then no name is looked at.
    fn changes_by_name(&self) -> bool {
        self.edits.overrides.is_some_and(|map| !map.is_empty())
            || !self.edits.drop.is_empty()
            || !self.body.controls.additional_drop_params.is_empty()
    }

    /// The messages, and what decides how the answer is read, cannot be left out.
    fn drops(&self, name: &str) -> bool {
        let named = self.edits.drop.iter();
        let named = named.chain(&self.body.controls.additional_drop_params);
        !matches!(name, "messages" | "input" | "stream") && named.into_iter().any(|n| n == name)
    }

    fn model_fate(&self, member: &Member) -> Fate<'a> {
        if self.body.model.as_deref() == Some(self.model) {
            return Fate::Kept;
        }
        patched(member.value.clone(), json_text(self.model))
    }

    fn stream_options_fate(&self, member: &Member) -> Fate<'a> {
        match self.edits.stream_usage {
            StreamUsage::Untouched => return Fate::Kept,
            StreamUsage::Remove => return Fate::Dropped,
            StreamUsage::Ask if !self.body.stream || self.body.include_usage => return Fate::Kept,
            StreamUsage::Ask => {}
        }
        match &self.body.stream_options {
            None => patched(member.value.clone(), r#"{"include_usage":true}"#),
            Some(options) => match &options.include_usage {
                Some(value) => patched(value.clone(), "true"),
                None => {
                    let inside = member.value.start + 1;
                    let comma = if options.is_empty { "" } else { "," };
                    patched(inside..inside, format!(r#""include_usage":true{comma}"#))
                }
            },
        }
    }

    fn append(&mut self) {
        let sent = |m: &&Member| m.role != MemberRole::Control;
        let has = |name: &str| {
            let mut sent = self.body.members.iter().filter(sent);
            sent.any(|member| self.body.name_of(member) == name)
        };
        let mut appended = Cow::Borrowed("");
        let overrides = self.edits.overrides.into_iter().flatten();
        for (name, value) in overrides {
            if name != "model" && !has(name) && !controls::is_control(name) {
                push_member(&mut appended, Cow::Owned(member_text(name, value)));
            }
        }
        let overridden = |name: &str| {
            let overrides = self.edits.overrides;
            overrides.is_some_and(|map| map.contains_key(name))
        };
        let asks = self.edits.stream_usage == StreamUsage::Ask && self.body.stream;
        let has_options = || {
            let mut members = self.body.members.iter();
            members.any(|member| member.role == MemberRole::StreamOptions)
        };
        if asks && !has_options() && !overridden("stream_options") {
            let member = r#","stream_options":{"include_usage":true}"#;
            push_member(&mut appended, Cow::Borrowed(member));
        }
        // How the answer comes is the caller's to say.
        let settled = |name: &str| matches!(name, "model" | "stream" | "stream_options");
        for (name, value) in self.edits.extra_body.into_iter().flatten() {
            if !settled(name) && !has(name) && !overridden(name) && !self.drops(name) {
                push_member(&mut appended, Cow::Owned(member_text(name, value)));
            }
        }
        self.appended = appended;
    }

    fn patches(self) -> Vec<Patch<'a>> {
        let body = self.body;
        let opening = memchr::memchr(b'{', &body.bytes).map_or(0, |at| at + 1);
        let has_model = body.members.iter().any(|m| m.role == MemberRole::Model);
        let is_kept = |member: &Member| !matches!(self.fate(member), Fate::Dropped);
        let has_kept = || body.members.iter().any(is_kept);
        let mut patches = Vec::new();
        if !has_model {
            let comma = if has_kept() { "," } else { "" };
            let text = format!(r#""model":{}{comma}"#, json_text(self.model));
            patches.push(patch(opening..opening, text));
        }
        let (mut kept_end, mut cut_from) = (None, None);
        for member in &body.members {
            let fate = self.fate(member);
            if matches!(fate, Fate::Dropped) {
                cut_from.get_or_insert(member.name.start);
                continue;
            }
            if let Some(from) = cut_from.take() {
                patches.push(cut(from..member.name.start));
            }
            kept_end = Some(member.value.end);
            if let Fate::Patched(patch) = fate {
                patches.push(patch);
            }
        }
        let end = body.members.last().map_or(opening, |last| last.value.end);
        if let Some(from) = cut_from {
            // Nothing follows: the comma before goes too.
            patches.push(cut(kept_end.unwrap_or(from)..end));
        }
        if !self.appended.is_empty() {
            // A comma fits always: the model stands before.
            patches.push(patch(end..end, self.appended));
        }
        patches
    }
}

fn patch<'a>(at: Range<usize>, text: impl Into<Cow<'a, str>>) -> Patch<'a> {
    let text = text.into();
    Patch { at, text }
}

fn cut(at: Range<usize>) -> Patch<'static> {
    patch(at, "")
}

fn patched<'a>(at: Range<usize>, text: impl Into<Cow<'a, str>>) -> Fate<'a> {
    Fate::Patched(patch(at, text))
}

fn push_member<'a>(members: &mut Cow<'a, str>, member: Cow<'a, str>) {
    if members.is_empty() {
        *members = member;
    } else {
        members.to_mut().push_str(&member);
    }
}

fn member_text(name: &str, value: &Value) -> String {
    format!(",{}:{value}", json_text(name))
}

/// A string in JSON, line ends and quotes escaped.
fn json_text(text: &str) -> String {
    let is_plain = |byte: u8| byte >= 0x20 && !matches!(byte, b'"' | b'\\');
    if text.bytes().all(is_plain) {
        let mut json = String::with_capacity(text.len() + 2);
        json.push('"');
        json.push_str(text);
        json.push('"');
        return json;
    }
    Value::from(text).to_string()
}
