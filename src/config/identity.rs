//! The id of a deployment: the operator's own, or a hash of its entry in the file.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::node::Node;

/// Hashes of the entries of `model_list` as they are written, before variables are put in, so
/// that an id tells nothing of a credential and stays when one is rotated. Equal entries are told
/// apart by their order.
#[must_use]
pub fn of_entries(entries: &[Node]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    entries
        .iter()
        .map(|entry| unique(of_entry(entry), &mut seen))
        .collect()
}

fn of_entry(entry: &Node) -> String {
    let mut content = Map::new();
    for part in ["model_name", "litellm_params", "model_info"] {
        let value = entry.get(part).map_or(Value::Null, Node::to_json);
        content.insert(part.to_owned(), value);
    }
    let mut content = Value::Object(content);
    content.sort_all_objects();
    hash(&[content.to_string()], 16)
}

/// The id, or the id with a number behind it when it is taken.
pub fn unique(id: String, seen: &mut BTreeSet<String>) -> String {
    let mut candidate = id.clone();
    let mut number = 2_u32;
    while !seen.insert(candidate.clone()) {
        candidate = format!("{id}-{number}");
        number = number.saturating_add(1);
    }
    candidate
}

/// The first `digits` hexadecimal digits of the SHA-256 of all the texts.
#[must_use]
pub fn hash(texts: &[String], digits: usize) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>()
        .chars()
        .take(digits)
        .collect()
}
