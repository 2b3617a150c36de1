//! Ids for calls that have none, and arguments as the object that some vendors want.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::chat::ToolCall;
use crate::policy::invalid;
use crate::wire::Untranslatable;

/// Gives each call of one answer an id of its own: the vendor's, else `call_{request}_{n}`.
#[derive(Debug)]
pub(crate) struct CallIds {
    request_id: String,
    made: u32,
    given: HashSet<String>,
}

impl CallIds {
    /// For the answer to one request.
    pub(crate) fn new(request_id: &str) -> Self {
        Self {
            request_id: request_id.to_owned(),
            made: 0,
            given: HashSet::new(),
        }
    }

    /// The next call's id; `id` is the vendor's, which must not be empty and not come twice.
    pub(crate) fn next(&mut self, id: Option<String>) -> String {
        let id = id.filter(|id| !id.is_empty());
        if let Some(id) = id.filter(|id| self.given.insert(id.clone())) {
            return id;
        }
        let id = format!("call_{}_{}", self.request_id, self.made);
        self.made = self.made.saturating_add(1);
        id
    }
}

/// The arguments of a caller's call as an object; no text is no arguments.
///
/// # Errors
/// When they are not the text of a JSON object; the error names them under `path`, the call's.
pub(crate) fn arguments(call: &ToolCall, path: &str) -> Result<Map<String, Value>, Untranslatable> {
    if call.arguments.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(&call.arguments).map_err(|_no_object| {
        invalid(
            format!("{path}.function.arguments"),
            "it must be the text of a JSON object",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_comes_twice_and_the_vendors_own_are_kept() {
        let mut ids = CallIds::new("req_1");
        let own = || Some("own".to_owned());
        let made: Vec<String> = [own(), None, own(), Some(String::new())]
            .into_iter()
            .map(|id| ids.next(id))
            .collect();
        assert_eq!(
            made,
            ["own", "call_req_1_0", "call_req_1_1", "call_req_1_2"]
        );
    }
}
