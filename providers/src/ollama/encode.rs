//! A chat call as `/api/chat` wants it.

use serde_json::{Map, Value, json};

use super::options::Request;
use super::{NAME, messages};
use crate::chat::{ChatCall, ResponseFormat, Tool, ToolChoice};
use crate::policy::{self, Policy, invalid};
use crate::wire::{Target, Untranslatable, WireBody};

/// Puts a call into Ollama's words.
///
/// # Errors
/// When Ollama cannot honour a parameter and nobody allowed to drop it.
pub(super) fn encode(call: &ChatCall, target: &Target<'_>) -> Result<WireBody, Untranslatable> {
    let call = policy::without(call, target.parameters);
    let mut policy = Policy::new(NAME, target.parameters);
    let mut request = Request::to_model(target.model);
    let messages = messages::messages(&call)?;
    request
        .members
        .insert("messages".to_owned(), messages.into());
    request
        .members
        .insert("stream".to_owned(), call.stream.into());
    tools(&call, &mut policy, &mut request)?;
    match &call.response_format {
        None | Some(ResponseFormat::Text) => {}
        Some(ResponseFormat::JsonObject) => {
            request.members.insert("format".to_owned(), "json".into());
        }
        Some(ResponseFormat::JsonSchema { schema, .. }) => {
            request.members.insert("format".to_owned(), schema.clone());
        }
    }
    if let Some(think) = think(&call, target.model)? {
        request.members.insert("think".to_owned(), think);
    }
    sampling(&call, &mut request);
    if call.n.is_some_and(|n| n != 1) {
        policy.unsupported("n")?;
    }
    for (name, value) in &call.openai_parameters {
        openai_parameter(name, value, &mut policy, &mut request)?;
    }
    // Ollama has them under the same names since 0.12.11.
    if let Some(top) = policy.log_probabilities(&call)? {
        request.members.insert("logprobs".to_owned(), true.into());
        if top > 0 {
            request
                .members
                .insert("top_logprobs".to_owned(), top.into());
        }
    }
    request.add(&call.extra, target.extra_body);
    Ok(WireBody {
        bytes: request.into_bytes(),
        dropped: policy.into_dropped(),
        headers: Vec::new(),
    })
}

fn sampling(call: &ChatCall, request: &mut Request) {
    request.option("temperature", call.temperature.clone());
    request.option("top_p", call.top_p.clone());
    request.option("seed", call.seed.clone());
    request.option("num_predict", call.max_tokens);
    let stop = Some(&call.stop).filter(|stop| !stop.is_empty());
    request.option("stop", stop.cloned());
}

/// Ollama lets the model decide: `none` leaves the tools out, a list of allowed ones leaves the
/// others out, and that one must be called cannot be asked for.
fn tools(
    call: &ChatCall,
    policy: &mut Policy<'_>,
    request: &mut Request,
) -> Result<(), Untranslatable> {
    if call.tools.is_empty() {
        return Ok(());
    }
    // Its tools are functions; of others it would read a function without a name.
    if call.tools.iter().any(|tool| tool.native.is_some()) {
        policy.unsupported("tools")?;
    }
    let is_offered = |tool: &&Tool| match &call.tool_choice {
        _ if tool.native.is_some() => false,
        Some(ToolChoice::None) => false,
        Some(ToolChoice::Allowed { names, .. }) => names.contains(&tool.name),
        _ => true,
    };
    let tools: Vec<Value> = call.tools.iter().filter(is_offered).map(tool).collect();
    match call.tool_choice {
        None | Some(ToolChoice::Auto | ToolChoice::None) => {}
        Some(ToolChoice::Allowed {
            required: false, ..
        }) => {}
        Some(ToolChoice::Required | ToolChoice::Function(_) | ToolChoice::Allowed { .. }) => {
            policy.unsupported("tool_choice")?;
        }
    }
    if call.parallel_tool_calls == Some(false) && !tools.is_empty() {
        policy.unsupported("parallel_tool_calls")?;
    }
    if !tools.is_empty() {
        request.members.insert("tools".to_owned(), tools.into());
    }
    Ok(())
}

fn tool(tool: &Tool) -> Value {
    let mut function = Map::new();
    function.insert("name".to_owned(), tool.name.as_str().into());
    if let Some(description) = &tool.description {
        function.insert("description".to_owned(), description.as_str().into());
    }
    // The templates of some models fail without parameters.
    let parameters = tool.parameters.clone();
    let parameters = parameters.unwrap_or_else(|| json!({"type": "object", "properties": {}}));
    function.insert("parameters".to_owned(), parameters);
    json!({"type": "function", "function": function})
}

/// `think`, from Anthropic's `thinking` object, else from `reasoning_effort`. The gpt-oss models
/// take a level, all others yes or no.
fn think(call: &ChatCall, model: &str) -> Result<Option<Value>, Untranslatable> {
    let has_levels = model.contains("gpt-oss");
    let level = |level: &str| {
        if has_levels {
            Value::from(level)
        } else {
            true.into()
        }
    };
    if let Some(thinking) = call
        .thinking
        .as_ref()
        .filter(|thinking| !thinking.is_null())
    {
        return match thinking.get("type").and_then(Value::as_str) {
            Some("disabled") => Ok(Some(false.into())),
            Some("enabled" | "adaptive") => Ok(Some(level("medium"))),
            _ => Err(invalid(
                "thinking.type",
                "it must be `enabled`, `adaptive` or `disabled`",
            )),
        };
    }
    Ok(Some(match call.reasoning_effort.as_deref() {
        None => return Ok(None),
        Some("none") => false.into(),
        Some("minimal" | "low") => level("low"),
        Some("medium") => level("medium"),
        Some("high" | "xhigh" | "max") => level("high"),
        Some(_) => {
            return Err(invalid(
                "reasoning_effort",
                "it must be `none`, `minimal`, `low`, `medium`, `high` or `xhigh`",
            ));
        }
    }))
}

fn openai_parameter(
    name: &str,
    value: &Value,
    policy: &mut Policy<'_>,
    request: &mut Request,
) -> Result<(), Untranslatable> {
    match name {
        _ if value.is_null() => {}
        "frequency_penalty" | "presence_penalty" => request.option(name, Some(value.clone())),
        // Written above.
        "logprobs" | "top_logprobs" => {}
        _ => {
            if policy.foreign(name, value)? {
                request.members.insert(name.to_owned(), value.clone());
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::routing::ParameterPolicy;

    use super::*;

    #[test]
    fn a_tool_that_is_no_function_is_refused_by_name_and_left_out_on_demand() {
        let call: ChatCall = ChatCall {
            tools: vec![Tool {
                name: "f".to_owned(),
                description: None,
                parameters: None,
                strict: None,
                cache_control: None,
                native: Some(json!({"type": "custom", "custom": {"name": "f"}})),
            }],
            ..ChatCall::default()
        };
        let mut request = Request::to_model("m");
        let strict = ParameterPolicy::default();
        let error = tools(&call, &mut Policy::new(NAME, &strict), &mut request).unwrap_err();
        assert!(error.to_string().contains("`tools`"), "{error}");
        let dropping = ParameterPolicy {
            drop_unsupported: true,
            ..ParameterPolicy::default()
        };
        tools(&call, &mut Policy::new(NAME, &dropping), &mut request).unwrap();
        assert!(!request.members.contains_key("tools"));
    }
}
