//! A chat call as `GenerateContentRequest`.

use serde_json::{Value, json};

use super::native::Request;
use super::{NAME, generation, messages, tools};
use crate::chat::ChatCall;
use crate::policy::{self, Policy};
use crate::wire::{Target, Untranslatable, WireBody};

/// Puts a call into Gemini's words.
///
/// # Errors
/// When Gemini cannot honour a parameter and nobody allowed to drop it.
pub(super) fn encode(call: &ChatCall, target: &Target<'_>) -> Result<WireBody, Untranslatable> {
    let call = policy::without(call, target.parameters);
    let mut policy = Policy::new(NAME, target.parameters);
    let mut request = Request::default();
    let conversation = messages::conversation(&call, target)?;
    if !conversation.system.is_empty() {
        let system = json!({"parts": conversation.system});
        request
            .members
            .insert("systemInstruction".to_owned(), system);
    }
    let contents = Value::Array(conversation.contents);
    request.members.insert("contents".to_owned(), contents);
    tools::write(&call, &mut policy, &mut request)?;
    generation::write(&call, target, &mut policy, &mut request)?;
    for (name, value) in &call.extra {
        request.set(name, value);
    }
    for (name, value) in target.extra_body {
        request.set_unless_present(name, value);
    }
    Ok(WireBody {
        bytes: request.into_bytes(),
        dropped: policy.into_dropped(),
        headers: Vec::new(),
    })
}
