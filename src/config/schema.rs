//! The JSON Schema of the file, for editors; made from the table of keys.

use serde_json::{Map, Value, json};

use super::keys::{Key, SectionName, Shape, Standing};

/// The schema (draft 2020-12). It is generous where the reader is: a number may be a variable.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Map::new();
    for section in SectionName::ALL {
        definitions.insert(definition(*section).to_owned(), section_schema(*section));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Headgate configuration",
        "description": "A LiteLLM config.yaml, and the settings of Headgate's own under `headgate`.",
        "$ref": "#/$defs/file",
        "$defs": definitions,
    })
}

/// The schema as it stands in `docs/headgate.schema.json`.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", schema())
}

const fn definition(section: SectionName) -> &'static str {
    match section {
        SectionName::TopLevel => "file",
        SectionName::ModelEntry => "model_entry",
        SectionName::LitellmParams => "litellm_params",
        SectionName::ModelInfo => "model_info",
        SectionName::RouterSettings => "router_settings",
        SectionName::RetryPolicy => "retry_policy",
        SectionName::LitellmSettings => "litellm_settings",
        SectionName::GeneralSettings => "general_settings",
        SectionName::Headgate => "headgate",
        SectionName::Credential => "credential",
        SectionName::Alias => "alias",
        SectionName::AlertTarget => "alert_target",
        SectionName::SignIn => "sign_in",
        SectionName::IdentityProvider => "identity_provider",
        SectionName::IdentityRole => "identity_role",
        SectionName::JwtIssuer => "jwt_issuer",
        SectionName::JwtAuth => "jwt_auth",
    }
}

fn section_schema(section: SectionName) -> Value {
    let properties: Map<String, Value> = section
        .keys()
        .map(|key| (key.name.to_owned(), key_schema(section, key)))
        .collect();
    let is_open = matches!(section, SectionName::LitellmParams | SectionName::ModelInfo);
    let mut schema = json!({
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": is_open,
    });
    let required: &[&str] = match section {
        SectionName::ModelEntry => &["model_name", "litellm_params"],
        SectionName::LitellmParams => &["model"],
        SectionName::Alias => &["model"],
        SectionName::Credential => &["credential_name"],
        SectionName::IdentityProvider => &["name", "issuer", "client_id"],
        SectionName::IdentityRole => &["group", "role"],
        SectionName::JwtIssuer => &["issuer", "audiences"],
        _ => &[],
    };
    if !required.is_empty()
        && let Some(members) = schema.as_object_mut()
    {
        members.insert("required".to_owned(), json!(required));
    }
    schema
}

fn key_schema(section: SectionName, key: &Key) -> Value {
    let mut schema = nested(section, key.name).unwrap_or_else(|| shape(key.shape));
    if let Some(members) = schema.as_object_mut() {
        let said = match key.standing {
            Standing::Honoured => key.note.to_owned(),
            Standing::NotYet if key.note.is_empty() => "Not yet in effect.".to_owned(),
            Standing::NotYet => format!("Not yet in effect: {}.", key.note),
            Standing::Ignored => format!("Means nothing here: {}.", key.note),
        };
        members.insert("description".to_owned(), json!(said));
    }
    schema
}

/// Members that are sections of their own.
fn nested(section: SectionName, key: &str) -> Option<Value> {
    let of = |section: SectionName| format!("#/$defs/{}", definition(section));
    let one = |section: SectionName| json!({ "$ref": of(section) });
    let list =
        |section: SectionName| json!({"type": ["array", "null"], "items": { "$ref": of(section) }});
    Some(match (section, key) {
        (SectionName::TopLevel, "model_list") => list(SectionName::ModelEntry),
        (SectionName::TopLevel, "credential_list") => list(SectionName::Credential),
        (SectionName::TopLevel, "router_settings") => one(SectionName::RouterSettings),
        (SectionName::TopLevel, "litellm_settings") => one(SectionName::LitellmSettings),
        (SectionName::TopLevel, "general_settings") => one(SectionName::GeneralSettings),
        (SectionName::TopLevel, "headgate") => one(SectionName::Headgate),
        (SectionName::ModelEntry, "litellm_params") => one(SectionName::LitellmParams),
        (SectionName::ModelEntry, "model_info") => one(SectionName::ModelInfo),
        (SectionName::RouterSettings, "retry_policy") => one(SectionName::RetryPolicy),
        (SectionName::RouterSettings, "model_group_retry_policy") => {
            json!({"type": ["object", "null"], "additionalProperties": { "$ref": of(SectionName::RetryPolicy) }})
        }
        (_, "model_group_alias") => json!({
            "type": ["object", "null"],
            "additionalProperties": {"anyOf": [{"type": "string"}, { "$ref": of(SectionName::Alias) }]},
        }),
        (_, "fallbacks" | "context_window_fallbacks" | "content_policy_fallbacks") => json!({
            "type": ["array", "object", "null"],
            "items": {"type": "object"},
        }),
        (SectionName::RouterSettings, "routing_strategy") => json!({
            "type": ["string", "null"],
            "enum": ["simple-shuffle", "latency-based-routing", "least-busy", "usage-based-routing",
                     "usage-based-routing-v2", "cost-based-routing", "provider-budget-routing", null],
        }),
        (SectionName::Headgate, "alert_targets") => list(SectionName::AlertTarget),
        (SectionName::Headgate, "sign_in") => one(SectionName::SignIn),
        (SectionName::Headgate, "jwt_issuers") => list(SectionName::JwtIssuer),
        (SectionName::SignIn, "providers") => list(SectionName::IdentityProvider),
        (SectionName::IdentityProvider, "roles") => list(SectionName::IdentityRole),
        (SectionName::GeneralSettings, "litellm_jwtauth") => one(SectionName::JwtAuth),
        (SectionName::Headgate, "log_level") => json!({
            "type": ["string", "null"],
            "enum": ["error", "warn", "info", "debug", "trace", null],
        }),
        (SectionName::Headgate, "log_format") => json!({
            "type": ["string", "null"],
            "enum": ["text", "json", null],
        }),
        _ => return None,
    })
}

fn shape(shape: Shape) -> Value {
    match shape {
        Shape::Text => json!({"type": ["string", "number", "boolean", "null"]}),
        Shape::Boolean => json!({"type": ["boolean", "string", "null"]}),
        Shape::Integer => json!({"type": ["integer", "string", "null"]}),
        Shape::Number | Shape::Price => json!({"type": ["number", "string", "null"]}),
        Shape::List => json!({"type": ["array", "string", "null"]}),
        Shape::Map => json!({"type": ["object", "null"]}),
        Shape::Any => json!({}),
    }
}
