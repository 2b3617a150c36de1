//! Is it alive, is it ready? Cheap answers without a key.

use bytes::Bytes;

use crate::settings::Settings;

/// LiteLLM's words, which probes compare.
pub const ALIVE: &[u8] = b"\"I'm alive!\"";

/// The readiness body. Until a store exists, a configured database is not connected.
#[must_use]
pub fn readiness(settings: &Settings, draining: bool) -> (u16, Bytes) {
    let database = if settings.database_configured {
        "configured, not in use yet"
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
