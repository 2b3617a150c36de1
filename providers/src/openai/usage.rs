//! OpenAI's `usage` object: read from vendors, written for callers.

use std::fmt;

use domain::usage::{ServiceTier, Usage};
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::met::{Met, skip_other};
use super::scan::Scan;

/// A vendor's `usage`, with the spellings of those that imitate OpenAI.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(super) struct UsageSeen {
    #[serde(default)]
    prompt_tokens: Count,
    #[serde(default)]
    completion_tokens: Count,
    #[serde(default)]
    total_tokens: Count,
    #[serde(default)]
    prompt_tokens_details: Option<PromptDetailsSeen>,
    #[serde(default)]
    completion_tokens_details: Option<CompletionDetailsSeen>,
    /// DeepSeek's name for cached input.
    #[serde(default)]
    prompt_cache_hit_tokens: Count,
    /// Moonshot's name for cached input.
    #[serde(default)]
    cached_tokens: Count,
    /// Anthropic's names, as LiteLLM and others repeat them.
    #[serde(default)]
    cache_creation_input_tokens: Count,
    #[serde(default)]
    cache_read_input_tokens: Count,
    /// Perplexity and others name it outside the details.
    #[serde(default)]
    reasoning_tokens: Count,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct PromptDetailsSeen {
    #[serde(default)]
    cached_tokens: Count,
    #[serde(default)]
    audio_tokens: Count,
    #[serde(default)]
    image_tokens: Count,
    /// OpenRouter's name.
    #[serde(default)]
    cache_write_tokens: Count,
    /// LiteLLM's name.
    #[serde(default)]
    cache_creation_tokens: Count,
    #[serde(default)]
    cache_creation_token_details: Option<CacheCreationSeen>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct CacheCreationSeen {
    #[serde(default)]
    ephemeral_1h_input_tokens: Count,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct CompletionDetailsSeen {
    #[serde(default)]
    reasoning_tokens: Count,
    #[serde(default)]
    audio_tokens: Count,
}

impl UsageSeen {
    /// Reads the value that stands here, which is not `null`; none when it is no usage.
    pub(super) fn read(scan: &mut Scan<'_>) -> Option<Self> {
        let (before, mut seen) = (scan.clone(), Self::default());
        if seen.fill(scan).is_some() {
            return Some(seen);
        }
        // Anything but whole numbers under plain names is for `serde` to judge.
        *scan = before;
        serde_json::from_str(scan.value().ok()?).ok()
    }

    fn fill(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        let mut met = Met::default();
        scan.enter_object().ok()?;
        while let Some(name) = scan.next_name().ok()? {
            let (bit, count) = match name {
                r#""prompt_tokens""# => (0, &mut self.prompt_tokens),
                r#""completion_tokens""# => (1, &mut self.completion_tokens),
                r#""total_tokens""# => (2, &mut self.total_tokens),
                r#""prompt_tokens_details""# => {
                    if met.is_given(3, scan)? {
                        let details = self.prompt_tokens_details.get_or_insert_default();
                        details.fill(scan)?;
                    }
                    continue;
                }
                r#""completion_tokens_details""# => {
                    if met.is_given(4, scan)? {
                        let details = self.completion_tokens_details.get_or_insert_default();
                        details.fill(scan)?;
                    }
                    continue;
                }
                r#""prompt_cache_hit_tokens""# => (5, &mut self.prompt_cache_hit_tokens),
                r#""cached_tokens""# => (6, &mut self.cached_tokens),
                r#""cache_creation_input_tokens""# => (7, &mut self.cache_creation_input_tokens),
                r#""cache_read_input_tokens""# => (8, &mut self.cache_read_input_tokens),
                r#""reasoning_tokens""# => (9, &mut self.reasoning_tokens),
                _ => {
                    skip_other(scan)?;
                    continue;
                }
            };
            count.fill(&mut met, bit, scan)?;
        }
        Some(())
    }

    /// Whether anything was counted at all; some servers send an object of zeros or nulls.
    pub(super) const fn is_empty(&self) -> bool {
        self.prompt_tokens.0 == 0 && self.completion_tokens.0 == 0 && self.total_tokens.0 == 0
    }

    /// Parts the counts so that no token stands in two of them. Parts that exceed their whole
    /// are cut, so that input and output are what the vendor says they are.
    pub(super) fn usage(&self, service_tier: Option<&str>) -> Usage {
        let prompt = self.prompt_details();
        let completion = self.completion_tokens_details.clone().unwrap_or_default();
        let reasoning = completion.reasoning_tokens.or(self.reasoning_tokens);

        let mut input = self.prompt_tokens.0;
        let cache_read_tokens = part_of(&mut input, prompt.cached_tokens);
        let one_hour = prompt.cache_creation_token_details.unwrap_or_default();
        let written = prompt.cache_write_tokens.or(prompt.cache_creation_tokens);
        let mut cache_write_tokens = part_of(&mut input, written);
        let cache_write_1h_tokens =
            part_of(&mut cache_write_tokens, one_hour.ephemeral_1h_input_tokens);
        let audio_input_tokens = part_of(&mut input, prompt.audio_tokens);
        let image_input_tokens = part_of(&mut input, prompt.image_tokens);

        let mut output = self.completion_tokens.0;
        if self.counts_reasoning_beside(reasoning) {
            output = output.saturating_add(reasoning.0);
        }
        let reasoning_tokens = part_of(&mut output, reasoning);
        let audio_output_tokens = part_of(&mut output, completion.audio_tokens);
        Usage {
            input_tokens: input,
            cache_read_tokens,
            cache_write_tokens,
            cache_write_1h_tokens,
            audio_input_tokens,
            image_input_tokens,
            output_tokens: output,
            reasoning_tokens,
            audio_output_tokens,
            service_tier: service_tier.map_or(ServiceTier::Standard, ServiceTier::from_word),
            estimated: false,
        }
    }

    fn prompt_details(&self) -> PromptDetailsSeen {
        let mut details = self.prompt_tokens_details.clone().unwrap_or_default();
        details.cached_tokens = details
            .cached_tokens
            .or(self.prompt_cache_hit_tokens)
            .or(self.cache_read_input_tokens)
            .or(self.cached_tokens);
        details.cache_creation_tokens = details
            .cache_creation_tokens
            .or(self.cache_creation_input_tokens);
        details
    }

    /// xAI counts reasoning beside `completion_tokens`: only with it does the total agree.
    fn counts_reasoning_beside(&self, reasoning: Count) -> bool {
        let without = self
            .prompt_tokens
            .0
            .saturating_add(self.completion_tokens.0);
        reasoning.0 > 0 && self.total_tokens.0 == without.saturating_add(reasoning.0)
    }
}

impl PromptDetailsSeen {
    fn fill(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        let mut met = Met::default();
        scan.enter_object().ok()?;
        while let Some(name) = scan.next_name().ok()? {
            let (bit, count) = match name {
                r#""cached_tokens""# => (0, &mut self.cached_tokens),
                r#""audio_tokens""# => (1, &mut self.audio_tokens),
                r#""image_tokens""# => (2, &mut self.image_tokens),
                r#""cache_write_tokens""# => (3, &mut self.cache_write_tokens),
                r#""cache_creation_tokens""# => (4, &mut self.cache_creation_tokens),
                r#""cache_creation_token_details""# => {
                    if met.is_given(5, scan)? {
                        self.cache_creation_token_details =
                            serde_json::from_str(scan.value().ok()?).ok()?;
                    }
                    continue;
                }
                _ => {
                    skip_other(scan)?;
                    continue;
                }
            };
            count.fill(&mut met, bit, scan)?;
        }
        Some(())
    }
}

impl CompletionDetailsSeen {
    fn fill(&mut self, scan: &mut Scan<'_>) -> Option<()> {
        let mut met = Met::default();
        scan.enter_object().ok()?;
        while let Some(name) = scan.next_name().ok()? {
            match name {
                r#""reasoning_tokens""# => self.reasoning_tokens.fill(&mut met, 0, scan)?,
                r#""audio_tokens""# => self.audio_tokens.fill(&mut met, 1, scan)?,
                _ => skip_other(scan)?,
            }
        }
        Some(())
    }
}

/// Takes a part out of a whole; a part larger than the whole is the whole.
fn part_of(whole: &mut u64, part: Count) -> u64 {
    let part = part.0.min(*whole);
    *whole -= part;
    part
}

/// A count as vendors write it: a whole number, `12.0`, `null`; anything else is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count(u64);

impl Count {
    /// Takes a whole number or `null`.
    fn fill(&mut self, met: &mut Met, bit: u8, scan: &mut Scan<'_>) -> Option<()> {
        if met.is_given(bit, scan)? {
            self.0 = scan.count()?;
        }
        Some(())
    }

    /// This count, or another where this is 0.
    const fn or(self, other: Self) -> Self {
        if self.0 == 0 { other } else { self }
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count")
    }

    fn visit_u64<E>(self, count: u64) -> Result<Count, E> {
        Ok(Count(count))
    }

    fn visit_i64<E>(self, _negative: i64) -> Result<Count, E> {
        Ok(Count(0))
    }

    fn visit_f64<E>(self, count: f64) -> Result<Count, E> {
        Ok(Count(format!("{count:.0}").parse().unwrap_or(0)))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Count, E> {
        Ok(Count(0))
    }

    fn visit_unit<E>(self) -> Result<Count, E> {
        Ok(Count(0))
    }

    fn visit_str<E>(self, _: &str) -> Result<Count, E> {
        Ok(Count(0))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Count, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Count(0))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Count(0))
    }
}

/// A `usage` object for a caller: OpenAI's members, and Anthropic's cache counts under the names
/// that LiteLLM gives them.
#[derive(Debug, Serialize)]
pub(super) struct UsageJson {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetailsJson,
    completion_tokens_details: CompletionDetailsJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_creation_input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_read_input_tokens: Option<u64>,
}

#[derive(Debug, Serialize)]
struct PromptDetailsJson {
    cached_tokens: u64,
    audio_tokens: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_creation_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_creation_token_details: Option<CacheCreationJson>,
}

#[derive(Debug, Serialize)]
struct CacheCreationJson {
    ephemeral_5m_input_tokens: u64,
    ephemeral_1h_input_tokens: u64,
}

#[derive(Debug, Serialize)]
struct CompletionDetailsJson {
    reasoning_tokens: u64,
    audio_tokens: u64,
}

impl From<&Usage> for UsageJson {
    fn from(usage: &Usage) -> Self {
        let some = |count: u64| Some(count).filter(|&count| count > 0);
        let written = usage
            .cache_write_tokens
            .saturating_add(usage.cache_write_1h_tokens);
        let details = CacheCreationJson {
            ephemeral_5m_input_tokens: usage.cache_write_tokens,
            ephemeral_1h_input_tokens: usage.cache_write_1h_tokens,
        };
        // Anthropic names both counts as soon as one of them is there.
        let has_cache = written > 0;
        Self {
            prompt_tokens: usage.prompt_tokens(),
            completion_tokens: usage.completion_tokens(),
            total_tokens: usage.total_tokens(),
            prompt_tokens_details: PromptDetailsJson {
                cached_tokens: usage.cache_read_tokens,
                audio_tokens: usage.audio_input_tokens,
                image_tokens: some(usage.image_input_tokens),
                cache_creation_tokens: some(written),
                cache_creation_token_details: (usage.cache_write_1h_tokens > 0).then_some(details),
            },
            completion_tokens_details: CompletionDetailsJson {
                reasoning_tokens: usage.reasoning_tokens,
                audio_tokens: usage.audio_output_tokens,
            },
            cache_creation_input_tokens: some(written),
            cache_read_input_tokens: some(usage.cache_read_tokens)
                .or_else(|| has_cache.then_some(0)),
        }
    }
}
