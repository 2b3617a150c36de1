//! Legacy text completions: a caller's body, OpenAI's request, and the same asked as a chat.

use serde_json::{Map, Value, json};

use super::bad_body::BadBody;
use super::body::{BodyKind, CallerBody};
use super::fields::{self, Fields};
use super::{decode, encode, parameters, stream};
use crate::chat::{ChatAnswer, ChatCall, EventReader, Message, Part, Role};
use crate::completions::{CompletionCall, CompletionsApi};
use crate::tokenizer;
use crate::wire::{Malformed, Stamp, Target, Untranslatable, WireBody};

/// What OpenAI's reference says the prompt is when there is none.
const DEFAULT_PROMPT: &str = "<|endoftext|>";

impl CallerBody {
    /// Reads the whole body as a text completion.
    ///
    /// # Errors
    /// When a member has a wrong type, or a token is none of `cl100k_base`.
    pub fn completion_call(&self) -> Result<CompletionCall, BadBody> {
        if self.kind != BodyKind::Completion {
            return Err(BadBody::missing("prompt"));
        }
        let mut fields = self.fields()?;
        let prompts = match fields.take("prompt") {
            None => vec![DEFAULT_PROMPT.to_owned()],
            Some(prompt) => texts_or_tokens("prompt", prompt)?,
        };
        let suffix = fields.text("suffix")?;
        let stop = fields.texts("stop")?;
        let (mut openai_parameters, mut extra) = (Map::new(), Map::new());
        let rest = fields.rest();
        for (name, value) in self.counts().into_iter().chain(rest) {
            let is_known = is_parameter(&name);
            let has_effect = parameters::find(&name)
                .is_none_or(|parameter| !parameter.is_without_effect(&value));
            if is_known && has_effect {
                openai_parameters.insert(name, value);
            } else if !is_known {
                extra.insert(name, value);
            }
        }
        Ok(CompletionCall {
            prompts,
            suffix,
            max_tokens: self.max_output_tokens,
            stop,
            stream: self.stream,
            openai_parameters,
            extra,
        })
    }

    /// The parameters that the first pass has read.
    fn counts(&self) -> Map<String, Value> {
        let mut counts = Map::new();
        if self.n != 1 {
            counts.insert("n".to_owned(), self.n.into());
        }
        if let Some(user) = &self.user {
            counts.insert("user".to_owned(), user.as_str().into());
        }
        counts
    }
}

fn is_parameter(name: &str) -> bool {
    matches!(name, "temperature" | "top_p" | "seed" | "n" | "user")
        || parameters::find(name).is_some()
}

/// `prompt` and `input`: a text, tokens, or several of either.
pub(super) fn texts_or_tokens(path: &str, value: Value) -> Result<Vec<String>, BadBody> {
    match value {
        Value::String(text) => Ok(vec![text]),
        Value::Array(list) if list.first().is_some_and(Value::is_number) => {
            Ok(vec![decode_tokens(path, list)?])
        }
        Value::Array(list) => list
            .into_iter()
            .enumerate()
            .map(|(index, item)| match item {
                Value::String(text) => Ok(text),
                Value::Array(tokens) => decode_tokens(&format!("{path}[{index}]"), tokens),
                other => Err(BadBody::wrong_type(
                    format!("{path}[{index}]"),
                    "a string or an array of tokens",
                    fields::kind_of(&other),
                )),
            })
            .collect(),
        other => Err(BadBody::wrong_type(
            path,
            "a string or an array",
            fields::kind_of(&other),
        )),
    }
}

fn decode_tokens(path: &str, list: Vec<Value>) -> Result<String, BadBody> {
    let token = |value: &Value| u32::try_from(fields::whole_number(value)?).ok();
    list.iter()
        .map(token)
        .collect::<Option<Vec<u32>>>()
        .and_then(|tokens| tokenizer::decode(&tokens))
        .ok_or_else(|| BadBody::invalid(path, "these are no tokens of cl100k_base; send text"))
}

/// Text completions in OpenAI's dialect.
pub(crate) struct Completions;

impl CompletionsApi for Completions {
    fn encode(
        &self,
        call: &CompletionCall,
        target: &Target<'_>,
    ) -> Result<WireBody, Untranslatable> {
        let CompletionCall {
            prompts,
            suffix,
            max_tokens,
            stop,
            stream,
            openai_parameters,
            extra,
        } = call;
        let mut body = Map::new();
        body.insert("model".to_owned(), target.model.into());
        let prompt = encode::texts(prompts).unwrap_or_else(|| DEFAULT_PROMPT.into());
        body.insert("prompt".to_owned(), prompt);
        let optional = [
            ("suffix", suffix.clone().map(Value::String)),
            ("max_tokens", max_tokens.map(Value::from)),
            ("stop", encode::texts(stop)),
            ("stream", stream.then_some(Value::Bool(true))),
            (
                "stream_options",
                stream.then(|| json!({"include_usage": true})),
            ),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        }
        for (name, value) in openai_parameters.iter().chain(extra) {
            body.entry(name.as_str()).or_insert_with(|| value.clone());
        }
        Ok(encode::finish(body, target))
    }

    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed> {
        decode::answer(body, stamp)
    }

    fn events(&self, stamp: &Stamp) -> Box<dyn EventReader> {
        Box::new(stream::Events::new(stamp))
    }
}

/// The same call as a chat with one user's message, for vendors without text completions.
///
/// # Errors
/// When there are several prompts, which one chat cannot answer, or a parameter that a chat does
/// not have (`suffix`, `echo`, `best_of`).
pub fn as_chat(call: CompletionCall, provider: &'static str) -> Result<ChatCall, Untranslatable> {
    let CompletionCall {
        prompts,
        suffix,
        max_tokens,
        stop,
        stream,
        openai_parameters,
        extra,
    } = call;
    let unsupported = |param: &str| {
        Err(Untranslatable::UnsupportedParameter {
            provider,
            param: param.to_owned(),
        })
    };
    let Ok([text]) = <[String; 1]>::try_from(prompts) else {
        return Err(Untranslatable::InvalidValue {
            param: "prompt".to_owned(),
            reason: format!("{provider} answers one prompt at a time"),
        });
    };
    if suffix.is_some_and(|suffix| !suffix.is_empty()) {
        return unsupported("suffix");
    }
    let mut fields = Fields::new("", openai_parameters);
    for name in ["echo", "best_of", "logprobs"] {
        if fields.take(name).is_some() {
            return unsupported(name);
        }
    }
    let mut chat = read_sampling(&mut fields).map_err(|bad| Untranslatable::InvalidValue {
        param: bad.param.unwrap_or_default(),
        reason: bad.message,
    })?;
    chat.messages = vec![user_message(text)];
    chat.max_tokens = max_tokens;
    chat.stop = stop;
    chat.stream = stream;
    chat.openai_parameters = fields.rest();
    chat.extra = extra;
    Ok(chat)
}

fn read_sampling(fields: &mut Fields) -> Result<ChatCall, BadBody> {
    Ok(ChatCall {
        temperature: fields.number("temperature")?,
        top_p: fields.number("top_p")?,
        seed: fields.number("seed")?,
        n: fields.count("n")?,
        user: fields.text("user")?,
        ..ChatCall::default()
    })
}

fn user_message(text: String) -> Message {
    Message {
        role: Role::User,
        content: vec![Part::Text {
            text,
            cache_control: None,
        }],
        name: None,
        tool_calls: Vec::new(),
        tool_call_id: None,
        refusal: None,
        thinking: Vec::new(),
        cache_control: None,
        extra: Map::new(),
    }
}
