//! The official SDKs as they are installed for the tests.

use std::path::PathBuf;

/// A file that scripts/test installs. Where it is missing the test fails: a client that was not
/// run has proved nothing.
///
/// # Panics
/// When it is missing.
#[must_use]
pub fn installed(path: &str) -> PathBuf {
    let root = std::env::var("HEADGATE_TEST_CLIENTS").map_or_else(
        |_| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/clients")),
        PathBuf::from,
    );
    let path = root.join(path);
    assert!(
        path.exists(),
        "{} is missing: run ./scripts/test once, it installs the clients",
        path.display()
    );
    path
}
