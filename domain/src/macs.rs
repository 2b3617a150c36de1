//! HMAC-SHA-256 and what is built of it: keys of their own for every use.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// SHA-256's block: a shorter key is filled up with zeros (RFC 2104).
const BLOCK_BYTES: usize = 64;

/// HMAC-SHA-256 of the parts, one after the other. The caller sees to it that they cannot be cut
/// differently.
#[must_use]
pub(crate) fn hmac_sha256(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut block = [0_u8; BLOCK_BYTES];
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut mac = Hmac::<Sha256>::new((&block).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HKDF-SHA-256 (RFC 5869) without salt, 32 bytes long.
#[must_use]
pub(crate) fn hkdf_sha256(secret: &[u8], info: &[u8]) -> [u8; 32] {
    let extracted = hmac_sha256(&[0; 32], &[secret]);
    hmac_sha256(&extracted, &[info, &[1]])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    #[test]
    fn the_published_vector_of_hkdf_without_salt_is_met() {
        // RFC 5869, test case 3; its first 32 bytes.
        let made = hkdf_sha256(&[0x0b; 22], b"");
        let published = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d";
        assert_eq!(hex::encode(&made), published);
    }

    #[test]
    fn parts_are_one_message() {
        let key = [7; 32];
        assert_eq!(
            hmac_sha256(&key, &[b"ab", b"c"]),
            hmac_sha256(&key, &[b"abc"])
        );
    }
}
