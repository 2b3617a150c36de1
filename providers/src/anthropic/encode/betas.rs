//! The names of beta features that a request uses (`anthropic-beta`).
//!
//! Source: the names in Anthropic's OpenAPI document (`AnthropicBeta`) and the pages of the
//! features. What has left beta (PDFs, prompt caching, effort, structured outputs, web search and
//! fetch, code execution, memory, tool search) needs no name.

use std::borrow::Cow;

use serde_json::Value;

use super::super::wire::{Block, Body, Source, ToolEntry};
use super::super::{SUBSCRIPTION_BETA, is_subscription};
use crate::chat::ChatCall;
use crate::wire::Target;

/// Tools by the beginning of their type.
const TOOLS: &[(&str, &str)] = &[
    ("computer_20241022", "computer-use-2024-10-22"),
    ("bash_20241022", "computer-use-2024-10-22"),
    ("text_editor_20241022", "computer-use-2024-10-22"),
    ("computer_20250124", "computer-use-2025-01-24"),
    ("computer_20251124", "computer-use-2025-11-24"),
    ("advisor_20260301", "advisor-tool-2026-03-01"),
    ("mcp_toolset", "mcp-client-2025-11-20"),
];

/// Members of the body.
const MEMBERS: &[(&str, &str)] = &[
    ("context_management", "context-management-2025-06-27"),
    ("mcp_servers", "mcp-client-2025-11-20"),
    ("speed", "fast-mode-2026-02-01"),
];

const FILES: &str = "files-api-2025-04-14";

/// Whether a member is a list of such names, as SDKs and other gateways take them in the body.
pub(super) fn is_list(member: &str) -> bool {
    member == "anthropic_beta" || member == "betas"
}

/// The names that a request needs, the caller's own among them.
pub(super) fn of<'a>(
    body: &Body<'_>,
    call: &'a ChatCall,
    target: &'a Target<'_>,
) -> Vec<Cow<'a, str>> {
    let mut names: Vec<Cow<'a, str>> = Vec::new();
    let mut add = |name: &'a str| {
        let name = name.trim();
        if !name.is_empty() && !names.iter().any(|known| known == name) {
            names.push(Cow::Borrowed(name));
        }
    };
    if target
        .api_key
        .is_some_and(|key| is_subscription(key.expose()))
    {
        add(SUBSCRIPTION_BETA);
    }
    for members in [&call.extra, target.extra_body] {
        for list in ["anthropic_beta", "betas"] {
            match members.get(list) {
                Some(Value::String(names)) => names.split(',').for_each(&mut add),
                Some(Value::Array(names)) => {
                    names.iter().filter_map(Value::as_str).for_each(&mut add);
                }
                _ => {}
            }
        }
        for (member, name) in MEMBERS {
            if members.contains_key(*member) {
                add(name);
            }
        }
    }
    for tool in &body.tools {
        let ToolEntry::Native(tool) = tool else {
            continue;
        };
        let kind = tool.get("type").and_then(Value::as_str);
        let beta = TOOLS.iter().find(|(tool, _)| kind == Some(tool));
        if let Some((_, name)) = beta {
            add(name);
        }
    }
    if body.messages.iter().any(|turn| has_file(&turn.content)) {
        add(FILES);
    }
    names
}

fn has_file(blocks: &[Block<'_>]) -> bool {
    blocks.iter().any(|block| match block {
        Block::Image { source, .. } | Block::Document { source, .. } => {
            matches!(source, Source::File { .. })
        }
        Block::ToolResult { content, .. } => has_file(content),
        _ => false,
    })
}
