//! A caller's chat body in our own words, for vendors that speak another dialect.

use serde_json::{Map, Value};

use super::bad_body::BadBody;
use super::body::{BodyKind, CallerBody, MemberRole};
use super::fields::Fields;
use super::{messages, parameters, tools};
use crate::chat::{ChatCall, ToolChoice};

impl CallerBody {
    /// Reads the whole body as a chat call. Members that ask the gateway for something, and
    /// parameters that have their default value or are mere hints, are left out.
    ///
    /// # Errors
    /// When a member has a wrong type; the error names its path.
    pub fn chat_call(&self) -> Result<ChatCall, BadBody> {
        if self.kind != BodyKind::Chat {
            return Err(BadBody::missing("messages"));
        }
        let mut fields = self.fields()?;
        let mut call = ChatCall {
            messages: messages::read(fields.list("messages")?)?,
            stream: self.stream,
            max_tokens: self.max_output_tokens,
            n: Some(self.n).filter(|&n| n != 1),
            user: self.user.clone(),
            ..ChatCall::default()
        };
        read_tools(&mut call, &mut fields)?;
        call.response_format = tools::response_format(fields.fields("response_format")?)?;
        call.temperature = fields.number("temperature")?;
        call.top_p = fields.number("top_p")?;
        call.stop = fields.texts("stop")?;
        call.seed = fields.number("seed")?;
        call.metadata = fields.object("metadata")?;
        call.reasoning_effort = fields.text("reasoning_effort")?;
        call.thinking = fields.take("thinking");
        (call.openai_parameters, call.extra) = split(fields.rest());
        Ok(call)
    }

    /// The members that go to a provider and are not read in the first pass.
    pub(super) fn fields(&self) -> Result<Fields, BadBody> {
        let mut map = Map::new();
        for member in &self.members {
            if member.role != MemberRole::Other {
                continue;
            }
            let name = self.name_of(member);
            // These stand in `self` already.
            if matches!(
                &*name,
                "stream" | "max_tokens" | "max_completion_tokens" | "n" | "user"
            ) {
                continue;
            }
            let value: Value =
                serde_json::from_str(self.value_of(member)).map_err(|e| BadBody::not_json(&e))?;
            map.insert(name.into_owned(), value);
        }
        Ok(Fields::new("", map))
    }
}

fn read_tools(call: &mut ChatCall, fields: &mut Fields) -> Result<(), BadBody> {
    call.tools = tools::read(fields.list("tools")?)?;
    call.tools
        .extend(tools::read_legacy(fields.list("functions")?)?);
    call.tool_choice = match fields.take("tool_choice") {
        Some(choice) => Some(tools::choice("tool_choice", choice)?),
        None => None,
    };
    if let Some(choice) = fields.take("function_call") {
        let choice = tools::legacy_choice("function_call", choice)?;
        call.tool_choice = call.tool_choice.take().or(Some(choice));
    }
    if call.tools.is_empty() && call.tool_choice == Some(ToolChoice::Auto) {
        call.tool_choice = None;
    }
    // Several calls at once are OpenAI's default.
    call.parallel_tool_calls = fields.flag("parallel_tool_calls")?.filter(|&many| !many);
    Ok(())
}

/// Parts OpenAI's own parameters from those that OpenAI does not have.
pub(super) fn split(rest: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let (mut openai, mut extra) = (Map::new(), Map::new());
    for (name, value) in rest {
        match parameters::find(&name) {
            Some(parameter) if parameter.is_without_effect(&value) => {}
            Some(_) => drop(openai.insert(name, value)),
            None => drop(extra.insert(name, value)),
        }
    }
    (openai, extra)
}
