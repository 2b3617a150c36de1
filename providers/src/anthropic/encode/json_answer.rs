//! Answers in JSON (`response_format`).
//!
//! Three ways, the best that the model and the schema allow:
//! 1. `output_config.format`: the model cannot write anything else.
//! 2. A tool of a reserved name that must be called; the decoders show its input as the answer's
//!    text. For older models, and for schemas that cannot be enforced (open objects, recursion).
//! 3. A rule in `system`. For `json_object`: a forced tool without properties makes models answer
//!    `{}`, forbids the caller's own tools and thinking, and newer models refuse it; callers of
//!    `json_object` have to describe their JSON in the prompt anyway. And for schemas where the
//!    first two are closed.

use std::borrow::Cow;

use serde_json::json;

use super::super::JSON_ANSWER_TOOL;
use super::super::abilities::Abilities;
use super::super::wire::{Block, Body, Choice, FunctionTool, ToolEntry};
use super::schema::enforceable;
use super::tools::{Tools, input_schema};
use crate::chat::ResponseFormat;

const JSON_OBJECT: &str = "Answer with one JSON object and nothing else: the first character of \
                           your answer is { and the last is }. No words around it, no code fence.";

const JSON_OF_SCHEMA: &str = "Answer with JSON that follows the JSON Schema below, and with \
                              nothing else: no words around it, no code fence.";

/// Puts the wish for JSON where the model honours it: among the tools, the rules, or in the body.
/// `thinks` says whether the caller's own `thinking` turns thinking on.
pub(super) fn apply<'a>(
    format: Option<&'a ResponseFormat>,
    abilities: Abilities,
    thinks: bool,
    tools: &mut Tools<'a>,
    (rules, body): (&mut Vec<Block<'a>>, &mut Body<'a>),
) {
    let Some(ResponseFormat::JsonSchema {
        name,
        schema,
        strict: _,
        description,
    }) = format
    else {
        if format == Some(&ResponseFormat::JsonObject) {
            rules.push(Block::text(JSON_OBJECT));
        }
        return;
    };
    if let Some(schema) = enforceable(schema).filter(|_| abilities.json_schema) {
        let format = json!({"type": "json_schema", "schema": schema});
        body.output_config.insert("format".to_owned(), format);
        return;
    }
    let is_object = schema.get("type").is_none_or(|kind| kind == "object");
    if !abilities.forced_tools || thinks || !is_object {
        rules.push(Block::text(format!(
            "{JSON_OF_SCHEMA} The schema's name is {name}. The schema: {schema}"
        )));
        return;
    }
    if let Some(Choice::Tool { .. }) = tools.choice {
        // The caller forces a function of its own: there will be no text.
        return;
    }
    let about = description.as_deref().unwrap_or_default();
    tools.entries.push(ToolEntry::Function(FunctionTool {
        name: JSON_ANSWER_TOOL,
        description: Some(Cow::Owned(
            format!("Give the final answer, `{name}`, with this tool. {about}")
                .trim_end()
                .to_owned(),
        )),
        input_schema: input_schema(Some(schema)),
        strict: false,
        cache_control: None,
    }));
    let alone = tools.entries.len() == 1 || tools.choice == Some(Choice::None);
    tools.choice = Some(forced(alone, tools.choice.as_ref()));
}

/// The answer's tool, or any: the caller's own tools may come before the answer.
fn forced<'a>(alone: bool, choice: Option<&Choice<'a>>) -> Choice<'a> {
    let one_at_a_time = match choice {
        Some(
            Choice::Auto {
                disable_parallel_tool_use,
            }
            | Choice::Any {
                disable_parallel_tool_use,
            }
            | Choice::Tool {
                disable_parallel_tool_use,
                ..
            },
        ) => *disable_parallel_tool_use,
        Some(Choice::None) | None => false,
    };
    if alone {
        Choice::Tool {
            name: JSON_ANSWER_TOOL,
            disable_parallel_tool_use: true,
        }
    } else {
        Choice::Any {
            disable_parallel_tool_use: one_at_a_time,
        }
    }
}
