//! The keys of a team or a person, as LiteLLM shows them beside it.

use domain::virtual_keys::VirtualKey;
use serde_json::Value;

use crate::acting::{Acting, Permission};
use crate::actions::keys;
use crate::error::ActionError;
use crate::litellm::keys::{Names, row};

/// Rows of these keys.
///
/// # Errors
/// When the store does not answer.
pub async fn shown<P: Permission>(
    acting: &Acting<P>,
    all: &[VirtualKey],
) -> Result<Vec<Value>, ActionError> {
    let spend = keys::spend_of(acting.store(), all).await?;
    let names = Names::of(acting.store(), all).await?;
    let rows = all.iter().map(|key| {
        let spent = spend.get(&key.id).copied().unwrap_or_default();
        Value::Object(row(key, spent, &names))
    });
    Ok(rows.collect())
}
