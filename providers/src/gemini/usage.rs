//! What Gemini counted.

use domain::usage::{ServiceTier, Usage};
use serde::Deserialize;

/// `usageMetadata`. `promptTokenCount` holds the cached tokens; tokens of tools' prompts and of
/// thoughts stand beside the other counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct UsageMetadata {
    prompt_token_count: u64,
    cached_content_token_count: u64,
    candidates_token_count: u64,
    thoughts_token_count: u64,
    tool_use_prompt_token_count: u64,
    total_token_count: Option<u64>,
    prompt_tokens_details: Vec<ModalityTokenCount>,
    cache_tokens_details: Vec<ModalityTokenCount>,
    candidates_tokens_details: Vec<ModalityTokenCount>,
    service_tier: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ModalityTokenCount {
    modality: String,
    token_count: u64,
}

impl UsageMetadata {
    /// The counts by kind, each token in one of them.
    ///
    /// Cached sound and images are cached tokens. Some answers count the thoughts within the
    /// candidates: the total tells which.
    pub(super) fn usage(&self) -> Usage {
        let cached = self.cached_content_token_count.min(self.prompt_token_count);
        let mut input = self.prompt_token_count.saturating_sub(cached);
        let mut take_input = |modality: &str| {
            let tokens = count(&self.prompt_tokens_details, modality)
                .saturating_sub(count(&self.cache_tokens_details, modality))
                .min(input);
            input = input.saturating_sub(tokens);
            tokens
        };
        let audio_input_tokens = take_input("AUDIO");
        let image_input_tokens = take_input("IMAGE");
        let output = self.output_tokens();
        let audio_output = count(&self.candidates_tokens_details, "AUDIO").min(output);
        Usage {
            input_tokens: input.saturating_add(self.tool_use_prompt_token_count),
            cache_read_tokens: cached,
            audio_input_tokens,
            image_input_tokens,
            output_tokens: output.saturating_sub(audio_output),
            reasoning_tokens: self.thoughts_token_count,
            audio_output_tokens: audio_output,
            service_tier: self
                .service_tier
                .as_deref()
                .map(ServiceTier::from_word)
                .unwrap_or_default(),
            ..Usage::default()
        }
    }

    /// OpenAI's word for the tier that was billed.
    pub(super) fn openai_tier(&self) -> Option<String> {
        let word = match self.service_tier.as_deref()? {
            "unspecified" => return None,
            "standard" => "default",
            word => word,
        };
        Some(word.to_owned())
    }

    fn output_tokens(&self) -> u64 {
        let with_thoughts_inside = self
            .prompt_token_count
            .saturating_add(self.tool_use_prompt_token_count)
            .saturating_add(self.candidates_token_count);
        if self.total_token_count == Some(with_thoughts_inside) {
            self.candidates_token_count
                .saturating_sub(self.thoughts_token_count)
        } else {
            self.candidates_token_count
        }
    }
}

fn count(details: &[ModalityTokenCount], modality: &str) -> u64 {
    details
        .iter()
        .filter(|detail| detail.modality == modality)
        .fold(0, |sum, detail| sum.saturating_add(detail.token_count))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn usage(metadata: serde_json::Value) -> Usage {
        serde_json::from_value::<UsageMetadata>(metadata)
            .unwrap()
            .usage()
    }

    #[test]
    fn no_token_stands_in_two_kinds() {
        let counted = usage(json!({
            "promptTokenCount": 1_000, "cachedContentTokenCount": 400,
            "candidatesTokenCount": 60, "thoughtsTokenCount": 40,
            "toolUsePromptTokenCount": 7, "totalTokenCount": 1_107,
            "promptTokensDetails": [
                {"modality": "TEXT", "tokenCount": 600}, {"modality": "AUDIO", "tokenCount": 300},
                {"modality": "IMAGE", "tokenCount": 100}],
            "cacheTokensDetails": [
                {"modality": "TEXT", "tokenCount": 300}, {"modality": "AUDIO", "tokenCount": 100}],
            "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 10}],
            "serviceTier": "flex",
        }));
        assert_eq!(
            counted,
            Usage {
                input_tokens: 307,
                cache_read_tokens: 400,
                audio_input_tokens: 200,
                image_input_tokens: 100,
                output_tokens: 50,
                reasoning_tokens: 40,
                audio_output_tokens: 10,
                service_tier: ServiceTier::Flex,
                ..Usage::default()
            }
        );
        assert_eq!(counted.total_tokens(), 1_107);
    }

    #[test]
    fn thoughts_within_the_candidates_are_not_counted_twice() {
        let counted = usage(json!({
            "promptTokenCount": 10, "candidatesTokenCount": 50, "thoughtsTokenCount": 30,
            "totalTokenCount": 60,
        }));
        assert_eq!((counted.output_tokens, counted.reasoning_tokens), (20, 30));
    }

    #[test]
    fn details_that_exceed_their_total_add_nothing() {
        let counted = usage(json!({
            "promptTokenCount": 5, "cachedContentTokenCount": 9,
            "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 99}],
        }));
        assert_eq!(counted.prompt_tokens(), 5);
    }
}
