//! Random texts that are shown once and kept as digests: cookies, form tokens, setup tokens.

use domain::hex;
use domain::keys::Secret;
use domain::randomness::{NoRandomness, random_bytes};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Makes a token of 256 random bits, as 64 hexadecimal digits after a prefix.
///
/// # Errors
/// When the system gives no random bytes.
pub fn generate(prefix: &str) -> Result<Secret, NoRandomness> {
    let bytes = random_bytes::<32>()?;
    Ok(Secret::new(format!("{prefix}{}", hex::encode(&bytes))))
}

/// What is kept of a token: SHA-256 in hexadecimal digits. Tokens have 256 random bits, so that
/// stretching them would add nothing.
#[must_use]
pub fn digest(token: &Secret) -> String {
    hex::encode(&Sha256::digest(token.expose().as_bytes()))
}

/// Whether a token is the one with this digest, in a time that does not tell how much of it is right.
#[must_use]
pub fn is(token: &Secret, kept: &str) -> bool {
    digest(token).as_bytes().ct_eq(kept.as_bytes()).into()
}

/// Another token that follows from this one: whoever knows it cannot tell the first.
#[must_use]
pub fn derived(token: &Secret, purpose: &str) -> Secret {
    let mut hash = Sha256::new();
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(token.expose().as_bytes());
    Secret::new(hex::encode(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_known_by_their_digest_alone() {
        let (one, other) = (generate("hg_").unwrap(), generate("hg_").unwrap());
        assert!(one != other);
        assert_eq!(one.expose().len(), 3 + 64);
        assert!(is(&one, &digest(&one)));
        assert!(!is(&other, &digest(&one)));
        assert!(derived(&one, "forms") != derived(&one, "links"));
    }
}
