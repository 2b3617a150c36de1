//! LiteLLM's encryption at rest, for import: what its proxy wrote, in every version of its form.

use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use crypto_secretbox::aead::Aead as _;
use crypto_secretbox::{KeyInit as _, XSalsa20Poly1305};
use sha2::{Digest as _, Sha256};

use super::{CannotOpen, secret_of};
use crate::keys::Secret;
use crate::macs::hkdf_sha256;

const ANY_PADDING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Opens a value that LiteLLM's proxy encrypted with its salt key (`LITELLM_SALT_KEY`, or the
/// master key where that was not set).
///
/// | form | cipher | key |
/// |---|---|---|
/// | `v3:gcm:` + base64 | AES-256-GCM, 12 bytes of nonce before | HKDF-SHA-256, info `litellm-at-rest-v3` |
/// | `v2:gcm:` + base64 | the same | SHA-256 of the salt key |
/// | base64 (either alphabet) | XSalsa20-Poly1305 (`NaCl`'s secret box), 24 bytes of nonce before | SHA-256 of the salt key |
///
/// Observed in LiteLLM's `encrypt_decrypt_utils` up to the versions that write `v3`.
///
/// # Errors
/// When it is none of these, or was encrypted with another salt key.
pub fn litellm_open(ciphertext: &str, salt_key: &Secret) -> Result<Secret, CannotOpen> {
    let salt_key = salt_key.expose().as_bytes();
    let ciphertext = ciphertext.trim();
    let opened = if let Some(text) = ciphertext.strip_prefix("v3:gcm:") {
        aes_gcm_open(text, &hkdf_sha256(salt_key, b"litellm-at-rest-v3"))
    } else if let Some(text) = ciphertext.strip_prefix("v2:gcm:") {
        aes_gcm_open(text, &Sha256::digest(salt_key).into())
    } else {
        secret_box_open(ciphertext, &Sha256::digest(salt_key).into())
    };
    secret_of(opened?)
}

/// `None` where the key does not fit.
type Opened = Option<Vec<u8>>;

fn aes_gcm_open(text: &str, key: &[u8; 32]) -> Result<Opened, CannotOpen> {
    let (nonce, ciphertext) = nonce_and_rest::<12>(text)?;
    let cipher = Aes256Gcm::new(key.into());
    Ok(cipher
        .decrypt(&Nonce::from(nonce), ciphertext.as_slice())
        .ok())
}

fn secret_box_open(text: &str, key: &[u8; 32]) -> Result<Opened, CannotOpen> {
    let (nonce, ciphertext) = nonce_and_rest::<24>(text)?;
    let cipher = XSalsa20Poly1305::new(key.into());
    Ok(cipher.decrypt(&nonce.into(), ciphertext.as_slice()).ok())
}

/// Both ciphers put 16 bytes of tag beside the text.
const TAG_BYTES: usize = 16;

fn nonce_and_rest<const N: usize>(text: &str) -> Result<([u8; N], Vec<u8>), CannotOpen> {
    let text = text.replace('-', "+").replace('_', "/");
    let Ok(bytes) = ANY_PADDING.decode(text) else {
        return Err(CannotOpen::NotSealed);
    };
    match bytes.split_first_chunk::<N>() {
        Some((nonce, rest)) if rest.len() >= TAG_BYTES => Ok((*nonce, rest.to_vec())),
        Some(_) | None => Err(CannotOpen::NotSealed),
    }
}
