//! Passwords of people: which are taken, how they are kept, how they are compared.
//!
//! All of this takes tens of milliseconds and 19 MiB on purpose: call it away from the I/O threads,
//! and few at a time.

use std::fmt;

use argon2::password_hash::phc;
use argon2::{
    Algorithm, Argon2, CustomizedPasswordHasher as _, Params, PasswordVerifier as _, Version,
};
use thiserror::Error;

use crate::keys::Secret;
use crate::randomness::{NoRandomness, random_bytes};

mod policy;

pub use self::policy::{PasswordRefused, check_password};

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// A stored hash that asks for more than this is not one of ours, and would stop the machine.
const MOST_MEMORY_KIB: u32 = 262_144;
const MOST_PASSES: u32 = 16;
/// No password of ours is longer (256 characters of four bytes); more is not even hashed.
const LONGEST_BYTES: usize = 1_024;

/// A password as it is kept: argon2id as a PHC text (`$argon2id$v=19$m=19456,t=2,p=1$…`).
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes what was kept. A text of another form fits no password.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to keep. Never show it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it was made with other costs than today's, so that the password should be hashed
    /// anew when it is next known.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        let today = costs();
        let kept = phc::PasswordHash::new(&self.0).ok();
        let kept = kept.and_then(|hash| Params::try_from(&hash).ok());
        kept.is_none_or(|kept| {
            (kept.m_cost(), kept.t_cost(), kept.p_cost())
                != (today.m_cost(), today.t_cost(), today.p_cost())
        })
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Why a password could not be hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CannotHash {
    /// There was no salt.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// There was no memory for it, or the password is longer than any that the policy takes.
    #[error("the password could not be hashed: it is too long, or the machine is out of memory")]
    NoHash,
}

/// Hashes a password with a salt of its own. Whether it is a good one is [`check_password`]'s to say.
///
/// # Errors
/// When the system gives no random bytes or no memory, or the password is above 1 KiB.
pub fn hash_password(password: &Secret) -> Result<PasswordHash, CannotHash> {
    let salt = random_bytes::<16>()?;
    let bytes = password.expose().as_bytes();
    if bytes.len() > LONGEST_BYTES {
        return Err(CannotHash::NoHash);
    }
    let hashed = argon2().hash_password_with_params(bytes, &salt, costs());
    match hashed {
        Ok(hash) => Ok(PasswordHash(hash.to_string())),
        Err(_no_memory) => Err(CannotHash::NoHash),
    }
}

/// Whether this is the password that was hashed.
#[must_use]
pub fn verify_password(password: &Secret, hash: &PasswordHash) -> bool {
    let bytes = password.expose().as_bytes();
    let Some(parsed) = affordable(hash).filter(|_| bytes.len() <= LONGEST_BYTES) else {
        return verify_nobody(password);
    };
    argon2().verify_password(bytes, &parsed).is_ok()
}

/// Takes as long as [`verify_password`] and is never right: for accounts that do not exist, so
/// that the time of an answer does not tell which do.
#[must_use]
pub fn verify_nobody(password: &Secret) -> bool {
    let bytes = password.expose().as_bytes();
    let bytes = bytes.get(..LONGEST_BYTES).unwrap_or(bytes);
    let mut out = [0_u8; 32];
    let hashed = argon2().hash_password_into(bytes, &[0; 16], &mut out);
    // The result is looked at, so that the work cannot be left out.
    std::hint::black_box((hashed.is_ok(), out));
    false
}

/// The stored hash, if it is argon2id's and its costs are within bounds. All others are answered
/// like accounts that do not exist: their failing at once would tell that they do.
fn affordable(hash: &PasswordHash) -> Option<phc::PasswordHash> {
    let parsed = phc::PasswordHash::new(&hash.0).ok()?;
    let costs = Params::try_from(&parsed).ok()?;
    let fits = parsed.algorithm.as_str() == "argon2id"
        && costs.m_cost() <= MOST_MEMORY_KIB
        && costs.t_cost() <= MOST_PASSES;
    (fits && parsed.salt.is_some() && parsed.hash.is_some()).then_some(parsed)
}

fn costs() -> Params {
    Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or(Params::DEFAULT)
}

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, costs())
}

#[cfg(test)]
mod tests;
