//! The few members of an answer or a chunk that the gateway reads while it passes. Strings stay
//! as they stand in the bytes until somebody wants them.

mod outline;
mod usual;

use std::borrow::Cow;

use domain::usage::Usage;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use serde_json::value::RawValue;

use super::answer::finish_reason;
use super::elements::unquoted;
use super::usage::UsageSeen;
use crate::chat::FinishReason;

pub(super) use outline::{Answers, Outline};

/// The JSON text of a value that is not `null`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Json<'a>(&'a str);

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(|raw| Json(raw.get()))
    }
}

/// An answer or a chunk of any of OpenAI's calls.
#[derive(Debug, Default, Deserialize, PartialEq)]
pub(super) struct Glimpse<'a> {
    #[serde(borrow)]
    model: Option<Json<'a>>,
    #[serde(borrow, default)]
    choices: Option<Choices<'a>>,
    usage: Option<Box<UsageSeen>>,
    #[serde(borrow)]
    service_tier: Option<Json<'a>>,
    #[serde(borrow)]
    error: Option<Json<'a>>,
    /// Where Groq puts the usage of a stream.
    x_groq: Option<Box<GroqSeen>>,
    /// Random text with which OpenAI hides how long the chunk's own text is.
    #[serde(borrow)]
    obfuscation: Option<Json<'a>>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct GroqSeen {
    usage: Option<UsageSeen>,
}

/// The choices; nearly always there is one, which then needs no vector.
#[derive(Debug, Default, PartialEq)]
struct Choices<'a> {
    first: Option<GlimpseChoice<'a>>,
    others: Vec<GlimpseChoice<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Choices<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut others = Vec::<GlimpseChoice<'a>>::deserialize(deserializer)?;
        let first = (!others.is_empty()).then(|| others.remove(0));
        Ok(Self { first, others })
    }
}

/// A choice of either.
#[derive(Debug, Default, Deserialize, PartialEq)]
pub(super) struct GlimpseChoice<'a> {
    index: Option<u32>,
    #[serde(borrow)]
    delta: Option<MessageGlimpse<'a>>,
    #[serde(borrow)]
    message: Option<MessageGlimpse<'a>>,
    #[serde(borrow)]
    text: Option<Json<'a>>,
    #[serde(borrow)]
    finish_reason: Option<Json<'a>>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
struct MessageGlimpse<'a> {
    #[serde(borrow)]
    content: Option<Json<'a>>,
    #[serde(borrow)]
    reasoning_content: Option<Json<'a>>,
    #[serde(borrow)]
    reasoning: Option<Json<'a>>,
    #[serde(borrow)]
    refusal: Option<Json<'a>>,
    #[serde(borrow)]
    tool_calls: Option<Vec<CallGlimpse<'a>>>,
    #[serde(borrow)]
    function_call: Option<Box<FunctionGlimpse<'a>>>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
struct CallGlimpse<'a> {
    #[serde(borrow)]
    function: Option<FunctionGlimpse<'a>>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
struct FunctionGlimpse<'a> {
    #[serde(borrow)]
    name: Option<Json<'a>>,
    #[serde(borrow)]
    arguments: Option<Json<'a>>,
}

impl<'a> Glimpse<'a> {
    /// Reads an answer or a chunk.
    ///
    /// # Errors
    /// When it is no JSON object, or a member that is read has another type than OpenAI's.
    pub(super) fn read(data: &'a [u8]) -> Result<Self, serde_json::Error> {
        // Nearly every chunk is of the usual shapes, which one walk reads for a fraction of what
        // `serde` takes. The walk checks that the text is JSON and takes members for what they
        // are by their place, never by a search for words, so that no content can deceive it. At
        // anything unusual it gives up, and `serde` decides alone: the result is the same.
        let mut glimpse = Self::default();
        let text = std::str::from_utf8(data).ok();
        match text.and_then(|text| glimpse.read_usual(text)) {
            Some(()) => Ok(glimpse),
            None => serde_json::from_slice(data),
        }
    }

    pub(super) fn model(&self) -> Option<String> {
        self.model.and_then(text).map(Cow::into_owned)
    }

    pub(super) fn choices(&self) -> impl Iterator<Item = &GlimpseChoice<'a>> {
        let choices = self.choices.iter();
        choices.flat_map(|choices| choices.first.iter().chain(&choices.others))
    }

    /// The usage, unless nothing was counted.
    pub(super) fn usage(&self) -> Option<Usage> {
        let groq = || self.x_groq.as_ref()?.usage.as_ref();
        let counted = |usage: &&UsageSeen| !usage.is_empty();
        let seen = self.usage.as_deref().filter(counted);
        let seen = seen.or_else(|| groq().filter(counted))?;
        let tier = self.service_tier.and_then(text);
        Some(seen.usage(tier.as_deref()))
    }

    /// Whether the chunk has no choice, only the usage.
    pub(super) fn is_usage_only(&self) -> bool {
        self.usage.is_some() && self.choices().next().is_none()
    }

    /// The one text of a chunk that does nothing but add this text to its one choice, as JSON,
    /// and the chunk's padding.
    pub(super) fn only_text(&self) -> Option<(&'a str, Option<&'a str>)> {
        let says_more = self.usage.is_some() || self.x_groq.is_some() || self.error.is_some();
        let choices = self.choices.as_ref().filter(|_| !says_more)?;
        let choice = choices
            .first
            .as_ref()
            .filter(|_| choices.others.is_empty())?;
        let (mut only, mut count) = (None, 0_u32);
        choice.each_json(&mut |json| {
            only = Some(json.0);
            count += 1;
        });
        let is_string = |json: &&str| json.starts_with('"');
        let text = only.filter(|_| count == 1 && choice.finish_reason.is_none());
        let padding = self.obfuscation.map(|json| json.0);
        Some((text.filter(is_string)?, padding.filter(is_string)))
    }

    /// The message of an `error` member.
    pub(super) fn error(&self) -> Option<String> {
        message_of(self.error?)
    }
}

/// The message of an `error` member, which may be the message itself.
fn message_of(error: Json<'_>) -> Option<String> {
    let error: Value = serde_json::from_str(error.0).ok()?;
    let message = error.get("message").unwrap_or(&error);
    Some(message.as_str().unwrap_or_default().to_owned())
}

impl GlimpseChoice<'_> {
    pub(super) fn index(&self) -> u32 {
        self.index.unwrap_or(0)
    }

    pub(super) fn finish(&self) -> Option<FinishReason> {
        self.finish_reason
            .and_then(text)
            .map(|word| finish_reason(&word))
    }

    /// Gives every piece of output text: content, reasoning, refusal, tool calls.
    pub(super) fn each_text(&self, take: &mut impl FnMut(Cow<'_, str>)) {
        self.each_json(&mut |json| {
            if let Some(text) = text(json) {
                take(text);
            }
        });
    }
}

impl<'a> GlimpseChoice<'a> {
    fn each_json(&self, take: &mut impl FnMut(Json<'a>)) {
        let mut give = |json: Option<Json<'a>>| {
            if let Some(json) = json {
                take(json);
            }
        };
        give(self.text);
        let messages = [&self.delta, &self.message];
        for message in messages.into_iter().flatten() {
            // A server that sends both names sends the same text twice.
            let reasoning = message.reasoning_content.or(message.reasoning);
            for json in [message.content, reasoning, message.refusal] {
                give(json);
            }
            let calls = message.tool_calls.iter().flatten();
            let functions = calls.filter_map(|call| call.function.as_ref());
            for function in functions.chain(message.function_call.as_deref()) {
                give(function.name);
                give(function.arguments);
            }
        }
    }
}

fn text(json: Json<'_>) -> Option<Cow<'_, str>> {
    text_of(json.0)
}

/// The text of a JSON string; other values give their JSON, which is near enough for counting.
pub(super) fn text_of(json: &str) -> Option<Cow<'_, str>> {
    if !json.starts_with('"') {
        return Some(Cow::Borrowed(json));
    }
    unquoted(json).ok()
}

#[cfg(test)]
mod tests;
