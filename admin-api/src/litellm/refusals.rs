//! What LiteLLM's routes answer where a name is taken: a bad request.

use crate::error::{ActionError, Envelope};

/// A conflict as the bad request that LiteLLM's clients look for; the rest stays.
#[must_use]
pub fn refused(error: ActionError) -> Envelope {
    Envelope(match error {
        ActionError::Conflict { field, message } => ActionError::invalid(field, message),
        other => other,
    })
}

/// Refuses a request that names nothing to be done.
#[must_use]
pub fn missing(field: &'static str, what: &str) -> Envelope {
    Envelope(ActionError::invalid(
        field,
        format!("`{field}` is missing: {what}."),
    ))
}
