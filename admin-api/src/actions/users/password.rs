//! A password that somebody sets for a person: checked and hashed away from the threads that serve.

use domain::keys::Secret;
use domain::passwords::{PasswordHash, check_password, hash_password};

use crate::error::ActionError;

/// The hash of a password, when there is one.
///
/// # Errors
/// [`ActionError::Invalid`] for a password that is too short or published.
pub(super) async fn hashed(password: Option<Secret>) -> Result<Option<PasswordHash>, ActionError> {
    let Some(password) = password else {
        return Ok(None);
    };
    check_password(&password)
        .map_err(|refused| ActionError::invalid("password", refused.to_string()))?;
    let hashed = tokio::task::spawn_blocking(move || hash_password(&password)).await;
    match hashed {
        Ok(Ok(hash)) => Ok(Some(hash)),
        Ok(Err(cause)) => Err(ActionError::Internal(cause.to_string())),
        Err(cause) => Err(ActionError::Internal(cause.to_string())),
    }
}
