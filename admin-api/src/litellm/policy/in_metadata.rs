//! What LiteLLM keeps in `metadata` and goes by: tags, limits of models, a temporary increase.

use std::collections::BTreeMap;

use domain::lifetimes::expires_at;
use domain::policies::Policy;
use domain::time::TimestampMs;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::number;
use crate::error::ActionError;
use crate::fields::{Fields, Given, amount};

const INCREASE: &str = "temp_budget_increase";
const EXPIRY: &str = "temp_budget_expiry";

/// The members of `metadata` as they came, each unread.
type Unread = BTreeMap<String, Box<RawValue>>;

/// Takes `metadata`. What LiteLLM goes by there becomes a member of its own where the body has none;
/// what only bears such a name, in another form, is somebody's note.
///
/// # Errors
/// When it is no JSON object.
pub(super) fn lifted(fields: &mut Fields) -> Result<Given<Map<String, Value>>, ActionError> {
    let raw: Given<Box<RawValue>> = fields.take("metadata", "a JSON object")?;
    raw.try_map(|raw| {
        let (Ok(mut metadata), Ok(mut unread)) = (
            serde_json::from_str::<Map<String, Value>>(raw.get()),
            serde_json::from_str::<Unread>(raw.get()),
        ) else {
            let message = "`metadata` has to be a JSON object.";
            return Err(ActionError::invalid("metadata", message));
        };
        for name in ["tags", "model_rpm_limit", "model_tpm_limit"] {
            let Some(raw) = unread.remove(name) else {
                continue;
            };
            let fits = match name {
                "tags" => is::<Vec<String>>(&raw),
                _ => is::<BTreeMap<String, u64>>(&raw),
            };
            if fits {
                fields.or_insert(name, raw);
            }
        }
        lift_increase(fields, &mut unread, &mut metadata);
        Ok(metadata)
    })
}

fn is<T: DeserializeOwned>(raw: &RawValue) -> bool {
    serde_json::from_str::<T>(raw.get()).is_ok()
}

/// A temporary increase is shown in `metadata` and comes back when that is written: one that is over
/// says nothing, and none of them is a note.
fn lift_increase(fields: &mut Fields, unread: &mut Unread, metadata: &mut Map<String, Value>) {
    let (Some(by), Some(until)) = (unread.remove(INCREASE), unread.remove(EXPIRY)) else {
        return;
    };
    let now = TimestampMs::now();
    let text = serde_json::from_str::<String>(until.get()).unwrap_or_default();
    let Ok(Some(end)) = expires_at(&text, now) else {
        return;
    };
    if amount(INCREASE, &by).is_err() {
        return;
    }
    metadata.remove(INCREASE);
    metadata.remove(EXPIRY);
    if end > now && !fields.has(INCREASE) && !fields.has(EXPIRY) {
        fields.or_insert(INCREASE, by);
        fields.or_insert(EXPIRY, until);
    }
}

/// `metadata` as LiteLLM shows it: with what holds at present in place of what was once written
/// there, and with the temporary increase.
pub(super) fn shown(policy: &Policy, limits: [(&str, &Value); 2]) -> Value {
    let mut metadata = policy.metadata.clone();
    if let Some(slot @ Value::Array(_)) = metadata.get_mut("tags") {
        *slot = json!(policy.tags);
    }
    for (name, holds) in limits {
        if let Some(slot @ Value::Object(_)) = metadata.get_mut(name) {
            *slot = holds.clone();
        }
    }
    let increase = policy.hard_budget().and_then(|budget| budget.increase);
    if let Some(increase) = increase.filter(|increase| TimestampMs::now() < increase.until) {
        metadata.insert(INCREASE.to_owned(), number(increase.by_nanousd));
        let until = increase.until.to_rfc3339();
        metadata.insert(EXPIRY.to_owned(), json!(until));
    }
    Value::Object(metadata)
}
