//! Tools, and which of them may be called.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::super::wire::{Block, Body, Choice, FunctionTool, ToolEntry, Turn};
use super::parameters::Parameters;
use super::schema::{Weight, enforceable};
use crate::chat::{ChatCall, Tool, ToolChoice};
use crate::wire::Untranslatable;

/// The most `strict` tools of one request; more are a 400. Source: Anthropic's documentation of
/// structured outputs.
const MAX_STRICT_TOOLS: usize = 20;

/// Tools that only OpenAI runs.
const OPENAI_TOOLS: &[&str] = &[
    "code_interpreter",
    "computer_use_preview",
    "file_search",
    "image_generation",
    "local_shell",
    "mcp",
    "web_search",
    "web_search_preview",
];

/// The tools of a call and the choice among them.
pub(super) struct Tools<'a> {
    pub entries: Vec<ToolEntry<'a>>,
    pub choice: Option<Choice<'a>>,
}

impl<'a> Tools<'a> {
    /// Puts them into the body; without any, those of the conversation.
    pub(super) fn put_into(self, body: &mut Body<'a>) {
        let Self { entries, choice } = if self.entries.is_empty() {
            of_history(&body.messages)
        } else {
            self
        };
        body.tools = entries;
        body.tool_choice = choice;
    }

    /// Whether the model must call one.
    pub(super) const fn is_forced(&self) -> bool {
        matches!(self.choice, Some(Choice::Any { .. } | Choice::Tool { .. }))
    }
}

/// Puts the call's tools and its choice into Anthropic's words.
pub(super) fn read<'a>(
    call: &'a ChatCall,
    strict_exists: bool,
    forced_exists: bool,
    parameters: &mut Parameters<'_>,
) -> Result<Tools<'a>, Untranslatable> {
    let given = (!call.tools.is_empty()).then_some(&call.tools);
    let given = parameters.wanted("tools", given);
    let choice = parameters.wanted("tool_choice", call.tool_choice.as_ref());
    let chosen: Vec<&Tool> = given
        .into_iter()
        .flatten()
        .filter(|tool| is_allowed(tool, choice))
        .collect();
    let strict = strict_ones(&chosen, strict_exists, parameters);
    let mut entries = Vec::with_capacity(chosen.len());
    for (tool, strict) in chosen.into_iter().zip(strict) {
        entries.extend(entry(tool, strict, parameters)?);
    }
    if entries.is_empty() {
        if matches!(choice, Some(ToolChoice::Allowed { .. })) && !call.tools.is_empty() {
            return Err(Untranslatable::InvalidValue {
                param: "tool_choice".to_owned(),
                reason: "it allows none of the tools".to_owned(),
            });
        }
        return Ok(Tools {
            entries,
            choice: None,
        });
    }
    let one_at_a_time =
        parameters.wanted("parallel_tool_calls", call.parallel_tool_calls) == Some(false);
    let mut choice = read_choice(choice, one_at_a_time);
    if !forced_exists && matches!(choice, Some(Choice::Any { .. } | Choice::Tool { .. })) {
        parameters.refuse("tool_choice")?;
        choice = read_choice(None, one_at_a_time);
    }
    Ok(Tools { entries, choice })
}

/// Anthropic has no list of allowed tools; the others are not shown.
fn is_allowed(tool: &Tool, choice: Option<&ToolChoice>) -> bool {
    match choice {
        Some(ToolChoice::Allowed { names, .. }) => {
            tool.native.is_some() || names.contains(&tool.name)
        }
        _ => true,
    }
}

fn read_choice(choice: Option<&ToolChoice>, one_at_a_time: bool) -> Option<Choice<'_>> {
    let disable_parallel_tool_use = one_at_a_time;
    let auto = Choice::Auto {
        disable_parallel_tool_use,
    };
    let Some(choice) = choice else {
        return one_at_a_time.then_some(auto);
    };
    Some(match choice {
        ToolChoice::None => Choice::None,
        ToolChoice::Required | ToolChoice::Allowed { required: true, .. } => Choice::Any {
            disable_parallel_tool_use,
        },
        ToolChoice::Function(name) => Choice::Tool {
            name,
            disable_parallel_tool_use,
        },
        ToolChoice::Auto | ToolChoice::Allowed { .. } => auto,
    })
}

fn entry<'a>(
    tool: &'a Tool,
    strict: Option<Value>,
    parameters: &mut Parameters<'_>,
) -> Result<Option<ToolEntry<'a>>, Untranslatable> {
    if let Some(native) = &tool.native {
        if is_openai_only(native) {
            parameters.refuse("tools")?;
            return Ok(None);
        }
        return Ok(Some(ToolEntry::Native(native)));
    }
    let is_strict = strict.is_some();
    let input_schema = strict.map_or_else(|| input_schema(tool.parameters.as_ref()), Cow::Owned);
    Ok(Some(ToolEntry::Function(FunctionTool {
        name: &tool.name,
        description: tool.description.as_deref().map(Cow::Borrowed),
        input_schema,
        strict: is_strict,
        cache_control: tool.cache_control.as_ref(),
    })))
}

fn is_openai_only(native: &Value) -> bool {
    let kind = native
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    // `custom` is OpenAI's tool with free text when it holds an object of that name, and
    // Anthropic's word for a function when it does not.
    OPENAI_TOOLS.contains(&kind) || (kind == "custom" && native.get("custom").is_some())
}

/// Anthropic demands the schema of an object.
pub(super) fn input_schema(schema: Option<&Value>) -> Cow<'_, Value> {
    match schema {
        Some(schema) if schema.get("type").is_some() => Cow::Borrowed(schema),
        Some(Value::Object(members)) => {
            let mut typed = Map::new();
            typed.insert("type".to_owned(), Value::from("object"));
            typed.extend(members.clone());
            if !typed.contains_key("$ref") {
                typed.entry("properties").or_insert_with(|| json!({}));
            }
            Cow::Owned(Value::Object(typed))
        }
        _ => Cow::Owned(json!({"type": "object", "properties": {}})),
    }
}

/// The enforceable schemas of the strict tools; none is strict when together they pass a limit.
fn strict_ones(
    tools: &[&Tool],
    strict_exists: bool,
    parameters: &mut Parameters<'_>,
) -> Vec<Option<Value>> {
    let asked = |tool: &&&Tool| tool.strict == Some(true) && tool.native.is_none();
    if !tools.iter().any(|tool| asked(&tool)) {
        return vec![None; tools.len()];
    }
    let possible = strict_exists && !parameters.is_unwanted("strict");
    let schemas: Vec<Option<Value>> = tools
        .iter()
        .map(|tool| {
            let parameters = asked(&tool).then_some(tool.parameters.as_ref()).flatten();
            parameters.filter(|_| possible).and_then(enforceable)
        })
        .collect();
    let strict = schemas.iter().flatten().count();
    let weights = schemas.iter().flatten().map(Weight::of);
    if strict > MAX_STRICT_TOOLS || !weights.fold(Weight::default(), Weight::and).fits() {
        parameters.left_out("tools.strict");
        return vec![None; tools.len()];
    }
    if strict < tools.iter().filter(asked).count() {
        parameters.left_out("tools.strict");
    }
    schemas
}

/// Definitions for calls in a conversation whose request brings no tools any more: blocks of
/// calls without a definition are refused. Nothing can be called, as at OpenAI.
fn of_history<'a>(turns: &[Turn<'a>]) -> Tools<'a> {
    let mut names: Vec<&'a str> = Vec::new();
    for block in turns.iter().flat_map(|turn| &turn.content) {
        if let Block::ToolUse { name, .. } = block
            && !names.contains(name)
        {
            names.push(name);
        }
    }
    let choice = (!names.is_empty()).then_some(Choice::None);
    let entries = names.into_iter().map(|name| {
        ToolEntry::Function(FunctionTool {
            name,
            description: None,
            input_schema: input_schema(None),
            strict: false,
            cache_control: None,
        })
    });
    Tools {
        entries: entries.collect(),
        choice,
    }
}
