//! Nothing waits for ever: a test that would hang fails and says what it waited for.

use std::time::Duration;

/// Far more than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for `future` at most [`PATIENCE`].
///
/// # Panics
/// When the time is over; the message says `what` did not happen.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {PATIENCE:?} and it did not happen: {what}"),
    }
}
