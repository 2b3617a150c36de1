//! What did one attempt use, and what is the charge?

use std::sync::Arc;

use domain::money::NanoUsd;
use domain::prices::Price;
use domain::usage::Usage;

/// At most this much of an answer is kept for counting; what goes beyond is counted by its bytes.
const MAX_TEXT_BYTES: usize = 256 << 10;

/// Bytes per token for what goes beyond: English text has about four.
const BYTES_PER_TOKEN: u64 = 4;

/// Gathers usage, and the answer's text for the case that no usage comes.
#[derive(Debug, Default)]
pub struct Meter {
    price: Option<Arc<Price>>,
    counted: Option<Counted>,
    heard: Heard,
}

/// What was heard of an answer that its provider has not counted to the end.
#[derive(Debug, Default)]
pub struct Heard {
    /// The first part of its text.
    pub kept: String,
    /// How many bytes more there were.
    pub beyond_bytes: u64,
    /// What the provider has counted so far: Anthropic and Gemini tell the input at the start.
    pub counted: Option<Usage>,
}

impl Heard {
    /// Takes more text.
    pub fn push(&mut self, text: &str) {
        if self.kept.len().saturating_add(text.len()) <= MAX_TEXT_BYTES {
            self.kept.push_str(text);
        } else {
            self.beyond_bytes = self
                .beyond_bytes
                .saturating_add(u64::try_from(text.len()).unwrap_or(u64::MAX));
        }
    }

    /// The tokens of the text, by `count` for what was kept.
    #[must_use]
    pub fn tokens(&self, count: impl Fn(&str) -> u64) -> u64 {
        count(&self.kept).saturating_add(self.beyond_bytes.div_ceil(BYTES_PER_TOKEN))
    }
}

/// What one attempt used, and its charge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Tokens by kind.
    pub usage: Usage,
    /// What is charged; 0 when there is no price.
    pub charge: NanoUsd,
    /// Whether there was a price.
    pub priced: bool,
}

impl Counted {
    /// The charge of `usage` at `price`.
    #[must_use]
    pub fn at(price: Option<&Price>, usage: Usage) -> Self {
        let charge = price.map_or(NanoUsd(0), |price| price.charge(&usage));
        Self {
            usage,
            charge,
            priced: price.is_some(),
        }
    }
}

impl Meter {
    /// A meter for an attempt at this price.
    #[must_use]
    pub fn new(price: Option<Arc<Price>>) -> Self {
        Self {
            price,
            ..Self::default()
        }
    }

    /// Takes what the provider counted; a later count replaces an earlier one.
    pub fn usage(&mut self, usage: Usage) {
        self.counted = Some(Counted::at(self.price.as_deref(), usage));
    }

    /// Whether the provider has counted.
    #[must_use]
    pub const fn has_usage(&self) -> bool {
        self.counted.is_some()
    }

    /// What the provider has counted.
    #[must_use]
    pub fn counted(&self) -> Option<&Usage> {
        self.counted.as_ref().map(|counted| &counted.usage)
    }

    /// Takes more of the answer's text.
    pub fn text(&mut self, text: &str) {
        self.heard.push(text);
    }

    /// The first part of the text that has been heard, and how many bytes more there were.
    #[must_use]
    pub fn heard(&self) -> (&str, u64) {
        (&self.heard.kept, self.heard.beyond_bytes)
    }

    /// Takes the whole text of the answer so far.
    pub fn text_so_far(&mut self, kept: &str, beyond_bytes: u64) {
        self.heard.kept.clear();
        self.heard.kept.push_str(kept);
        self.heard.beyond_bytes = beyond_bytes;
    }

    /// Takes what the provider has counted so far of an answer that it has not finished.
    pub fn counted_so_far(&mut self, usage: Option<Usage>) {
        self.heard.counted = usage;
    }

    /// The charge, when usage and price are known.
    #[must_use]
    pub fn charge(&self) -> Option<NanoUsd> {
        self.counted
            .as_ref()
            .filter(|counted| counted.priced)
            .map(|counted| counted.charge)
    }

    /// Takes away what was heard, for counting elsewhere.
    #[must_use]
    pub fn take_heard(&mut self) -> Heard {
        std::mem::take(&mut self.heard)
    }

    /// Usage, what was heard, and price, for the settlement.
    #[must_use]
    pub fn into_parts(self) -> (Option<Counted>, Heard, Option<Arc<Price>>) {
        (self.counted, self.heard, self.price)
    }
}
