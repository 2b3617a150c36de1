//! Legacy text completions: `/api/generate`.

use serde_json::Value;

use super::options::Request;
use super::{NAME, decode, stream};
use crate::chat::{ChatAnswer, EventReader};
use crate::completions::{CompletionCall, CompletionsApi};
use crate::policy::{Policy, invalid, is_dropped};
use crate::wire::{Malformed, Stamp, Target, Untranslatable, WireBody};

/// Ollama's completions. The model's template is applied, as in Ollama's own OpenAI-compatible
/// interface; `raw: true` in the body goes on from the very text.
pub(super) struct Completions;

impl CompletionsApi for Completions {
    fn encode(
        &self,
        call: &CompletionCall,
        target: &Target<'_>,
    ) -> Result<WireBody, Untranslatable> {
        let mut policy = Policy::new(NAME, target.parameters);
        let [prompt] = call.prompts.as_slice() else {
            return Err(invalid("prompt", "ollama completes one prompt a request"));
        };
        let mut request = Request::to_model(target.model);
        let members = &mut request.members;
        members.insert("prompt".to_owned(), prompt.as_str().into());
        let is_kept = |name: &str| !is_dropped(target.parameters, name);
        if let Some(suffix) = call.suffix.as_deref().filter(|_| is_kept("suffix")) {
            members.insert("suffix".to_owned(), suffix.into());
        }
        members.insert("stream".to_owned(), call.stream.into());
        request.option(
            "num_predict",
            call.max_tokens.filter(|_| is_kept("max_tokens")),
        );
        let stop = Some(&call.stop).filter(|stop| !stop.is_empty() && is_kept("stop"));
        request.option("stop", stop.cloned());
        for (name, value) in &call.openai_parameters {
            if is_kept(name) {
                parameter(name, value, &mut policy, &mut request)?;
            }
        }
        let mut extra = call.extra.clone();
        extra.retain(|name, _value| is_kept(name));
        request.add(&extra, target.extra_body);
        Ok(WireBody {
            bytes: request.into_bytes(),
            dropped: policy.into_dropped(),
            headers: Vec::new(),
        })
    }

    fn decode(&self, body: &[u8], stamp: &Stamp) -> Result<ChatAnswer, Malformed> {
        decode::decode(body, stamp)
    }

    fn events(&self, stamp: &Stamp) -> Box<dyn EventReader> {
        Box::new(stream::Events::new(stamp))
    }
}

fn parameter(
    name: &str,
    value: &Value,
    policy: &mut Policy<'_>,
    request: &mut Request,
) -> Result<(), Untranslatable> {
    match name {
        _ if value.is_null() => {}
        "temperature" | "top_p" | "seed" | "frequency_penalty" | "presence_penalty" => {
            request.option(name, Some(value.clone()));
        }
        // A completion's `logprobs` is a number, and 0 asks for the chosen tokens': the shape
        // that the caller wants has no source here.
        _ => {
            if policy.foreign(name, value)? {
                request.members.insert(name.to_owned(), value.clone());
            }
        }
    }
    Ok(())
}
