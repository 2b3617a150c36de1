//! What a provider counted for one attempt, by kind. The kinds do not overlap.

use serde::{Deserialize, Serialize};

/// Tokens of one attempt, by kind; every token stands in exactly one field.
///
/// OpenAI counts cached and audio tokens inside `prompt_tokens` and reasoning tokens inside
/// `completion_tokens`; Anthropic counts cached tokens beside `input_tokens`; Gemini counts
/// thoughts beside `candidatesTokenCount`. Each vendor's decoder separates them, so that no
/// token is priced twice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Input text that was neither read from nor written to a cache.
    pub input_tokens: u64,
    /// Input read from the provider's prompt cache.
    pub cache_read_tokens: u64,
    /// Input written to a cache that lives 5 minutes (or for the vendor's usual time).
    pub cache_write_tokens: u64,
    /// Input written to a cache that lives an hour.
    pub cache_write_1h_tokens: u64,
    /// Audio in the input.
    pub audio_input_tokens: u64,
    /// Images in the input, where the vendor counts them apart.
    pub image_input_tokens: u64,
    /// Output text that the caller sees.
    pub output_tokens: u64,
    /// Output spent on reasoning.
    pub reasoning_tokens: u64,
    /// Audio in the output.
    pub audio_output_tokens: u64,
    /// The tier that the provider says it billed.
    pub service_tier: ServiceTier,
    /// True when we counted because the provider did not say.
    pub estimated: bool,
}

impl Usage {
    /// All input tokens: OpenAI's `prompt_tokens`.
    #[must_use]
    pub const fn prompt_tokens(&self) -> u64 {
        self.input_tokens
            .saturating_add(self.cache_read_tokens)
            .saturating_add(self.cache_write_tokens)
            .saturating_add(self.cache_write_1h_tokens)
            .saturating_add(self.audio_input_tokens)
            .saturating_add(self.image_input_tokens)
    }

    /// All output tokens: OpenAI's `completion_tokens`.
    #[must_use]
    pub const fn completion_tokens(&self) -> u64 {
        self.output_tokens
            .saturating_add(self.reasoning_tokens)
            .saturating_add(self.audio_output_tokens)
    }

    /// Input and output: OpenAI's `total_tokens`.
    #[must_use]
    pub const fn total_tokens(&self) -> u64 {
        self.prompt_tokens()
            .saturating_add(self.completion_tokens())
    }
}

/// The service tier that a provider billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceTier {
    /// The usual price; also what an unknown tier is billed as.
    #[default]
    Standard,
    /// Slower and cheaper.
    Flex,
    /// Faster and dearer.
    Priority,
    /// Offline.
    Batch,
}

impl ServiceTier {
    /// Reads a provider's word (`default`, `standard`, `auto`, `flex`, `priority`, `batch`, in
    /// any case); others are [`ServiceTier::Standard`].
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        let tiers = [
            ("flex", Self::Flex),
            ("priority", Self::Priority),
            ("batch", Self::Batch),
        ];
        let tier = tiers
            .into_iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name));
        tier.map_or(Self::Standard, |(_, tier)| tier)
    }
}
