//! Counted tokens: Anthropic counts cached input beside `input_tokens`, thinking inside
//! `output_tokens`.

use domain::usage::{ServiceTier, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

/// A `usage` object; a stream sends it in pieces, later ones count from the start.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Counted {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    cache_creation: Option<CacheWrites>,
    output_tokens_details: Option<OutputDetails>,
    service_tier: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct CacheWrites {
    ephemeral_5m_input_tokens: Option<u64>,
    ephemeral_1h_input_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct OutputDetails {
    thinking_tokens: Option<u64>,
}

impl Counted {
    /// Reads a `usage` object; one of another shape says nothing, and the gateway counts itself.
    pub(super) fn read(json: &RawValue) -> Option<Self> {
        serde_json::from_str(json.get()).ok()
    }

    /// Takes over what a later event says.
    pub(super) fn update(&mut self, later: Self) {
        let Self {
            input_tokens,
            output_tokens,
            cache_read_input_tokens,
            cache_creation_input_tokens,
            cache_creation,
            output_tokens_details,
            service_tier,
        } = later;
        self.input_tokens = input_tokens.or(self.input_tokens);
        self.output_tokens = output_tokens.or(self.output_tokens);
        self.cache_read_input_tokens = cache_read_input_tokens.or(self.cache_read_input_tokens);
        self.cache_creation_input_tokens =
            cache_creation_input_tokens.or(self.cache_creation_input_tokens);
        self.cache_creation = cache_creation.or(self.cache_creation);
        self.output_tokens_details = output_tokens_details.or(self.output_tokens_details);
        self.service_tier = service_tier.or_else(|| self.service_tier.take());
    }

    /// Anthropic's word for the tier.
    pub(super) fn service_tier(&self) -> Option<String> {
        self.service_tier.clone()
    }

    /// Every token in exactly one field; none when neither input nor output was counted.
    pub(super) fn usage(&self) -> Option<Usage> {
        if self.input_tokens.is_none() && self.output_tokens.is_none() {
            return None;
        }
        let writes = self.cache_creation.unwrap_or_default();
        let hour = writes.ephemeral_1h_input_tokens.unwrap_or(0);
        let minutes = writes.ephemeral_5m_input_tokens.unwrap_or(0);
        // The total is all that older servers give; whatever it has more was written for the
        // usual time.
        let written = self
            .cache_creation_input_tokens
            .unwrap_or(0)
            .max(hour.saturating_add(minutes));
        let output = self.output_tokens.unwrap_or(0);
        let thinking = self
            .output_tokens_details
            .and_then(|details| details.thinking_tokens)
            .unwrap_or(0)
            .min(output);
        Some(Usage {
            input_tokens: self.input_tokens.unwrap_or(0),
            cache_read_tokens: self.cache_read_input_tokens.unwrap_or(0),
            cache_write_tokens: written.saturating_sub(hour),
            cache_write_1h_tokens: hour,
            output_tokens: output.saturating_sub(thinking),
            reasoning_tokens: thinking,
            service_tier: self
                .service_tier
                .as_deref()
                .map(ServiceTier::from_word)
                .unwrap_or_default(),
            ..Usage::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(json: &str) -> Counted {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn no_token_is_counted_twice() {
        let usage = counted(
            r#"{"input_tokens":10,"cache_read_input_tokens":1000,"cache_creation_input_tokens":300,
                "cache_creation":{"ephemeral_5m_input_tokens":100,"ephemeral_1h_input_tokens":200},
                "output_tokens":50,"output_tokens_details":{"thinking_tokens":20},
                "service_tier":"priority"}"#,
        )
        .usage()
        .unwrap();
        assert_eq!(
            usage,
            Usage {
                input_tokens: 10,
                cache_read_tokens: 1000,
                cache_write_tokens: 100,
                cache_write_1h_tokens: 200,
                output_tokens: 30,
                reasoning_tokens: 20,
                service_tier: ServiceTier::Priority,
                ..Usage::default()
            }
        );
        assert_eq!(
            (usage.prompt_tokens(), usage.completion_tokens()),
            (1310, 50)
        );
    }

    #[test]
    fn cache_writes_without_their_kinds_are_of_the_usual_time() {
        let usage = counted(
            r#"{"input_tokens":1,"output_tokens":2,"cache_creation_input_tokens":7,"cache_creation":null}"#,
        )
        .usage()
        .unwrap();
        assert_eq!(
            (usage.cache_write_tokens, usage.cache_write_1h_tokens),
            (7, 0)
        );
    }

    #[test]
    fn later_counts_replace_earlier_ones_and_nulls_do_not() {
        let mut counts = counted(
            r#"{"input_tokens":9,"output_tokens":1,"cache_read_input_tokens":4,"service_tier":"standard"}"#,
        );
        counts.update(counted(
            r#"{"output_tokens":12,"input_tokens":null,"cache_read_input_tokens":5}"#,
        ));
        let usage = counts.usage().unwrap();
        assert_eq!(
            (
                usage.input_tokens,
                usage.cache_read_tokens,
                usage.output_tokens
            ),
            (9, 5, 12)
        );
        assert_eq!(counts.service_tier().as_deref(), Some("standard"));
    }

    #[test]
    fn nothing_counted_is_no_usage() {
        assert_eq!(counted("{}").usage(), None);
    }
}
