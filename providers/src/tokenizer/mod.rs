//! Counting where a provider does not say.
//!
//! OpenAI publishes its vocabularies; nobody else does. Other vendors' tokens are counted with
//! OpenAI's newest one, which is an approximation and must be marked as estimated: their own
//! counts differ by a tenth to a third.

mod encoding;
mod messages;

pub use messages::count_messages;

use bpe_openai::Tokenizer;

use crate::tokenizer::encoding::Encoding;

/// Counts the tokens of `text`, in time linear in its length.
///
/// `vendor` is the provider's name; `model` the vendor's name for the model. The first call for a
/// vocabulary loads it (see `docs/decisions/0012-tokenizer.md` for what that costs); until then
/// none is in memory.
#[must_use]
pub fn count(vendor: &str, model: &str, text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    count_as(Encoding::of(vendor, model), text)
}

/// The text of OpenAI's tokens (`cl100k_base`, which its embedding models read); none when a number
/// is no token, or when the tokens are not whole characters.
#[must_use]
pub fn decode(tokens: &[u32]) -> Option<String> {
    if tokens.is_empty() {
        return Some(String::new());
    }
    let tokenizer = tokenizer(Encoding::Cl100k);
    let known = u32::try_from(tokenizer.bpe.num_tokens()).ok()?;
    // The library panics at a number that is no token.
    if tokens.iter().any(|token| *token >= known) {
        return None;
    }
    tokenizer.decode(tokens)
}

/// Texts up to this size are counted to the token; of longer ones the first part is counted and
/// stands for the rest, so that no text takes longer than a few milliseconds.
const COUNTED_BYTES: usize = 256 << 10;

fn count_as(encoding: Encoding, text: &str) -> u64 {
    let count = |text: &str| u64::try_from(tokenizer(encoding).count(text)).unwrap_or(u64::MAX);
    if text.len() <= COUNTED_BYTES {
        return count(text);
    }
    let part = text
        .get(..text.floor_char_boundary(COUNTED_BYTES))
        .unwrap_or(text);
    let [tokens, whole, counted] = [count(part), as_u64(text.len()), as_u64(part.len())];
    let scaled = u128::from(tokens) * u128::from(whole);
    u64::try_from(scaled.div_ceil(u128::from(counted.max(1)))).unwrap_or(u64::MAX)
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn tokenizer(encoding: Encoding) -> &'static Tokenizer {
    match encoding {
        Encoding::O200k => bpe_openai::o200k_base(),
        Encoding::Cl100k => bpe_openai::cl100k_base(),
    }
}

#[cfg(test)]
mod tests;
