//! The one door to the system's source of randomness for secrets.

use thiserror::Error;

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the operating system gave no random bytes; try again")]
pub struct NoRandomness;

/// Takes `N` random bytes that nobody can guess.
///
/// # Errors
/// When the system's source has none. A secret must then not be made.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0_u8; N];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_no_source) => Err(NoRandomness),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(random_bytes::<32>(), random_bytes::<32>());
    }
}
