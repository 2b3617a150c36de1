//! Bytes as hexadecimal text.

use std::fmt::Write as _;

/// Writes bytes as lower-case hexadecimal digits.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing into a string cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

/// Reads exactly 64 hexadecimal digits of either case; `None` for any other text.
#[must_use]
pub fn decode_32(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0_u8; 32];
    let (digits, rest) = text.as_bytes().as_chunks::<2>();
    if digits.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(digits) {
        *byte = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(bytes)
}

const fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back(bytes in any::<[u8; 32]>()) {
            prop_assert_eq!(decode_32(&encode(&bytes)), Some(bytes));
            prop_assert_eq!(decode_32(&encode(&bytes).to_uppercase()), Some(bytes));
        }

        #[test]
        fn no_other_text_is_read(text in "\\PC{0,70}") {
            let right = text.len() == 64 && text.bytes().all(|c| c.is_ascii_hexdigit());
            prop_assert_eq!(decode_32(&text).is_some(), right);
        }
    }
}
