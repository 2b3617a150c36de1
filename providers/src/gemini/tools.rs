//! Functions, and which of them may be called.

use serde_json::{Map, Value, json};

use super::native::Request;
use crate::chat::{ChatCall, Tool, ToolChoice};
use crate::policy::{Policy, invalid};
use crate::wire::Untranslatable;

/// Writes `tools` and `toolConfig`.
///
/// Functions become one `functionDeclarations` with their JSON Schema as it is
/// (`parametersJsonSchema`). A tool that is not a function must be Gemini's own, such as
/// `{"googleSearch": {}}`, and is passed on as it came; OpenAI's `web_search_options` becomes
/// `googleSearch`.
///
/// # Errors
/// When several calls at once are forbidden, which Gemini cannot promise, or a tool of another
/// vendor is asked for, and nobody allowed to drop that.
pub(super) fn write(
    call: &ChatCall,
    policy: &mut Policy<'_>,
    request: &mut Request,
) -> Result<(), Untranslatable> {
    let functions: Vec<Value> = call
        .tools
        .iter()
        .filter(|tool| tool.native.is_none() && is_offered(&tool.name, call.tool_choice.as_ref()))
        .map(declaration)
        .collect();
    let mut tools = Vec::new();
    let has_functions = !functions.is_empty();
    if has_functions {
        tools.push(json!({"functionDeclarations": functions}));
    }
    for (index, tool) in call.tools.iter().enumerate() {
        if let Some(native) = &tool.native {
            tools.extend(own_tool(native, index, policy)?);
        }
    }
    if let Some(options) = call.openai_parameters.get("web_search_options") {
        let search = web_search(options, policy)?;
        tools.extend(
            search.filter(|_| !tools.iter().any(|tool| tool.get("googleSearch").is_some())),
        );
    }
    if call.parallel_tool_calls == Some(false) && has_functions {
        policy.unsupported("parallel_tool_calls")?;
    }
    if !tools.is_empty() {
        request.members.insert("tools".to_owned(), tools.into());
    }
    let config = call.tool_choice.as_ref().and_then(calling);
    if let Some(config) = config.filter(|_| has_functions) {
        let config = json!({"functionCallingConfig": config});
        request.members.insert("toolConfig".to_owned(), config);
    } else if matches!(
        call.tool_choice,
        Some(ToolChoice::Required | ToolChoice::Function(_))
    ) {
        return Err(invalid("tool_choice", "there is no function to call"));
    }
    Ok(())
}

/// Gemini names the allowed functions only when one must be called; otherwise only those are
/// offered.
fn is_offered(name: &str, choice: Option<&ToolChoice>) -> bool {
    match choice {
        Some(ToolChoice::Allowed {
            names,
            required: false,
        }) => names.iter().any(|allowed| allowed == name),
        _ => true,
    }
}

fn declaration(tool: &Tool) -> Value {
    let mut function = Map::new();
    function.insert("name".to_owned(), tool.name.as_str().into());
    if let Some(description) = &tool.description {
        function.insert("description".to_owned(), description.as_str().into());
    }
    if let Some(parameters) = &tool.parameters {
        function.insert("parametersJsonSchema".to_owned(), parameters.clone());
    }
    Value::Object(function)
}

fn own_tool(
    native: &Value,
    index: usize,
    policy: &mut Policy<'_>,
) -> Result<Option<Value>, Untranslatable> {
    let Some(kind) = native.get("type") else {
        return Ok(Some(native.clone()));
    };
    let kind = kind.as_str().unwrap_or("?");
    policy
        .unsupported_value(
            "tools",
            &format!("tools[{index}] is of the type `{kind}`, which gemini does not have; give a function or one of Gemini's own, such as {{\"googleSearch\": {{}}}}"),
        )
        .map(|()| None)
}

/// Gemini's search has neither a place nor a size.
fn web_search(options: &Value, policy: &mut Policy<'_>) -> Result<Option<Value>, Untranslatable> {
    let is_default = |name: &str, value: &Value| {
        value.is_null() || (name == "search_context_size" && value == "medium")
    };
    let mut given = options.as_object().into_iter().flatten();
    let asks_for_more = given.any(|(name, value)| !is_default(name, value));
    if asks_for_more {
        policy.unsupported_value(
            "web_search_options",
            "gemini's search takes no options; give an empty object",
        )?;
    }
    Ok((!options.is_null()).then(|| json!({"googleSearch": {}})))
}

fn calling(choice: &ToolChoice) -> Option<Value> {
    Some(match choice {
        ToolChoice::Auto => json!({"mode": "AUTO"}),
        ToolChoice::None => json!({"mode": "NONE"}),
        ToolChoice::Required => json!({"mode": "ANY"}),
        ToolChoice::Function(name) => json!({"mode": "ANY", "allowedFunctionNames": [name]}),
        ToolChoice::Allowed {
            names,
            required: true,
        } => json!({"mode": "ANY", "allowedFunctionNames": names}),
        ToolChoice::Allowed {
            required: false, ..
        } => json!({"mode": "AUTO"}),
    })
}
