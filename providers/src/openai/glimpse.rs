//! The few members of an answer or a chunk that the gateway reads while it passes. Strings stay
//! as they stand in the bytes until somebody wants them.

use std::borrow::Cow;

use domain::usage::Usage;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::answer::finish_reason;
use super::usage::UsageSeen;
use crate::chat::FinishReason;

/// An answer or a chunk of any of OpenAI's calls.
#[derive(Deserialize)]
pub(super) struct Glimpse<'a> {
    #[serde(borrow)]
    model: Option<&'a RawValue>,
    #[serde(borrow)]
    choices: Option<Vec<GlimpseChoice<'a>>>,
    usage: Option<UsageSeen>,
    #[serde(borrow)]
    service_tier: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    /// Where Groq puts the usage of a stream.
    x_groq: Option<GroqSeen>,
}

#[derive(Deserialize)]
struct GroqSeen {
    usage: Option<UsageSeen>,
}

/// A choice of either.
#[derive(Deserialize)]
pub(super) struct GlimpseChoice<'a> {
    index: Option<u32>,
    #[serde(borrow)]
    delta: Option<MessageGlimpse<'a>>,
    #[serde(borrow)]
    message: Option<MessageGlimpse<'a>>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    finish_reason: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct MessageGlimpse<'a> {
    #[serde(borrow)]
    content: Option<&'a RawValue>,
    #[serde(borrow)]
    reasoning_content: Option<&'a RawValue>,
    #[serde(borrow)]
    reasoning: Option<&'a RawValue>,
    #[serde(borrow)]
    refusal: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_calls: Option<Vec<CallGlimpse<'a>>>,
    #[serde(borrow)]
    function_call: Option<FunctionGlimpse<'a>>,
}

#[derive(Deserialize)]
struct CallGlimpse<'a> {
    #[serde(borrow)]
    function: Option<FunctionGlimpse<'a>>,
}

#[derive(Deserialize)]
struct FunctionGlimpse<'a> {
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

impl<'a> Glimpse<'a> {
    pub(super) fn model(&self) -> Option<String> {
        self.model.and_then(text).map(Cow::into_owned)
    }

    pub(super) fn choices(&self) -> &[GlimpseChoice<'a>] {
        self.choices.as_deref().unwrap_or_default()
    }

    /// The usage, unless nothing was counted.
    pub(super) fn usage(&self) -> Option<Usage> {
        let groq = || self.x_groq.as_ref()?.usage.as_ref();
        let counted = |usage: &&UsageSeen| !usage.is_empty();
        let seen = self.usage.as_ref().filter(counted);
        let seen = seen.or_else(|| groq().filter(counted))?;
        let tier = self.service_tier.and_then(text);
        Some(seen.usage(tier.as_deref()))
    }

    /// Whether the chunk has no choice, only the usage.
    pub(super) fn is_usage_only(&self) -> bool {
        self.usage.is_some() && self.choices().is_empty()
    }

    /// The message of an `error` member.
    pub(super) fn error(&self) -> Option<String> {
        let error: Value = serde_json::from_str(self.error?.get()).ok()?;
        let message = error.get("message").unwrap_or(&error);
        Some(message.as_str().unwrap_or_default().to_owned())
    }
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
        let mut give = |json: Option<&RawValue>| {
            if let Some(text) = json.and_then(text) {
                take(text);
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
            for function in functions.chain(&message.function_call) {
                give(function.name);
                give(function.arguments);
            }
        }
    }
}

/// The text of a JSON string; other values give their JSON, which is near enough for counting.
fn text(json: &RawValue) -> Option<Cow<'_, str>> {
    let json = json.get();
    let Some(inner) = json.strip_prefix('"') else {
        return Some(Cow::Borrowed(json));
    };
    let inner = inner.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str(json).ok().map(Cow::Owned)
}
