//! Questions to the database asked side by side, each heard to its end.

use crate::error::ActionError;

/// Asks both at once. Neither is given up when the other fails: that would harm its connection.
///
/// # Errors
/// When one of them fails.
pub async fn both<A, B>(
    one: impl Future<Output = Result<A, ActionError>>,
    other: impl Future<Output = Result<B, ActionError>>,
) -> Result<(A, B), ActionError> {
    let (one, other) = tokio::join!(one, other);
    Ok((one?, other?))
}
