//! Requests, parameter by parameter; whole ones are in `cases/`.

use domain::keys::Secret;
use domain::routing::ParameterPolicy;
use serde_json::{Number, json};

use super::*;
use crate::chat::{Message, Part, ResponseFormat, Role, Thinking, Tool, ToolCall, ToolChoice};

mod content;
mod conversation;
mod json_answer;
mod parameters;
mod random;
mod thinking;
mod tools;

const OLD: &str = "claude-3-5-sonnet-20240620";
const BUDGET: &str = "claude-sonnet-4-5";
const ADAPTIVE: &str = "claude-opus-4-8";
const NEWEST: &str = "claude-opus-5-5";

struct Setup {
    model: &'static str,
    policy: ParameterPolicy,
    extra_body: Value,
    key: &'static str,
}

fn on(model: &'static str) -> Setup {
    Setup {
        model,
        policy: ParameterPolicy::default(),
        extra_body: json!({}),
        key: "sk-ant-api03-x",
    }
}

impl Setup {
    fn dropping(mut self) -> Self {
        self.policy.drop_unsupported = true;
        self
    }

    fn send(&self, call: &ChatCall) -> Result<(Value, WireBody), Untranslatable> {
        let target = Target {
            model: self.model,
            base_url: "http://h",
            api_key: Some(&Secret::new(self.key)),
            api_version: None,
            organization: None,
            max_output_tokens: None,
            reasons: false,
            parameters: &self.policy,
            extra_body: self.extra_body.as_object().unwrap(),
        };
        let wire = encode(call, &target)?;
        Ok((serde_json::from_slice(&wire.bytes).unwrap(), wire))
    }

    fn body(&self, call: &ChatCall) -> Value {
        self.send(call).unwrap().0
    }

    fn dropped(&self, call: &ChatCall) -> Vec<&'static str> {
        self.send(call).unwrap().1.dropped
    }

    fn refused(&self, call: &ChatCall) -> String {
        match self.send(call) {
            Err(
                Untranslatable::UnsupportedParameter { param, .. }
                | Untranslatable::InvalidValue { param, .. },
            ) => param,
            other => panic!("not refused: {:?}", other.map(|(body, _)| body)),
        }
    }
}

fn message(role: Role, text: &str) -> Message {
    Message {
        role,
        content: vec![Part::Text {
            text: text.to_owned(),
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

fn tool_call(id: &str, name: &str, arguments: &str) -> ToolCall {
    ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_owned(),
        signature: None,
    }
}

fn calling(calls: Vec<ToolCall>) -> Message {
    Message {
        content: Vec::new(),
        tool_calls: calls,
        ..message(Role::Assistant, "")
    }
}

fn result(id: &str, text: &str) -> Message {
    Message {
        tool_call_id: Some(id.to_owned()),
        ..message(Role::Tool, text)
    }
}

fn tool(name: &str) -> Tool {
    Tool {
        name: name.to_owned(),
        description: None,
        parameters: Some(json!({"type": "object", "properties": {"city": {"type": "string"}}})),
        strict: None,
        cache_control: None,
        native: None,
    }
}

fn call(messages: Vec<Message>) -> ChatCall {
    ChatCall {
        messages,
        ..ChatCall::default()
    }
}

fn hello() -> ChatCall {
    call(vec![message(Role::User, "hi")])
}

fn float(number: f64) -> Option<Number> {
    Number::from_f64(number)
}

fn openai(name: &str, value: Value) -> ChatCall {
    let mut call = hello();
    call.openai_parameters.insert(name.to_owned(), value);
    call
}
