//! The chunks of a stream are alike: what the last one said besides its text, the next one says
//! again, and need not be read again.
//!
//! When an event is, byte for byte, the one before with another JSON string in the place of its
//! text, then both have the same tokens in the same order, but for that string: the same members
//! and values, so the same reading. This holds for any JSON, because a string's place and end do
//! not depend on what is in it. Whatever differs anywhere else is read in full.

use super::scan;

/// An event that has been read, without its text.
#[derive(Debug, Default)]
pub(super) struct Mould {
    /// Up to the text; empty when there is no mould.
    before: Vec<u8>,
    /// What follows the text; with padding, up to that.
    after: Vec<u8>,
    /// What follows the padding.
    after_padding: Option<Vec<u8>>,
}

impl Mould {
    /// Takes the form of an event: `text` and `padding` are slices of it and JSON strings. The
    /// padding is random text that nobody reads (OpenAI's `obfuscation`).
    pub(super) fn take(&mut self, event: &[u8], text: &str, padding: Option<&str>) {
        self.before.clear();
        let Some((before, rest)) = split_around(event, text) else {
            return;
        };
        let padded = padding.and_then(|padding| split_around(rest, padding));
        let after = padded.map_or(rest, |(between, _)| between);
        self.before.extend_from_slice(before);
        self.after.clear();
        self.after.extend_from_slice(after);
        self.after_padding = padded.map(|(_, rest)| rest.to_vec());
    }

    /// The text of an event of this form, as JSON; none when the event must be read.
    pub(super) fn text_of<'e>(&self, event: &'e [u8]) -> Option<&'e str> {
        if self.before.is_empty() {
            return None;
        }
        let rest = event.strip_prefix(self.before.as_slice())?;
        let (text, rest) = string(rest)?;
        match &self.after_padding {
            None => (rest == self.after).then_some(text),
            Some(end) => {
                let rest = rest.strip_prefix(self.after.as_slice())?;
                let (_padding, rest) = string(rest)?;
                (rest == end).then_some(text)
            }
        }
    }
}

/// The JSON string at the start of these bytes, and what follows it.
fn string(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (string, rest) = scan::split_string(bytes)?;
    if scan::has_controls(string) {
        return None;
    }
    Some((std::str::from_utf8(string).ok()?, rest))
}

/// What stands before and after a piece of these bytes; none when it is no piece of them.
fn split_around<'e>(bytes: &'e [u8], piece: &str) -> Option<(&'e [u8], &'e [u8])> {
    let start = piece.as_ptr().addr().checked_sub(bytes.as_ptr().addr())?;
    let (before, rest) = bytes.split_at_checked(start)?;
    let (_piece, after) = rest.split_at_checked(piece.len())?;
    Some((before, after))
}
