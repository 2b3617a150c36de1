//! A key as LiteLLM shows it: a row of its key table, and the answer to `/key/generate`.

use domain::time::TimestampMs;
use domain::virtual_keys::{KeySecret, VirtualKey};
use serde_json::{Map, Value, json};

use crate::actions::keys::{Details, MadeKey};
use crate::actions::spend::Present;
use crate::api::key_shapes::KeyStatus;
use crate::litellm::keys::names::Names;
use crate::litellm::policy::{number, shown};

/// Members that LiteLLM's rows have whether somebody set them or not.
fn always_there() -> [(&'static str, Value); 16] {
    [
        ("permissions", json!({})),
        ("config", json!({})),
        ("allowed_cache_controls", json!([])),
        ("model_spend", json!({})),
        ("soft_budget_cooldown", json!(false)),
        ("router_settings", Value::Null),
        ("object_permission", Value::Null),
        ("object_permission_id", Value::Null),
        ("access_group_ids", json!([])),
        ("agent_id", Value::Null),
        ("auto_rotate", json!(false)),
        ("rotation_interval", Value::Null),
        ("guardrails", Value::Null),
        ("budget_fallbacks", Value::Null),
        ("litellm_budget_table", Value::Null),
        ("duration", Value::Null),
    ]
}

/// Names that an answer has from elsewhere: they are not kept when a caller sends them back.
pub(super) const COMPUTED: [&str; 22] = [
    "token",
    "token_id",
    "key_name",
    "expires",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "status",
    "last_active",
    "secrets",
    "budget_reset_at",
    "litellm_budget_table",
    "model_spend",
    "soft_budget_cooldown",
    "user",
    "info",
    "send_invite_email",
    "duration",
    "key_type",
    "service_account_id",
    "new_master_key",
];

/// A key's row.
#[must_use]
pub fn row(key: &VirtualKey, present: Present, names: &Names) -> Map<String, Value> {
    let now = TimestampMs::now();
    let mut row = shown(&key.policy);
    for (name, value) in always_there() {
        row.entry(name).or_insert(value);
    }
    let mut put = |name: &str, value: Value| row.insert(name.to_owned(), value);
    put("token", json!(key.hash));
    put("key_name", json!(format!("sk-...{}", key.last_four)));
    put("key_alias", json!(key.alias));
    put("environment", json!(key.environment));
    put("spend", number(present.spend));
    put(
        "expires",
        json!(key.expires_at.map(TimestampMs::to_rfc3339)),
    );
    put("user_id", json!(names.user(key)));
    put("team_id", json!(names.team(key)));
    put("organization_id", json!(names.organization(key)));
    put("project_id", json!(key.project_id));
    put("budget_id", json!(names.budget(key)));
    put("service_account_id", json!(key.service_account_id));
    let addresses: Vec<String> = key.policy.allowed_addresses.texts().collect();
    put("allowed_addresses", json!(addresses));
    put("blocked", json!(key.blocked));
    put("status", json!(KeyStatus::at(key, now).as_str()));
    put(
        "budget_reset_at",
        json!(present.resets_at.map(TimestampMs::to_rfc3339)),
    );
    put("created_at", json!(key.stamps.created_at.to_rfc3339()));
    put("created_by", json!(key.stamps.created_by));
    put("updated_at", json!(key.stamps.updated_at.to_rfc3339()));
    put("updated_by", json!(key.stamps.updated_by));
    put("id", json!(key.id));
    if let (Some(name), Some(Value::Object(metadata))) =
        (names.service_account(key), row.get_mut("metadata"))
    {
        metadata.insert("service_account_id".to_owned(), json!(name));
    }
    row
}

/// A key's row with the secrets that work.
#[must_use]
pub fn detailed(details: &Details, names: &Names) -> Map<String, Value> {
    let mut row = row(&details.key, details.present, names);
    let last = details
        .secrets
        .iter()
        .filter_map(|secret| secret.last_used_at)
        .max();
    row.insert(
        "last_active".to_owned(),
        json!(last.map(TimestampMs::to_rfc3339)),
    );
    let secrets = details.secrets.iter().map(secret).collect();
    row.insert("secrets".to_owned(), secrets);
    row
}

fn secret(secret: &KeySecret) -> Value {
    json!({
        "key_name": format!("sk-...{}", secret.last_four),
        "token": secret.hash,
        "since": secret.created_at.to_rfc3339(),
        "until": secret.ends_at.map(TimestampMs::to_rfc3339),
        "uses": secret.uses,
        "last_used_at": secret.last_used_at.map(TimestampMs::to_rfc3339),
    })
}

/// The answer that shows a key once.
#[must_use]
pub fn made(made: &MadeKey, present: Present, names: &Names) -> Map<String, Value> {
    let mut answer = row(&made.key, present, names);
    answer.insert("key".to_owned(), json!(made.plain.expose()));
    answer.insert("token_id".to_owned(), json!(made.key.hash));
    answer
}
