//! Tools, the choice among them, and the answer's format, as a caller names them.

use serde_json::Value;

use super::bad_body::BadBody;
use super::fields::Fields;
use crate::chat::{ResponseFormat, Tool, ToolChoice};

/// Reads `tools`. A tool that is no function is kept as it came.
pub(super) fn read(list: Vec<Value>) -> Result<Vec<Tool>, BadBody> {
    let mut tools = Vec::with_capacity(list.len());
    for (index, value) in list.into_iter().enumerate() {
        let is_function = value.get("type").and_then(Value::as_str).map_or_else(
            || value.get("function").is_some(),
            |kind| kind == "function",
        );
        if !is_function && value.is_object() {
            tools.push(native(value));
            continue;
        }
        let mut fields = Fields::of(format!("tools[{index}]"), value)?;
        let mut function = fields.required_fields("function")?;
        let mut tool = read_function(&mut function)?;
        tool.cache_control = fields
            .take("cache_control")
            .or_else(|| function.take("cache_control"));
        tools.push(tool);
    }
    Ok(tools)
}

/// Reads the legacy `functions`.
pub(super) fn read_legacy(list: Vec<Value>) -> Result<Vec<Tool>, BadBody> {
    list.into_iter()
        .enumerate()
        .map(|(index, value)| read_function(&mut Fields::of(format!("functions[{index}]"), value)?))
        .collect()
}

fn native(value: Value) -> Tool {
    Tool {
        name: String::new(),
        description: None,
        parameters: None,
        strict: None,
        cache_control: None,
        native: Some(value),
    }
}

fn read_function(function: &mut Fields) -> Result<Tool, BadBody> {
    Ok(Tool {
        name: function.required_text("name")?,
        description: function.text("description")?,
        parameters: function.object("parameters")?.map(Value::Object),
        strict: function.flag("strict")?,
        cache_control: None,
        native: None,
    })
}

/// Reads `tool_choice` in all its forms.
pub(super) fn choice(path: &str, value: Value) -> Result<ToolChoice, BadBody> {
    let wrong = |reason| Err(BadBody::invalid(path, reason));
    if let Value::String(word) = value {
        return match word.as_str() {
            "auto" => Ok(ToolChoice::Auto),
            "none" => Ok(ToolChoice::None),
            // `any` is Anthropic's and Mistral's word.
            "required" | "any" => Ok(ToolChoice::Required),
            _ => wrong("send auto, none, required, or a tool's object"),
        };
    }
    let mut fields = Fields::of(path, value)?;
    match fields.text("type")?.as_deref() {
        Some("function") | None => {
            let name = fields.required_fields("function")?.required_text("name")?;
            Ok(ToolChoice::Function(name))
        }
        Some("allowed_tools") => {
            // The reference nests the object; the Responses API does not.
            let mut allowed = match fields.fields("allowed_tools")? {
                Some(inner) => inner,
                None => fields,
            };
            read_allowed(&mut allowed)
        }
        Some("auto") => Ok(ToolChoice::Auto),
        Some("none") => Ok(ToolChoice::None),
        Some("any" | "required") => Ok(ToolChoice::Required),
        Some("tool") => fields.required_text("name").map(ToolChoice::Function),
        Some(_) => wrong("only functions can be chosen"),
    }
}

fn read_allowed(allowed: &mut Fields) -> Result<ToolChoice, BadBody> {
    let mode = allowed.text("mode")?;
    let path = allowed.path_of("tools");
    let mut names = Vec::new();
    for (index, tool) in allowed.list("tools")?.into_iter().enumerate() {
        let mut tool = Fields::of(format!("{path}[{index}]"), tool)?;
        let name = match tool.fields("function")? {
            Some(mut function) => function.required_text("name")?,
            None => tool.required_text("name")?,
        };
        names.push(name);
    }
    Ok(ToolChoice::Allowed {
        names,
        required: mode.as_deref() == Some("required"),
    })
}

/// Reads the legacy `function_call`.
pub(super) fn legacy_choice(path: &str, value: Value) -> Result<ToolChoice, BadBody> {
    match value {
        Value::String(_) => choice(path, value),
        object => Fields::of(path, object)?
            .required_text("name")
            .map(ToolChoice::Function),
    }
}

/// Reads `response_format`.
pub(super) fn response_format(fields: Option<Fields>) -> Result<Option<ResponseFormat>, BadBody> {
    let Some(mut fields) = fields else {
        return Ok(None);
    };
    let kind = fields.required_text("type")?;
    Ok(Some(match kind.as_str() {
        "text" => ResponseFormat::Text,
        "json_object" => ResponseFormat::JsonObject,
        "json_schema" => {
            let mut schema = fields.required_fields("json_schema")?;
            ResponseFormat::JsonSchema {
                name: schema.required_text("name")?,
                strict: schema.flag("strict")?,
                description: schema.text("description")?,
                schema: schema
                    .object("schema")?
                    .map_or_else(|| Value::Object(serde_json::Map::new()), Value::Object),
            }
        }
        _ => {
            return Err(BadBody::invalid(
                fields.path_of("type"),
                "send text, json_object or json_schema",
            ));
        }
    }))
}
