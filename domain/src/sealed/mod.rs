//! Credentials at rest: encrypted, and bound to the place where they are kept.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::key::{EncryptionKey, NotAnEncryptionKey};
pub use self::litellm::litellm_open;
use crate::keys::Secret;
use crate::randomness::{NoRandomness, random_bytes};

mod key;
mod litellm;

/// The form's version; it is part of what is authenticated.
const VERSION: &str = "v1";
/// Long enough to be drawn at random for ever.
const NONCE_BYTES: usize = 24;

/// An encrypted secret as it is kept: `v1:<key id>:<base64 of nonce and ciphertext>`. It opens
/// only with the key and in the place of its sealing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sealed(String);

impl Sealed {
    /// Takes what was kept. Whether it is of this form shows when it is opened.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text to keep.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed(…)")
    }
}

/// Where a secret is kept. A ciphertext that is moved to another place does not open there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The table.
    pub table: &'a str,
    /// The row's id.
    pub row: &'a str,
    /// The column.
    pub column: &'a str,
}

/// The key for what is sealed now, and older ones that still open what they sealed.
#[derive(Clone)]
pub struct KeyRing {
    current: EncryptionKey,
    older: Vec<EncryptionKey>,
}

/// Why a sealed secret does not open.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CannotOpen {
    /// The text has another form.
    #[error("this is not an encrypted value of ours; it was damaged or comes from elsewhere")]
    NotSealed,
    /// The key is not on the ring.
    #[error(
        "it was encrypted with the key {id}, which is not known here; give that key as an older one"
    )]
    UnknownKey {
        /// The key's id.
        id: String,
    },
    /// The key does not fit, or the text was changed or moved.
    #[error("it does not open with this key: it was changed or moved, or the key is another one")]
    Refused,
}

impl KeyRing {
    /// A ring with the key for what is sealed from now on, and those of before.
    #[must_use]
    pub const fn new(current: EncryptionKey, older: Vec<EncryptionKey>) -> Self {
        Self { current, older }
    }

    /// The key with which is sealed now.
    #[must_use]
    pub const fn current(&self) -> &EncryptionKey {
        &self.current
    }

    /// All keys, the current one first.
    pub fn keys(&self) -> impl Iterator<Item = &EncryptionKey> {
        std::iter::once(&self.current).chain(&self.older)
    }

    /// Encrypts a secret for one place (XChaCha20-Poly1305, random nonce).
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn seal(&self, secret: &Secret, place: Place<'_>) -> Result<Sealed, NoRandomness> {
        let nonce = random_bytes::<NONCE_BYTES>()?;
        let id = self.current.id();
        let bound = bound_to(&id, place);
        let payload = Payload {
            msg: secret.expose().as_bytes(),
            aad: &bound,
        };
        // It fails above 256 GiB only, where there is no memory for the answer either.
        let Ok(ciphertext) = cipher(&self.current).encrypt(&XNonce::from(nonce), payload) else {
            return Err(NoRandomness);
        };
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&ciphertext);
        let text = URL_SAFE_NO_PAD.encode(bytes);
        Ok(Sealed(format!("{VERSION}:{id}:{text}")))
    }

    /// Decrypts a secret that was sealed for this place.
    ///
    /// # Errors
    /// When the text is not of ours, its key is not on the ring, or it does not open here.
    pub fn open(&self, sealed: &Sealed, place: Place<'_>) -> Result<Secret, CannotOpen> {
        let (id, text) = parts(sealed).ok_or(CannotOpen::NotSealed)?;
        let Some(key) = self.keys().find(|key| key.id() == id) else {
            return Err(CannotOpen::UnknownKey { id: id.to_owned() });
        };
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(text) else {
            return Err(CannotOpen::NotSealed);
        };
        let (nonce, ciphertext) = bytes.split_first_chunk().ok_or(CannotOpen::NotSealed)?;
        let payload = Payload {
            msg: ciphertext,
            aad: &bound_to(id, place),
        };
        let opened = cipher(key).decrypt(&XNonce::from(*nonce), payload);
        secret_of(opened.ok())
    }

    /// Whether the current key sealed it. What an older one sealed should be sealed anew.
    #[must_use]
    pub fn is_current(&self, sealed: &Sealed) -> bool {
        parts(sealed).is_some_and(|(id, _)| id == self.current.id())
    }
}

fn parts(sealed: &Sealed) -> Option<(&str, &str)> {
    let (version, rest) = sealed.0.split_once(':')?;
    let (id, text) = rest.split_once(':')?;
    let id_is_one = id.len() == 16 && id.bytes().all(|digit| digit.is_ascii_hexdigit());
    (version == VERSION && id_is_one).then_some((id, text))
}

fn cipher(key: &EncryptionKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&key.derive("seal").into())
}

/// What a ciphertext is bound to: each part with its length before it, so that no two places look
/// alike.
fn bound_to(key_id: &str, place: Place<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in [VERSION, key_id, place.table, place.row, place.column] {
        bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

fn secret_of(opened: Option<Vec<u8>>) -> Result<Secret, CannotOpen> {
    let text = opened.and_then(|bytes| String::from_utf8(bytes).ok());
    text.map(Secret::new).ok_or(CannotOpen::Refused)
}

#[cfg(test)]
mod tests;
