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

/// Of a longer text the beginning is counted and the rest estimated from it, so that no text costs
/// more than some milliseconds: callers choose how long their texts are.
const MAX_COUNTED_BYTES: usize = 256 << 10;

/// Counts the tokens of `text`, of its first [`MAX_COUNTED_BYTES`] when it is longer.
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

fn count_as(encoding: Encoding, text: &str) -> u64 {
    let end = text.floor_char_boundary(MAX_COUNTED_BYTES.min(text.len()));
    let (counted, _) = text.split_at_checked(end).unwrap_or((text, ""));
    let tokens = tokenizer(encoding).count(counted);
    scaled(tokens, text.len(), counted.len())
}

/// The tokens of `bytes`, when `counted_bytes` of them have so many.
fn scaled(tokens: usize, bytes: usize, counted_bytes: usize) -> u64 {
    let wide = |count: usize| u128::try_from(count).unwrap_or(u128::MAX);
    let tokens = wide(tokens).saturating_mul(wide(bytes)) / wide(counted_bytes.max(1));
    u64::try_from(tokens).unwrap_or(u64::MAX)
}

fn tokenizer(encoding: Encoding) -> &'static Tokenizer {
    match encoding {
        Encoding::O200k => bpe_openai::o200k_base(),
        Encoding::Cl100k => bpe_openai::cl100k_base(),
    }
}

#[cfg(test)]
mod tests;
