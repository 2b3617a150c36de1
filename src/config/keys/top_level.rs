//! The sections of the file.

use super::{Key, Shape, honoured, not_yet};

/// The sections of the file.
pub const KEYS: &[Key] = &[
    honoured("model_list", Shape::List, "the deployments"),
    honoured(
        "router_settings",
        Shape::Map,
        "how a group is chosen, tried and left",
    ),
    honoured(
        "litellm_settings",
        Shape::Map,
        "settings of the whole gateway",
    ),
    honoured("general_settings", Shape::Map, "settings of the server"),
    honoured(
        "environment_variables",
        Shape::Map,
        "variables for os.environ lookups, over those of the environment",
    ),
    honoured(
        "include",
        Shape::List,
        "files whose sections are added to this one",
    ),
    honoured(
        "credential_list",
        Shape::List,
        "named credentials for litellm_credential_name",
    ),
    honoured("headgate", Shape::Map, "settings of our own"),
    not_yet("guardrails", Shape::Any, ""),
    not_yet("prompts", Shape::Any, ""),
    not_yet("mcp_servers", Shape::Any, ""),
    not_yet("mcp_tools", Shape::Any, ""),
    not_yet("mcp_aliases", Shape::Any, ""),
    not_yet("vector_store_registry", Shape::Any, ""),
    not_yet("search_tools", Shape::Any, ""),
    not_yet("callback_settings", Shape::Any, ""),
    not_yet("finetune_settings", Shape::Any, ""),
    not_yet("files_settings", Shape::Any, ""),
    not_yet("assistant_settings", Shape::Any, ""),
    not_yet("agent_list", Shape::Any, ""),
    not_yet("policies", Shape::Any, ""),
    not_yet("policy_attachments", Shape::Any, ""),
    not_yet("worker_config", Shape::Any, ""),
    not_yet("pass_through_endpoints", Shape::Any, ""),
];
