//! The key under which credentials are encrypted: where it comes from, what is derived of it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use thiserror::Error;

use crate::hex;
use crate::keys::Secret;
use crate::macs::{hkdf_sha256, hmac_sha256};
use crate::randomness::{NoRandomness, random_bytes};

/// Below this a passphrase is too easily tried through.
const SHORTEST_PASSPHRASE: usize = 32;

/// The platform's key (`HEADGATE_ENCRYPTION_KEY`). It never encrypts itself: each use has a key
/// of its own, derived under a label. It cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptionKey([u8; 32]);

/// Why a text cannot be an encryption key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "the encryption key is 32 bytes as 64 hexadecimal digits or as base64, or a passphrase of {SHORTEST_PASSPHRASE} characters or more; `openssl rand -hex 32` makes one"
)]
pub struct NotAnEncryptionKey;

impl EncryptionKey {
    /// Reads 64 hexadecimal digits, 32 bytes in base64 (either alphabet, padded or not), or else a
    /// passphrase of 32 characters or more, from which the key is derived (HKDF-SHA-256).
    ///
    /// # Errors
    /// For shorter texts.
    pub fn parse(text: &Secret) -> Result<Self, NotAnEncryptionKey> {
        let text = text.expose().trim();
        if let Some(bytes) = hex::decode_32(text).or_else(|| base64_32(text)) {
            return Ok(Self(bytes));
        }
        if text.chars().count() < SHORTEST_PASSPHRASE {
            return Err(NotAnEncryptionKey);
        }
        Ok(Self(hkdf_sha256(
            text.as_bytes(),
            b"headgate passphrase v1",
        )))
    }

    /// Makes a new one.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self, NoRandomness> {
        random_bytes().map(Self)
    }

    /// The key as 64 hexadecimal digits, for the file in which it is kept.
    #[must_use]
    pub fn to_hex(&self) -> Secret {
        Secret::new(hex::encode(&self.0))
    }

    /// 32 bytes for one use, named by `label` (say `audit`). They tell nothing of the key and
    /// nothing of what other labels give.
    #[must_use]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        hmac_sha256(&self.0, &[b"headgate use v1: ", label.as_bytes()])
    }

    /// 16 hexadecimal digits that name the key and tell nothing of it.
    #[must_use]
    pub fn id(&self) -> String {
        let digest = hex::encode(&self.derive("key id"));
        digest.chars().take(16).collect()
    }
}

fn base64_32(text: &str) -> Option<[u8; 32]> {
    let text = text.strip_suffix('=').unwrap_or(text);
    let decoded = STANDARD_NO_PAD
        .decode(text)
        .or_else(|_other_alphabet| URL_SAFE_NO_PAD.decode(text));
    decoded.ok()?.try_into().ok()
}
