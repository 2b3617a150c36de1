//! Members of LiteLLM's that are kept and shown, and that decide nothing here.

use serde_json::{Map, Value};

use crate::fields::Fields;

/// Keeps what nobody has taken and is among these names; null forgets it. The rest is dropped, as
/// LiteLLM drops what it does not know.
pub fn apply(fields: Fields, names: &[&str], extra: &mut Map<String, Value>) {
    for (name, value) in fields.rest() {
        if !names.contains(&name.as_str()) {
            continue;
        }
        if value.is_null() {
            extra.remove(&name);
        } else {
            extra.insert(name, value);
        }
    }
}
