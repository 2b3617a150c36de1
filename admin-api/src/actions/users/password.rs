//! A password that somebody sets for a person: checked and hashed away from the threads that serve, in
//! its turn.

use domain::keys::Secret;
use domain::passwords::PasswordHash;

use crate::actions::passwords::Turn;
use crate::error::ActionError;

/// The hash of a password, when there is one.
///
/// # Errors
/// [`ActionError::Invalid`] for a password that is too short or published; [`ActionError::TooMany`]
/// when too many wait to hash theirs.
pub(super) async fn hashed(password: Option<Secret>) -> Result<Option<PasswordHash>, ActionError> {
    match password {
        Some(password) => Ok(Some(Turn::wait().await?.hash(password, "password").await?)),
        None => Ok(None),
    }
}
