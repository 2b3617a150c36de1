//! Secrets: credentials that callers send and that providers ask for. They cannot be printed.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::hex;
use crate::randomness::{NoRandomness, random_bytes};

/// What the keys that we make begin with.
const PREFIX: &str = "sk-hg-";
/// What every virtual key begins with, as OpenAI's and LiteLLM's do.
const ANY_PREFIX: &str = "sk-";
/// 32 characters of 62 kinds: 190.5 random bits.
const SECRET_CHARACTERS: usize = 32;
/// 62^6 is above 2^32.
const CHECKSUM_CHARACTERS: usize = 6;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The shortest key that a caller may choose: LiteLLM's bound.
const SHORTEST: usize = 16;
const LONGEST: usize = 256;

/// A credential in the clear. It has no `Debug`, no `Display` and no `Serialize`, so that it
/// cannot reach a log, an error or a page by accident.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Takes a credential.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The credential itself, for the wire and for comparison. Never log what this returns.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A virtual key in the clear: shown once to whoever made it, never kept. Like [`Secret`] it
/// cannot be printed or serialized.
pub struct PlainKey(Secret);

impl PlainKey {
    /// Makes a key: `sk-hg-`, 32 random characters of base 62 (190 bits) and six characters of
    /// CRC-32 over all before them, so that a mistyped key is told without a look-up.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self, NoRandomness> {
        let mut text = String::from(PREFIX);
        while text.len() < PREFIX.len() + SECRET_CHARACTERS {
            let drawn = random_bytes::<64>()?;
            let missing = PREFIX.len() + SECRET_CHARACTERS - text.len();
            // 248 is the greatest multiple of 62 in a byte: all characters are equally likely.
            let characters = drawn.iter().filter(|byte| **byte < 248);
            text.extend(
                characters
                    .take(missing)
                    .map(|byte| base62(u32::from(*byte))),
            );
        }
        let sum = checksum(&text);
        text.push_str(&sum);
        Ok(Self(Secret::new(text)))
    }

    /// Takes a key that a caller chose or brought from elsewhere.
    ///
    /// # Errors
    /// When it does not begin with `sk-`, is not of 16 to 256 visible ASCII characters, or begins
    /// with `sk-hg-` and fails the checksum (it would be refused at every request).
    pub fn chosen(text: &str) -> Result<Self, NotAKey> {
        if !text.starts_with(ANY_PREFIX) {
            return Err(NotAKey::Prefix);
        }
        if !(SHORTEST..=LONGEST).contains(&text.len()) {
            return Err(NotAKey::Length);
        }
        if !text.bytes().all(|character| character.is_ascii_graphic()) {
            return Err(NotAKey::Characters);
        }
        if !is_well_formed(text) {
            return Err(NotAKey::Checksum);
        }
        Ok(Self(Secret::new(text)))
    }

    /// The key itself, for the one answer that shows it. Never log what this returns.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Under what it is kept and found.
    #[must_use]
    pub fn hash(&self) -> KeyHash {
        KeyHash::of(self.expose())
    }

    /// Its last four characters, for people.
    #[must_use]
    pub fn last_four(&self) -> String {
        last_four(self.expose())
    }
}

/// Why a text cannot be a virtual key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotAKey {
    /// It begins with something else.
    #[error("a key begins with `sk-`")]
    Prefix,
    /// It is too short to be safe, or too long.
    #[error("a key has {SHORTEST} to {LONGEST} characters")]
    Length,
    /// It would not survive a header.
    #[error("a key has only visible ASCII characters and no spaces")]
    Characters,
    /// It looks like a key of ours that was mistyped.
    #[error(
        "keys that begin with `{PREFIX}` end with a checksum, and this one's is wrong; choose another beginning, such as `sk-my-`"
    )]
    Checksum,
}

/// SHA-256 of a virtual key's whole text: all that is kept of it. LiteLLM keeps the same hash (as
/// hexadecimal text, `token`), so its keys can be brought along without being known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of a key.
    #[must_use]
    pub fn of(key: &str) -> Self {
        Self(Sha256::digest(key.as_bytes()).into())
    }

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// For every other text.
    pub fn from_hex(text: &str) -> Result<Self, NotAKeyHash> {
        hex::decode_32(text).map(Self).ok_or(NotAKeyHash)
    }

    /// The 32 bytes, for tables that are looked up by them.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A text that is not a key's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a key's hash has 64 hexadecimal digits")]
pub struct NotAKeyHash;

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyHash({self})")
    }
}

impl Serialize for KeyHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).map_err(serde::de::Error::custom)
    }
}

/// Could this be a key? Keys that begin with `sk-hg-` must have our length and checksum; of all
/// others nothing is asked. The master key, which may begin like that too, is compared before this.
#[must_use]
pub fn is_well_formed(key: &str) -> bool {
    if !key.starts_with(PREFIX) {
        return true;
    }
    let body = PREFIX.len() + SECRET_CHARACTERS;
    key.len() == body + CHECKSUM_CHARACTERS
        && key
            .split_at_checked(body)
            .is_some_and(|(start, sum)| checksum(start) == sum)
}

/// The last four characters of a key, for people; nothing of a text so short that four
/// characters would give too much of it away.
#[must_use]
pub fn last_four(key: &str) -> String {
    let length = key.chars().count();
    if length < 2 * 4 {
        return String::new();
    }
    key.chars().skip(length - 4).collect()
}

/// How LiteLLM shows a key that is no longer known: `sk-...` and its last four characters.
#[must_use]
pub fn key_name(key: &str) -> String {
    format!("sk-...{}", last_four(key))
}

fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = ['0'; CHECKSUM_CHARACTERS];
    for character in digits.iter_mut().rev() {
        *character = base62(rest);
        rest /= 62;
    }
    digits.iter().collect()
}

fn base62(number: u32) -> char {
    let index = usize::try_from(number % 62).unwrap_or(0);
    char::from(BASE62.get(index).copied().unwrap_or(b'0'))
}

#[cfg(test)]
mod tests;
