//! Passwords, hashed away from the threads that answer, and few at a time.

use std::time::Duration;

use domain::keys::Secret;
use domain::passwords::{
    CannotHash, PasswordHash, check_password, hash_password, verify_nobody, verify_password,
};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::ActionError;

/// Each takes 19 MiB and tens of milliseconds: however many ask, no more run than this.
static TURNS: Semaphore = Semaphore::const_new(2);

/// Nobody waits longer for a turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is told to whoever did not get one, in seconds.
const TRY_AGAIN_S: u64 = 5;

/// The right to hash or compare one password. What is decided while it is held is decided by two at
/// a time.
pub struct Turn {
    _permit: SemaphorePermit<'static>,
}

impl Turn {
    /// Waits for a turn.
    ///
    /// # Errors
    /// [`ActionError::TooMany`] when too many are waiting.
    pub async fn wait() -> Result<Self, ActionError> {
        match tokio::time::timeout(PATIENCE, TURNS.acquire()).await {
            Ok(Ok(permit)) => Ok(Self { _permit: permit }),
            Ok(Err(_)) | Err(_) => Err(ActionError::TooMany {
                retry_after_s: TRY_AGAIN_S,
            }),
        }
    }

    /// Whether the password is right. Without a hash it never is, after the same time.
    ///
    /// # Errors
    /// When the thread is gone.
    pub async fn verify(
        &self,
        password: Secret,
        hash: Option<PasswordHash>,
    ) -> Result<bool, ActionError> {
        let verified = tokio::task::spawn_blocking(move || match hash {
            Some(hash) => verify_password(&password, &hash),
            None => verify_nobody(&password),
        });
        verified.await.map_err(broken)
    }

    /// Hashes a new password that is good enough.
    ///
    /// # Errors
    /// [`ActionError::Invalid`] when it is not, naming `field`.
    pub async fn hash(&self, password: Secret, field: &str) -> Result<PasswordHash, ActionError> {
        check_password(&password)
            .map_err(|refused| ActionError::invalid(field, refused.to_string()))?;
        let hashed = tokio::task::spawn_blocking(move || hash_password(&password));
        hashed
            .await
            .map_err(broken)?
            .map_err(|fault: CannotHash| ActionError::Internal(fault.to_string()))
    }
}

fn broken(fault: tokio::task::JoinError) -> ActionError {
    ActionError::Internal(format!("a password could not be hashed: {fault}"))
}
