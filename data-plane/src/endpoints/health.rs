//! Is it alive, is it ready? Cheap answers without a key.

use bytes::Bytes;

/// LiteLLM's words, which probes compare.
pub const ALIVE: &[u8] = b"\"I'm alive!\"";

/// The readiness body. A node whose store is away goes on with the keys it knows, and stays ready.
#[must_use]
pub fn readiness(store_answers: bool, draining: bool) -> (u16, Bytes) {
    let database = if store_answers {
        "connected"
    } else {
        "Not connected"
    };
    let (status, word) = if draining {
        (503, "draining")
    } else {
        (200, "healthy")
    };
    let body = serde_json::json!({"status": word, "db": database});
    (status, Bytes::from(body.to_string()))
}
